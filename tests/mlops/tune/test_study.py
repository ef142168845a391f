"""A search of a function whose best is known: it finds it, gives up the hopeless, and goes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlops.errors import DataError, TrainingError
from mlops.tune.result import Settings, Trial
from mlops.tune.study import Plan, ended, opened, search

EASE = (0.0, 0.4, -0.3, 0.1, 0.2)  # of each fold: how it goes alone says little
PLAN = Plan(
    key="b" * 64,
    space={"x": ("float", 0.0, 1.0), "kind": ("choice", "good", "bad")},
    present={"x": 0.9, "kind": "good", "fixed": 7},
    better="higher",
    folds=5,
    seed=11,
    trials=40,
)
FITTED: list[Settings] = []


def parabola(settings: Settings) -> Iterator[float]:
    """The best is x = 0.3."""
    for ease in EASE:
        FITTED.append(settings)
        x: Any = settings["x"]
        yield ease - (x - 0.3) ** 2 - (settings["kind"] == "bad")


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.fsync", lambda _: None)  # a disk that forgets is not tried here
    FITTED.clear()


def found(plan: Plan = PLAN, scores: Any = parabola) -> list[Trial]:
    with opened(plan) as study:
        search(study, plan, scores, lambda _: None)
        return ended(study, plan)


def test_it_finds_the_best_and_starts_with_what_there_is() -> None:
    trials = found()

    assert len(trials) == 40
    assert trials[0].settings == PLAN.present
    assert all(trial.settings["fixed"] == 7 for trial in trials)
    best = max((t for t in trials if t.state == "complete"), key=lambda trial: trial.value)
    assert best.settings["kind"] == "good"
    assert best.settings["x"] == pytest.approx(0.3, abs=0.05)


def test_where_less_is_better_it_finds_the_least() -> None:
    def loss(settings: Settings) -> Iterator[float]:
        yield from (-score for score in parabola(settings))

    trials = found(replace(PLAN, better="lower"), loss)

    best = min((t for t in trials if t.state == "complete"), key=lambda trial: trial.value)
    assert best.settings["x"] == pytest.approx(0.3, abs=0.05)


def test_the_hopeless_are_given_up_and_cost_fewer_folds() -> None:
    trials = found()
    pruned = [trial for trial in trials if trial.state == "pruned"]

    assert len(pruned) > 5
    assert all(1 <= len(trial.scores) < 5 for trial in pruned)
    assert len(FITTED) == sum(len(trial.scores) for trial in trials) < 40 * 5
    bad = [trial for trial in trials[10:] if trial.settings["kind"] == "bad"]
    assert all(trial.state == "pruned" and len(trial.scores) == 1 for trial in bad)
    kept = [trial.value for trial in trials if trial.state == "complete"]
    lost = [
        sum(t.scores) / len(t.scores) - sum(EASE[: len(t.scores)]) / len(t.scores) for t in pruned
    ]
    assert max(lost) < max(kept) - sum(EASE) / 5


@pytest.mark.parametrize("after", [3, 58])
def test_cut_short_it_loses_one_trial_and_goes_on_as_it_would_have(after: int) -> None:
    plan = replace(PLAN, trials=20)
    whole = found(replace(plan, key="c" * 64))
    FITTED.clear()

    def cut(settings: Settings) -> Iterator[float]:
        for score in parabola(settings):
            if len(FITTED) > after:
                raise KeyboardInterrupt
            yield score

    with pytest.raises(KeyboardInterrupt):
        found(plan, cut)

    assert found(plan) == whole


def test_more_trials_go_on_from_the_ones_there_are() -> None:
    few = found(replace(PLAN, trials=12))
    FITTED.clear()
    more = found(replace(PLAN, trials=15))

    assert more[:12] == few
    assert len(FITTED) <= 3 * 5
    assert len(more) == 15


def test_shares_try_other_values_beside_the_present_ones() -> None:
    one, two = (found(replace(PLAN, share=share, shares=2, trials=8)) for share in (1, 2))

    assert one[0].settings == two[0].settings == PLAN.present
    assert not {t.settings["x"] for t in one[1:]} & {t.settings["x"] for t in two[1:]}


def test_what_cannot_be_fitted_counts_as_failed() -> None:
    def fragile(settings: Settings) -> Iterator[float]:
        if settings["kind"] == "bad":
            raise TrainingError("no")
        yield from parabola(settings)

    trials = found(replace(PLAN, trials=12), fragile)

    assert {t.state for t in trials if t.settings["kind"] == "bad"} == {"failed"}
    with pytest.raises(TrainingError, match="no"):
        found(replace(PLAN, key="d" * 64, present=PLAN.present | {"kind": "bad"}), fragile)


def test_present_values_outside_the_space_are_tried_as_they_are() -> None:
    present = PLAN.present | {"x": 1.23456789}

    assert found(replace(PLAN, present=present, trials=3))[0].settings == present


def test_new_present_values_are_scored_in_the_study_there_is() -> None:
    found(replace(PLAN, trials=6))
    present = PLAN.present | {"x": 0.31}
    trials = found(replace(PLAN, trials=6, present=present))

    assert len(trials) == 7
    assert trials[-1].settings == present
    assert trials[-1].state == "complete"


def test_time_is_kept_once_the_present_values_are_scored() -> None:
    assert len(found(replace(PLAN, minutes=0))) == 1


def test_two_at_once_are_refused() -> None:
    with opened(PLAN), pytest.raises(DataError, match="another `mlops tune` is at it"):
        found()


def test_a_database_that_cannot_be_opened_is_told() -> None:
    Path("no.db").mkdir()

    with pytest.raises(DataError, match=r"cannot be kept at sqlite:///no\.db"):
        found(replace(PLAN, storage="sqlite:///no.db"))
