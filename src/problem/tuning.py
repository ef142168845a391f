"""What `mlops tune` may try: by estimator and parameter, from where to where."""

SPACE: dict[str, dict[str, tuple[str | float, ...]]] = {
    "gradient_boosting": {
        "learning_rate": ("log", 0.01, 0.3),
        "max_iter": ("log int", 50, 400),
        "max_leaf_nodes": ("log int", 4, 63),
        "min_samples_leaf": ("log int", 20, 1000),
        "l2_regularization": ("log", 0.1, 100.0),
        "max_features": ("float", 0.2, 1.0),
    },
    "logistic_regression": {"C": ("log", 0.0001, 10.0)},
}
