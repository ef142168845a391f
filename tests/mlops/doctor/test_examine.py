"""All checks at once: where everything is wrong, and where everything is right."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mlops import errors
from mlops.doctor import examine
from mlops.doctor.finding import GROUPS, Report, schema
from mlops.github.setup.apply import Options
from mlops.github.setup.apply import main as set_up
from tests.conftest import ROOT
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def asked(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """GitHub can be asked, by an administrator of it."""
    github.administered()
    known = {"TOKEN": TOKEN, "API_URL": github.url, "REPOSITORY": REPOSITORY}
    for name, value in known.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    monkeypatch.setenv("MLOPS_IMAGE", "registry.example.org/owner/name")
    return github


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """`gh` is not there, or knows nobody."""
    monkeypatch.setenv("GH_CONFIG_DIR", "/nonexistent")


@pytest.mark.usefixtures("no_login")
def test_in_an_empty_folder_everything_is_a_finding_and_nothing_a_traceback(
    folder: Path, capsys: Captured
) -> None:
    code = errors.ending(lambda: examine.main(as_json=True))

    said = capsys.readouterr()
    found = json.loads(said.out)
    Draft202012Validator(schema()).validate(found)
    assert code == 17
    assert "Traceback" not in said.err
    assert said.err.startswith("error: what stops the work: ")
    checks = {one["check"]: one["level"] for one in found["findings"]}
    assert checks["parameters"] == checks["workflows"] == checks["origin"] == "error"
    assert found["level"] == "error"


def test_this_repository_works_and_github_is_as_setup_made_it(
    asked: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(ROOT)
    set_up(Options(yes=True))
    asked.add_workflow("monitor.yml", last=1)
    capsys.readouterr()
    before = list(asked.calls)

    code = errors.ending(lambda: examine.main(as_json=True))

    found = Report.model_validate_json(capsys.readouterr().out)
    assert code == 0, [one for one in found.findings if one.level == "error"]
    assert {one.group for one in found.findings} == set(GROUPS)
    made = ("actions", "labels", "environments", "pages", "rulesets")
    assert all(one.level == "ok" for one in found.findings if one.check in made)
    assert all(call.startswith("GET ") for call in asked.calls[len(before) :])
    grave = ("warning", "error")
    assert all(one.remedy for one in found.findings if one.level in grave)


def test_a_token_that_does_not_know_the_repository_is_an_error(
    asked: GitHub, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong")
    monkeypatch.setattr(examine, "_machine", list)
    monkeypatch.setattr(examine, "_repository", lambda _: [])

    code = errors.ending(lambda: examine.main(as_json=False))

    said = capsys.readouterr()
    assert code == 17
    assert "401 Bad credentials" in " ".join(said.out.split())
    assert "what stops the work: token" in said.err


@pytest.mark.usefixtures("no_login")
def test_without_a_token_one_note_says_how_to_give_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(examine, "_machine", list)
    monkeypatch.setattr(examine, "_repository", lambda _: [])
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)

    assert errors.ending(lambda: examine.main(as_json=False)) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "no token for GitHub" in said
    assert "gh auth login" in said
    assert said.endswith("1 note")
