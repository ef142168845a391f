"""One issue, or one pull request, tells of a newer template; and only while there is one."""

from pathlib import Path

import pytest

from mlops.github.api import Api
from mlops.github.issues import LABEL
from mlops.retraining.propose import NOTHING
from mlops.template.propose import propose
from mlops.template.wording import BRANCH
from tests.mlops.github.issues import APP
from tests.mlops.github.server import GitHub
from tests.mlops.template.conftest import Repository, World, template_json


@pytest.fixture
def known(apart: World, github: GitHub) -> World:
    """GitHub knows the template of the copy, which has its origin."""
    github.relations = {"template_repository": {"clone_url": str(apart.template.folder)}}
    origin = apart.copy.folder.parent / "origin.git"
    apart.copy.git("clone", "-q", "--bare", ".", str(origin))
    apart.copy.git("remote", "add", "origin", str(origin))
    apart.copy.git("fetch", "-q", "origin")
    github.git_dir = origin
    return apart


def changes(github: GitHub) -> list[str]:
    return [call for call in github.calls if not call.startswith("GET ")]


def test_an_issue_has_the_command_and_what_would_change(
    known: World, github: GitHub, api: Api
) -> None:
    before = known.copy.state()
    made = propose(api, pull_request=False)

    assert (made.kind, made.created) == ("issue", True)
    (issue,) = github.issues.values()
    assert issue["title"] == "Template v0.2.0"
    assert [label["name"] for label in issue["labels"]] == [LABEL]
    assert "```sh\nmlops template update\n```" in issue["body"]
    assert "| added | `.github/workflows/new.yml` |" in issue["body"]
    assert "| yours | `src/problem/` | the template changed 1 of its files |" in issue["body"]
    assert "Everything merges by itself." in issue["body"]
    renamed = "| renamed | `src/mlops/renamed.py` | from `src/mlops/called.py` |"
    assert renamed in issue["body"]
    assert known.copy.state() == before


def test_the_same_again_changes_nothing(known: World, github: GitHub, api: Api) -> None:
    propose(api, pull_request=False)
    before = changes(github)

    assert propose(api, pull_request=False).created is False
    assert changes(github) == before


def test_a_next_version_updates_the_issue_and_names_conflicts(
    known: World, github: GitHub, api: Api
) -> None:
    propose(api, pull_request=False)
    known.copy.edit(".github/workflows/retrain.yml", "41 6", "11 6")
    known.copy.commit("Eleven past")
    known.template.edit(".github/workflows/retrain.yml", "41 6", "17 6")
    known.template.release("0.3.0")
    propose(api, pull_request=True)  # which a merge with conflicts cannot be

    (issue,) = github.issues.values()
    assert issue["title"] == "Template v0.3.0"
    assert "In 1 file both sides changed the same lines" in issue["body"]
    assert "| conflict | `.github/workflows/retrain.yml` | contents |" in issue["body"]
    assert github.pulls == {}


def test_a_version_that_somebody_closed_is_skipped(known: World, github: GitHub, api: Api) -> None:
    propose(api, pull_request=False)
    (issue,) = github.issues.values()
    issue["state"] = "closed"

    assert propose(api, pull_request=False) == NOTHING
    assert issue["state"] == "closed"
    known.template.edit("Makefile", "mlops run", "mlops run --force")
    known.template.release("0.3.0")
    assert propose(api, pull_request=False).created


def test_once_it_is_merged_the_issue_is_closed(
    known: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    propose(api, pull_request=False)
    known.update()
    known.copy.commit("Template v0.2.0")

    assert propose(api, pull_request=False) == NOTHING
    (issue,) = github.issues.values()
    assert issue["state"] == "closed"
    assert "which is the newest" in capsys.readouterr().out


def test_an_app_opens_a_pull_request_that_merges_cleanly(
    known: World, github: GitHub, api: Api
) -> None:
    propose(api, pull_request=False)
    github.actor = APP
    made = propose(api, pull_request=True)

    assert (made.kind, made.created) == ("pull request", True)
    (pull,) = github.pulls.values()
    assert (pull["title"], pull["head"]["ref"]) == ("Template v0.2.0", BRANCH)
    assert "| changed | `src/mlops/score.py` |" in pull["body"]
    origin = Repository(known.copy.folder.parent / "origin.git")
    assert origin.git("rev-parse", f"{BRANCH}^") == origin.git("rev-parse", "main")
    assert "line_2 = 'two'" in origin.git("show", f"{BRANCH}:src/mlops/score.py")
    assert origin.git("show", f"{BRANCH}:README.md") == "# Wine"
    known.update()  # the very files that a person would get
    written = known.copy.git("write-tree")
    assert origin.git("rev-parse", f"{BRANCH}:src") == known.copy.git("rev-parse", f"{written}:src")
    (issue,) = github.issues.values()
    assert issue["state"] == "closed"


def test_it_is_kept_up_to_date_until_somebody_closes_it(
    known: World, github: GitHub, api: Api
) -> None:
    first = propose(api, pull_request=True)
    again = propose(api, pull_request=True)
    assert (again.created, again.address) == (False, first.address)

    known.template.edit("Makefile", "mlops run", "mlops run --force")
    known.template.release("0.3.0")
    propose(api, pull_request=True)
    (pull,) = github.pulls.values()
    assert pull["title"] == "Template v0.3.0"
    pull["state"] = "closed"
    assert propose(api, pull_request=True) == NOTHING
    assert github.issues == {}


def test_a_branch_that_somebody_took_further_is_theirs(
    known: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    known.copy.git("push", "-q", "origin", f"main:{BRANCH}")
    made = propose(api, pull_request=True)

    assert made.kind == "issue"
    assert "somebody else made" in capsys.readouterr().out
    assert github.pulls == {}


def test_an_app_that_may_not_push_workflows_leaves_the_issue(
    known: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = known.copy.folder.parent / "origin.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\necho refusing to allow a GitHub App to update workflows >&2\nexit 1\n"
    )
    hook.chmod(0o755)

    assert propose(api, pull_request=True).kind == "issue"
    assert "refusing to allow a GitHub App" in capsys.readouterr().out


def test_a_template_itself_has_none_and_is_told_what_to_set(
    world: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    assert propose(api, pull_request=False) == NOTHING
    assert '"address" of .github/template.json' in capsys.readouterr().out
    assert changes(github) == []


def test_a_template_that_may_not_be_read_is_a_warning(
    world: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".github/template.json").write_text(template_json("0.1.0", "/nowhere/template.git"))

    assert propose(api, pull_request=False) == NOTHING
    assert "cannot be read" in capsys.readouterr().out


def test_without_issues_the_summary_has_it(
    known: World,
    github: GitHub,
    api: Api,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    github.has_issues = False
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    assert propose(api, pull_request=False) == NOTHING
    assert "mlops template update" in (tmp_path / "summary.md").read_text()
