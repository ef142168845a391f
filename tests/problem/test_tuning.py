"""What may be tried are parameters of the estimators, each from a lower value to a higher one."""

import inspect

import pytest

from problem.model import ESTIMATORS
from problem.tuning import SPACE


@pytest.mark.parametrize("name", sorted(SPACE))
def test_only_parameters_of_the_estimator_are_tried(name: str) -> None:
    parameters = inspect.signature(ESTIMATORS[name]).parameters.values()

    assert set(SPACE[name]) <= {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}


@pytest.mark.parametrize("name", sorted(SPACE))
def test_both_ends_of_each_range_make_an_estimator(name: str) -> None:
    for parameter, (_, low, high) in SPACE[name].items():
        assert low < high  # type: ignore[operator]
        for value in (low, high):
            assert hasattr(ESTIMATORS[name](1, **{parameter: value}), "fit")
