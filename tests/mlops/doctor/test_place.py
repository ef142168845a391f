"""git and its origin, workflows, and what a copy was to change."""

import json
from pathlib import Path

import pytest

from mlops.doctor import place
from mlops.github.api import Api
from tests.conftest import ROOT
from tests.mlops.doctor.conftest import Git, levels, told

PROJECT = '[project]\nname = "{}"\n'


def test_hooks_are_found_wherever_git_has_them(git: Git, folder: Path) -> None:
    assert [one.remedy for one in place.hooks()] == ["pre-commit install"]

    git("config", "core.hooksPath", "elsewhere")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/pre-commit").touch()
    assert levels(place.hooks()) == ["ok"]


def test_outside_a_repository_there_is_no_hook(folder: Path) -> None:
    assert levels(place.hooks()) == ["note"]


def test_what_becomes_of_a_copy_step_by_step(git: Git, folder: Path) -> None:
    assert levels(place.origin()) == ["error"]

    git("commit", "-q", "--allow-empty", "-m", "copy")
    assert levels(place.origin()) == ["warning"]

    git("remote", "add", "origin", "https://me:secret@github.com/owner/name.git")
    address, branch = place.origin()
    assert address.text == "origin is https://github.com/owner/name.git"
    assert branch.remedy == "git remote set-head origin --auto"

    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    assert levels(place.origin()) == ["ok", "ok"]


def test_workflows_answer_one_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    ((level, text),) = told(place.default_branch("master"))
    assert level == "warning"
    assert "the default branch is master" in text

    texts = [path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")]
    pushes = [text for text in texts if "  push:\n" in text]
    assert pushes
    assert all(f"  push:\n    branches: [{place.MAIN}]\n" in text for text in pushes)


def test_workflows_are_there_and_can_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((level, text),) = told(place.workflow_files())
    assert level == "error"
    assert ".github/workflows/pull-request.yml" in text

    monkeypatch.chdir(ROOT)
    assert levels(place.workflow_files()) == ["ok"]


def test_a_copy_that_bears_the_templates_name(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(PROJECT.format("mlops-template"))
    assert [one.remedy for one in place.initialised()] == ["mlops init"]

    (folder / "pyproject.toml").write_text(PROJECT.format("churn"))
    assert told(place.initialised()) == [("ok", "the project is churn")]


def test_owners_count_when_they_are_named(folder: Path) -> None:
    assert levels(place.owners()) == ["note"]

    (folder / ".github").mkdir()
    (folder / ".github/CODEOWNERS").write_text("# .github/ @OWNER\n")
    assert levels(place.owners()) == ["note"]

    (folder / ".github/CODEOWNERS").write_text("/.github/ @ada\n")
    assert told(place.owners()) == [("ok", ".github/CODEOWNERS asks @ada")]


class TestTemplate:
    @pytest.fixture
    def recorded(self, folder: Path) -> Path:
        (folder / ".github").mkdir()
        return folder / ".github/template.json"

    def record(self, file: Path, address: str) -> None:
        file.write_text(json.dumps({"address": address, "version": "0.9.0", "commit": ""}))

    @pytest.mark.usefixtures("folder")
    def test_a_copy_that_does_not_say(self) -> None:
        assert levels(place.behind(None)) == ["warning"]

    def test_an_address_that_nobody_knows(self, recorded: Path, api: Api) -> None:
        self.record(recorded, "")

        for asked in (None, api):
            ((level, text),) = told(place.behind(asked))
            assert level == "note"
            assert text.startswith("version 0.9.0 of the template; where that is, nobody has said")

    def test_a_template_that_cannot_be_read(self, recorded: Path, tmp_path: Path) -> None:
        self.record(recorded, str(tmp_path / "nowhere"))

        ((level, text),) = told(place.behind(None))
        assert level == "note"
        assert "cannot be read" in text

    def test_a_newer_template_and_the_command_for_it(self, recorded: Path, git: Git) -> None:
        self.record(recorded, str(recorded.parents[1]))
        git("commit", "-q", "--allow-empty", "-m", "template")
        git("tag", "v0.9.0")
        assert told(place.behind(None)) == [
            ("ok", "version 0.9.0 of the template, which is the newest")
        ]

        git("tag", "v0.10.0")
        (seen,) = place.behind(None)
        assert seen.text.startswith("the template is at v0.10.0, and this copy at v0.9.0")
        assert seen.remedy == "mlops template update"
