"""What `mlops tune` left in git: whether every parameter was tried, and the best are in use."""

from pathlib import Path

from mlops.contract import settings
from mlops.errors import DataError
from mlops.judge.gates.answers import listed
from mlops.score.evidence import Evidence
from mlops.score.repository import Repository
from mlops.tune import result
from mlops.tune.result import Tuned

RECORD = Path("reports/tuning.json")
ENOUGH = 20  # trials, at least: a handful finds what chance gives it
TUNE = f"`mlops tune`, and commit params.yaml and {RECORD}"


def evidence(repository: Repository) -> list[Evidence]:
    """Whether there is a study of the estimator in use, of all its parameters, and followed."""
    estimator = repository.knobs.model.estimator
    try:
        found = result.read(RECORD, Tuned)
    except DataError:
        return [Evidence(False, f"there is no {RECORD}", TUNE)]
    search = found.search
    untried = sorted(set(repository.knobs.model.settings(estimator)) - set(search.space))
    present = settings(repository.model, repository.knobs, estimator)
    chosen = found.best if found.better else search.present
    return [
        Evidence(
            search.estimator == estimator and len(search.trials) >= ENOUGH,
            f"{RECORD} holds {len(search.trials)} trials of {search.estimator}",
            f"{TUNE}: at least {ENOUGH} trials of {estimator}",
        ),
        Evidence(
            RECORD.as_posix() in repository.tracked,
            f"{RECORD} is in git"
            if RECORD.as_posix() in repository.tracked
            else f"{RECORD} is not in git, where others would see it",
            f"commit {RECORD}",
        ),
        Evidence(
            not untried,
            f"params.yaml sets {listed(untried)}, which nobody tuned"
            if untried
            else f"every parameter that params.yaml sets for {estimator} was tried",
            "add it to SPACE in src/problem/tuning.py, and tune again",
        ),
        Evidence(
            search.estimator == estimator and result.same(present, chosen),
            "params.yaml has the values that the study chose"
            if result.same(present, chosen)
            else "params.yaml has other values than the study chose",
            TUNE,
        ),
    ]
