"""Which of the three ways suits the model: the first that can, the fastest one first."""

from mlops.explain import linear, sampled, trees
from mlops.explain.explainer import Explainer
from mlops.explain.trained import Trained

WAYS = (linear.explainer, trees.explainer, sampled.explainer)


def suiting(trained: Trained) -> Explainer:
    """Raises TrainingError when it takes shap, and that is not there."""
    return next(found for way in WAYS if (found := way(trained)))
