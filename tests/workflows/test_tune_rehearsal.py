"""A search on two runners, through the real workflow and commands: from the matrix to the proposal.

act runs tune.yml on this machine; GitHub is on loopback, and origin is a bare repository. The model
starts with one tree, so that there is something to find.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from mlops.tune import result
from mlops.tune.result import Tuned
from tests.mlops.github.server import REPOSITORY, GitHub, serving
from tests.planted.change import edit
from tests.workflows.conftest import ENVIRONMENT, Stage, cloned, git

pytestmark = pytest.mark.slow

BRANCH = "tune/late-arrival"
SPACE = 'SPACE = {"gradient_boosting": {"max_iter": ("int", 20, 40)}}\n'
INPUTS = {"trials": "4", "shares": "2", "estimator": "", "reason": "one tree is not enough"}


def test_shares_are_searched_merged_and_proposed(finished: Path, tmp_path: Path) -> None:
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    edit("params.yaml", ("max_iter: 150 ", "max_iter: 1 "))(finished)
    (finished / "src/problem/tuning.py").write_text(f'"""A small space."""\n\n{SPACE}')
    git(finished, "commit", "-q", "-a", "-m", "One tree")
    origin, clone = cloned(finished, tmp_path)
    scratch = tmp_path / "act"
    (scratch / "home").mkdir(parents=True)
    with serving(GitHub(git_dir=origin)) as github:
        stage = Stage(clone, scratch, github)
        about = {"default_branch": "main", "full_name": REPOSITORY}
        event = {"ref": "refs/heads/main", "repository": about, "inputs": INPUTS}

        ran = stage.act("workflow_dispatch", event, "tune.yml", run=1, GITHUB_RUN_ID="1")

        assert ran.jobs == dict.fromkeys(("plan", "search", "merge", "propose"), "success"), ran.log
        names = sorted(artifact.name for artifact in github.artifacts)
        assert names == ["share-1", "share-2", "tuned"]
        assert stage.unpickled.isdisjoint({"propose"})
        (pull,) = github.pulls.values()
    assert pull["head"]["ref"] == BRANCH
    assert "one tree is not enough" in pull["body"]
    assert "The best takes over, better beyond noise" in pull["body"]
    _it_changes_what_a_person_would_commit(origin, tmp_path)


def _it_changes_what_a_person_would_commit(origin: Path, scratch: Path) -> None:
    changed = git(origin, "diff", "--name-only", "main", BRANCH).splitlines()
    assert {"params.yaml", "dvc.lock", "reports/tuning.json", "reports/tuning.md"} <= set(changed)
    allowed = r"params\.yaml|dvc\.lock|metrics/|reports/"
    assert all(re.match(allowed, path) for path in changed)
    record = scratch / "tuning.json"
    record.write_text(git(origin, "show", f"{BRANCH}:reports/tuning.json"))
    tuned: Any = result.read(record, Tuned)
    assert {trial.share for trial in tuned.search.trials} == {1, 2}
    numbers = git(origin, "diff", "--numstat", "main", BRANCH, "--", "params.yaml").split()[:2]
    assert numbers == ["1", "1"]
    after = git(origin, "show", f"{BRANCH}:params.yaml")
    assert f"max_iter: {tuned.best['max_iter']} # trees" in after
