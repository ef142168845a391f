"""The estimators that params.yaml can choose among."""

from collections.abc import Callable

from sklearn.linear_model import Lasso, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler


def ridge(seed: int, *, alpha: float = 1.0) -> Pipeline:
    """A straight line per measurement, added up; L2 with strength alpha."""
    return make_pipeline(StandardScaler(), Ridge(alpha=alpha))


def polynomial(seed: int, *, alpha: float = 1.0, degree: int = 3) -> Pipeline:
    """Measurements, squares and products, few of them kept; L1 with strength alpha."""
    return make_pipeline(
        StandardScaler(), PolynomialFeatures(degree=degree, include_bias=False), Lasso(alpha=alpha)
    )


ESTIMATORS: dict[str, Callable[..., Pipeline]] = {"ridge": ridge, "polynomial": polynomial}
"""name: a function of the seed and of the parameters that params.yaml may set under that name."""

LINEAR = "ridge"
"""The linear baseline that every model is compared with."""
