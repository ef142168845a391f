"""The model with other random numbers."""

from types import SimpleNamespace

import pytest

from mlops import params
from mlops.contract import Model
from mlops.errors import DeclarationError
from mlops.params import Params
from mlops.training.seeds import reseeded
from problem import model
from tests.conftest import ROOT

PROBLEM = Model.model_validate(SimpleNamespace(ESTIMATORS=model.ESTIMATORS, LINEAR=model.LINEAR))


def knobs(seeds: int) -> Params:
    given = params.load(ROOT / "params.yaml")
    return given.model_copy(update={"audit": given.audit.model_copy(update={"seeds": seeds})})


def test_each_further_seed_has_an_estimator_that_differs_in_nothing_else() -> None:
    given = knobs(3)

    found = reseeded(PROBLEM, given)

    assert list(found) == [2014, 2015, 2016]
    settings = [dict(estimator[-1].get_params()) for estimator in found.values()]  # type: ignore[index]
    assert [one.pop("random_state") for one in settings] == [2014, 2015, 2016]
    assert settings[0] == settings[1] == settings[2]
    assert (
        settings[0]["min_samples_leaf"]
        == given.model.settings("gradient_boosting")["min_samples_leaf"]
    )
    assert given.seed == 2013


def test_an_estimator_that_is_not_there_is_told() -> None:
    given = knobs(1)
    other = given.model_copy(
        update={"model": given.model.model_copy(update={"estimator": "oracle"})}
    )

    with pytest.raises(DeclarationError, match="unknown estimator 'oracle'"):
        reseeded(PROBLEM, other)
