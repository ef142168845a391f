"""What a workflow does, and when, is what GitHub would make of its file."""

from pathlib import Path
from textwrap import dedent

import pytest

from mlops.score.workflows import Workflow, read


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def workflow(text: str) -> Workflow:
    folder = Path(".github/workflows")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "it.yml").write_text(dedent(text))
    return read()[0]


@pytest.mark.parametrize(
    ("on", "triggers"),
    [
        ("push", {"push"}),
        ("[push, pull_request]", {"push", "pull_request"}),
        ("{pull_request: , workflow_dispatch: }", {"pull_request", "workflow_dispatch"}),
        ("{schedule: [{cron: '17 5 * * 1'}]}", {"schedule"}),
        ("{schedule: []}", set()),
    ],
)
def test_triggers_may_be_a_word_a_list_or_a_table(on: str, triggers: set[str]) -> None:
    known = workflow(f"on: {on}\njobs: {{}}\n")

    kinds = ("push", "pull_request", "workflow_dispatch", "schedule")
    assert {kind for kind in kinds if known.runs_on(kind)} == triggers


def test_commands_are_told_apart_by_their_words() -> None:
    known = workflow(
        """
        on: push
        jobs:
          one:
            steps:
              - run: |
                  echo hello
                  .venv/bin/mlops promote judge --quiet
        """
    )

    assert known.step("mlops promote judge") is not None
    assert known.step("mlops promote") is not None
    assert known.step("mlops pr") is None


@pytest.mark.parametrize("off", ["if: false", "if: ${{ false }}", "continue-on-error: true"])
@pytest.mark.parametrize("place", ["job", "step"])
def test_what_never_runs_or_may_fail_does_nothing(off: str, place: str) -> None:
    job, step = (off, "name: x") if place == "job" else ("name: x", off)

    known = workflow(
        f"""
        on: push
        jobs:
          one:
            {job}
            steps:
              - run: mlops pr
                {step}
        """
    )

    assert known.step("mlops pr") is None


def test_a_job_waits_for_those_it_needs_and_for_theirs() -> None:
    known = workflow(
        """
        on: push
        jobs:
          a: {steps: [{run: mlops a}, {run: mlops b}]}
          c: {needs: a, steps: [{run: mlops c}]}
          d: {needs: [c], steps: [{run: mlops d}]}
          e: {steps: [{run: mlops e}]}
        """
    )

    assert known.before("mlops a", "mlops b")
    assert known.before("mlops a", "mlops d")
    assert not known.before("mlops b", "mlops a")
    assert not known.before("mlops d", "mlops a")
    assert not known.before("mlops e", "mlops d")
    assert not known.before("mlops x", "mlops d")
