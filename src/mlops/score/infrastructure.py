"""The tests of the infrastructure."""

import re
from datetime import timedelta
from pathlib import Path

from mlops.judge.gates.answers import listed
from mlops.score.evidence import Evidence
from mlops.score.found import (
    RUN,
    gate,
    in_every_pull_request,
    machinery,
    measured,
    on_merge,
    tested,
)
from mlops.score.repository import Repository

PACKAGES = Path("requirements/run.txt")


def reproducible(repository: Repository) -> list[Evidence]:
    """dvc.lock has a result of every stage, every package is pinned by hash, and the gate
    `reproducible` trains once more and compares bit for bit.
    """
    missing = sorted(repository.stages - repository.locked_stages)
    entries = _entries()
    loose = [entry.split("=")[0] for entry in entries if "--hash=sha256:" not in entry]
    return [
        Evidence(
            bool(repository.stages) and not missing,
            f"dvc.lock has no result of {listed(missing)}"
            if missing
            else f"dvc.lock has the result of each of {len(repository.stages)} stages",
            RUN,
        ),
        Evidence(
            bool(entries) and not loose,
            f"{PACKAGES} pins {len(entries)} packages by hash"
            if entries and not loose
            else f"{PACKAGES} does not pin {listed(loose, 5) or 'anything'} by hash",
            "`make lock`",
        ),
        gate(repository, "reproducible"),
        in_every_pull_request(repository),
    ]


def _entries() -> list[str]:
    """The lock file's packages, each with its hashes."""
    text = PACKAGES.read_text(encoding="utf-8") if PACKAGES.is_file() else ""
    return re.findall(r"^[A-Za-z0-9][\w.-]*==(?:.*\\\n)*.*", text, flags=re.MULTILINE)


def specification_tested(repository: Repository) -> list[Evidence]:
    """`tests/problem/test_model.py` asks the estimators of `model.py`, in tests that `make test`
    runs and that can fail.
    """
    return [
        tested(repository, "tests/problem/test_model.py", "problem.model.ESTIMATORS"),
        in_every_pull_request(repository, "make test"),
    ]


def integrated(repository: Repository) -> list[Evidence]:
    """A pull request runs the whole pipeline on the pinned data, from the raw files to the exported
    model, and the gates `pipeline` and `predictions` refuse one that does not get to its end.
    """
    wanted = {"validate", "features", "split", "train", "evaluate", "export"}
    missing = sorted(wanted - repository.stages)
    return [
        Evidence(
            not missing,
            f"dvc.yaml lacks {listed(missing)}" if missing else "dvc.yaml goes from data to export",
            "restore the stage in dvc.yaml",
        ),
        measured(repository, "test"),
        gate(repository, "pipeline"),
        gate(repository, "predictions"),
        in_every_pull_request(repository),
    ]


def validated(repository: Repository) -> list[Evidence]:
    """The gates `floors` and `champion` are on, with a floor for at least one metric, and a merge
    is judged before it is packaged.
    """
    floors = repository.knobs.gates.floors
    return [
        measured(repository, "test"),
        gate(repository, "floors", on=bool(floors), knob="gates.floors"),
        gate(repository, "champion"),
        on_merge(repository, "mlops promote judge", "mlops promote package", repeats=True),
        in_every_pull_request(repository),
    ]


def debugged(repository: Repository) -> list[Evidence]:
    """`mlops explain` says of a single row what every input adds, from the base to the score, and
    ends with an error where that does not add up. The exported model is compared with the trained
    one row by row.
    """
    return [
        machinery(repository, "tests/mlops/explain/test_explain.py", "explained"),
        measured(repository, "parity"),
        in_every_pull_request(repository, "make test"),
    ]


def canary(repository: Repository) -> list[Evidence]:
    """Before a merge becomes the champion, its very image is started and asked what held-out rows
    were given, then beside the champion's image; errors, other decisions and a slower answer
    refuse it.
    """
    return [
        machinery(repository, "tests/mlops/promotion/test_smoke.py", "champion"),
        on_merge(repository, "mlops promote smoke", "mlops promote champion"),
    ]


def rolled_back(repository: Repository) -> list[Evidence]:
    """One command, and one workflow, make an older version the champion again without a rebuild;
    tests rehearse it, or it was done here within half a year.
    """
    workflow = repository.workflow("mlops rollback", "workflow_dispatch")
    return [
        Evidence(
            workflow is not None,
            f"{workflow.name} rolls back by hand" if workflow else "no workflow rolls back",
            "restore .github/workflows/rollback.yml",
        ),
        _rehearsed(repository),
    ]


def _rehearsed(repository: Repository) -> Evidence:
    done = [
        assigned
        for assigned in repository.registry.assignments
        if assigned.record and assigned.record.kind == "rollback"
    ]
    if done and repository.now - done[-1].tag.at < timedelta(days=180):
        return Evidence(True, f"{done[-1].tag.name} rolled back on {done[-1].tag.at:%Y-%m-%d}")
    return machinery(repository, "tests/mlops/promotion/test_lifecycle.py", "rollback")
