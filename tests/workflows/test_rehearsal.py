"""A pull request from its first push to its comment, through the real workflows and commands.

act runs both workflows on this machine; GitHub is the API on loopback; the pipeline runs on every
tenth flight. Only the actions that talk to GitHub itself, and CML's program, have stand-ins.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops.judge.verdict import Verdict, read
from tests.mlops.github.conftest import (
    EXPECTED,
    as_json,
    finished_run,
    install_cml,
    judged,
)
from tests.mlops.github.server import BOT, HEAD, REPOSITORY, GitHub, zipped
from tests.workflows.conftest import Rehearsal, Stage

pytestmark = pytest.mark.slow


def push(stage: Stage, pattern: str, value: str) -> str:
    """Change a value in params.yaml, commit, and have GitHub know the branch's new head."""
    path = stage.repository / "params.yaml"
    text, times = re.subn(rf"({pattern}: )\S+", rf"\g<1>{value}", path.read_text(), count=1)
    assert times == 1
    path.write_text(text)
    identity = ["-c", "user.name=Author", "-c", "user.email=author@example.invalid"]
    for arguments in (["add", "-A"], ["commit", "-q", "-m", "change"]):
        subprocess.run(["git", *identity, *arguments], cwd=stage.repository, check=True)
    asked = ["git", "rev-parse", "HEAD"]
    head = subprocess.run(asked, cwd=stage.repository, capture_output=True, text=True, check=True)
    pull = stage.github.open_pull(head=head.stdout.strip())
    stage.github.files[7] = [{"filename": "params.yaml"}]
    return str(pull["head"]["sha"])


def pull_request_run(stage: Stage, run: int) -> Rehearsal:
    event = {
        "action": "synchronize",
        "pull_request": stage.github.pulls[7],
        "repository": {"default_branch": "main", "full_name": REPOSITORY},
    }
    return stage.act("pull_request", event, "pull-request.yml", run=run)


def comment_run(stage: Stage, run: int, head: str, **environment: str) -> Rehearsal:
    event = finished_run(id=run, head_sha=head)
    return stage.act("workflow_run", event, "comment.yml", run=0, **environment)


def verdict_of(github: GitHub, run: int) -> Verdict:
    from mlops.github.artifact import unpack

    (stored,) = [a for a in github.artifacts if a.run == run and a.name == "verdict"]
    return read(unpack(stored.content, "verdict")["verdict.json"], "verdict.json")


def judged_as(github: GitHub, run: int) -> str:
    """The result that the job must have had, by its own verdict."""
    return "success" if verdict_of(github, run).decision == "accepted" else "failure"


def comments(github: GitHub) -> list[Any]:
    return [c for c in github.comments if c["user"]["login"] == BOT]


def test_two_pushes_are_judged_commented_on_once_and_counted(stage: Stage) -> None:
    cml = install_cml(stage.scratch / "cml", stage.github.url)
    first = push(stage, "max_iter", "60")

    ran = pull_request_run(stage, run=1)

    verdict, accepted = verdict_of(stage.github, 1), judged_as(stage.github, 1)
    assert ran.jobs == {"checks": "success", "pipeline": accepted, "required": accepted}, ran.log
    assert verdict.candidate.commit == first
    assert verdict.champion.origin == "base"
    assert verdict.holdout is not None
    assert {a.name for a in stage.github.artifacts if a.run == 1} == {
        "verdict",
        "report.html",
        "run",
    }
    assert {note.split()[0] for note in stage.notes} == {"restore"}

    said = comment_run(stage, 1, first, LOOPBACK_CML=str(cml.folder))

    assert said.jobs == {"comment": "success", "count": "success"}, said.log
    (comment,) = comments(stage.github)
    assert comment["issue"] == 7
    assert verdict.decision.capitalize() in comment["body"]
    assert f"https://github.com/{REPOSITORY}/actions/runs/1" in comment["body"]
    assert "MISSING" not in comment["body"]
    assert len(cml.calls) == 1
    counted = uses(stage.github)
    assert [(line["lock"], line["commit"]) for line in counted] == [(verdict.candidate.lock, first)]
    assert "pipeline" in stage.unpickled
    assert stage.unpickled.isdisjoint({"comment", "count"})

    for number in range(40):
        stage.github.comment(f"comment {number}")
    second = push(stage, r"floors:[^:]*\n +roc_auc", "0.99")
    again = pull_request_run(stage, run=2)
    refused = comment_run(stage, 2, second)  # CML cannot be installed this time

    assert again.jobs == {"checks": "success", "pipeline": "failure", "required": "failure"}
    assert verdict_of(stage.github, 2).decision == "refused"
    assert refused.jobs == {"comment": "success", "count": "success"}, refused.log
    assert [c["id"] for c in comments(stage.github)] == [comment["id"]]
    assert "**Refused.**" in comment["body"]
    assert "floors" in comment["body"]
    assert "actions/runs/2" in comment["body"]
    assert len(comments(stage.github)) == 1
    assert len([c for c in stage.github.comments if c["user"]["login"] == "somebody"]) == 40


def uses(github: GitHub) -> list[dict[str, Any]]:
    text = github.branch_file("holdout-uses", "uses.jsonl") or ""
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_of_main_saves_what_it_computed(stage: Stage) -> None:
    event = {"after": HEAD, "repository": {"default_branch": "main", "full_name": REPOSITORY}}

    ran = stage.act("push", event | {"ref": "refs/heads/main"}, "pull-request.yml", run=3)

    assert set(ran.jobs) == {"checks", "pipeline", "required"}
    assert ran.steps["pipeline", "labels that override a gate"] == "success"
    assert ran.jobs["pipeline"] == judged_as(stage.github, 3), ran.log
    assert verdict_of(stage.github, 3).champion.origin == "none"  # main is not its own champion
    saved = [note.split() for note in stage.notes if note.startswith("save")]
    assert [path for _, path, _ in saved] == [".dvc/cache", "~/.cache/uv"]
    assert all(re.fullmatch(r"(dvc|uv)-Linux-[0-9a-f]{64}", key) for _, _, key in saved)


def ready(stage: Stage, content: bytes | None = None) -> None:
    """An open pull request whose run 4 has left a verdict."""
    stage.github.open_pull()
    verdict = judged() if content is None else None
    raw = as_json(verdict, stage.scratch) if verdict else content or b""
    stage.github.upload(4, "verdict", zipped({"verdict.json": raw}))


def test_a_read_only_token_ends_with_what_is_missing_and_the_report_in_the_summary(
    stage: Stage,
) -> None:
    ready(stage)
    stage.github.permissions = {"pull-requests": "read", "actions": "read"}

    said = comment_run(stage, 4, HEAD)

    assert said.jobs == {"comment": "success", "count": "success"}, said.log
    assert "may not write pull-requests" in said.log
    assert "may not write contents" in said.log
    assert uses(stage.github) == []
    assert comments(stage.github) == []


def test_a_forged_artifact_is_refused_and_nothing_is_counted(stage: Stage) -> None:
    ready(stage, b'{"decision": "accepted", "pull": 1}')

    said = comment_run(stage, 4, HEAD)

    assert said.jobs == {"comment": "success"}, said.log
    (comment,) = comments(stage.github)
    assert "**No report.**" in comment["body"]
    assert uses(stage.github) == []


def test_without_a_pull_request_nothing_is_said(stage: Stage) -> None:
    said = comment_run(stage, 4, "f" * 40)

    assert said.jobs == {"comment": "success"}, said.log
    assert "no open pull request has the head ffffffffffff" in said.log
    assert stage.github.comments == []


def test_a_run_that_a_push_started_is_not_even_looked_at(stage: Stage) -> None:
    said = stage.act("workflow_run", finished_run(event="push"), "comment.yml", run=0)

    assert said.jobs == {}
    assert stage.github.calls == []


def test_the_gates_that_are_expected_are_mains(stage: Stage) -> None:
    ready(stage)

    comment_run(stage, 4, HEAD)

    (comment,) = comments(stage.github)
    assert "GATES ARE MISSING" in comment["body"]
    assert set(EXPECTED).isdisjoint(missing(comment["body"]))


def missing(body: str) -> list[str]:
    found = re.search(r"main asks (.*?), and this report", body)
    assert found is not None
    return found[1].replace("`", "").split(", ")


def test_the_stand_in_for_cml_is_not_what_is_tested(stage: Stage, tmp_path: Path) -> None:
    """Its failure changes nothing but the way."""
    ready(stage)
    cml = install_cml(tmp_path / "cml", stage.github.url)
    cml.mode("fails")

    said = comment_run(stage, 4, HEAD, LOOPBACK_CML=str(cml.folder))

    assert said.jobs["comment"] == "success"
    assert len(cml.calls) == 1
    assert len(comments(stage.github)) == 1
    assert "through the API" in said.log
