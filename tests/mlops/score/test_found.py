"""Evidence that can be had in more than one way, and what is told of it."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from mlops.history.ledger import Ledger
from mlops.history.record import Look
from mlops.judge import verdict
from mlops.judge.verdict import Verdict
from mlops.registry.record import Assignment
from mlops.registry.state import Assigned, State
from mlops.registry.tags import Tag
from mlops.score import found, infrastructure, model_development, monitoring
from mlops.score.evidence import points
from mlops.score.repository import Repository
from tests.mlops.report import verdicts
from tests.mlops.score.plants import LIFECYCLE, ORIGIN
from tests.planted.change import edit


def committed(folder: Path) -> None:
    name = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    for words in (["add", "-A"], ["commit", "-qm", "next"]):
        subprocess.run(["git", *name, *words], cwd=folder, check=True)


def look(repository: Repository, days: int, **more: object) -> Look:
    at = repository.now - timedelta(days=days)
    return Look.model_validate({"at": at, "outcome": "steady", "summary": "", **more})


def with_looks(*looks: tuple[int, dict[str, object]]) -> Repository:
    repository = Repository()
    seen = [look(repository, days, **more) for days, more in looks]
    repository.history = Ledger(looks=seen)
    return repository


def test_a_review_that_a_ruleset_asks_for_makes_the_point_whole(copy: Path) -> None:
    assert points(model_development.reviewed(Repository())) == 1

    switched_off = ('"enforcement": "active"', '"enforcement": "disabled"')
    edit(".github/rulesets/main.json", switched_off)(copy)
    assert points(model_development.reviewed(Repository())) == 0.5

    edit(".github/rulesets/main.json", switched_off[::-1])(copy)
    nobody = ('"required_approving_review_count": 1', '"required_approving_review_count": 0')
    edit(".github/rulesets/main.json", nobody)(copy)
    assert points(model_development.reviewed(Repository())) == 0.5


def test_a_ruleset_that_cannot_be_read_asks_for_nothing(copy: Path) -> None:
    (copy / ".github/rulesets/main.json").write_text("{")
    (copy / ".github/rulesets/other.json").write_text('{"target": "branch"}')

    assert points(model_development.reviewed(Repository())) == 0.5


OUTCOMES: dict[str, object] = {"metrics": {"brier": 0.2}, "held_out": {"brier": 0.2}}
WORSE = {**OUTCOMES, "outcome": "alarm", "reasons": ["performance"]}


@pytest.mark.parametrize(
    ("looks", "left"),
    [([OUTCOMES] * 3, 1), ([OUTCOMES] * 2, 0), ([OUTCOMES, OUTCOMES, WORSE], 1), ([WORSE] * 3, 0)],
)
def test_looks_with_outcomes_say_more_than_a_replay(
    copy: Path, looks: list[dict[str, object]], left: float
) -> None:
    (copy / "benchmarks/results/backtest.json").unlink()

    repository = with_looks(*((7 * n, one) for n, one in enumerate(looks)))

    assert points(model_development.correlated(repository)) == left


@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize(("days", "left"), [(1, 1), (14, 1), (16, 0)])
def test_a_monitor_that_has_stopped_is_seen_in_the_history(days: int, left: float) -> None:
    repository = with_looks((days, {}))
    assert repository.knobs.monitor.heartbeat_days == 15

    assert points(monitoring.fresh(repository)) == left
    assert points(monitoring.quality(repository)) == left


@pytest.mark.usefixtures("copy")
def test_a_gate_that_the_last_verdict_did_not_decide_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(verdict, "FOLDER", tmp_path / "verdict")
    judged = verdicts.verdict()
    verdict.write(judged, verdict.FOLDER / "verdict.json")
    asked = {gate.name: gate.outcome for gate in judged.gates}
    decided = next(name for name, outcome in asked.items() if outcome == "pass")

    assert found.gate(Repository(), decided).says.endswith("in the last verdict: pass")

    others = [gate for gate in judged.gates if gate.name != decided]
    without: Verdict = judged.model_copy(update={"gates": others})
    verdict.write(without, verdict.FOLDER / "verdict.json")
    assert not found.gate(Repository(), decided).holds


def rolled_back(days: int) -> Repository:
    repository = Repository()
    record = Assignment.model_construct(kind="rollback", version="1.0.0", number=2)
    at = repository.now - timedelta(days=days)
    made = Tag(name="late-arrival#champion#2", commit="0" * 40, at=at, by="x", message="")
    repository.registry = State("late-arrival", [], [Assigned(2, "1.0.0", made, record)], 2)
    return repository


@pytest.mark.parametrize(("days", "left"), [(10, 1), (179, 1), (181, 0)])
def test_a_rollback_of_late_is_as_good_as_a_rehearsal(copy: Path, days: int, left: float) -> None:
    (copy / LIFECYCLE).unlink()
    (copy / ORIGIN).unlink()

    assert points(infrastructure.rolled_back(rolled_back(days))) == left


def test_the_template_vouches_for_a_machinery_that_nobody_changed(copy: Path) -> None:
    (copy / LIFECYCLE).unlink()
    (copy / "src/mlops").mkdir()
    (copy / "src/mlops/git.py").write_text("came = True\n")
    (copy / ORIGIN).write_text('{"address": "", "version": "1.2.3", "commit": ""}\n')
    committed(copy)
    vouched = found.machinery(Repository(), LIFECYCLE, "rollback")
    assert vouched.holds
    assert "version 1.2.3" in vouched.says

    (copy / "src/mlops/git.py").write_text("came = False\n")
    altered = found.machinery(Repository(), LIFECYCLE, "rollback")
    assert not altered.holds
    assert "src/mlops/git.py was changed" in altered.says

    committed(copy)
    assert not found.machinery(Repository(), LIFECYCLE, "rollback").holds


def test_tests_of_the_machinery_that_are_here_and_skipped_are_vouched_for_by_nobody(
    copy: Path,
) -> None:
    text = (copy / LIFECYCLE).read_text()
    (copy / LIFECYCLE).write_text(f"{text}\npytestmark = pytest.mark.skip\n")

    assert not found.machinery(Repository(), LIFECYCLE, "rollback").holds
