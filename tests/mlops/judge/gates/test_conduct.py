"""Does the pull request leave its judges alone, and commit what it ran?"""

from mlops.judge.evidence import Stopped
from mlops.judge.gates.conduct import lock, protected
from tests.mlops.judge.conftest import Make


def test_judges_left_alone_pass(evidence: Make) -> None:
    assert protected(evidence()).outcome == "pass"


def test_each_change_of_a_judge_is_a_line_and_a_maintainer_decides(evidence: Make) -> None:
    changed = ["params.yaml: gates.level, 0.95 → 0.5", "src/mlops/judge/statistics.py"]

    asked = protected(evidence(protected=changed))

    assert asked.outcome == "fail"
    assert [m.name for m in asked.measures] == changed
    assert "gates-approved" in asked.remedy


def test_without_a_base_nothing_is_changed(alone: Make) -> None:
    asked = protected(alone(protected=["dvc.yaml"]))

    assert asked.outcome == "not applicable"


def test_results_that_are_committed_pass(evidence: Make) -> None:
    assert lock(evidence()).outcome == "pass"


def test_stale_results_fail_and_the_run_is_adopted(evidence: Make) -> None:
    asked = lock(evidence(stale=["dvc.lock", "metrics/test.json"], run="4711"))

    assert asked.outcome == "fail"
    assert "dvc.lock; metrics/test.json" in asked.reason
    assert "`mlops adopt 4711`" in asked.remedy


def test_without_a_run_stale_results_are_made_again(evidence: Make) -> None:
    assert "`make run`" in lock(evidence(stale=["dvc.lock"])).remedy


def test_results_of_work_that_is_not_committed_yet_pass(evidence: Make) -> None:
    asked = lock(evidence(stale=["dvc.lock"], uncommitted=True))

    assert asked.outcome == "pass"
    assert "commit them" in asked.reason


def test_a_pipeline_that_stopped_has_no_results_to_commit(halted: Make) -> None:
    asked = lock(halted(stopped=Stopped("train", 6, "it diverged"), stale=["dvc.lock"]))

    assert asked.outcome == "not applicable"
