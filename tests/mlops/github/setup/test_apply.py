"""Shown first, asked for, then done; what GitHub refuses is told, and the rest is done."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlops.errors import Failure
from mlops.github.api import Api, GitHubError
from mlops.github.setup.apply import Options, main
from mlops.github.setup.plan import plan
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import GitHub

Captured = pytest.CaptureFixture[str]


def changes(github: GitHub) -> list[str]:
    return [call for call in github.calls if not call.startswith("GET ")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_with_yes_everything_is_done_and_a_second_time_nothing(
    admin: GitHub, capsys: Captured
) -> None:
    main(Options(yes=True))
    said = capsys.readouterr().out
    assert "0 refused" in said
    done = changes(admin)
    assert len(done) > 8

    main(Options(yes=True))
    assert "nothing to do" in capsys.readouterr().out
    assert changes(admin) == done


def test_the_table_says_what_will_be_done_before_it_is(admin: GitHub, capsys: Captured) -> None:
    seen: list[str] = []
    admin.on_call = lambda *_: seen.append(capsys.readouterr().out)

    main(Options(yes=True))

    for word in ("gates-approved", "promotion", "versions", "create", "change"):
        assert word in seen[0]


def test_nothing_is_done_where_nobody_can_be_asked(
    admin: GitHub, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    main(Options())

    assert "nothing was changed: say --yes" in capsys.readouterr().out
    assert changes(admin) == []


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_somebody_is_asked(
    admin: GitHub, monkeypatch: pytest.MonkeyPatch, answer: str, done: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    main(Options())

    assert bool(changes(admin)) is done


def test_only_what_is_named_is_looked_at(admin: GitHub) -> None:
    main(Options(only=["labels"], yes=True))

    assert changes(admin) == ["POST labels"] * 3
    assert not [call for call in admin.calls if "rulesets" in call]


def test_a_kind_that_is_none_is_wrong_usage(admin: GitHub) -> None:
    with pytest.raises(Failure, match="--only branches: expected one of actions, ") as wrong:
        main(Options(only=["branches"]))
    assert wrong.value.exit_code == 2


@pytest.mark.parametrize(
    ("permission", "refused", "place"),
    [
        ("issues", "gates-approved", "Issues, Labels"),
        ("administration", "main", "Settings, Rules, Rulesets"),
        ("pages", "site", "Settings, Pages"),
    ],
)
def test_what_a_token_may_not_is_a_notice_that_names_the_setting_and_the_rest_is_done(
    admin: GitHub, capsys: Captured, permission: str, refused: str, place: str
) -> None:
    admin.permissions[permission] = "read"

    main(Options(yes=True))

    said = capsys.readouterr().out
    assert f"::notice ::{refused} is not set: GitHub refused" in said
    assert f"by hand: {place}" in said
    done = {
        "labels": bool(admin.labels),
        "rulesets": bool(admin.rulesets),
        "site": bool(admin.site),
    }
    missing = {"issues": {"labels"}, "administration": {"rulesets", "site"}, "pages": {"site"}}
    assert {name for name, is_there in done.items() if not is_there} == missing[permission]


def test_what_an_organisation_decides_is_a_notice(admin: GitHub, capsys: Captured) -> None:
    admin.decided_above = True

    main(Options(only=["actions"], yes=True))

    assert "by hand: Settings, Actions, General, Workflow permissions" in capsys.readouterr().out


def test_what_a_plan_has_not_is_a_notice(admin: GitHub, capsys: Captured) -> None:
    admin.rulesets_offered = False

    main(Options(yes=True))

    said = capsys.readouterr().out
    assert "::notice ::main, versions cannot be seen: GitHub refused GET rulesets: 403" in said
    assert admin.labels


@pytest.mark.parametrize("status", [401, 500])
def test_a_bad_token_and_a_server_out_of_order_stop_it(admin: GitHub, status: int) -> None:
    admin.faults["POST labels"] = status

    with pytest.raises(GitHubError):
        main(Options(only=["labels"], yes=True))


def test_a_dry_run_changes_nothing(admin: GitHub, capsys: Captured) -> None:
    main(Options(yes=True, dry_run=True))

    assert changes(admin) == []
    assert "gh api --method POST" in capsys.readouterr().out


STAND_IN = """\
#!{python}
import json, sys
from pathlib import Path
arguments = sys.argv[1:]
assert arguments[:2] == ["api", "--method"] and arguments[4:] == ["--input", "-"], arguments
call = [arguments[2], arguments[3], json.load(sys.stdin)]
with Path("{calls}").open("a") as file:
    file.write(json.dumps(call) + chr(10))
"""


def test_the_lines_of_a_dry_run_do_the_same_when_a_shell_reads_them(
    client: Api, admin: GitHub, capsys: Captured, tmp_path: Path
) -> None:
    programs, calls = tmp_path / "programs", tmp_path / "calls.jsonl"
    programs.mkdir()
    (programs / "gh").write_text(STAND_IN.format(python=sys.executable, calls=calls))
    (programs / "gh").chmod(0o755)

    main(Options(dry_run=True))
    said = capsys.readouterr().out
    script = said[said.index("\n# actions:") :]
    path = {"PATH": f"{programs}:/usr/bin:/bin"}
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=path, check=True)

    called = [json.loads(line) for line in calls.read_text().splitlines()]
    assert called == [
        [call.method, f"repos/{{owner}}/{{repo}}/{call.path}", call.body]
        for step in plan(client)
        for call in step.calls
    ]


def test_without_a_token_a_dry_run_prints_them_as_well(
    job: Job, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")

    main(Options(dry_run=True))

    said = capsys.readouterr().out
    assert "no token for GitHub" in said
    assert said.count("gh api --method") > 8
    with pytest.raises(GitHubError, match="no token"):
        main(Options())
