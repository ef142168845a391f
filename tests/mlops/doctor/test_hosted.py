"""GitHub's settings, on loopback."""

from pathlib import Path

import pytest

from mlops.doctor import hosted
from mlops.github import workflows
from mlops.github.api import Api
from mlops.github.setup import actions, labels, pages, rulesets
from tests.conftest import ROOT
from tests.mlops.doctor.conftest import levels, told
from tests.mlops.github.server import GitHub


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def admin(github: GitHub) -> GitHub:
    github.administered()
    return github


def test_what_setup_would_do_is_a_warning_with_its_command(api: Api, admin: GitHub) -> None:
    (seen,) = hosted.set_up(lambda: rulesets.steps(api))

    assert seen.level == "warning"
    assert seen.text.startswith("not as it is meant to be: main (deletion, ")
    assert seen.remedy == "mlops github setup --only rulesets"


def test_what_is_as_it_is_meant_to_be_is_named(api: Api, admin: GitHub) -> None:
    for step in labels.steps(api):
        for call in step.calls:
            api.send(call.method, call.path, call.body)

    ((level, text),) = told(hosted.set_up(lambda: labels.steps(api)))

    assert level == "ok"
    assert "gates-approved" in text


def test_nothing_runs_where_actions_are_off(api: Api, admin: GitHub) -> None:
    admin.actions["enabled"] = False

    off, token = hosted.set_up(lambda: actions.steps(api))

    assert (off.level, token.level) == ("error", "warning")
    assert off.remedy == "mlops github setup --only actions"


def test_a_site_is_nobodys_need(api: Api, admin: GitHub) -> None:
    assert levels(hosted.set_up(lambda: pages.steps(api, "public"))) == ["note"]
    assert levels(hosted.set_up(lambda: pages.steps(api, "private"))) == ["note"]


def test_what_the_token_may_not_see_is_a_note_with_the_place(api: Api, github: GitHub) -> None:
    found = list(hosted.set_up(lambda: actions.steps(api)))

    assert levels(found) == ["note", "note"]
    assert found[1].remedy == "Settings, Actions, General, Workflow permissions"


def test_a_promotion_is_told_what_preflight_tells(
    api: Api, admin: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_IMAGE", "registry.example.org/owner/name")
    admin.visibility = "private"

    attest, *notices = told(hosted.promotion(api))

    assert attest == ("note", "images are not attested")
    assert any("Settings, Environments, promotion" in text for _, text in notices)


def test_a_schedule_that_stopped_is_a_warning_with_its_command(api: Api, admin: GitHub) -> None:
    admin.add_workflow("monitor.yml", state="disabled_inactivity", last=70)
    admin.add_workflow("reconcile.yml", state="disabled_manually", last=1)
    admin.add_workflow("retrain.yml", last=2)

    stopped, by_hand = hosted.schedules(api)

    assert stopped.remedy == "gh workflow enable monitor.yml"
    assert (stopped.level, by_hand.level) == ("warning", "note")
    assert by_hand.text == "switched off by somebody: reconcile.yml"


def test_schedules_that_run(api: Api, admin: GitHub) -> None:
    admin.add_workflow("monitor.yml", last=2)

    assert levels(hosted.schedules(api)) == ["ok"]


def test_a_variable_that_no_workflow_reads_is_a_slip(api: Api, admin: GitHub) -> None:
    admin.variables = {f"OURS_{n}": "" for n in range(40)}  # GitHub gives thirty a page
    admin.variables |= {"MLOPS_REMOTE": "s3://bucket", "MLOPS_PAGE": "true"}
    admin.secrets = ["MLOPS_APP_KEY"]

    stray, variables, secrets = hosted.variables(api)

    assert stray.level == "warning"
    assert stray.text.startswith("variables that no workflow reads: MLOPS_PAGE; ")
    assert variables.text == "variables: MLOPS_REMOTE; all are optional"
    assert secrets.text == "secrets: MLOPS_APP_KEY; all are optional"


def test_variables_that_may_not_be_seen_are_a_note(api: Api, github: GitHub) -> None:
    assert levels(hosted.variables(api)) == ["note", "note"]


@pytest.mark.parametrize(("cached", "level"), [(2 * 10**9, "ok"), (9.5 * 10**9, "note")])
def test_full_caches_are_told(api: Api, admin: GitHub, cached: int, level: str) -> None:
    admin.cached = cached

    assert levels(hosted.caches(api)) == [level]


def test_known_vulnerabilities_are_told_where_they_are_looked_for(api: Api, admin: GitHub) -> None:
    assert levels(hosted.alerts(api)) == ["ok"]

    admin.alerts = [{"dependency": {"package": {"name": "numpy"}}}] * 2
    assert told(hosted.alerts(api)) == [("warning", "2 open alerts: numpy")]

    admin.alerts = None
    ((level, text),) = told(hosted.alerts(api))
    assert level == "note"
    assert "Dependabot alerts are disabled" in text


def test_every_variable_that_workflows_read_is_documented() -> None:
    pages = "".join(page.read_text() for page in Path("docs").glob("*.md"))

    for name in workflows.variables():
        assert f"`{name}`" in pages, name
