"""What `mlops tune` may try: by estimator and parameter, from where to where."""

SPACE: dict[str, dict[str, tuple[str | float, ...]]] = {
    "logistic_regression": {"C": ("log", 0.001, 1000.0)},
    "random_forest": {"n_estimators": ("int", 50, 300), "min_samples_leaf": ("log int", 1, 20)},
}
