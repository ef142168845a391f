"""git as the machinery asks it, beside git itself."""

import base64
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlops import git
from mlops.errors import DeclarationError
from mlops.registry.errors import RegistryError
from tests.mlops.judge.repositories import commit
from tests.mlops.judge.repositories import git as run

TOKEN = "ghs_secret123"
SECRET = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """main with one commit that holds `a`."""
    for name in ("CI", "GITHUB_ACTOR", "GITHUB_TOKEN", "GITHUB_SERVER_URL", "GIT_CONFIG_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("a").write_text("one\n")
    commit("first")
    return tmp_path


def test_the_changes_of_a_file_are_those_of_the_branch_itself() -> None:
    start = run("rev-parse", "main")
    run("checkout", "-q", "-b", "feature")
    Path("a").write_text("two\n")
    commit("on the branch")
    run("checkout", "-q", "main")
    Path("b").write_text("beside\n")
    commit("another file")
    run("merge", "-q", "--no-ff", "-m", "merged", "feature")
    merge = run("rev-parse", "main")

    assert git.changes("main", "a") == [start, merge]
    assert git.changes("feature", Path("a")) == [start, run("rev-parse", "feature")]
    assert git.changes("main", "missing") == []


def test_the_times_of_commits_are_those_that_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2013-09-01T14:00:00+02:00")
    Path("a").write_text("two\n")
    commit("later")
    head = run("rev-parse", "HEAD")

    assert git.times([head, "a" * 40]) == {head: datetime(2013, 9, 1, 12, tzinfo=UTC)}
    assert git.times([]) == {}


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


def merge_of_a_branch() -> tuple[str, str, str]:
    """main goes on by one commit and a merge of a branch; the commits of all three."""
    run("checkout", "-q", "-b", "feature")
    Path("b").write_text("b")
    feature = commit("on the branch")
    run("checkout", "-q", "main")
    Path("c").write_text("c")
    direct = commit("on main")
    run("merge", "-q", "--no-ff", "-m", "merge", "feature")
    return direct, feature, run("rev-parse", "HEAD")


def test_ancestors_are_oneself_and_all_that_was_merged() -> None:
    start = commit_of_main()
    direct, feature, merged = merge_of_a_branch()

    assert git.is_ancestor(start, merged)
    assert git.is_ancestor(feature, merged)
    assert git.is_ancestor(merged, merged)
    assert not git.is_ancestor(merged, start)
    assert not git.is_ancestor(direct, feature)


def test_the_branch_s_own_commits_are_listed_oldest_first() -> None:
    start = commit_of_main()
    direct, _, merged = merge_of_a_branch()

    assert git.first_parents(start, merged) == [direct, merged]
    assert git.first_parents(merged, merged) == []


def test_commits_that_are_not_here_are_no_answer() -> None:
    absent = "1" * 40

    with pytest.raises(RegistryError, match="--unshallow"):
        git.is_ancestor(absent, "main")
    with pytest.raises(RegistryError, match="--unshallow"):
        git.first_parents(absent, "main")


def test_files_are_those_of_the_commit_with_git_s_hash_of_their_content() -> None:
    Path("deep").mkdir()
    Path("deep/ü b").write_text("two\n")
    there = commit("second")
    Path("deep/new").write_text("not committed")
    expected = {"deep/ü b": run("hash-object", "deep/ü b")}

    assert git.files(there, "deep") == expected
    assert git.files(there, "a", "deep") == expected | {"a": run("hash-object", "a")}
    assert git.files(there, "missing") == {}


@pytest.fixture
def origin(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository that has main, and is the remote of the current one."""
    folder = tmp_path_factory.mktemp("origin") / "name.git"
    run("clone", "-q", "--bare", ".", str(folder))
    run("remote", "add", "origin", str(folder))
    return folder


def test_the_default_branch_is_what_origin_says_unless_it_is_known(origin: Path) -> None:
    run("--git-dir", str(origin), "branch", "-m", "main", "trunk")
    assert git.default_branch() == "trunk"

    run("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/2")
    assert git.default_branch() == "release/2"


def test_an_empty_origin_has_no_default_branch(origin: Path) -> None:
    run("--git-dir", str(origin), "update-ref", "-d", "refs/heads/main")

    with pytest.raises(RegistryError, match="push the branch"):
        git.default_branch()


def test_main_is_brought_whole_also_into_a_shallow_clone(
    origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = commit_of_main()
    Path("a").write_text("two\n")
    second = commit("second")
    run("push", "-q", "origin", "main")
    run("clone", "-q", "--depth", "1", f"file://{origin}", "shallow")
    monkeypatch.chdir("shallow")
    assert git.commit_of(first) is None

    assert git.fetch_main() == second == git.commit_of("origin/main")
    assert git.is_ancestor(first, second)


def test_an_origin_that_is_gone_or_was_never_named_is_told(origin: Path) -> None:
    shutil.rmtree(origin)
    with pytest.raises(RegistryError, match=r"origin \(.*name\.git\) did not do .*ls-remote"):
        git.fetch_main()

    run("remote", "remove", "origin")
    with pytest.raises(RegistryError, match="git remote add origin"):
        git.fetch_main()


def test_a_password_in_origin_s_address_is_not_shown() -> None:
    run("remote", "add", "origin", "http://me:hunter2@127.0.0.1:9/name.git")

    with pytest.raises(RegistryError) as refused:
        git.fetch_main()
    assert "127.0.0.1" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_who_is_at_work_is_the_actor_or_git_s_user(monkeypatch: pytest.MonkeyPatch) -> None:
    run("config", "user.name", "Ann Other")
    run("config", "user.email", "ann@example.invalid")
    assert git.committer() == ("Ann Other", "ann@example.invalid")

    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    assert git.identity() == "octocat"
    assert git.committer()[1] == "octocat@users.noreply.github.com"


def test_now_is_the_clock_unless_git_is_told_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_COMMITTER_DATE", raising=False)
    assert abs(git.now() - time.time()) <= 2

    monkeypatch.setenv("GIT_COMMITTER_DATE", "1372651200 +0200")
    assert git.now() == 1372651200


def test_a_git_that_knows_nobody_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    run("config", "user.useConfigOnly", "true")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)

    with pytest.raises(DeclarationError, match=r"git config --global user\.name"):
        git.identity()


class Server(BaseHTTPRequestHandler):
    """git over HTTP, by git's own program for it, for who shows the token alone."""

    root: Path
    seen: list[str | None]

    def do_GET(self) -> None:
        self.seen.append(self.headers["Authorization"])
        if self.headers.get_all("Authorization") != [f"Basic {SECRET}"]:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="here"')
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        asked = self.rfile.read(int(self.headers["Content-Length"] or 0))
        environment = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "somebody",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers["Content-Type"] or "",
            "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
            "HTTP_GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
        }
        said = subprocess.run(
            ["git", "http-backend"],
            input=asked,
            env=os.environ | environment,
            capture_output=True,
            check=True,
        ).stdout
        headers, _, body = said.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in headers.decode().split("\r\n"):
            self.send_header(*line.split(": ", 1))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(origin: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """GitHub on loopback, which has `origin`; it is the current repository's remote."""
    Server.root, Server.seen = origin.parent, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    run("remote", "set-url", "origin", f"{address}/name.git")
    monkeypatch.setenv("GITHUB_SERVER_URL", address)
    monkeypatch.setenv("CI", "true")
    yield address
    server.shutdown()
    server.server_close()


def test_the_token_of_a_workflow_reads_and_writes_and_is_seen_by_nobody_else(
    address: str, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `git` that notes how it is called stands before the real one."""
    notes, programs = tmp_path / "notes", tmp_path / "programs"
    programs.mkdir()
    (programs / "git").write_text(
        f'#!/bin/sh\necho "$@" >> {notes}\nexec {shutil.which("git")} "$@"'
    )
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    config = Path(".git/config").read_bytes()

    assert git.fetch_main() == commit_of_main()
    git.origin("push", "--quiet", "origin", "main:refs/heads/other")

    assert run("--git-dir", str(origin), "rev-parse", "other") == commit_of_main()
    assert set(Server.seen) == {f"Basic {SECRET}"}
    assert Path(".git/config").read_bytes() == config
    called = notes.read_text()
    assert "push --quiet origin" in called
    assert TOKEN not in called
    assert SECRET not in called


def test_what_a_checkout_left_in_the_configuration_does_not_double_the_token(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("config", f"http.{address}/.extraheader", "Authorization: Basic b2xk")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)

    assert git.fetch_main() == commit_of_main()


def test_without_a_token_a_workflow_fails_at_once_instead_of_asking(address: str) -> None:
    with pytest.raises(RegistryError, match="could not read Username"):
        git.fetch_main()


def test_another_server_is_not_shown_the_token(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")

    with pytest.raises(RegistryError):
        git.fetch_main()
    assert set(Server.seen) == {None}


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("https://github.com", True),
        ("https://github.example/", True),
        ("http://localhost:8080", True),
        ("http://github.example", False),
        ("http://127.0.0.1.example", False),
        ("", True),
    ],
)
def test_the_token_goes_over_lines_that_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, server: str, shown: bool
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_SERVER_URL", server)

    assert any(SECRET in value for value in git.authentication().values()) == shown


def test_what_the_environment_configures_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "some.key")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "kept")

    told = subprocess.run(
        ["git", "config", "--get-regexp", r"^(some|http)\."],
        env=os.environ | git.authentication(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told == [
        "some.key kept",
        "http.https://github.com/.extraheader ",
        f"http.https://github.com/.extraheader Authorization: Basic {SECRET}",
    ]
