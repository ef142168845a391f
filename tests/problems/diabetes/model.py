"""The estimators that params.yaml can choose among."""

from collections.abc import Callable

from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler


def ridge(seed: int, *, alpha: float = 1.0) -> Pipeline:
    """A straight line per measurement, added up; L2 with strength alpha."""
    return make_pipeline(StandardScaler(), Ridge(alpha=alpha))


def splines(seed: int, *, alpha: float = 1.0, n_knots: int = 5) -> Pipeline:
    """A smooth curve per measurement, added up; L2 with strength alpha."""
    return make_pipeline(SplineTransformer(n_knots=n_knots, degree=2), Ridge(alpha=alpha))


ESTIMATORS: dict[str, Callable[..., Pipeline]] = {"ridge": ridge, "splines": splines}
"""name: a function of the seed and of the parameters that params.yaml may set under that name."""

LINEAR = "ridge"
"""The linear baseline that every model is compared with."""
