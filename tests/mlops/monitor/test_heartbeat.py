"""Schedules that have stopped are told once, with what to do; when they run again, it is over."""

from pathlib import Path

import pytest

from mlops import params
from mlops.github.api import Api
from mlops.monitor.heartbeat import KIND, heartbeat
from mlops.params import Params
from tests.conftest import ROOT
from tests.mlops.github.server import GitHub

DAILY, WEEKLY, MONTHLY = '"17 3 * * *"', '"17 3 * * 1"', '"17 3 2 * *"'


@pytest.fixture(scope="module")
def knobs() -> Params:
    return params.load(ROOT / "params.yaml")


@pytest.fixture(autouse=True)
def workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with three schedules, current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    for name, cron in {"daily": DAILY, "monitor": WEEKLY, "retrain": MONTHLY}.items():
        (folder / f"{name}.yml").write_text(f"on:\n  schedule:\n    - cron: {cron}\n")
    (folder / "push.yml").write_text("on: push\n")


def beating(github: GitHub) -> None:
    for name in ("daily", "monitor", "retrain"):
        github.add_workflow(f"{name}.yml", last=1)


def bodies(github: GitHub) -> list[str]:
    return [issue["body"] for issue in github.issues.values() if issue["state"] == "open"]


def test_all_beat(
    api: Api, github: GitHub, knobs: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    beating(github)

    beats = heartbeat(api, knobs)

    assert [(beat.workflow.file, beat.state) for beat in beats] == [
        ("daily.yml", "beats"),
        ("monitor.yml", "beats"),
        ("retrain.yml", "beats"),
    ]
    assert github.issues == {}
    assert "monitor.yml" in capsys.readouterr().out


def test_one_that_github_switched_off_is_told_with_its_remedy(
    api: Api, github: GitHub, knobs: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    beating(github)
    github.add_workflow("monitor.yml", state="disabled_inactivity", last=3)

    heartbeat(api, knobs)

    (body,) = bodies(github)
    assert body.startswith(f"<!-- {KIND} -->")
    assert "`monitor.yml` stopped" in body
    assert "gh workflow enable monitor.yml" in body
    assert "(https://github.com/owner/name/actions/workflows/monitor.yml)" in body
    assert "daily.yml" not in body
    assert "monitor.yml: switched off by GitHub" in capsys.readouterr().out


def test_one_that_fails_or_is_never_started_is_late(
    api: Api, github: GitHub, knobs: Params
) -> None:
    beating(github)
    github.add_workflow("daily.yml", last=20)
    github.add_workflow("monitor.yml", last=None)

    late = [beat for beat in heartbeat(api, knobs) if beat.stopped]

    assert [(beat.workflow.file, beat.state) for beat in late] == [
        ("daily.yml", "late"),
        ("monitor.yml", "late"),
    ]
    assert late[1].last == "never"


def test_a_seldom_schedule_has_two_rounds(api: Api, github: GitHub, knobs: Params) -> None:
    beating(github)
    github.add_workflow("retrain.yml", last=40)
    assert not any(beat.stopped for beat in heartbeat(api, knobs))

    github.add_workflow("retrain.yml", last=63)
    assert [b.workflow.file for b in heartbeat(api, knobs) if b.stopped] == ["retrain.yml"]


def test_a_new_or_unknown_workflow_is_not_late(api: Api, github: GitHub, knobs: Params) -> None:
    github.add_workflow("daily.yml", age=3)
    github.add_workflow("monitor.yml", age=14)

    beats = heartbeat(api, knobs)

    assert [beat.stopped for beat in beats] == [False, False, False]
    assert beats[2].state == "GitHub does not know it yet"
    assert beats[2].last == "–"


def test_one_that_somebody_switched_off_is_told_once_it_is_late(
    api: Api, github: GitHub, knobs: Params
) -> None:
    beating(github)
    github.add_workflow("daily.yml", state="disabled_manually", last=3)
    assert not any(beat.stopped for beat in heartbeat(api, knobs))

    github.add_workflow("daily.yml", state="disabled_manually", last=16)
    heartbeat(api, knobs)

    (body,) = bodies(github)
    assert "switched off by somebody" in body


def test_the_next_look_says_nothing_new_and_another_workflow_is_told(
    api: Api, github: GitHub, knobs: Params
) -> None:
    beating(github)
    github.add_workflow("daily.yml", state="disabled_inactivity", last=3)
    heartbeat(api, knobs)
    heartbeat(api, knobs)
    assert github.comments == []

    github.add_workflow("monitor.yml", state="disabled_inactivity", last=3)
    heartbeat(api, knobs)

    assert len(github.issues) == 1
    assert [comment["body"] for comment in github.comments] == [
        "🔔 Without its schedule nobody looks: `daily.yml`, `monitor.yml` stopped."
    ]


def test_it_closes_itself_and_is_opened_again(api: Api, github: GitHub, knobs: Params) -> None:
    beating(github)
    github.add_workflow("daily.yml", state="disabled_inactivity")
    heartbeat(api, knobs)
    beating(github)
    heartbeat(api, knobs)
    assert [issue["state"] for issue in github.issues.values()] == ["closed"]

    github.add_workflow("daily.yml", state="disabled_inactivity")
    heartbeat(api, knobs)

    assert [issue["state"] for issue in github.issues.values()] == ["open"]
    assert len(github.comments) == 2


def test_a_repository_without_issues_is_told_in_the_log(
    api: Api, github: GitHub, knobs: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    github.has_issues = False
    github.add_workflow("daily.yml", state="deleted")

    heartbeat(api, knobs)

    told = capsys.readouterr().out
    assert "daily.yml: deleted" in told
    assert "nobody gets an issue on schedules" in told
