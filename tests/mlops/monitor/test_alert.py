"""One issue for each model: opened, followed, closed and opened again, whatever else there is."""

from pathlib import Path
from typing import Any

import pytest

from mlops.errors import DeclarationError
from mlops.github.api import Api, GitHubError
from mlops.github.issues import LABEL, LONGEST, mark
from mlops.monitor.alert import KIND, LARGEST, alert, main, state
from mlops.monitor.result import MonitorFailed, Outcome, Reason, Result, write
from tests.conftest import ROOT
from tests.mlops.github.server import BOT, GitHub
from tests.mlops.report.rendered import page

DRIFT = Reason(section="drift", what="temp moved by 0.41 standard deviations, p 0.003")
WORSE = Reason(section="performance", what="roc_auc fell by 0.05")
BROKEN = Reason(section="quality", what="the column dest is missing")


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return tmp_path / "output"


def look(
    outcome: Outcome = "alarm", *reasons: Reason, model: str = "late-arrival", day: int = 1
) -> Result:
    found = list(reasons or [DRIFT]) if outcome == "alarm" else []
    return Result(
        outcome=outcome,
        summary="what was found",
        reasons=found,
        model=model,
        made=f"2026-01-{day:02d}T05:00:00Z",
    )


def said(github: GitHub) -> list[str]:
    return [comment["body"] for comment in github.comments]


def only(github: GitHub) -> Any:
    (issue,) = github.issues.values()
    return issue


def test_an_alarm_opens_an_issue_with_the_report(api: Api, github: GitHub, outputs: Path) -> None:
    alert(api, look(), "## The report\n\nwith a second paragraph")

    issue = only(github)
    assert issue["title"] == "late-arrival: the monitor raises an alarm"
    assert issue["body"].endswith("## The report\n\nwith a second paragraph\n")
    assert [label["name"] for label in issue["labels"]] == [LABEL]
    assert said(github) == []
    assert outputs.read_text() == f"retrain=true\nissue={issue['number']}\n"


def test_the_next_alarm_of_the_same_kind_updates_it_without_a_word(
    api: Api, github: GitHub
) -> None:
    alert(api, look(day=1), "the first report")
    again = DRIFT.model_copy(update={"what": "temp moved by 0.52 standard deviations, p 0.0004"})
    alert(api, look("alarm", again, day=8), "the second report")

    assert "the second report" in only(github)["body"]
    assert "the first report" not in only(github)["body"]
    assert said(github) == []
    kept = state(only(github)["body"])
    assert kept is not None
    assert (kept.since, kept.last) == ("2026-01-01T05:00:00Z", "2026-01-08T05:00:00Z")
    assert (kept.looks, kept.outcome, kept.reasons) == (2, "alarm", [again])


def test_other_reasons_are_told(api: Api, github: GitHub) -> None:
    alert(api, look("alarm", DRIFT), "report")
    alert(api, look("alarm", WORSE), "report")

    (comment,) = said(github)
    new, gone = comment.split("No more:")
    assert "performance: `roc_auc` fell by 0.05" in new
    assert "drift: temp moved" in gone


def test_a_column_whose_name_ends_in_another_number_is_another_reason(
    api: Api, github: GitHub
) -> None:
    for name in ("x_1", "x_2"):
        alert(api, look("alarm", Reason(section="drift", what=f"{name} moved by 0.3")), "report")

    assert len(said(github)) == 1


def test_steady_closes_it(api: Api, github: GitHub, outputs: Path) -> None:
    alert(api, look(), "report")
    outputs.write_text("")
    alert(api, look("steady", day=8), "all is well")

    assert only(github)["state"] == "closed"
    assert "all is well" in only(github)["body"]
    assert said(github) == ["✅ Steady again. what was found"]
    assert outputs.read_text() == f"retrain=false\nissue={only(github)['number']}\n"
    kept = state(only(github)["body"])
    assert kept is not None
    assert (kept.outcome, kept.reasons) == ("steady", [DRIFT])


def test_a_new_alarm_opens_the_newest_again(api: Api, github: GitHub) -> None:
    older = github.open_issue(50, f"{mark(KIND, 'late-arrival')}\n", BOT, LABEL, days_ago=300)
    older["state"] = "closed"
    newer = github.open_issue(60, f"{mark(KIND, 'late-arrival')}\n", BOT, LABEL, days_ago=200)
    newer["state"] = "closed"

    alert(api, look(day=9), "report")

    assert set(github.issues) == {50, 60}
    assert (older["state"], newer["state"]) == ("closed", "open")
    assert said(github)[0].startswith("🔔 A new alarm.\n\n- drift: temp moved by 0.41")
    kept = state(newer["body"])
    assert kept is not None
    assert (kept.since, kept.looks) == ("2026-01-09T05:00:00Z", 1)


@pytest.mark.parametrize("outcome", ["no data", "failed"])
def test_nothing_learned_changes_the_line_on_the_last_look_alone(
    api: Api, github: GitHub, outcome: Outcome
) -> None:
    alert(api, look(), "the report\n\nof the alarm")
    alert(api, look(outcome, day=8), "nothing")

    issue = only(github)
    assert issue["state"] == "open"
    assert issue["body"].endswith("the report\n\nof the alarm\n")
    assert f"Last look 2026-01-08 05:00: {outcome}. First alarm 2026-01-01 05:00;" in issue["body"]
    assert said(github) == []
    kept = state(issue["body"])
    assert kept is not None
    assert (kept.outcome, kept.reasons) == (outcome, [DRIFT])

    alert(api, look(day=15), "the report")
    assert said(github) == []


@pytest.mark.parametrize("outcome", ["steady", "no data", "failed"])
def test_without_an_alarm_no_issue_is_opened(
    api: Api, github: GitHub, outputs: Path, outcome: Outcome
) -> None:
    alert(api, look(outcome), "report")

    assert github.issues == {}
    assert outputs.read_text() == "retrain=false\nissue=\n"


def test_broken_data_are_no_reason_to_retrain(api: Api, outputs: Path) -> None:
    alert(api, look("alarm", DRIFT, BROKEN), "report")

    assert outputs.read_text().startswith("retrain=false\n")


def test_two_models_have_an_issue_each(api: Api, github: GitHub) -> None:
    for model in ("late-arrival", "late-arrival-2"):
        alert(api, look(model=model), f"of {model}")
    alert(api, look("steady", model="late-arrival"), "steady")

    states = {issue["title"].split(":")[0]: issue["state"] for issue in github.issues.values()}
    assert states == {"late-arrival": "closed", "late-arrival-2": "open"}


def test_a_person_s_issue_with_the_mark_is_not_ours(api: Api, github: GitHub) -> None:
    copied = f"{mark(KIND, 'late-arrival')}\ncopied"
    github.open_issue(50, copied, "somebody", LABEL)

    alert(api, look(), "report")

    assert len(github.issues) == 2
    assert github.issues[50]["body"] == copied


def test_a_text_that_somebody_has_damaged_is_written_anew(api: Api, github: GitHub) -> None:
    alert(api, look(day=1), "report")
    issue = only(github)
    issue["body"] = issue["body"].replace('"looks":1', '"looks":"often"')
    assert state(issue["body"]) is None

    alert(api, look(day=8), "report")

    kept = state(issue["body"])
    assert kept is not None
    assert kept.since == "2026-01-08T05:00:00Z"


def test_a_text_edited_on_the_page_keeps_its_state(api: Api, github: GitHub) -> None:
    alert(api, look(day=1), "report")
    only(github)["body"] = only(github)["body"].replace("\n", "\r\n")
    alert(api, look("no data", day=8), "nothing")

    kept = state(only(github)["body"])
    assert kept is not None
    assert (kept.since, kept.looks) == ("2026-01-01T05:00:00Z", 2)
    assert only(github)["body"].endswith("report\n")


def test_reasons_cannot_break_out_of_the_hidden_state(api: Api, github: GitHub) -> None:
    what = 'x --> @somebody <img src="https://example.org"> <!-- " \\ ---'
    alert(api, look("alarm", Reason(section="drift", what=what)), "report")

    body = only(github)["body"]
    kept = state(body)
    assert kept is not None
    assert kept.reasons[0].what == what
    shown = page(body)
    assert "somebody" not in shown.text + shown.code
    assert "img" not in [tag for tag, _ in shown.tags]


def test_a_long_report_and_long_reasons_fit(api: Api, github: GitHub) -> None:
    reasons = [Reason(section="drift", what=f"x_{n} " + "<" * 1900) for n in range(50)]
    alert(api, look("alarm", *reasons), "a line of the report\n" * 5000)
    alert(api, look("alarm", WORSE), "a line of the report\n" * 5000)

    assert len(only(github)["body"]) <= LONGEST
    assert "The rest stands in the summary" in only(github)["body"]
    assert all(len(comment) <= LONGEST for comment in said(github))


def test_a_repository_without_issues_is_told_and_that_is_all(
    api: Api, github: GitHub, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.has_issues = False

    alert(api, look(), "report")

    assert "nobody gets an issue: the repository has no issues" in capsys.readouterr().out
    assert outputs.read_text() == "retrain=true\nissue=\n"


def test_a_github_that_refuses_is_an_error(api: Api, github: GitHub) -> None:
    github.permissions["issues"] = "none"

    with pytest.raises(GitHubError, match="403"):
        alert(api, look(), "report")


def test_what_the_monitor_left_is_rendered_here(
    api: Api, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    write(look(), tmp_path / "monitor.json")
    (tmp_path / "monitor.md").write_text("not this")

    main(api, tmp_path)

    assert "temp moved by 0.41 standard deviations" in only(github)["body"]
    assert "not this" not in only(github)["body"]


def test_another_model_s_result_or_none_alerts_nobody(
    api: Api, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(MonitorFailed, match="it comes from `mlops monitor`"):
        main(api, tmp_path)

    write(look(model="x --> @somebody"), tmp_path / "monitor.json")
    with pytest.raises(DeclarationError, match=r"params\.yaml calls it 'late-arrival'"):
        main(api, tmp_path)

    (tmp_path / "monitor.json").write_bytes(b" " * (LARGEST + 1))
    with pytest.raises(MonitorFailed, match="at most 20,000,000 bytes"):
        main(api, tmp_path)
    assert github.calls == []


def test_a_time_of_the_result_is_shown_as_text(api: Api, github: GitHub) -> None:
    alert(api, look().model_copy(update={"made": "@somebody <img src=x>"}), "report")

    shown = page(only(github)["body"])
    assert "img" not in [tag for tag, _ in shown.tags]
    assert "@" not in shown.text
