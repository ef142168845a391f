"""A template with a next version, through the real workflow: an issue, then a pull request.

act runs update.yml on this machine; GitHub is on loopback, template and origin are folders.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mlops.github.issues import APP
from tests.mlops.github.server import REPOSITORY, GitHub, serving
from tests.mlops.template.conftest import Repository
from tests.workflows.conftest import ENVIRONMENT, Stage, git

pytestmark = pytest.mark.slow

APP_TOKEN = "ghs_anapp0123456789"
EVENT = {"repository": {"default_branch": "main", "full_name": REPOSITORY}}
MAY = dict.fromkeys(("contents", "issues", "pull-requests"), "write")


@pytest.fixture
def stage(pristine: Path, tmp_path: Path) -> Iterator[Stage]:
    """A copy, cloned from its origin, and the template, which has gone on."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    template, origin = Repository(tmp_path / "template"), tmp_path / "origin.git"
    git(tmp_path, "clone", "-q", "--bare", str(pristine), str(origin))
    git(origin, "branch", "-q", "-M", "main")
    for folder in ("template", "copy"):
        git(tmp_path, "clone", "-q", str(origin), folder)
    workflow = ".github/workflows/heartbeat.yml"
    template.write({workflow: template.read(workflow) + "# newer\n"})
    template.release("999.0.0")
    with (tmp_path / "copy" / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n/event.json\n")
    (tmp_path / "act" / "home").mkdir(parents=True)
    github = GitHub(git_dir=origin, permissions={"contents": "read", "issues": "write"})
    github.relations = {"template_repository": {"clone_url": str(template.folder)}}
    with serving(github):
        yield Stage(tmp_path / "copy", tmp_path / "act", github)


def test_an_issue_and_with_an_apps_token_a_pull_request(stage: Stage) -> None:
    ran = stage.act("schedule", EVENT, "update.yml", run=1)

    assert ran.jobs == {"propose": "success"}, ran.log
    (issue,) = stage.github.issues.values()
    assert issue["title"] == "Template v999.0.0"
    assert "| changed | `.github/workflows/heartbeat.yml` |" in issue["body"]
    assert stage.github.pulls == {}

    stage.github.tokens, stage.github.actor = {APP_TOKEN: MAY}, APP
    stage.variables = {"MLOPS_APP_ID": "an-app"}
    ran = stage.act("schedule", EVENT, "update.yml", run=2, LOOPBACK_APP_TOKEN=APP_TOKEN)

    assert ran.jobs == {"propose": "success"}, ran.log
    assert stage.notes_of("app") == ["app an-app"]
    (pull,) = stage.github.pulls.values()
    assert pull["head"]["ref"] == "template/update"
    assert stage.github.git_dir
    merged = git(stage.github.git_dir, "show", "template/update:.github/workflows/heartbeat.yml")
    assert merged.endswith("# newer")
    assert issue["state"] == "closed"
    assert stage.unpickled == set()
