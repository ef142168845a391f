"""What is going to be written: shown, kept from overwriting anybody's work, done whole or not."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.table import Table

from mlops import git
from mlops.errors import Refused
from mlops.files import read_json, replacing, write_json
from mlops.progress import console

Files = Mapping[str, bytes | None]
"""Content by path from the repository's root; None: the file is removed."""
WRITTEN = Path(".mlops/init.json")
"""What the last time left, by path, so that its uncommitted files are not taken for somebody's."""


def changes(wanted: Files) -> dict[str, bytes | None]:
    """Of what is wanted, what is not so already."""
    return {path: content for path, content in wanted.items() if content != _content(path)}


def show(changed: Files) -> None:
    """A line for each file that is written or changed, and for each folder that loses some."""
    table = Table(title="what changes")
    for heading in ("", "file"):
        table.add_column(heading)
    lost = Counter(_place(path) for path, content in changed.items() if content is None)
    for path, content in sorted(changed.items()):
        if content is not None:
            table.add_row("change" if Path(path).is_file() else "new", path)
    for place, count in sorted(lost.items()):
        table.add_row("remove", f"{place} {_files(count)}" if place.endswith("/") else place)
    console.print(table)


def check(theirs: Path | None = None) -> None:
    """Raise Refused when anything is not committed but what the last time left, and `theirs`."""
    if git.head() is None:
        raise Refused(
            "there is no commit to go back to; `git init && git add -A && git commit -m copy`, "
            "and again"
        )
    left = read_json(WRITTEN) if WRITTEN.is_file() else {}
    others = [
        path
        for path in git.changed_files("HEAD")
        if not (path in left and left[path] == _digest(_content(path)))
        and (theirs is None or Path(path).resolve() != theirs.resolve())
    ]
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        raise Refused(
            f"not committed: {', '.join(others[:5])}{more}. Commit or stash them first, so that "
            f"you can go back to how it was"
        )


def apply(changed: Files, then: Callable[[], None]) -> None:
    """Write and remove all of it, and do the rest; when anything stops it, all is as before."""
    before = {path: _content(path) for path in changed}
    try:
        _write(changed)
        then()
    except BaseException:
        _write(before)
        raise
    left = read_json(WRITTEN) if WRITTEN.is_file() else {}
    now = {path: _digest(content) for path, content in changed.items()}
    write_json(WRITTEN, left | now)


def _write(files: Files) -> None:
    for name, content in files.items():
        path = Path(name)
        if content is None:
            path.unlink(missing_ok=True)
            _prune(path.parent)
            continue
        with replacing(path) as scratch:
            scratch.write_bytes(content)
            if path.is_file():
                shutil.copymode(path, scratch)


def _prune(folder: Path) -> None:
    """Remove a folder that holds nothing any more, but for bytecode; likewise those above it."""
    while folder.is_dir() and folder != Path():
        if any(inside.name != "__pycache__" for inside in folder.iterdir()):
            return
        shutil.rmtree(folder)
        folder = folder.parent


def _files(count: int) -> str:
    return f"({count} file{'s' if count > 1 else ''})"


def _place(path: str) -> str:
    folders = Path(path).parts[:-1][:2]
    return f"{'/'.join(folders)}/" if folders else path


def text(path: str) -> str:
    """A file's text; empty where there is none."""
    return (_content(path) or b"").decode()


def _content(path: str) -> bytes | None:
    there = Path(path)
    return there.read_bytes() if there.is_file() else None


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
