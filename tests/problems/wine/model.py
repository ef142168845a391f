"""The estimators that params.yaml can choose among."""

from collections.abc import Callable

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def logistic_regression(seed: int, *, C: float = 1.0) -> Pipeline:
    """Scaled measurements; L2 with strength 1/C."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-8, max_iter=1000))


def random_forest(seed: int, *, n_estimators: int = 100, min_samples_leaf: int = 1) -> Pipeline:
    """Trees on resampled wines; they need no scaling."""
    return make_pipeline(
        RandomForestClassifier(
            n_estimators=n_estimators, min_samples_leaf=min_samples_leaf, random_state=seed
        )
    )


ESTIMATORS: dict[str, Callable[..., Pipeline]] = {
    "logistic_regression": logistic_regression,
    "random_forest": random_forest,
}
"""name: a function of the seed and of the parameters that params.yaml may set under that name."""

LINEAR = "logistic_regression"
"""The linear baseline that every model is compared with."""
