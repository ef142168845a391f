"""A finished run becomes a line of the history, once; what cannot be believed becomes none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mlops.github import record, status
from mlops.github.api import Api
from mlops.history import ledger
from mlops.history.record import Event, Judged, Look, Merge
from mlops.judge.verdict import Verdict
from mlops.monitor.result import Result
from tests.conftest import ROOT
from tests.mlops.github.conftest import RUN, Job, as_json, finished_run, judged
from tests.mlops.github.server import HEAD, REPOSITORY, GitHub, zipped
from tests.mlops.registry.conftest import clone, commit, git, release

WHERE = f"https://github.com/{REPOSITORY}/actions/runs/{RUN}"
ENDED = "2026-03-01T10:04:30Z"
NOISE = "\x01"  # six bytes in JSON


@pytest.fixture(autouse=True)
def allowed(github: GitHub) -> None:
    """What the job may, and no more; its run took four and a half minutes."""
    github.permissions = {
        "actions": "read",
        "contents": "write",
        "pull-requests": "read",
        "statuses": "read",
    }
    github.jobs[RUN] = [
        {
            "name": "pipeline",
            "started_at": "2026-03-01T10:00:00Z",
            "completed_at": ENDED,
            "run_attempt": 1,
        }
    ]


@pytest.fixture
def main(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The current directory is a clone of origin; the hash of the commit that main is at."""
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    origin = tmp_path / "origin.git"
    git("init", "-q", "--bare", "-b", "main", str(origin), at=tmp_path)
    monkeypatch.chdir(clone(origin, tmp_path / "clone", "Ann"))
    git("checkout", "-q", "-b", "main")
    return commit({"params.yaml": (ROOT / "params.yaml").read_text()}, "first")


def told(github: GitHub, file: str) -> list[str]:
    """The lines of a file of the history."""
    if ledger.BRANCH not in github.branches:
        return []
    return (github.branch_file(ledger.BRANCH, file) or "").splitlines()


def only(github: GitHub, kind: type[Event]) -> Any:
    (line,) = told(github, ledger.FILES[kind])
    return kind.model_validate_json(line)


# --- a pull request -------------------------------------------------------------------------------


def leave(github: GitHub, job: Job, verdict: Verdict | bytes, name: str = "verdict") -> None:
    raw = as_json(verdict, job.folder) if isinstance(verdict, Verdict) else verdict
    github.upload(RUN, name, zipped({"verdict.json": raw}))


def judge(github: GitHub, job: Job, **changes: Any) -> None:
    """A finished run of the pull request 7, and what it left; recorded."""
    if not github.pulls:
        github.open_pull(7)
    job.event("workflow_run", finished_run())
    leave(github, job, judged(**changes))
    record.main()


def test_a_verdict_on_a_pull_request_becomes_a_line(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    metric = {"name": "roc_auc", "better": "higher", "value": 0.741, "champion": 0.74}
    judge(github, job, metrics=[metric | {"difference": 0.001, "low": -0.002, "high": 0.004}])

    line = only(github, Judged)
    assert (line.pull, line.commit, line.decision) == (7, HEAD, "accepted")
    assert line.gates == {"floors": "pass", "protected": "pass"}
    assert line.metrics["roc_auc"].low == -0.002
    assert (line.minutes, line.run) == (4.5, WHERE)
    assert line.at == datetime(2026, 3, 1, 10, 4, 30, tzinfo=UTC)
    assert f"run {RUN} is recorded in pulls.jsonl" in capsys.readouterr().out


def test_it_is_told_once(job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    judge(github, job)
    capsys.readouterr()

    record.main()

    assert len(told(github, ledger.PULLS)) == len(github.history(ledger.BRANCH)) == 1
    assert "was recorded before in pulls.jsonl" in capsys.readouterr().out


def test_a_person_may_have_a_run_recorded(job: Job, github: GitHub) -> None:
    github.open_pull(7)
    github.runs.append(finished_run()["workflow_run"] | {"status": "completed"})
    leave(github, job, judged())
    job.event("workflow_dispatch", {"inputs": {"run": str(RUN)}})

    record.main()

    assert only(github, Judged).pull == 7


def test_a_forks_verdict_is_data_like_any_other(job: Job, github: GitHub) -> None:
    github.open_pull(7, fork="stranger/name")
    stranger = {"full_name": "stranger/name", "owner": {"login": "stranger"}}
    leave(github, job, judged())
    job.event("workflow_run", finished_run(head_repository=stranger))

    record.main()

    assert only(github, Judged).pull == 7


def test_one_that_was_merged_at_once_is_told_all_the_same(job: Job, github: GitHub) -> None:
    github.open_pull(7)
    github.merge_pull(7, "b" * 40)

    judge(github, job)

    assert only(github, Judged).pull == 7


def test_one_that_was_pushed_to_meanwhile_is_not(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.open_pull(7, head="b" * 40)

    judge(github, job)

    assert github.branches == {}
    assert "no pull request has the head aaaaaaaaaaaa" in capsys.readouterr().out


def with_gate(**changes: Any) -> list[dict[str, Any]]:
    gates = [gate.model_dump() for gate in judged().gates]
    return [gates[0] | changes, *gates[1:]]


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        ({"candidate": judged().candidate.model_dump() | {"commit": "b" * 40}}, "of the commit"),
        ({"gates": with_gate(outcome="fail")}, "from its gates follows refused"),
        ({"decision": "refused"}, "from its gates follows accepted"),
        ({"gates": [*with_gate(), *with_gate()]}, "the gate floors more than once"),
        ({"pull": 1}, "Extra inputs are not permitted"),
        ({"summary": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_a_forged_verdict_becomes_no_line(
    job: Job,
    github: GitHub,
    capsys: pytest.CaptureFixture[str],
    forged: dict[str, Any],
    reason: str,
) -> None:
    github.open_pull(7)
    leave(github, job, json.dumps(judged().model_dump() | forged).encode())
    job.event("workflow_run", finished_run())

    record.main()

    assert github.branches == {}
    assert reason in capsys.readouterr().out


def test_a_run_that_left_no_verdict_is_told(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.open_pull(7)
    job.event("workflow_run", finished_run())

    record.main()

    assert github.branches == {}
    assert f"::warning ::run {RUN} is not recorded: the artifact verdict" in capsys.readouterr().out


def test_no_text_makes_a_second_line(job: Job, github: GitHub) -> None:
    """Some programs, and Python, end lines at these; JSON does not have to escape them."""
    hostile = 'one\u2028two\u2029three\x85four\nfive\r{"decision": "accepted"}'

    judge(github, job, summary=hostile)

    text = github.branch_file(ledger.BRANCH, ledger.PULLS)
    assert text is not None
    assert text.count("\n") == 1
    (line,) = ledger.parse(Judged, text)
    assert line.summary == hostile
    record.main()
    assert github.branch_file(ledger.BRANCH, ledger.PULLS) == text


def test_a_line_has_an_end(job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict that the schema lets pass may still be nothing but noise."""
    metrics = [
        {"name": f"{number}{NOISE * 190}", "better": "higher", "value": 1.0} for number in range(40)
    ]

    judge(github, job, metrics=metrics)

    assert github.branches == {}
    assert "its line would have more than 32,768 bytes" in capsys.readouterr().out


# --- a merge --------------------------------------------------------------------------------------


def promoted(
    github: GitHub, job: Job, main: str, said: str, verdict: Verdict | None = None
) -> None:
    """A finished run of promote, what it said of main, and what it left; recorded."""
    github.permissions["statuses"] = "write"
    status.report(Api.from_environment(), main, "success", said, WHERE)
    github.permissions["statuses"] = "read"
    if verdict is not None:
        leave(github, job, verdict, "judged")
    job.event("workflow_run", pushed(main))
    record.main()


def pushed(commit: str, **changes: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "path": ".github/workflows/promote.yml",
        "event": "push",
        "head_branch": "main",
        "head_sha": commit,
    }
    return finished_run(**(about | changes))


def on_main(commit: str, **changes: Any) -> Verdict:
    candidate = judged().candidate.model_copy(update={"commit": commit})
    return judged(candidate=candidate.model_dump(), **changes)


def test_a_merge_that_was_promoted_has_its_verdict_and_its_version(
    job: Job, github: GitHub, main: str
) -> None:
    release("1.0.0", commit({}, "before"))
    merged = commit({}, "merged")
    release("1.1.0", merged)

    promoted(github, job, merged, "promoted as late-arrival 1.1.0", on_main(merged))

    line = only(github, Merge)
    assert (line.commit, line.ending, line.why) == (merged, "promoted", "as late-arrival 1.1.0")
    assert (line.version, line.minutes, line.run) == ("1.1.0", 4.5, WHERE)
    assert abs((line.at - datetime.now(UTC)).total_seconds()) < 60
    assert line.verdict is not None
    assert (line.verdict.decision, line.verdict.pull) == ("accepted", None)


def test_a_merge_that_a_gate_refused_has_its_verdict(job: Job, github: GitHub, main: str) -> None:
    refused = on_main(main, decision="refused", gates=with_gate(outcome="fail"))

    promoted(github, job, main, "refused by floors: it is not so", refused)

    line = only(github, Merge)
    assert (line.ending, line.why, line.version) == ("refused", "by floors: it is not so", None)
    assert line.verdict is not None
    assert line.verdict.gates["floors"] == "fail"


@pytest.mark.parametrize(
    ("said", "ending", "why"),
    [
        ("superseded by late-arrival 1.1.0 of 0123", "superseded", "by late-arrival 1.1.0 of 0123"),
        ("unchanged since late-arrival 1.0.0", "unchanged", "since late-arrival 1.0.0"),
        ("held at late-arrival 1.0.0 by Ann", "held", "at late-arrival 1.0.0 by Ann"),
        ("stopped in package; run it again", "stopped", "in package; run it again"),
    ],
)
def test_any_other_merge_says_how_it_ended(
    job: Job, github: GitHub, main: str, *, said: str, ending: str, why: str
) -> None:
    release("1.0.0", main)

    promoted(github, job, main, said)

    line = only(github, Merge)
    assert (line.ending, line.why) == (ending, why)
    assert line.version is line.verdict is None


def test_of_a_run_that_was_run_again_the_last_line_counts(
    job: Job, github: GitHub, main: str
) -> None:
    promoted(github, job, main, "stopped in package; run it again", on_main(main))
    release("1.0.0", main)
    github.jobs[RUN].append(
        {
            "name": "package",
            "started_at": "2026-03-01T11:00:00Z",
            "completed_at": "2026-03-01T11:03:00Z",
            "run_attempt": 2,
        }
    )

    promoted(github, job, main, "promoted as late-arrival 1.0.0")
    record.main()

    assert len(told(github, ledger.MERGES)) == 2
    (line,) = ledger.parse(Merge, "\n".join(told(github, ledger.MERGES)))
    assert (line.ending, line.version, line.minutes) == ("promoted", "1.0.0", 7.5)
    assert line.verdict is not None


@pytest.mark.parametrize("known", [True, False])
def test_what_is_not_on_main_is_not_told(
    job: Job, github: GitHub, main: str, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A branch may hold another workflow under the same path."""
    git("checkout", "-q", "-b", "topic")
    git("commit", "-q", "--allow-empty", "-m", "another workflow")
    topic = git("rev-parse", "HEAD") if known else "b" * 40

    promoted(github, job, topic, "promoted as late-arrival 9.0.0", on_main(topic))

    assert github.branches == {}
    assert f"{topic[:12]} is not on main" in capsys.readouterr().out


def test_what_another_run_said_of_the_commit_does_not_count(
    job: Job, github: GitHub, main: str, capsys: pytest.CaptureFixture[str]
) -> None:
    github.permissions["statuses"] = "write"
    status.report(Api.from_environment(), main, "success", "promoted as a 1.0.0", f"{WHERE}1")
    job.event("workflow_run", pushed(main))

    record.main()

    assert github.branches == {}
    assert "it has not said" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["great", "Promoted as late-arrival 1.0.0", "\u202epromoted"])
def test_an_ending_that_is_none_becomes_no_line(
    job: Job, github: GitHub, main: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    promoted(github, job, main, said)

    assert github.branches == {}
    out = capsys.readouterr().out
    assert "ended in none of the known ways" in out
    assert "\u202e" not in out


def test_a_merge_with_a_forged_verdict_becomes_no_line(
    job: Job, github: GitHub, main: str, capsys: pytest.CaptureFixture[str]
) -> None:
    promoted(github, job, main, "promoted as late-arrival 1.0.0", judged())

    assert github.branches == {}
    assert "of the commit aaaaaaaa" in capsys.readouterr().out


# --- a look ---------------------------------------------------------------------------------------


def look(github: GitHub, job: Job, main: str, **changes: Any) -> None:
    """A finished run of monitor on main, and what it left; recorded."""
    content: dict[str, Any] = {
        "outcome": "alarm",
        "summary": "inputs drifted: temp",
        "reasons": [{"section": "drift", "what": "temp drifted"}],
        "model": "late-arrival",
        "made": "2026-03-02T05:20:00Z",
        "run": WHERE,
    }
    seen = Result.model_validate(content | changes).model_dump_json()
    left = {"monitor.json": seen.encode(), "monitor.md": b"#", "monitor.html": b"<html>"}
    github.upload(RUN, "monitor", zipped(left))
    about = {"path": ".github/workflows/monitor.yml", "event": "schedule"}
    job.event("workflow_run", pushed(main, **about))
    record.main()


def test_a_look_of_the_monitor_becomes_a_line(job: Job, github: GitHub, main: str) -> None:
    look(github, job, main)
    record.main()

    line = only(github, Look)
    assert (line.outcome, line.reasons, line.retrain) == ("alarm", ["drift"], True)
    assert (line.minutes, line.run) == (4.5, WHERE)
    assert line.at == datetime(2026, 3, 2, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"run": f"{WHERE}1"}, "monitor.json is of another run"),
        ({"run": ""}, "it names none"),
        ({"made": "some time"}, "monitor.json: Input should be a valid datetime"),
        ({"made": "2026-03-02T05:20:00"}, "should have timezone info"),
    ],
)
def test_a_forged_look_becomes_no_line(
    job: Job,
    github: GitHub,
    main: str,
    capsys: pytest.CaptureFixture[str],
    *,
    changes: dict[str, Any],
    reason: str,
) -> None:
    look(github, job, main, **changes)

    assert github.branches == {}
    assert reason in capsys.readouterr().out


@pytest.mark.parametrize("files", [{"monitor.md": b"#"}, {"monitor.json": b"{}"}, {"x.py": b"1"}])
def test_an_artifact_that_is_no_look_becomes_no_line(
    job: Job, github: GitHub, main: str, files: dict[str, bytes]
) -> None:
    github.upload(RUN, "monitor", zipped(files))
    about = {"path": ".github/workflows/monitor.yml", "event": "schedule"}
    job.event("workflow_run", pushed(main, **about))

    record.main()

    assert github.branches == {}


# --- any other run --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event": "push"}, "the run was started by push"),
        ({"path": ".github/workflows/rollback.yml"}, "the run is not one of"),
        ({"conclusion": "action_required"}, "the run ended as action_required"),
    ],
)
def test_a_run_of_which_nothing_is_to_be_told_ends_well(
    job: Job,
    github: GitHub,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    reason: str,
) -> None:
    job.event("workflow_run", finished_run(**changes))

    record.main()

    assert github.calls == []
    assert f"nothing is recorded: {reason}" in capsys.readouterr().out
