"""The same model with other random numbers: how much of a score is luck."""

from mlops.contract import Estimator, Model, build
from mlops.params import Params


def reseeded(problem: Model, knobs: Params) -> dict[int, Estimator]:
    """The estimator that params.yaml names, unfitted, by each of `audit.seeds` further seeds.

    Raises DeclarationError for an unknown estimator or parameter.
    """
    first = knobs.seed + 1
    return {
        seed: build(problem, knobs.model_copy(update={"seed": seed}), knobs.model.estimator)
        for seed in range(first, first + knobs.audit.seeds)
    }
