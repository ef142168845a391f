"""git's objects of this repository, with those of the template beside them."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from mlops import git
from mlops.template.errors import TemplateError

NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "-"), ("EMAIL", "-"), ("DATE", "@0 +0000"))
}
"""Of commits that only serve a merge; the same files make the same commit."""

Environment = Mapping[str, str]
NOTHING: Environment = MappingProxyType({})
Entry = tuple[str, str]  # a file's mode, and the hash of its content
Files = dict[str, Entry]


@dataclass(frozen=True)
class Store:
    """How git is called; `environment` says where it puts what it makes, `within` adds to it."""

    environment: Environment = field(default_factory=dict)

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        within: Environment = NOTHING,
        patience: float | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """As it ended; subprocess.TimeoutExpired when it has not after `patience` seconds."""
        return subprocess.run(
            ["git", *arguments],
            input=given,
            env={**os.environ, **self.environment, **within},
            capture_output=True,
            check=False,
            timeout=patience,
        )

    def said(self, *arguments: str, given: bytes = b"", within: Environment = NOTHING) -> str:
        """What git printed, without the last line's end; TemplateError when it refused."""
        return os.fsdecode(self.raw(*arguments, given=given, within=within)).strip("\n")

    def raw(self, *arguments: str, given: bytes = b"", within: Environment = NOTHING) -> bytes:
        """What git printed; TemplateError when it refused."""
        run = self.run(*arguments, given=given, within=within)
        if run.returncode:
            raise TemplateError(f"`git {arguments[0]}` failed: {reason(run)}")
        return run.stdout

    def has(self, commit: str) -> bool:
        """Whether a commit is here."""
        return self.run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def files(self, tree: str) -> Files:
        """Every file of a tree or commit, by path."""
        listed = os.fsdecode(self.raw("ls-tree", "-r", "-z", "--full-tree", tree))
        entries = (entry.split("\t", 1) for entry in filter(None, listed.split("\0")))
        return {path: (told.split()[0], told.split()[2]) for told, path in entries}

    def tree(self, files: Files) -> str:
        """The tree of these files; the index of the work tree stays as it is."""
        listed = "".join(f"{mode} {blob}\t{path}\0" for path, (mode, blob) in files.items())
        with tempfile.TemporaryDirectory(prefix="index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self.said("update-index", "-z", "--index-info", given=os.fsencode(listed), within=index)
            return self.said("write-tree", within=index)

    def blob(self, content: bytes) -> str:
        """The hash of `content`, which is here from now on."""
        return self.said("hash-object", "-w", "--stdin", given=content)


@contextmanager
def opened(*, keep: bool) -> Iterator[Store]:
    """The objects of this repository; unless `keep`, what git makes goes elsewhere, and is lost."""
    if keep:
        yield Store()
        return
    own = Store().said("rev-parse", "--path-format=absolute", "--git-path", "objects")
    with tempfile.TemporaryDirectory(prefix="objects-") as scratch:
        others = [own, os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "")]
        beside = os.pathsep.join(filter(None, others))
        yield Store({"GIT_OBJECT_DIRECTORY": scratch, "GIT_ALTERNATE_OBJECT_DIRECTORIES": beside})


def head() -> str:
    """The commit that is checked out.

    Raises TemplateError where there is none.
    """
    found = git.head()
    if found is None:
        raise TemplateError("there is no commit here yet; `git add -A && git commit` makes one")
    return found


def reason(run: subprocess.CompletedProcess[bytes]) -> str:
    """Why git refused, without a password that stands in an address."""
    lines = [ln for ln in os.fsdecode(run.stderr).splitlines() if not ln.startswith("hint:")]
    told = [ln for ln in lines if re.match(r"fatal|error|remote: *\S", ln)] or lines
    said = (told or ["no reason was given"])[0].strip()
    return plain(re.sub(r"^(fatal|error): ", "", said))[:300]


def plain(address: str) -> str:
    """An address without what only its user may know: a password, or all before the @ of a URL."""
    return re.sub(r"(https?://)[^/@\s]*@|(://[^/@:\s]*):[^/@\s]*(?=@)", r"\1\2", address)
