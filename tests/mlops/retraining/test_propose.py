"""One proposal: a branch with its pull request, or with an issue where none may be opened."""

from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.github.api import GitHubError
from mlops.github.issues import LABEL
from mlops.registry.errors import PushDeniedError, RegistryError
from mlops.retraining.propose import Proposed, main, propose
from mlops.retraining.retrained import FOLDER
from mlops.retraining.wording import mark
from tests.mlops.github.issues import APP
from tests.mlops.judge.repositories import git
from tests.mlops.report.rendered import found as linked
from tests.mlops.report.rendered import page
from tests.mlops.retraining.conftest import BRANCH, MODEL, World, left


def proposed(world: World, reason: str = "drift of temp") -> Proposed:
    return main(world.api, FOLDER, reason=reason)


def changes(world: World) -> list[str]:
    """The calls that change something."""
    return [call for call in world.github.calls if not call.startswith("GET ")]


def test_a_pull_request_is_opened(world: World, tmp_path: Path) -> None:
    left()
    made = proposed(world)

    assert (made.kind, made.created, made.pushed) == ("pull request", True, True)
    pull = world.github.pulls[made.number or 0]
    assert pull["title"] == "Retrain with data through 2013-09"
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (BRANCH, "main")
    assert pull["head"]["sha"] == world.tip()
    assert pull["body"].startswith(mark(MODEL))
    assert "Retrained: drift of temp." in pull["body"]
    assert "through 2013-09 (it was 2013-08)" in pull["body"]
    assert "| `roc_auc` | higher | 0.7400 | 0.7600 | +0.0200 |" in pull["body"]
    assert "| `brier` | lower | 0.1700 | – | – |" in pull["body"]
    assert "Approve workflows to run" in pull["body"]
    assert "docs/retrain.md#app-token" in pull["body"]
    assert world.at_origin("dvc.lock") == "of September"
    trailer = git("show", "-s", "--format=%(trailers:key=Retrained,valueonly)", world.tip())
    assert trailer.strip() == "2013-09"
    output = (tmp_path / "output").read_text()
    assert output == f"kind=pull request\naddress={made.address}\n"
    assert "drift of temp" in (tmp_path / "summary.md").read_text()


def test_a_second_alert_updates_it_and_opens_none(world: World) -> None:
    left()
    first = proposed(world)
    left("2013-10", lock="of October\n")
    second = proposed(world, "drift of wind_speed")

    assert (second.kind, second.created, second.pushed) == ("pull request", False, True)
    assert second.number == first.number
    assert len(world.github.pulls) == 1
    pull = world.github.pulls[first.number or 0]
    assert pull["title"] == "Retrain with data through 2013-10"
    assert "drift of `wind_speed`" in pull["body"]
    assert world.at_origin("dvc.lock") == "of October"
    assert world.github.comments == []


def test_the_same_again_changes_nothing(world: World) -> None:
    left()
    proposed(world)
    tip, before = world.tip(), changes(world)

    again = proposed(world)

    assert (again.kind, again.created, again.pushed) == ("pull request", False, False)
    assert world.tip() == tip
    assert changes(world) == before


def test_what_main_has_already_is_not_proposed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    left()
    proposed(world)
    git("-C", str(world.origin), "update-ref", "refs/heads/main", world.tip())
    before = changes(world)

    assert proposed(world) == Proposed("nothing")
    assert changes(world) == before
    assert "main has all of it" in capsys.readouterr().out


def test_after_a_merge_the_branch_is_taken_again(world: World) -> None:
    left()
    first = proposed(world)
    git("-C", str(world.origin), "update-ref", "refs/heads/main", world.tip())
    world.github.merge_pull(first.number or 0, world.tip("main"))
    git("pull", "-q", "origin", "main")

    left("2013-10", lock="of October\n")
    second = proposed(world)

    assert second.created
    assert second.number != first.number
    assert git("-C", str(world.origin), "rev-parse", f"{BRANCH}^") == world.tip("main")


def test_a_token_that_may_open_none_leaves_branch_and_issue(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.github.may_open_pulls = False
    left()
    made = proposed(world)

    assert (made.kind, made.created, made.pushed) == ("issue", True, True)
    issue = world.github.issues[made.number or 0]
    assert issue["title"] == "Retrain with data through 2013-09: open the pull request"
    assert [label["name"] for label in issue["labels"]] == [LABEL]
    address = (
        "https://github.com/owner/name/compare/main...retrain%2Flate-arrival?expand=1"
        f"&title=Retrain%20with%20data%20through%202013-09&body=Closes%20%23{made.number}"
    )
    assert f"**[Open the pull request]({address})**" in issue["body"]
    assert world.at_origin("dvc.lock") == "of September"
    assert "not permitted to create" in capsys.readouterr().out


def test_the_next_proposal_updates_that_issue(world: World) -> None:
    world.github.may_open_pulls = False
    left()
    first = proposed(world)
    left("2013-10", lock="of October\n")
    second = proposed(world)

    assert (second.kind, second.created, second.number) == ("issue", False, first.number)
    assert "2013-10" in world.github.issues[first.number or 0]["title"]
    assert len(world.github.issues) == 1


def test_once_the_token_may_the_issue_is_closed(world: World) -> None:
    world.github.may_open_pulls = False
    left()
    issue = proposed(world)
    world.github.may_open_pulls = True
    made = proposed(world)

    assert (made.kind, made.pushed) == ("pull request", False)
    assert world.github.issues[issue.number or 0]["state"] == "closed"
    assert [c["body"] for c in world.github.comments] == [f"#{made.number} is the pull request."]


def test_without_issues_either_the_link_is_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.github.may_open_pulls = world.github.has_issues = False
    left()
    made = proposed(world)

    assert (made.kind, made.pushed) == ("branch", True)
    assert made.address.startswith("https://github.com/owner/name/compare/main...retrain")
    assert made.address in capsys.readouterr().out


def test_without_issues_a_pull_request_is_opened_all_the_same(world: World) -> None:
    world.github.has_issues = False
    left()

    assert proposed(world).kind == "pull request"


def test_an_app_s_pull_request_needs_no_click(world: World) -> None:
    world.github.actor = APP
    left()
    made = proposed(world)

    assert "click" not in world.github.pulls[made.number or 0]["body"]


def test_somebody_s_commits_are_left_alone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    left()
    made = proposed(world)
    theirs, before = world.person_pushes(), changes(world)
    left("2013-10", lock="of October\n")

    assert proposed(world) == Proposed("left alone")
    assert world.tip() == theirs
    assert changes(world) == before
    assert "2013-09" in world.github.pulls[made.number or 0]["title"]
    assert "which somebody else made; it is left alone" in capsys.readouterr().out


def test_a_pull_request_that_a_person_opened_keeps_its_words(world: World) -> None:
    world.github.may_open_pulls = False
    left()
    issue = proposed(world)
    pull = world.github.open_pull(7, branch=BRANCH)
    pull.update(title="September", body=f"Closes #{issue.number}")

    assert proposed(world).number == 7
    assert len(world.github.comments) == 1  # the issue's, which is closed now

    left("2013-10", lock="of October\n")
    second = proposed(world)

    assert (second.kind, second.created, second.pushed) == ("pull request", False, True)
    assert pull["title"] == "September"
    told = [c["body"] for c in world.github.comments if c["issue"] == 7]
    assert len(told) == 1
    assert "through 2013-10" in told[0]


def test_killed_between_push_and_pull_request_it_goes_on(world: World) -> None:
    left()

    def killed(call: str, half: str) -> None:
        if (call, half) == ("POST pulls", "before"):
            raise ConnectionError

    world.github.on_call = killed
    with pytest.raises(GitHubError, match="did not answer POST pulls"):
        proposed(world)
    world.github.on_call = None

    made = proposed(world)
    assert (made.kind, made.created, made.pushed) == ("pull request", True, False)


def test_killed_after_the_pull_request_it_opens_no_second(world: World) -> None:
    left()

    def killed(call: str, half: str) -> None:
        if (call, half) == ("POST pulls", "after"):
            raise ConnectionError

    world.github.on_call = killed
    with pytest.raises(GitHubError):
        proposed(world)
    world.github.on_call = None

    made = proposed(world)
    assert (made.kind, made.created, len(world.github.pulls)) == ("pull request", False, 1)


def test_main_that_moved_since_is_told(world: World) -> None:
    left()
    world.merge(**{"README.md": "# Newer\n"})
    made = proposed(world)

    assert "Main has moved since" in world.github.pulls[made.number or 0]["body"]
    assert world.at_origin("README.md") == "# Newer"


def test_the_monitor_s_issue_is_linked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left()
    monkeypatch.setenv("MLOPS_ISSUE", "12")
    pull = world.github.pulls[proposed(world).number or 0]
    assert "Retrained: drift of temp. See #12." in pull["body"]

    proposed(world, reason="")
    assert "Retrained: the monitor raised an alarm. See #12." in pull["body"]

    monkeypatch.setenv("MLOPS_ISSUE", "12 @stranger")
    proposed(world)
    assert "stranger" not in pull["body"]


def test_a_reason_is_shown_as_text(world: World) -> None:
    left()
    made = proposed(world, "@somebody see <img src=x> closes #1 [a](https://example.org)")

    body = world.github.pulls[made.number or 0]["body"]
    shown = page(body)
    assert "img" not in [tag for tag, _ in shown.tags]
    assert "mention" not in linked(shown.text)
    assert "issue" not in linked(shown.text.replace("#app-token", ""))


def test_data_without_periods(world: World) -> None:
    left("", before="")
    made = proposed(world, reason="")

    pull = world.github.pulls[made.number or 0]
    assert pull["title"] == "Retrain with the newest data"
    assert "Retrained: by hand. The data are what the source has now." in pull["body"]
    trailer = git("show", "-s", "--format=%(trailers:key=Retrained,valueonly)", world.tip())
    assert trailer.strip() == "fedcba987654"


def test_a_schedule_is_a_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "schedule")
    left()

    body = world.github.pulls[proposed(world, reason="").number or 0]["body"]
    assert "Retrained: on schedule." in body


def test_a_run_without_metrics(world: World) -> None:
    left(metrics=[])

    body = world.github.pulls[proposed(world).number or 0]["body"]
    assert "The run left no metrics." in body


def test_a_folder_that_holds_no_results_proposes_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing; it comes from `mlops retrain run`"):
        propose(world.api, tmp_path, reason="")

    assert world.tip() == ""


def test_an_origin_that_refuses(world: World) -> None:
    left()
    hook = world.origin / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(RegistryError, match="did not do what was asked, `git push`"):
        proposed(world)
    assert world.github.pulls == {}


def test_a_token_that_may_not_push_is_a_setting_until_the_branch_is_there(world: World) -> None:
    hook = world.origin / "hooks/pre-receive"
    hook.write_text(
        "#!/bin/sh\necho Permission to owner/name.git denied to somebody. >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    left()
    assert proposed(world).kind == "not permitted"
    assert world.tip() == ""

    hook.rename(world.origin / "hooks/off")
    assert proposed(world).kind == "pull request"
    (world.origin / "hooks/off").rename(hook)
    left(lock="another\n")
    with pytest.raises(PushDeniedError, match=r"Permission to owner/name\.git denied"):
        proposed(world)
