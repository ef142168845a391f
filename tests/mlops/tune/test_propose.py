"""The winner as a pull request: values set in main's params.yaml, results by name, nothing else."""

import shutil
from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.github.issues import LABEL
from mlops.retraining.propose import Proposed
from mlops.tune import propose, result
from mlops.tune.decide import decide
from mlops.tune.propose import FOLDER
from mlops.tune.result import Search, Tuned
from tests.mlops.judge.repositories import git, write
from tests.mlops.retraining.conftest import World
from tests.mlops.tune.conftest import searched, trial

BRANCH = "tune/late-arrival"
SEARCH = searched(
    trial(0.01, 0.60, 0.61, settings={"C": 0.01}),
    trial(0.25, 0.70, 0.71, settings={"C": 0.25}, number=1),
    estimator="logistic_regression",
    metric="roc_auc",
    space={"C": ["log", 0.001, 10.0]},
    present={"C": 0.01},
)


def left(search: Search = SEARCH, lock: str = "of the winner\n") -> Tuned:
    """What `mlops tune merge --run` would leave."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    tuned = decide(search)
    write({f"{FOLDER}/dvc.lock": lock, f"{FOLDER}/metrics/test.json": '{"roc_auc": 0.76}\n'})
    result.write(tuned, FOLDER / "reports/tuning.json")
    return tuned


def proposed(world: World, reason: str = "") -> Proposed:
    return propose.main(world.api, reason=reason)


def test_a_pull_request_sets_the_values_in_mains_own_file(world: World) -> None:
    left()
    write({f"{FOLDER}/params.yaml": "gates: {}\n", f"{FOLDER}/src/evil.py": "print()\n"})
    main = world.at_origin("params.yaml", "main")

    made = proposed(world, "a quiet week")

    assert (made.kind, made.created) == ("pull request", True)
    changed = git("-C", str(world.origin), "diff", "--name-only", "main", BRANCH).split()
    assert set(changed) == {
        *("dvc.lock", "metrics/test.json", "params.yaml", "reports/tuning.json"),
        *("reports/model_card.md", "reports/plots/gone.csv"),  # which the run did not leave
    }
    assert world.at_origin("params.yaml", BRANCH) == main.replace("C: 0.01 #", "C: 0.25 #")
    pull = world.github.pulls[made.number or 0]
    assert pull["title"] == "Tune logistic_regression"
    assert "a quiet week" in pull["body"]
    assert "The best takes over, better beyond noise" in pull["body"]
    assert "Approve workflows to run" in pull["body"]


def test_the_next_winner_updates_it(world: World) -> None:
    left()
    first = proposed(world)
    left(lock="of another\n")
    second = proposed(world)

    assert (second.created, second.pushed, second.number) == (False, True, first.number)
    assert world.at_origin("dvc.lock", BRANCH) == "of another"


def test_where_none_may_be_opened_an_issue_has_the_link(world: World) -> None:
    world.github.may_open_pulls = False
    left()
    made = proposed(world)

    assert made.kind == "issue"
    issue = world.github.issues[made.number or 0]
    assert [label["name"] for label in issue["labels"]] == [LABEL]
    assert "/compare/main...tune%2Flate-arrival?expand=1" in issue["body"]
    assert "0.25" in issue["body"]


@pytest.mark.usefixtures("world")
def test_a_record_without_a_winner_proposes_nothing(world: World) -> None:
    left(searched(*SEARCH.trials[:1], **{k: getattr(SEARCH, k) for k in KEPT}))

    with pytest.raises(DataError, match="has no winner"):
        proposed(world)


KEPT = ("estimator", "metric", "space", "present")


def test_what_does_not_fit_the_schema_is_refused(world: World) -> None:
    left()
    path = FOLDER / "reports/tuning.json"
    path.write_text(path.read_text().replace('"logistic_regression"', '"x: [1]\\n"'))

    with pytest.raises(DataError, match=r"search\.estimator: String should match"):
        proposed(world)


def test_a_link_is_refused(world: World) -> None:
    left()
    (FOLDER / "metrics/test.json").unlink()
    (FOLDER / "metrics/test.json").symlink_to(Path("params.yaml").absolute())

    with pytest.raises(DataError, match="is a link"):
        proposed(world)
