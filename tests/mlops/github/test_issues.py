"""Issues that are kept: found by their mark, made once, changed only where they are another."""

import pytest

from mlops.github import issues
from mlops.github.api import Api, DisabledError, GitHubError
from mlops.github.issues import LABEL, LONGEST, change, cut, find, make, mark, sole
from tests.mlops.github.conftest import Job
from tests.mlops.github.issues import APP
from tests.mlops.github.server import BOT, GitHub

MARK = mark("mlops-monitor", "a-model")
BODY = f"{MARK}\nAn alarm."


def test_one_that_was_made_is_found(client: Api, github: GitHub) -> None:
    made = make(client, "An alarm", BODY)

    assert find(client, MARK) == [made]
    assert (made.title, made.body, made.state, made.author) == ("An alarm", BODY, "open", BOT)
    assert github.issues[made.number]["labels"] == [{"name": LABEL}]


def test_the_label_is_made_when_it_is_absent_and_else_left_as_it_is(
    client: Api, github: GitHub
) -> None:
    make(client, "An alarm", BODY)
    assert "leave it on" in github.labels[LABEL]["description"]

    github.labels[LABEL] = {"name": LABEL, "color": "ffffff"}
    make(client, "Another", BODY)
    assert github.labels[LABEL]["color"] == "ffffff"


def test_a_label_that_somebody_makes_at_the_same_time(client: Api, github: GitHub) -> None:
    github.before["POST labels"] = lambda: github.labels.update({LABEL: {"name": LABEL}})

    make(client, "An alarm", BODY)

    assert github.labels[LABEL] == {"name": LABEL}


def test_the_newest_comes_first_and_forty_others_are_passed_over(
    client: Api, github: GitHub
) -> None:
    github.open_issue(200, BODY, BOT, LABEL, days_ago=3)
    for number in range(300, 340):
        github.open_issue(number, f"{mark('mlops-monitor', 'other')}\n", BOT, LABEL, days_ago=2)
    for number in range(400, 500):
        github.open_issue(number, "A person's", "somebody", LABEL, days_ago=1)
    github.open_issue(500, BODY, BOT, LABEL)["state"] = "closed"

    assert [issue.number for issue in find(client, MARK)] == [500, 200]
    assert github.calls.count("GET issues") == 2


@pytest.mark.parametrize(
    ("body", "login", "label"),
    [
        (BODY, "somebody", LABEL),
        (BODY, BOT, "bug"),
        (f"> {BODY}", BOT, LABEL),
        (f"{mark('mlops-monitor', 'a-model-2')}\nAn alarm.", BOT, LABEL),
    ],
    ids=["a person's", "without the label", "quoted", "another model's"],
)
def test_what_is_not_ours(client: Api, github: GitHub, body: str, login: str, label: str) -> None:
    github.open_issue(200, body, login, label)

    assert find(client, MARK) == []


def test_an_app_s_is_ours_and_a_pull_request_is_no_issue(client: Api, github: GitHub) -> None:
    github.open_issue(200, BODY, APP, LABEL)
    github.open_pull(201).update(body=BODY, labels=[{"name": LABEL}], user={"login": BOT})

    assert [issue.number for issue in find(client, MARK)] == [200]


def test_what_a_person_s_token_makes_is_not_found_again_and_that_is_told(
    client: Api, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    github.actor = "maintainer"

    make(client, "An alarm", BODY)

    assert find(client, MARK) == []
    assert "is maintainer's, and only a bot's is found again" in capsys.readouterr().out


def test_only_what_is_another_is_sent(client: Api, github: GitHub) -> None:
    made = make(client, "An alarm", BODY)
    before = len(github.calls)

    issues.change(client, made, title="An alarm", body=BODY.replace("\n", "\r\n"), state="open")
    assert len(github.calls) == before

    issues.change(client, made, body=f"{MARK}\nMore.", state="closed")
    (closed,) = find(client, MARK)
    assert (closed.title, closed.body, closed.state) == ("An alarm", f"{MARK}\nMore.", "closed")


def test_of_several_open_ones_the_oldest_stays(client: Api, github: GitHub) -> None:
    for number in (200, 201, 202):
        github.open_issue(number, BODY, BOT, LABEL)
    github.issues[200]["state"] = "closed"

    kept = sole(client, find(client, MARK))

    assert kept is not None
    assert kept.number == 201
    assert github.issues[202]["state"] == "closed"
    assert [(c["issue"], c["body"]) for c in github.comments] == [(202, "The same as #201.")]


def test_a_repository_without_issues(client: Api, github: GitHub) -> None:
    github.has_issues = False

    with pytest.raises(DisabledError, match="has no issues: Settings"):
        find(client, MARK)


def test_where_none_was_ever_made_a_token_that_may_not_is_a_setting_and_later_an_error(
    client: Api, github: GitHub
) -> None:
    before = make(client, "An alarm", BODY)
    github.permissions["issues"] = "read"

    with pytest.raises(DisabledError, match="may not write issues: Settings, Actions, General"):
        make(client, "An alarm", BODY)
    with pytest.raises(GitHubError, match="takes `issues: write`") as refused:
        change(client, before, state="closed")
    assert not isinstance(refused.value, DisabledError)


def test_a_label_that_cannot_be_made_is_told(client: Api, github: GitHub, job: Job) -> None:
    github.faults["POST labels"] = 503

    with pytest.raises(GitHubError, match="503"):
        make(client, "An alarm", BODY)
    assert github.issues == {}


def test_a_label_that_cannot_be_asked_for_is_told(client: Api, github: GitHub) -> None:
    github.permissions["issues"] = "none"

    with pytest.raises(GitHubError, match="may not write issues"):
        make(client, "An alarm", BODY)


def test_a_text_too_long_is_refused(client: Api) -> None:
    with pytest.raises(ValueError, match="60,001 characters"):
        make(client, "An alarm", "x" * (LONGEST + 1))


def test_what_is_too_long_is_cut_after_a_line_and_says_so() -> None:
    text = "\n".join(["a line"] * 1000)

    kept = cut(text, 500)

    assert len(kept) <= 500
    assert kept.startswith("a line\na line\n")
    assert kept.endswith("a line\n\n*The rest stands in the summary of the workflow run.*")
    assert cut(text, 7000) == text


def test_a_cut_leaves_no_code_block_open() -> None:
    kept = cut("```sh\n" + "command\n" * 1000, 300)

    assert len(kept) <= 300
    assert kept.count("```") == 2
