"""Tags are made once, on origin first: of two at once one wins, the other leaves nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.registry import tags
from mlops.registry.errors import ForeignWorkflowsError, RegistryError, TakenError
from tests.conftest import ROOT
from tests.mlops.registry.conftest import MODEL, clone, commit, git

VERSION = "late-arrival@v1.0.0"


def there(origin: Path) -> list[str]:
    return git("tag", "--list", at=origin).splitlines()


def hook(origin: Path, name: str, script: str) -> None:
    """What origin does when somebody pushes."""
    path = origin / "hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_names_are_those_of_gto() -> None:
    assert tags.version_tag("late-arrival", "1.2.0") == "late-arrival@v1.2.0"
    assert tags.stage_tag("late-arrival", 3) == "late-arrival#champion#3"
    assert tags.stage_tag("late-arrival", 4, "shadow") == "late-arrival#shadow#4"


def test_a_tag_is_annotated_and_the_same_here_and_on_origin(origin: Path, start: str) -> None:
    tags.create(VERSION, start, 'Title: "é"\n\n{\n  "a": 1\n}\n')

    hashes = {git("rev-parse", f"refs/tags/{VERSION}", at=at) for at in (origin, ".")}
    assert len(hashes) == 1
    assert git("cat-file", "-t", VERSION, at=origin) == "tag"
    assert git("rev-parse", f"{VERSION}^{{commit}}", at=origin) == start
    said = git("for-each-ref", "refs/tags", "--format=%(taggername)|%(contents)", at=origin)
    assert said == 'Ann|Title: "é"\n\n{\n  "a": 1\n}'


def test_what_is_read_is_what_was_made(start: str) -> None:
    second = commit({"a": "1"})
    tags.create(VERSION, start, "first\n\n{}")
    tags.create("late-arrival#champion#1", start, "first")
    tags.create("late-arrival@v1.1.0", second, "second")
    tags.create("another@v1.0.0", second, "of another model")
    tags.create("late-arrival-too@v1.0.0", second, "of another model")

    for remote in (False, True):
        found = {tag.name: tag for tag in tags.read(MODEL, remote=remote)}
        assert list(found) == ["late-arrival#champion#1", VERSION, "late-arrival@v1.1.0"]
        assert (found[VERSION].commit, found[VERSION].message) == (start, "first\n\n{}\n")
        assert found["late-arrival@v1.1.0"].commit == second
        assert {tag.by for tag in found.values()} == {"Ann"}


def test_a_later_tag_is_later_even_where_clocks_disagree(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "4000000000 +0000")  # a clock far ahead
    git("tag", "-a", VERSION, "-m", "by hand")
    git("push", "-q", "origin", VERSION)
    monkeypatch.delenv("GIT_COMMITTER_DATE")

    tags.create("late-arrival#champion#1", start, "first")

    times = [int(tag.at.timestamp()) for tag in tags.read(MODEL, remote=True)]
    assert times == [4000000001, 4000000000]


def test_a_workflow_s_actor_makes_the_tag(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "dependabot[bot]")
    tags.create(VERSION, start, "x")

    assert tags.read(MODEL, remote=False)[0].by == "dependabot[bot]"


def test_a_tag_made_by_hand_without_a_message_is_read(start: str) -> None:
    git("tag", VERSION, start)
    git("push", "-q", "origin", VERSION)

    for remote in (False, True):
        (tag,) = tags.read(MODEL, remote=remote)
        assert (tag.commit, tag.message, tag.by) == (start, "", "Ann")


def test_a_tag_of_something_else_than_a_commit_is_left_out(start: str) -> None:
    git("tag", "-a", VERSION, "-m", "a file", f"{start}:params.yaml")
    git("push", "-q", "origin", VERSION)

    assert tags.read(MODEL, remote=True) == []
    with pytest.raises(TakenError, match="it is no commit"):
        tags.create(VERSION, start, "mine")


def test_of_origin_exactly_what_it_has_and_the_rest_is_brought_here(
    origin: Path, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("tag", "-a", "late-arrival@v9.0.0", "-m", "never pushed")
    monkeypatch.chdir(clone(origin, tmp_path / "ben", "Ben"))
    later = commit({"b": "1"})
    tags.create(VERSION, later, "from Ben")

    monkeypatch.chdir(tmp_path / "ann")
    assert [tag.name for tag in tags.read(MODEL, remote=False)] == ["late-arrival@v9.0.0"]
    (found,) = tags.read(MODEL, remote=True)
    assert (found.name, found.by, found.commit) == (VERSION, "Ben", later)
    assert git("cat-file", "-t", later) == "commit"
    assert len(tags.read(MODEL, remote=False)) == 2


def test_a_tag_that_differs_here_is_not_moved_and_origin_s_is_read(
    origin: Path, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone(origin, tmp_path / "ben", "Ben"))
    tags.create(VERSION, start, "origin's")
    monkeypatch.chdir(tmp_path / "ann")
    git("tag", "-a", VERSION, "-m", "mine")

    assert tags.read(MODEL, remote=True)[0].message == "origin's\n"
    assert tags.read(MODEL, remote=False)[0].message == "mine\n"


def test_a_taken_name_says_by_whom_and_for_which_commit(
    origin: Path, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags.create(VERSION, start, "from Ann")
    monkeypatch.chdir(clone(origin, tmp_path / "ben", "Ben"))
    git("tag", "-d", VERSION)  # Ben has not heard of it
    later = commit({"b": "1"})

    with pytest.raises(TakenError, match=f"Ann made it for commit {start[:12]}") as refused:
        tags.create(VERSION, later, "from Ben")
    assert (refused.value.tag, refused.value.exit_code) == (VERSION, 12)
    assert git("rev-parse", f"{VERSION}^{{commit}}", at=origin) == start


def test_both_with_the_same_view_only_one_wins(origin: Path, start: str, tmp_path: Path) -> None:
    """Origin's hook makes the other's tag when Ann's push has been seen to be possible."""
    ben = clone(origin, tmp_path / "ben", "Ben")
    git("tag", "-a", "theirs", "-m", "from Ben", at=ben)
    git("push", "-q", "origin", "theirs", at=ben)
    hook(origin, "update", f"git update-ref refs/tags/{VERSION} refs/tags/theirs")

    with pytest.raises(TakenError, match="Ben made it"):
        tags.create(VERSION, start, "from Ann")
    same = {git("rev-parse", name, at=origin) for name in (VERSION, "theirs")}
    assert len(same) == 1


RACER = """
import sys, time
from pathlib import Path
from mlops.registry import tags
from mlops.registry.errors import TakenError
commit, rounds = sys.argv[1], int(sys.argv[2])
for number in range(1, rounds + 1):
    while not Path(f"../go-{number}").exists():
        time.sleep(0.001)
    try:
        tags.create(f"late-arrival#champion#{number}", commit, f"round {number}")
        print("won", flush=True)
    except TakenError as taken:
        print(taken, flush=True)
"""


def test_of_two_at_once_exactly_one_wins_and_the_other_is_told_who(
    origin: Path, start: str, tmp_path: Path
) -> None:
    names = ("Ann", "Ben")
    clone(origin, tmp_path / "ben", "Ben")
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, start, "10"],
            cwd=tmp_path / name.lower(),
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for number in range(1, 11):
        (tmp_path / f"go-{number}").touch()
        said = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
        winner = said.index("won")
        assert f"{names[winner]} made it" in said[1 - winner]
        who = git("for-each-ref", f"refs/tags/late-arrival#champion#{number}",
                  "--format=%(taggername)", at=origin)  # fmt: skip
        assert who == names[winner]
    assert [racer.wait() for racer in racers] == [0, 0]
    assert len(there(origin)) == 10


def test_the_identical_tag_is_success(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_time", lambda _: 1378000000)
    tags.create(VERSION, start, "the same")
    tags.create(VERSION, start, "the same")
    git("tag", "-d", VERSION)
    tags.create(VERSION, start, "the same")

    assert len(tags.read(MODEL, remote=False)) == 1


def test_a_push_whose_answer_was_lost_is_success(
    origin: Path, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = tags._push

    def broken(name: str, tag: str, more: list[str]) -> None:
        push(name, tag, more)
        raise RegistryError("the line broke")

    monkeypatch.setattr(tags, "_push", broken)
    tags.create(VERSION, start, "x")

    assert there(origin) == [VERSION] == [tag.name for tag in tags.read(MODEL, remote=False)]


def test_killed_after_the_push_the_tag_is_found_again(origin: Path, start: str) -> None:
    tags.create(VERSION, start, "x")
    git("update-ref", "-d", f"refs/tags/{VERSION}")  # what SIGKILL leaves

    assert [tag.name for tag in tags.read(MODEL, remote=True)] == [VERSION]
    assert [tag.name for tag in tags.read(MODEL, remote=False)] == [VERSION]


def test_a_refused_push_leaves_nothing_and_says_why(origin: Path, start: str) -> None:
    hook(origin, "update", "echo 'error: tags are protected' >&2; exit 1")

    with pytest.raises(RegistryError, match="tags are protected"):
        tags.create(VERSION, start, "x")
    assert there(origin) == [] == tags.read(MODEL, remote=False)


def test_an_origin_that_does_not_answer_leaves_nothing(
    origin: Path, start: str, tmp_path: Path
) -> None:
    origin.rename(tmp_path / "elsewhere")

    with pytest.raises(RegistryError, match=r"origin \(.*origin\.git\).*does not appear"):
        tags.create(VERSION, start, "x")
    with pytest.raises(RegistryError, match="does not appear"):
        tags.read(MODEL, remote=True)
    assert tags.read(MODEL, remote=False) == []


def test_without_an_origin_the_remedy_is_named(start: str) -> None:
    git("remote", "remove", "origin")

    with pytest.raises(RegistryError, match="git remote add origin"):
        tags.create(VERSION, start, "x")


def test_a_tag_that_only_this_repository_has_is_in_the_way(origin: Path, start: str) -> None:
    git("tag", "-a", VERSION, "-m", "never pushed")

    with pytest.raises(RegistryError, match=f"git tag -d {VERSION}"):
        tags.create(VERSION, start, "x")
    assert there(origin) == []


def test_a_commit_that_is_not_here_cannot_be_tagged(origin: Path, start: str) -> None:
    with pytest.raises(RegistryError, match="git makes no tag"):
        tags.create(VERSION, "0" * 39 + "1", "x")
    assert there(origin) == []


def test_only_the_tag_is_pushed_and_hooks_of_the_clone_do_not_judge_it(
    origin: Path, start: str
) -> None:
    git("tag", "-a", "unrelated", "-m", "my own")
    git("config", "push.followTags", "true")
    hook(Path(".git"), "pre-push", "exit 1")

    tags.create(VERSION, start, "x")
    assert there(origin) == [VERSION]


def test_a_repository_that_knows_nobody_is_told(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("config", "user.useConfigOnly", "true")
    git("config", "--unset", "user.name")
    git("config", "--unset", "user.email")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    with pytest.raises(DeclarationError, match=r"git config --global user\.name"):
        tags.create(VERSION, start, "x")


def as_github(origin: Path) -> None:
    """GitHub's rule for jobs: a tag only where some branch ends in the same workflow files."""
    rule = origin / "hooks" / "update"
    rule.write_text(
        """#!/bin/sh
case "$1" in refs/tags/*) ;; *) exit 0;; esac
wanted=$(git rev-parse "$3^{commit}:.github/workflows" 2>/dev/null)
for tip in $(git for-each-ref --format="%(objectname)" refs/heads); do
    [ "$(git rev-parse "$tip:.github/workflows" 2>/dev/null)" = "$wanted" ] && exit 0
done
echo "refusing to allow a GitHub App to create or update workflow without workflows permission" >&2
exit 1
"""
    )
    rule.chmod(0o755)


def test_a_job_can_tag_an_old_commit_again_where_a_branch_kept_its_workflows(
    origin: Path, start: str
) -> None:
    as_github(origin)
    old = commit({".github/workflows/promote.yml": "name: promote\n"})
    tags.create("late-arrival@v1.0.0", old, "first", branch="released/late-arrival@v1.0.0")
    forgotten = commit({".github/workflows/promote.yml": "name: delivery\n"})
    commit({".github/workflows/promote.yml": "name: newest\n"})

    tags.create("late-arrival#champion#1", old, "again")
    with pytest.raises(
        ForeignWorkflowsError, match="A person may: run the command on your machine"
    ):
        tags.create("late-arrival@v1.1.0", forgotten, "second", branch="released/x")

    assert git("rev-parse", "refs/heads/released/late-arrival@v1.0.0", at=origin) == old
    assert git("for-each-ref", "refs/heads/released/x", at=origin) == ""
    assert git("tag", "--list") == "late-arrival#champion#1\nlate-arrival@v1.0.0"
