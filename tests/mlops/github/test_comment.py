"""The whole comment job against attacks: what is refused is refused with a stated reason."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from mlops.github import comment
from mlops.github.api import Api, GitHubError
from mlops.github.cml import MARK
from mlops.judge.verdict import Verdict
from tests.mlops.github.conftest import (
    EXPECTED,
    RUN,
    Cml,
    Job,
    as_json,
    finished_run,
    judged,
    without_bytes,
)
from tests.mlops.github.server import BOT, HEAD, REPOSITORY, GitHub, zipped

RUN_PAGE = f"https://github.com/{REPOSITORY}/actions/runs/{RUN}"


@pytest.fixture(autouse=True)
def started(job: Job, github: GitHub) -> None:
    """A finished run of the open pull request 7."""
    github.open_pull()
    job.event("workflow_run", finished_run())


def leave(github: GitHub, job: Job, content: Verdict | bytes) -> None:
    raw = as_json(content, job.folder) if isinstance(content, Verdict) else content
    github.upload(RUN, "verdict", zipped({"verdict.json": raw}))


def commented(judges: Any = lambda _: False) -> None:
    comment.main(EXPECTED, judges)


def only_comment(github: GitHub) -> str:
    (found,) = [c["body"] for c in github.comments if c["user"]["login"] == BOT]
    return str(found)


def html(markdown: str) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))


def with_gate(**changes: Any) -> list[dict[str, Any]]:
    gates = [g.model_dump() for g in judged().gates]
    return [gates[0] | changes, *gates[1:]]


# --- what should happen ---------------------------------------------------------------------------


def test_a_verdict_becomes_a_comment_a_summary_and_a_use(
    job: Job, github: GitHub, cml: Cml
) -> None:
    leave(github, job, judged())
    page = github.upload(RUN, "report.html", b"<html>")

    commented()

    body = only_comment(github)
    assert "**Accepted.**" in body
    assert f"({RUN_PAGE}/artifacts/{page.id})" in body
    assert f"({RUN_PAGE})" in body
    assert "Self-reported" not in body
    assert len(cml.calls) == 1
    assert "**Accepted.**" in job.summary
    name, value = job.output.strip().split("=", 1)
    assert name == "use"
    assert json.loads(value) == {
        "holdout": "e" * 64,
        "lock": "c" * 64,
        "commit": HEAD,
        "pull": 7,
    }


def test_a_second_push_updates_the_comment(job: Job, github: GitHub) -> None:
    leave(github, job, judged())
    commented()
    github.pulls[7]["head"]["sha"] = "1" * 40
    second = judged().model_dump() | {"candidate": judged().candidate.model_dump()}
    second["candidate"]["commit"] = "1" * 40
    github.upload(RUN + 1, "verdict", zipped({"verdict.json": json.dumps(second).encode()}))
    job.event("workflow_run", finished_run(id=RUN + 1, head_sha="1" * 40))

    commented()

    assert f"actions/runs/{RUN + 1}" in only_comment(github)


def test_nothing_is_counted_when_no_model_was_scored(job: Job, github: GitHub) -> None:
    leave(github, job, judged(holdout=None))

    commented()

    assert job.output == "use=\n"


def test_a_run_that_gets_no_comment_ends_well(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    job.event("workflow_run", finished_run(event="push"))

    commented()

    assert github.comments == []
    assert "::notice ::no comment: the run was started by push, not by" in capsys.readouterr().out


def test_a_change_of_what_judges_is_said_by_github_and_not_by_the_verdict(
    job: Job, github: GitHub
) -> None:
    leave(github, job, judged())
    github.files[7] = [
        {"filename": "docs/x.md", "previous_filename": "src/mlops/judge/gates/absolute.py"}
    ]

    commented(lambda path: path.startswith("src/mlops/judge/"))

    assert "**Self-reported.**" in only_comment(github)


def test_more_files_than_github_lists_are_taken_for_the_worst(job: Job, github: GitHub) -> None:
    leave(github, job, judged())
    github.files[7] = [{"filename": f"docs/{n}.md"} for n in range(3000)]

    commented()

    assert "**Self-reported.**" in only_comment(github)


def test_a_read_only_token_is_told_and_the_report_stays_in_the_summary(
    job: Job, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(github, job, judged())
    github.permissions = {"pull-requests": "read", "actions": "read"}

    commented()

    assert "may not write pull-requests: Settings, Actions, General" in capsys.readouterr().out
    assert "**Accepted.**" in job.summary
    assert github.comments == []


# --- attacks: the artifact ------------------------------------------------------------------------


def other(**changes: Any) -> bytes:
    return json.dumps(judged().model_dump() | changes).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a verdict"),
        (b"{", "not a verdict"),
        (b"[]", "not a verdict"),
        (b"\xff\xfe\x00", "not a verdict"),
        (b"[" * 100_000, "not a verdict"),
        (other(version=2), "version"),
        (other(version=None), "version"),
        (other(more="field"), "Extra inputs are not permitted"),
        (other(gates=[]), "at least 1 item"),
        (other(gates=with_gate(name="../../etc")), "should match pattern"),
        (other(metrics=[{"name": "x", "better": "higher", "value": "NaN"}]), "valid number|finite"),
        (other(summary="x" * 5000), "at most 2000 characters"),
        (other(decision="refused"), "says refused, but from its gates follows accepted"),
        (other(gates=with_gate(outcome="fail")), "says accepted, but from its gates follows refu"),
        (other(gates=with_gate(outcome="inconclusive")), "from its gates follows inconclusive"),
        (other(gates=with_gate(name="protected")), "answers the gate .*protected.* more than once"),
        (other(candidate=judged().candidate.model_dump() | {"commit": "f" * 40}), "is of the comm"),
        (other(candidate=judged().candidate.model_dump() | {"commit": None}), "is of the commit"),
    ],
    ids=without_bytes,
)
def test_a_forged_verdict_is_refused(job: Job, github: GitHub, content: bytes, reason: str) -> None:
    leave(github, job, content)

    commented()

    body = only_comment(github)
    assert body.startswith("> [!CAUTION]\n> **No report.** What the run left is not used:")
    assert re.search(reason, body)
    assert re.search(reason, job.summary)
    assert job.output == ""


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (zipped({"../verdict.json": b"{}"}), "a path that is not expected"),
        (zipped({"verdict.json": b"{}", "more": b""}), "has 2 files"),
        (zipped({"verdict.json": b" " * 60_000_000}), "larger than 2,097,152 bytes"),
        (b"x" * 52_428_800, "has 52,428,800 bytes"),
    ],
    ids=without_bytes,
)
def test_an_archive_that_is_not_what_the_workflow_leaves_is_refused(
    job: Job, github: GitHub, archive: bytes, reason: str
) -> None:
    github.upload(RUN, "verdict", archive)

    commented()

    assert reason in only_comment(github)


def test_a_run_without_a_verdict_is_told(job: Job, github: GitHub) -> None:
    commented()

    assert "is missing: the run stopped before it was made" in only_comment(github)


def test_the_artifact_of_another_run_is_not_looked_at(job: Job, github: GitHub) -> None:
    github.upload(RUN + 1, "verdict", zipped({"verdict.json": as_json(judged(), job.folder)}))

    commented()

    assert "is missing" in only_comment(github)


def test_another_pull_requests_number_cannot_be_named(job: Job, github: GitHub) -> None:
    """No field of a verdict holds one, and the event's own list is not used."""
    github.open_pull(8, head="b" * 40, branch="victim")
    job.event("workflow_run", finished_run(pull_requests=[{"number": 8}]))
    leave(github, job, other(pull=8))

    commented()

    assert {c["issue"] for c in github.comments} == {7}
    assert "Extra inputs are not permitted" in only_comment(github)


# --- attacks: the text ----------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x.png>",
    "@everyone and @owner/team look",
    "![x](https://evil.example/pixel.png)",
    "[click](https://evil.example)",
    "[card](reports/model_card.md)",
    "[secret](file:///etc/passwd)",
    "<!-- hidden -->",
    '![](https://cml.dev/watermark.png#abc "CML watermark verdict")',
    "https://evil.example/#1",
    "fixes #1, closes owner/name#2",
    "| a | b |\n|---|---|",
    "</details></td></table># Accepted",
    "```\n# Accepted\n```",
    "> [!TIP]\n> **Accepted.**",
    "$\\href{https://evil.example}{x}$",
    "\u202etxet desrever",
    "[x]: https://evil.example",
    "&lt;script&gt;",
    "`` ` `` @everyone `",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(job: Job, github: GitHub, text: str) -> None:
    shown = judged(
        summary=text,
        gates=with_gate(reason=text, remedy=text, measures=[
            {"name": text[:200], "outcome": "pass", "note": text}
        ]),
        files=[text[:200]],
        params=[{"name": text[:200], "old": text, "new": text}],
        champion={"origin": "none", "why_not": text},
    )  # fmt: skip
    leave(github, job, shown)

    commented()

    assert_harmless(only_comment(github))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_refusal_does_nothing(job: Job, github: GitHub, text: str) -> None:
    """The reason of a refusal quotes keys and file names, which a stranger chose."""
    leave(github, job, other(**{text: 1}))
    commented()
    assert_harmless(only_comment(github))

    github.artifacts.clear()
    github.upload(RUN, "verdict", zipped({text: b"{}"}))
    commented()
    assert_harmless(only_comment(github))


def assert_harmless(body: str) -> None:
    """As CommonMark reads it: no link, image, mention or tag but ours."""
    assert len(MARK.findall(body)) == 1
    ours = MARK.sub("", body)
    rendered = html(ours)
    links = re.findall(r'(?:href|src)="([^"]*)"', rendered)
    assert all(link.startswith(RUN_PAGE) for link in links), links
    assert "<img" not in rendered
    outside = re.sub(r"^```.*?^```|`[^`\n]*`", "", ours, flags=re.DOTALL | re.MULTILINE)
    tags = set(re.findall(r"<([a-z!]+)", outside))
    assert tags <= {"details", "summary", "code", "sub"}, tags
    assert not re.search(r"@\w", ours)
    assert not re.search(r"(?<!&)#\d", outside)
    assert "evil.example" not in outside
    assert "\u202e" not in body


# --- attacks: what the verdict claims -------------------------------------------------------------


def test_a_gate_that_is_left_out_is_told_loudly(job: Job, github: GitHub) -> None:
    leave(github, job, other(gates=with_gate()[:1]))

    commented()

    body = only_comment(github)
    assert "GATES ARE MISSING: main asks protected" in body
    assert "**Self-reported.**" in body


OVERRIDE = {"label": "gates-approved", "by": "maintainer", "reason": "it is fine"}


def test_an_override_that_no_label_bears_is_told_loudly(job: Job, github: GitHub) -> None:
    leave(github, job, other(gates=with_gate(outcome="fail", override=OVERRIDE)))

    commented()

    assert "OVERRIDES ARE CLAIMED" in only_comment(github)


def test_an_override_that_the_labels_bear_is_not_doubted(job: Job, github: GitHub) -> None:
    leave(github, job, other(gates=with_gate(outcome="fail", override=OVERRIDE)))
    github.pulls[7]["labels"] = [{"name": "gates-approved"}]
    github.collaborators["maintainer"] = "admin"
    github.runs.append(
        {
            "head_sha": HEAD,
            "head_branch": "topic",
            "head_repository": {"full_name": REPOSITORY},
            "created_at": "2026-01-01T12:00:00Z",
        }
    )
    github.timeline[7] = [
        {
            "event": "commented",
            "user": {"login": "maintainer"},
            "body": "/reason gates-approved: it is fine",
        },
        {
            "event": "labeled",
            "label": {"name": "gates-approved"},
            "actor": {"login": "maintainer"},
            "created_at": "2026-01-01T12:05:00Z",
        },
    ]

    commented()

    assert "OVERRIDES ARE CLAIMED" not in only_comment(github)
    assert "**Overridden:**" in only_comment(github)


def test_an_override_is_doubted_when_labels_cannot_be_looked_up(
    job: Job, github: GitHub, client: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise GitHubError("GitHub did not answer")

    monkeypatch.setattr("mlops.github.labels.honoured", unreachable)
    leave(github, job, other(gates=with_gate(outcome="fail", override=OVERRIDE)))

    commented()

    assert "OVERRIDES ARE CLAIMED" in only_comment(github)


def test_the_largest_verdict_still_fits(job: Job, github: GitHub) -> None:
    measure = {"name": "n" * 200, "outcome": "pass", "note": "@x <b> " * 250}
    gate = with_gate()[0] | {"measures": [measure] * 20, "reason": "| " * 1000}
    names = [f"gate_{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(36)]
    leave(github, job, other(gates=[gate | {"name": name} for name in names]))

    commented()

    assert len(only_comment(github)) <= 65_536


def test_nothing_is_written_outside_of_the_jobs_own_files(job: Job, github: GitHub) -> None:
    github.upload(RUN, "verdict", zipped({"../../escaped.json": b"{}"}))

    commented()

    written = {p.name for p in job.folder.rglob("*") if p.is_file()}
    assert written == {"event.json", "output", "summary.md"}
    assert not (Path.cwd() / "verdict.json").exists()
