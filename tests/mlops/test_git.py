"""git as the machinery asks it, beside git itself."""

from pathlib import Path

import pytest

from mlops import git
from mlops.errors import DeclarationError
from tests.mlops.judge.repositories import commit
from tests.mlops.judge.repositories import git as run


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """main with one commit that holds `a`."""
    monkeypatch.chdir(tmp_path)
    Path("a").write_text("one\n")
    commit("first")
    return tmp_path


def test_the_base_is_where_the_branch_left_main() -> None:
    start = run("rev-parse", "main")
    run("checkout", "-q", "-b", "feature")
    Path("b").write_text("two\n")
    commit("on the branch")
    run("checkout", "-q", "main")
    Path("c").write_text("three\n")
    commit("main goes on")
    run("checkout", "-q", "feature")

    assert git.base(None) == git.base("main") == start


def test_on_main_itself_there_is_no_base_unless_something_is_not_committed() -> None:
    assert git.base(None) is None

    Path("a").write_text("changed\n")
    assert git.base(None) == git.head()


def test_a_base_that_is_not_here_says_how_to_bring_it() -> None:
    with pytest.raises(DeclarationError, match="git fetch origin"):
        git.base("origin/main")


def test_a_base_without_common_history_says_how_to_bring_it() -> None:
    run("checkout", "-q", "--orphan", "elsewhere")
    commit("another beginning")

    with pytest.raises(DeclarationError, match="--unshallow"):
        git.base("main")


def test_origins_default_branch_comes_before_the_local_one(repository: Path) -> None:
    first = run("rev-parse", "main")
    run("update-ref", "refs/remotes/origin/main", first)
    Path("a").write_text("not pushed\n")
    commit("ahead of origin")

    assert git.base(None) == first


def test_changed_files_are_those_of_commits_of_the_work_tree_and_new_ones() -> None:
    start = commit_of_main()
    Path("committed").write_text("1\n")
    commit("second")
    Path("a").write_text("edited\n")
    Path("new with a space").write_text("1\n")
    Path(".gitignore").write_text("ignored\n")
    Path("ignored").write_text("1\n")

    assert git.changed_files(start) == [".gitignore", "a", "committed", "new with a space"]


def commit_of_main() -> str:
    found = git.commit_of("main")
    assert found == run("rev-parse", "main")
    return str(found)


def test_content_is_that_of_the_commit_and_none_where_it_was_not() -> None:
    start = commit_of_main()
    Path("a").write_text("later\n")

    assert git.content(start, "a") == b"one\n"
    assert git.content(start, Path("missing")) is None


def test_a_worktree_shows_the_commit_and_is_gone_afterwards(repository: Path) -> None:
    start = commit_of_main()
    Path("a").write_text("later\n")
    commit("second")

    for _ in range(2):  # also where an earlier one was left behind
        with git.worktree(start, Path(".mlops/there")) as there:
            assert (there / "a").read_text() == "one\n"
    assert not (repository / ".mlops/there").exists()
    assert run("worktree", "list").count("\n") == 0


def test_outside_a_repository_there_is_no_commit(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("bare"))

    assert git.head() is None
    assert git.base(None) is None
