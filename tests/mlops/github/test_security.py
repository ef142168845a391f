"""Which checks of security run: those that GitHub offers, and one notice names the others."""

import pytest

from mlops.github import security
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import GitHub

MAIN = "main"
COMPARED = f"dependency-graph/compare/{'b' * 40}...{'a' * 40}"
GITHUBS = {"analysis_key": "dynamic/github-code-scanning/codeql:analyze", "ref": "refs/heads/main"}
OURS = {"analysis_key": ".github/workflows/security.yml:codeql", "ref": "refs/heads/main"}


def outputs(job: Job) -> dict[str, bool]:
    pairs = dict(line.split("=") for line in job.output.splitlines())
    return {name: value == "true" for name, value in pairs.items()}


def notices(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [ln for ln in capsys.readouterr().out.splitlines() if ln.startswith("::")]


@pytest.fixture(autouse=True)
def on_main(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REF_NAME", MAIN)
    monkeypatch.delenv("MLOPS_CODE_SCANNING", raising=False)


def test_a_public_repository_has_all_of_them(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    job.event("pull_request", {"pull_request": github.open_pull()})
    security.main()
    assert outputs(job) == {"codeql": True, "review": True, "scorecard": False}

    job.event("schedule", {})
    security.main()
    assert outputs(job) == {"codeql": True, "review": False, "scorecard": True}
    assert notices(capsys) == []


@pytest.mark.parametrize("event", ["pull_request", "merge_group", "push", "schedule"])
def test_a_private_one_is_told_once_what_it_lacks_and_where_that_is_set(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str], event: str
) -> None:
    github.visibility = "private"
    queued = {"base_sha": "b" * 40, "head_sha": "a" * 40}
    content = {
        "pull_request": {"pull_request": github.open_pull()},
        "merge_group": {"merge_group": queued},
    }
    job.event(event, content.get(event, {}))

    security.main()

    assert not any(outputs(job).values())
    (notice,) = notices(capsys)
    assert "Settings, Advanced Security" in notice
    assert ("no review of dependencies" in notice) == (event in content)


def test_a_private_one_with_code_security_has_all_of_them(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.visibility, github.code_security, github.analyses = "private", True, [OURS]
    job.event("pull_request", {"pull_request": github.open_pull()})

    security.main()

    assert outputs(job) == {"codeql": True, "review": True, "scorecard": False}
    assert notices(capsys) == []


def test_what_github_runs_by_itself_is_not_run_twice(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github.analyses = [GITHUBS, OURS]
    job.event("schedule", {})

    security.main()
    assert outputs(job) == {"codeql": False, "review": False, "scorecard": True}
    (notice,) = notices(capsys)
    assert "set the repository variable MLOPS_CODE_SCANNING to true" in notice

    monkeypatch.setenv("MLOPS_CODE_SCANNING", "true")
    security.main()
    assert outputs(job)["codeql"]
    assert notices(capsys) == []


def test_a_variable_switches_it_off(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_CODE_SCANNING", "false")
    job.event("schedule", {})

    security.main()

    assert not any(outputs(job).values())
    assert "switched off by MLOPS_CODE_SCANNING" in notices(capsys)[0]


@pytest.mark.parametrize("gone", [False, True])
def test_results_of_a_fork_are_not_uploaded_since_its_token_can_only_read(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str], *, gone: bool
) -> None:
    pull = github.open_pull(fork="stranger/name")
    if gone:
        pull["head"]["repo"] = None
    job.event("pull_request", {"pull_request": pull})

    security.main()

    assert outputs(job) == {"codeql": False, "review": True, "scorecard": False}
    assert notices(capsys) == []


def test_scorecard_looks_at_main_alone(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.event("workflow_dispatch", {})
    security.main()
    assert outputs(job)["scorecard"]

    monkeypatch.setenv("GITHUB_REF_NAME", "topic")
    security.main()
    assert not outputs(job)["scorecard"]


@pytest.mark.parametrize("call", ["code-scanning/analyses", COMPARED])
def test_what_cannot_be_asked_is_told_and_no_failure(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str], call: str
) -> None:
    github.faults = {f"GET {call}": 503}
    job.event("pull_request", {"pull_request": github.open_pull()})

    security.main()

    assert outputs(job)["codeql"] == (call == COMPARED)
    assert outputs(job)["review"] == (call != COMPARED)
    assert "since GitHub cannot be asked: " in notices(capsys)[0]


def test_a_token_that_may_not_ask_gets_nothing(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.permissions = {"contents": "read"}
    job.event("push", {})

    security.main()

    assert not any(outputs(job).values())
    assert len(notices(capsys)) == 1
