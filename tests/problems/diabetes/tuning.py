"""What `mlops tune` may try: by estimator and parameter, from where to where."""

SPACE: dict[str, dict[str, tuple[str | float, ...]]] = {
    "ridge": {"alpha": ("log", 0.001, 1000.0)},
    "polynomial": {"alpha": ("log", 0.01, 100.0), "degree": ("int", 1, 3)},
}
