"""The commit status that every merge gets."""

import json
from typing import Any

import pytest

from mlops.github.api import Api, GitHubError
from mlops.promotion.outcome import VARIABLE, outcome
from tests.mlops.github.server import HEAD, REPOSITORY, TOKEN, GitHub

DONE: dict[str, Any] = {"result": "success", "outputs": {}}
SKIPPED: dict[str, Any] = {"result": "skipped", "outputs": {}}


def reported(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, jobs: dict[str, Any]
) -> tuple[str, str]:
    monkeypatch.setenv(VARIABLE, json.dumps(jobs))
    outcome(Api(REPOSITORY, TOKEN, github.url), HEAD)
    status = github.statuses[HEAD][-1]
    assert status["context"] == "promotion"
    return status["state"], status["description"]


def with_ending(result: str, text: str) -> dict[str, Any]:
    return {"result": result, "outputs": {"go": "false", "ending": text}}


@pytest.mark.parametrize(
    ("jobs", "state", "said"),
    [
        (
            {"judge": DONE, "release": with_ending("success", "promoted as late-arrival 1.2.0")},
            "success",
            "promoted as late-arrival 1.2.0",
        ),
        (
            {"judge": with_ending("failure", "refused by floors: 0.6"), "release": SKIPPED},
            "failure",
            "refused by floors: 0.6",
        ),
        (
            {"judge": with_ending("failure", "held at late-arrival 1.0.0"), "release": SKIPPED},
            "failure",
            "held at late-arrival 1.0.0",
        ),
        (
            {"judge": with_ending("success", "superseded by a@v2.0.0"), "release": SKIPPED},
            "success",
            "superseded by a@v2.0.0",
        ),
        (
            {"judge": DONE, "package": {"result": "failure", "outputs": {}}, "release": SKIPPED},
            "error",
            "stopped in package; run it again: it goes on where it stopped",
        ),
        (
            {"judge": {"result": "cancelled", "outputs": {}}, "release": SKIPPED},
            "error",
            "stopped in judge; run it again: it goes on where it stopped",
        ),
    ],
)
def test_it_says_how_the_merge_ended(
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    jobs: dict[str, Any],
    state: str,
    said: str,
) -> None:
    assert reported(github, monkeypatch, jobs) == (state, said)


def test_without_the_jobs_it_says_what_is_missing(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "nothing")

    with pytest.raises(GitHubError, match=r"toJSON\(needs\)"):
        outcome(Api(REPOSITORY, TOKEN, github.url), HEAD)
    assert github.statuses == {}


def test_a_token_that_may_set_no_status_is_told(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    github.permissions = {"contents": "read"}
    monkeypatch.setenv(VARIABLE, json.dumps({"judge": with_ending("success", "unchanged since 1")}))

    assert outcome(Api(REPOSITORY, TOKEN, github.url), HEAD) == "unchanged since 1"

    said = " ".join(capsys.readouterr().out.split())
    assert "unchanged since 1" in said
    assert "may not write statuses: Settings, Actions, General" in said
    assert github.statuses == {}
