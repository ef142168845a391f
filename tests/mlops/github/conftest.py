"""A job of GitHub Actions on loopback: the API, the event, the summary, and a stand-in for CML."""

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops.github import api
from mlops.github.api import Api
from mlops.judge import verdict
from mlops.judge.verdict import Verdict
from tests.mlops.github.server import HEAD, REPOSITORY, TOKEN, GitHub

RUN = 4242


@pytest.fixture
def job(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Job":
    """The environment of a job's step; no CML on its PATH."""
    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    for name in ("GITHUB_SERVER_URL", "GH_TOKEN", "MLOPS_USE", *proxies):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_TOKEN": TOKEN,
        "PATH": "/usr/bin:/bin",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(api, "PATIENCE", (0.0, 0.0))
    (tmp_path / "output").touch()
    (tmp_path / "summary.md").touch()
    return Job(tmp_path)


@pytest.fixture
def client(job: "Job") -> Api:
    return Api.from_environment()


@dataclass
class Job:
    folder: Path

    def event(self, name: str, content: Any) -> None:
        os.environ["GITHUB_EVENT_NAME"] = name  # put back with what the fixture set
        (self.folder / "event.json").write_text(json.dumps(content))

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text()

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()


def finished_run(**changes: Any) -> dict[str, Any]:
    """The event of a finished run of the pull request's workflow."""
    repository = {"full_name": REPOSITORY, "owner": {"login": REPOSITORY.split("/")[0]}}
    run = {
        "id": RUN,
        "event": "pull_request",
        "path": ".github/workflows/pull-request.yml",
        "conclusion": "success",
        "head_sha": HEAD,
        "head_branch": "topic",
        "head_repository": repository,
        "repository": repository,
        "pull_requests": [],
    }
    return {"action": "completed", "workflow_run": run | changes}


def judged(**changes: Any) -> Verdict:
    """A verdict in which every gate of EXPECTED passes."""
    content: dict[str, Any] = {
        "decision": "accepted",
        "summary": "accepted: roc_auc 0.7410",
        "task": "binary",
        "candidate": {
            "commit": HEAD,
            "base": "b" * 40,
            "lock": "c" * 64,
            "data": "d" * 32 + ".dir",
            "estimator": "gradient_boosting",
        },
        "champion": {"origin": "none", "why_not": "the base has no dvc.lock"},
        "holdout": {
            "hash": "e" * 64,
            "rows": 57049,
            "blocks": 62,
            "first": "2013-07-01",
            "last": "2013-08-31",
            "uses": 1,
            "level": 0.95,
        },
        "gates": [
            {"name": name, "question": "Is it so?", "outcome": "pass", "reason": "it is so"}
            for name in EXPECTED
        ],
    }
    return Verdict.model_validate(content | changes)


EXPECTED = ["floors", "protected"]


def as_json(content: Verdict, folder: Path) -> bytes:
    verdict.write(content, folder / "verdict.json")
    return (folder / "verdict.json").read_bytes()


def without_bytes(value: object) -> str:
    """The name of a parameter: an archive's bytes hold the time, and would differ by worker."""
    return value if isinstance(value, str) else type(value).__name__


STAND_IN = """\
#!{python}
# Does with the API on loopback what `cml comment update` does with GitHub's, and notes how it was
# called. The listing is not paged, as in CML itself.
import json, os, re, sys
from pathlib import Path
from urllib.request import Request, urlopen

folder = Path(__file__).parent
note = {{"arguments": sys.argv[1:], "environment": dict(os.environ)}}
note["body"] = Path(sys.argv[-1]).read_text()
with (folder / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(note) + chr(10))
mode = (folder / "mode").read_text()
if mode == "fails":
    sys.exit("error: Resource not accessible by integration " + os.environ["REPO_TOKEN"])
if mode == "lies":
    sys.exit(0)

pull = next(a for a in sys.argv if a.startswith("--target=")).split("/")[1]
title = next(a for a in sys.argv if a.startswith("--watermark-title=")).split("=")[1]
mark = r'!\\[\\]\\(https://cml\\.dev/watermark\\.png#[0-9a-fA-F]+ "CML watermark ' + title + r'"\\)'
url = "{url}/repos/{repository}/issues"

def ask(method, path, body=None):
    headers = {{"Authorization": "Bearer " + os.environ["REPO_TOKEN"]}}
    data = json.dumps(body).encode() if body else None
    with urlopen(Request(url + path, data, headers, method=method)) as answer:
        return json.load(answer)

address = "https://cml.dev/watermark.png#" + os.environ["GITHUB_SHA"]
ending = '![](%s "CML watermark %s")' % (address, title)
body = {{"body": note["body"] + chr(10) * 2 + ending}}
ours = [c for c in ask("GET", "/" + pull + "/comments") if re.search(mark, c["body"])]
if ours:
    ask("PATCH", "/comments/%d" % ours[-1]["id"], body)
else:
    ask("POST", "/" + pull + "/comments", body)
"""


@dataclass
class Cml:
    """A `cml` on PATH: `works`, `fails`, or `lies` by ending well without a comment."""

    folder: Path

    def mode(self, mode: str) -> None:
        (self.folder / "mode").write_text(mode)

    @property
    def calls(self) -> list[dict[str, Any]]:
        notes = self.folder / "calls.jsonl"
        return [json.loads(n) for n in notes.read_text().splitlines()] if notes.exists() else []


def install_cml(folder: Path, url: str) -> Cml:
    folder.mkdir()
    program = folder / "cml"
    program.write_text(STAND_IN.format(python=sys.executable, url=url, repository=REPOSITORY))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    stand_in = Cml(folder)
    stand_in.mode("works")
    return stand_in


@pytest.fixture
def cml(job: Job, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> Cml:
    stand_in = install_cml(job.folder / "cml", github.url)
    monkeypatch.setenv("PATH", f"{stand_in.folder}:{os.environ['PATH']}")
    return stand_in
