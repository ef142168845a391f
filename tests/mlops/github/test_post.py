"""One comment a pull request, created once and then updated, with CML and without."""

import pytest

from mlops.github import cml as cml_room
from mlops.github.api import Api, DeniedError, DisabledError
from mlops.github.post import publish
from tests.mlops.github.conftest import Cml, Job
from tests.mlops.github.server import BOT, HEAD, TOKEN, GitHub

NEXT = "b" * 40


def ours(github: GitHub) -> list[str]:
    return [c["body"] for c in github.comments if c["user"]["login"] == BOT]


@pytest.fixture(autouse=True)
def pull(github: GitHub) -> None:
    github.open_pull()


def test_without_cml_the_api_creates_and_then_updates(client: Api, github: GitHub) -> None:
    first = publish(client, 7, "the first report", HEAD)
    second = publish(client, 7, "the second report", NEXT)

    assert (first.created, first.through) == (True, "the API")
    assert (second.created, second.address) == (False, first.address)
    assert ours(github) == [
        f'the second report\n\n![](https://cml.dev/watermark.png#{NEXT} "CML watermark verdict")'
    ]


def test_cml_creates_and_then_updates(client: Api, github: GitHub, cml: Cml) -> None:
    first = publish(client, 7, "the first report", HEAD)
    second = publish(client, 7, "the second report", NEXT)

    assert (first.created, first.through) == (True, "CML")
    assert (second.created, second.through) == (False, "CML")
    assert len(ours(github)) == 1
    assert ours(github)[0].startswith("the second report\n")


def test_how_cml_is_called(
    client: Api, cml: Cml, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SECRET", "not for CML")

    publish(client, 7, "report", HEAD)

    called = cml.calls[0]
    file = called["arguments"].pop()
    assert called["arguments"] == [
        "comment",
        "update",
        "--driver=github",
        "--repo=https://github.com/owner/name",
        "--target=pr/7",
        "--publish=false",
        "--watermark-title=verdict",
    ]
    environment = called["environment"]
    home = environment.pop("HOME")
    assert file == f"{home}/comment.md"
    assert not home.startswith(str(job.folder))
    for added_by_the_interpreter in ("LC_CTYPE", "__CF_USER_TEXT_ENCODING"):
        environment.pop(added_by_the_interpreter, None)
    assert environment.pop("PATH").startswith(str(cml.folder))
    assert environment == {
        "GITHUB_SHA": HEAD,
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ITERATIVE_DO_NOT_TRACK": "1",
        "REPO_TOKEN": TOKEN,
    }


@pytest.mark.parametrize("with_cml", [True, False])
def test_forty_foreign_comments_in_between_change_nothing(
    client: Api, github: GitHub, cml: Cml, with_cml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_cml:
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for number in range(40):
        github.comment(f"comment {number}")
    created = publish(client, 7, "the first report", HEAD)
    for number in range(40):
        github.comment(f"comment {number}")
    foreign = [c["body"] for c in github.comments if c["user"]["login"] != BOT]

    again = publish(client, 7, "the second report", NEXT)

    assert (again.created, again.address, again.through) == (False, created.address, "the API")
    assert len(ours(github)) == 1
    assert [c["body"] for c in github.comments if c["user"]["login"] != BOT] == foreign


def test_a_strangers_comment_with_our_watermark_is_left_alone(
    client: Api, github: GitHub, cml: Cml
) -> None:
    forged = github.comment(f"all is well\n\n{cml_room.mark(HEAD)}", "stranger")

    done = publish(client, 7, "the report", HEAD)

    assert done.created
    assert cml.calls == []  # it would have overwritten the stranger's
    assert forged["body"].startswith("all is well")
    assert len(ours(github)) == 1


def test_another_comment_of_the_bot_is_left_alone(client: Api, github: GitHub, cml: Cml) -> None:
    other = github.comment("coverage: 97 %", BOT)

    publish(client, 7, "the report", HEAD)

    assert other["body"] == "coverage: 97 %"
    assert len(ours(github)) == 2


@pytest.mark.parametrize("mode", ["fails", "lies"])
def test_when_cml_does_not_do_it_the_api_does(
    client: Api, github: GitHub, cml: Cml, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cml.mode(mode)

    done = publish(client, 7, "the report", HEAD)

    assert (done.created, done.through) == (True, "the API")
    assert len(ours(github)) == 1
    said = capsys.readouterr().out
    assert "CML could not post the comment" in said
    assert TOKEN not in said


def test_when_cml_hangs_the_api_does_it(
    client: Api, github: GitHub, cml: Cml, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cml.folder / "cml").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(cml_room, "SECONDS", 0.2)

    assert publish(client, 7, "the report", HEAD).through == "the API"


def test_when_cml_cannot_start_the_api_does_it(client: Api, cml: Cml) -> None:
    (cml.folder / "cml").write_text("#!/no/such/interpreter\n")

    assert publish(client, 7, "the report", HEAD).through == "the API"


def test_two_comments_of_ours_become_one(client: Api, github: GitHub) -> None:
    for text in ("one", "two"):
        github.comment(f"{text}\n\n{cml_room.mark(HEAD)}", BOT)

    publish(client, 7, "the report", NEXT)

    assert len(ours(github)) == 1
    assert ours(github)[0].startswith("the report")


def test_a_watermark_inside_the_report_is_taken_out(client: Api, github: GitHub) -> None:
    publish(client, 7, f"before {cml_room.mark(HEAD)} after", HEAD)

    assert len(cml_room.MARK.findall(ours(github)[0])) == 1
    assert "before  after" in ours(github)[0]


def test_a_read_only_token_is_told(client: Api, github: GitHub, cml: Cml) -> None:
    github.permissions = {"pull-requests": "read"}

    with pytest.raises(DisabledError, match="may not write pull-requests: Settings, Actions"):
        publish(client, 7, "the report", HEAD)

    assert github.comments == []


def test_a_token_that_may_not_any_more_is_an_error(client: Api, github: GitHub) -> None:
    publish(client, 7, "the report", HEAD)
    github.permissions = {"pull-requests": "read"}

    with pytest.raises(DeniedError, match=r"403 Resource not accessible by integration.*`permiss"):
        publish(client, 7, "another report", HEAD)


def test_what_github_would_not_take_is_not_sent(client: Api, github: GitHub) -> None:
    with pytest.raises(ValueError, match="65,536 are allowed"):
        publish(client, 7, "x" * 65_500, HEAD)

    assert github.comments == []
