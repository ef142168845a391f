"""data/ as data.dvc pins it: from the DVC cache or remote, else rebuilt from the source."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlops import dvc
from mlops.contract import Source, load
from mlops.data import pin
from mlops.errors import DataError
from mlops.files import replacing
from mlops.progress import step

Origin = Literal["in place", "cache", "remote", "source"]


@dataclass(frozen=True)
class Obtained:
    """Where data/ came from, and the last period it covers."""

    origin: Origin
    through: str


def materialise(*, restore: bool = False) -> Obtained:
    """Bring data/ to what data.dvc pins, and prove it by the hash.

    A data/ that differs is somebody's work: it is replaced only when `restore` says so.
    Raises DataError that names the files that differ, or why the data cannot be had.
    """
    pinned = pin.read()
    if pin.DATA.exists() and not restore:
        found = pin.digest(pin.DATA)
        if found.md5 == pinned.md5:
            return Obtained("in place", pinned.through)
        raise _differs(found, pinned)
    with step("data: asking the DVC cache and remote"):
        if dvc.checkout(str(pin.PATH)) and pin.digest(pin.DATA).md5 == pinned.md5:
            return Obtained("cache", pinned.through)
        if dvc.pull(str(pin.PATH)) and pin.digest(pin.DATA).md5 == pinned.md5:
            return Obtained("remote", pinned.through)
    _rebuild(pinned.through, pinned)
    return Obtained("source", pinned.through)


def advance(through: str | None = None) -> Obtained:
    """Build the data from its source, up to the period `through`, and point data.dvc at it.

    Without `through` it is the last period that the source has. Without a data.dvc this makes one:
    how a new problem begins.

    Raises DataError when the source has no such period, or data/ holds somebody's changes.
    """
    periods = load(Source).PERIODS
    through = through or (periods[-1] if periods else "")
    if through and through not in periods:
        there = f"{periods[0]} to {periods[-1]}" if periods else "none: it does not come in parts"
        raise DataError(f"the source has no period {through!r}; it has {there}")
    if pin.PATH.exists() and pin.DATA.exists():
        pinned, found = pin.read(), pin.digest(pin.DATA)
        if found.md5 != pinned.md5:
            raise _differs(found, pinned)
    content = _rebuild(through, None)
    pin.write(content, through)
    dvc.commit(str(pin.PATH))
    return Obtained("source", through)


def _rebuild(through: str, expected: pin.Pin | None) -> pin.Digest:
    source = load(Source)
    with replacing(pin.DATA) as scratch:
        raw = scratch / pin.RAW.relative_to(pin.DATA)
        raw.mkdir(parents=True)
        until = f", through {through}" if through else ""
        with step(f"data: rebuilding it from its source{until}"):
            try:
                source.materialise(raw, through)
            except (OSError, ValueError, LookupError) as reason:
                raise DataError(f"the data cannot be rebuilt from its source: {reason}") from reason
        content = pin.digest(scratch)
        if expected and content.md5 != expected.md5:
            raise DataError(
                f"{pin.PATH} pins {expected.md5}, but its source gives {content.md5}: "
                f"src/problem/source.py or its package changed. Undo that, or configure the DVC "
                f"remote that holds the pinned data (`dvc remote add -d NAME URL`)",
                file=str(pin.PATH),
            )
        return content


def _differs(found: pin.Digest, pinned: pin.Pin) -> DataError:
    names = _changed(found, pinned)
    which = f": {', '.join(names[:5])}{' …' if len(names) > 5 else ''}" if names else ""
    return DataError(
        f"{pin.DATA}/ is not what {pin.PATH} pins (md5 {found.md5}, expected {pinned.md5}){which}. "
        f"To go back to the pinned data: `mlops data --restore`. To keep yours as the new version: "
        f"`dvc add {pin.DATA}`, then commit {pin.PATH}",
        file=str(pin.PATH),
    )


def _changed(found: pin.Digest, pinned: pin.Pin) -> list[str]:
    """The files that differ from the pinned ones, as far as cache or source can tell."""
    expected = dvc.cached_listing(pinned.md5) or _listing_from_source(pinned)
    if expected is None:
        return []
    names = sorted(set(found.files) | set(expected))
    return [
        f"{pin.DATA / name} ({_how(found.files.get(name), expected.get(name))})"
        for name in names
        if found.files.get(name) != expected.get(name)
    ]


def _how(found: str | None, expected: str | None) -> str:
    if found is None:
        return "missing"
    return "not expected" if expected is None else "altered"


def _listing_from_source(pinned: pin.Pin) -> dict[str, str] | None:
    scratch = Path(".mlops") / "expected"
    shutil.rmtree(scratch, ignore_errors=True)
    raw = scratch / pin.RAW.relative_to(pin.DATA)
    raw.mkdir(parents=True)
    try:
        load(Source).materialise(raw, pinned.through)
        expected = pin.digest(scratch)
    except (OSError, ValueError, LookupError):
        return None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return expected.files if expected.md5 == pinned.md5 else None
