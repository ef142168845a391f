"""Who a copy belongs to: what is given, else what origin, git, the folder and the files say."""

import subprocess
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.init.answers import Answers, settle

PROJECT = '[project]\nname = "mlops-template"\n'


@pytest.fixture(autouse=True)
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in the folder `Demand forecast`, of somebody without a configuration of git."""
    folder = tmp_path / "Demand forecast"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    Path("pyproject.toml").write_text(PROJECT)
    Path("LICENSE").write_text("Copyright (c) 2026 the mlops-template authors\n")
    git("init", "-q")
    return folder


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def settled() -> Answers:
    return settle(None, None, None)[0]


def test_what_is_given_is_taken_and_nothing_is_told() -> None:
    assert settle("demand", "acme/ml", "Acme Ltd") == (
        Answers("demand", "acme/ml", "Acme Ltd"),
        [],
    )


def test_without_a_terminal_each_default_is_told() -> None:
    answers, told = settle(None, None, None)

    assert answers == Answers("Demand-forecast", "", "the Demand-forecast authors")
    assert [line.split(":")[0] for line in told] == ["name", "owner", "licence holder"]
    assert "stay commented out" in told[1]


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/demand.git",
        "https://user:secret@github.com/acme/demand",
        "git@github.com:acme/demand.git",
        "ssh://git@github.com:22/acme/demand.git",
    ],
)
def test_origin_says_name_and_owner(address: str) -> None:
    git("remote", "add", "origin", address)

    assert (settled().name, settled().owner) == ("demand", "acme")


@pytest.mark.parametrize("address", ["/srv/git/demand.git", "file:///srv/git/demand.git", "../up"])
def test_a_folder_says_neither(address: str) -> None:
    git("remote", "add", "origin", address)

    assert (settled().name, settled().owner) == ("Demand-forecast", "")


def test_git_knows_the_holder_and_the_files_know_what_was_answered_before() -> None:
    git("config", "user.name", "Ada Lovelace")
    assert settled().holder == "Ada Lovelace"

    Path("LICENSE").write_text("Copyright (c) 2026 Acme Ltd\n")
    Path("pyproject.toml").write_text(PROJECT.replace("mlops-template", "demand"))
    Path(".github").mkdir()
    Path(".github/CODEOWNERS").write_text("/Makefile @acme\n")
    assert settled() == Answers("demand", "acme", "Acme Ltd")


@pytest.mark.parametrize(
    ("name", "owner", "holder"),
    [
        ("a b", "acme", "x"),
        ("-a", "acme", "x"),
        ("a/b", "acme", "x"),
        ('a"b', "acme", "x"),
        ("", "acme", "x"),
        ("a", "ac me", "x"),
        ("a", "@acme", "x"),
        ("a", "acme/ml/x", "x"),
        ("a", "acme--x", "x"),
        ("a", "acme", "two\nlines"),
    ],
)
def test_what_cannot_be_a_name_is_refused(name: str, owner: str, holder: str) -> None:
    with pytest.raises(DeclarationError, match="cannot be one"):
        settle(name, owner, holder)


@pytest.mark.parametrize(
    ("name", "model"),
    [("demand", "demand"), ("Demand_Forecast.2", "demand-forecast-2"), ("42nd", "model-42nd")],
)
def test_the_model_is_called_as_params_yaml_allows(name: str, model: str) -> None:
    assert Answers(name, "", "x").model == model
