"""Whether to retrain: newer data, an open proposal, cool-down and cap, and a person's word."""

from pathlib import Path
from typing import Any

import pytest

from mlops.errors import DataError
from mlops.github.issues import LABEL
from mlops.retraining.plan import Plan, main, plan
from mlops.retraining.wording import mark
from problem import source
from tests.mlops.github.answers import moment
from tests.mlops.github.server import BOT
from tests.mlops.retraining.conftest import BRANCH, MODEL, World, pinned


@pytest.fixture(autouse=True)
def periods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PERIODS", ("2013-07", "2013-08", "2013-09", "2013-10"))


def proposal(world: World, number: int, days_ago: float, state: str = "closed") -> dict[str, Any]:
    pull = world.github.open_pull(number, branch=BRANCH)
    pull.update(body=f"{mark(MODEL)}\n", state=state, created_at=moment(days_ago))
    return dict(pull)


def planned(world: World, *, by_hand: bool = False, through: str | None = None) -> Plan:
    return main(world.api, by_hand=by_hand, through=through)


def test_the_next_period_is_brought(world: World, tmp_path: Path) -> None:
    found = planned(world)

    why = "2013-09 has arrived, and data.dvc has the data through 2013-08"
    assert found == Plan(True, why, "2013-09")
    assert (tmp_path / "output").read_text() == f"go=true\nthrough=2013-09\nwhy={why}\n"


def test_or_the_one_that_is_named(world: World) -> None:
    assert planned(world, through="2013-10").through == "2013-10"


def test_nothing_newer(world: World, tmp_path: Path) -> None:
    (world.repository / "data.dvc").write_text(pinned("2013-10"))

    found = planned(world, by_hand=True)

    assert (found.go, found.through) == (False, "")
    assert found.why == "nothing newer: data.dvc has all that the source has, through 2013-10"
    assert (tmp_path / "output").read_text().startswith("go=false\nthrough=\n")


def test_a_period_that_is_there_already(world: World) -> None:
    found = planned(world, by_hand=True, through="2013-07")

    assert not found.go
    assert "nothing newer: data.dvc has the data through 2013-08 already" in found.why


def test_a_period_that_the_source_has_not(world: World) -> None:
    with pytest.raises(DataError, match="no period '2014-01'; it has 2013-07 to 2013-10"):
        planned(world, through="2014-01")


def test_a_source_without_periods_is_asked_for_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PERIODS", ())

    assert planned(world) == Plan(True, "the source is asked for what it has now", "")
    with pytest.raises(DataError, match="none: it does not come in parts"):
        planned(world, through="2013-09")


def test_data_of_a_period_that_the_source_has_no_more(world: World) -> None:
    (world.repository / "data.dvc").write_text(pinned("2012-12"))

    assert planned(world).through == "2013-07"


def test_within_the_cool_down_nothing_is_proposed(world: World) -> None:
    proposal(world, 7, days_ago=6.5)

    found = planned(world)

    assert not found.go
    assert "for 7 days (retrain.cooldown_days) there is no other" in found.why


def test_after_it_something_is(world: World) -> None:
    proposal(world, 7, days_ago=7.5)

    assert planned(world).go


def test_by_hand_there_is_no_cool_down(world: World) -> None:
    proposal(world, 7, days_ago=1)

    found = planned(world, by_hand=True)

    assert found.go
    assert found.why.endswith("; asked by hand")


def test_an_open_proposal_is_brought_up_to_date(world: World) -> None:
    proposal(world, 7, days_ago=1, state="open")

    found = planned(world)

    assert found.go
    assert found.why.endswith("; #7 is open and is brought up to date")


def test_so_is_one_that_a_person_opened(world: World) -> None:
    proposal(world, 6, days_ago=2)
    world.github.open_pull(7, branch=BRANCH)

    assert planned(world).go


def test_what_a_person_opened_and_closed_does_not_count(world: World) -> None:
    world.github.open_pull(7, branch=BRANCH)["state"] = "closed"

    assert planned(world).go


@pytest.mark.parametrize(("number", "go"), [(3, True), (4, False)])
def test_there_are_so_many_in_thirty_days(world: World, number: int, go: bool) -> None:
    for index in range(number):
        proposal(world, 7 + index, days_ago=29.5 - 7 * index)
    proposal(world, 50, days_ago=30.5)

    found = planned(world)

    assert found.go is go
    if not go:
        assert "4 proposals were made within thirty days, and 4 may be (retrain.most)" in found.why


def test_an_issue_that_stands_in_counts_as_well(world: World) -> None:
    text = f"{mark(MODEL)}\n"
    issue = world.github.open_issue(8, text, BOT, LABEL, days_ago=2)
    assert planned(world).why.endswith("; #8 is open and is brought up to date")

    issue["state"] = "closed"
    assert not planned(world).go


def test_a_repository_without_issues(world: World) -> None:
    world.github.has_issues = False

    assert planned(world).go


def test_another_model_s_proposals_do_not_count(world: World) -> None:
    world.github.open_pull(7, branch="retrain/another")["body"] = f"{mark('another')}\n"

    assert planned(world).why.endswith("through 2013-08")


def test_without_github_nobody_is_asked(world: World) -> None:
    assert plan(None, by_hand=False, through=None).go
    assert world.github.calls == []
