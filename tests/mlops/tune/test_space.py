"""What may be tried is checked before anything is, and drawn within its bounds."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from pydantic import ValidationError

from mlops.contract import Model, Tuning
from mlops.errors import DeclarationError
from mlops.tune.space import declared, suggest


def builder(seed: int, *, alpha: float = 1.0, depth: int = 3, kind: str = "l1") -> Any:
    raise AssertionError("nothing is built to look at a space")


BUILDERS: dict[str, Callable[..., Any]] = {"ridge": builder, "other": builder}
MODEL = Model(ESTIMATORS=BUILDERS, LINEAR="ridge")


def space_of(**parameters: Any) -> Any:
    return declared(Tuning(SPACE={"ridge": parameters}), MODEL, "ridge")


def test_every_kind_is_drawn_within_its_bounds() -> None:
    space = space_of(alpha=("log", 0.001, 10.0), depth=("log int", 2, 9), kind=("choice", "l1", ""))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    drawn = [suggest(study.ask(), space) for _ in range(200)]

    assert all(0.001 <= one["alpha"] <= 10 for one in drawn)
    assert all(float(f"{one['alpha']:.4g}") == one["alpha"] for one in drawn)
    below_the_middle = sum(one["alpha"] < 0.1 for one in drawn)  # of a logarithmic scale
    assert 70 < below_the_middle < 130
    assert {one["depth"] for one in drawn} == set(range(2, 10))
    assert {one["kind"] for one in drawn} == {"l1", ""}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"alpa": ("float", 0, 1)}, r"SPACE.ridge.alpa: unknown key. Did you mean 'alpha'\?"),
        ({"depth": ("float", 1, 9)}, "SPACE.ridge.depth: expected a valid integer, found 1.0"),
        ({"kind": ("int", 1, 9)}, "SPACE.ridge.kind: expected a valid string, found 1"),
        ({"kind": ("choice", "l1", 2)}, "SPACE.ridge.kind: expected a valid string, found 2"),
    ],
)
def test_what_does_not_fit_the_estimator_is_placed(parameters: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=rf"^src/problem/tuning.py: {said}") as refused:
        space_of(**parameters)

    assert refused.value.exit_code == 5


@pytest.mark.parametrize(
    ("distribution", "said"),
    [
        ((), "begins with one of 'choice', 'int', 'log int', 'float', 'log'"),
        (("uniform", 0, 1), "begins with one of"),
        (("int", 0.5, 3), "'int', low, high.* with whole numbers"),
        (("int", True, 3), "with whole numbers"),
        (("float", "0", "1"), "'float', low, high.* with numbers"),
        (("log", 1), "'log', low, high"),
        (("float", 2, 1), "the lower bound first"),
        (("log", 0, 1), "above 0 on a logarithmic scale"),
        (("choice",), "'choice', plain values"),
        (("choice", [1]), "'choice', plain values"),
    ],
    ids=str,
)
def test_a_distribution_that_is_none_is_refused(distribution: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Tuning(SPACE={"ridge": {"alpha": distribution}})


def test_an_estimator_without_a_space_is_told_which_there_are() -> None:
    tuning = Tuning(SPACE={"ridge": {"alpha": ("float", 0, 1)}})

    with pytest.raises(DeclarationError, match=r"SPACE.other: .*; declared are ridge\."):
        declared(tuning, MODEL, "other")


def test_an_estimator_that_does_not_exist_is_told() -> None:
    tuning = Tuning(SPACE={"rigde": {"alpha": ("float", 0, 1)}})

    with pytest.raises(DeclarationError, match=r"SPACE.rigde: unknown key. Did you mean 'ridge'"):
        declared(tuning, MODEL, "ridge")
