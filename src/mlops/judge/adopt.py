"""Taking over what a run has made: dvc.lock, metrics/ and reports/, and nothing else."""

import shutil
from pathlib import Path

from mlops.errors import DataError
from mlops.files import replacing

TAKEN = ("dvc.lock", "metrics/*.json", "reports/*.md", "reports/plots/*.csv")
LARGEST = 5_000_000  # bytes of a file


def adopt(folder: Path) -> list[Path]:
    """Make the results here those in `folder`, each file whole; returns what was copied.

    Only plain files of the names above are taken; results that the run has not are removed.
    Raises DataError when there are none, or one is a link or too large; nothing is copied then.
    """
    found = [path for pattern in TAKEN for path in sorted(folder.glob(pattern))]
    for path in found:
        plain(folder, path)
    if not (folder / "dvc.lock").is_file():
        raise DataError(f"{folder} has no dvc.lock: it holds no results of a run")
    taken = [path.relative_to(folder) for path in found]
    for name in taken:
        with replacing(name) as scratch:
            shutil.copyfile(folder / name, scratch)
    for pattern in TAKEN:
        for name in Path().glob(pattern):
            if name not in taken:
                name.unlink()
    return taken


def plain(folder: Path, path: Path) -> None:
    """DataError unless `path` is a file of `folder` itself, no link, and not too large."""
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{path} is a link; results are plain files")
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is no plain file")
    if path.exists() and path.stat().st_size > LARGEST:
        raise DataError(f"{path} has {path.stat().st_size:,} bytes, more than {LARGEST:,}")
