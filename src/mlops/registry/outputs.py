"""The pipeline's outputs that a champion is asked by, as one archive of its release.

They are objects of the DVC cache, which dvc.lock names by their md5. Whoever has the lock can
therefore tell whether an archive holds them, wherever it comes from.
"""

import gzip
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops import dvc
from mlops.data.pin import md5_of
from mlops.files import replacing
from mlops.progress import console
from mlops.registry.errors import RegistryError

NAME = "pipeline-outputs.tar.gz"
PREDICTIONS = "artifacts/predictions.parquet"
MODELS = ("artifacts/model.joblib", "artifacts/baselines.joblib")
TRAINED_ON = "artifacts/train.parquet"
LARGEST = 1_500_000_000  # bytes of the outputs together; a file of a release may have 2 GiB

_PATHS = (PREDICTIONS, *MODELS, TRAINED_ON)  # the most useful first
_LOCK = Path("dvc.lock")
_SCRATCH = Path(".mlops")
_ENTRY = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30})")
_SLACK = 1 << 16  # bytes of an archive that are not content: headers, padding, its end
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Output:
    """A file that the pipeline wrote, as dvc.lock records it; `size` in bytes."""

    path: str
    md5: str
    size: int


def pack(into: Path) -> Path:
    """Write the archive of what the dvc.lock here names into the folder `into`; its path.

    The same outputs give the same bytes. What does not fit under LARGEST is left out, and the
    champion's pipeline has to be run again for it. Raises RegistryError when the cache lacks an
    output, or has another.
    """
    outputs = _recorded(_LOCK.read_text(encoding="utf-8") if _LOCK.is_file() else "")
    if not outputs:
        raise RegistryError(f"{_LOCK} names no {PREDICTIONS}; `make run` writes both")
    with (
        replacing(into / NAME) as scratch,
        scratch.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for output in _fitting(outputs):
            _add(archive, output)
    return into / NAME


def restore(archive: Path, lock: str) -> list[str]:
    """Bring the outputs that the text of a dvc.lock names from an archive into the DVC cache.

    Returns their paths. Nothing enters the cache unless every entry is a plain file with the name,
    the size and the md5 of one of these outputs, each at most once. Raises RegistryError otherwise.
    """
    wanted = {output.md5: output for output in _recorded(lock)}
    _SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_SCRATCH, prefix="outputs-") as scratch:
        try:
            found = _unpacked(archive, wanted, Path(scratch))
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as broken:
            raise RegistryError(f"{archive.name} is not a sound archive: {broken}") from None
        for md5 in found:
            _keep(Path(scratch) / md5, md5)
    return [wanted[md5].path for md5 in found]


def _fitting(outputs: list[Output]) -> Iterator[Output]:
    left = LARGEST
    for output in outputs:
        if output.size > left:
            console.print(f"{output.path} is too large for a release, and left out", markup=False)
            continue
        left -= output.size
        yield output


def _add(archive: tarfile.TarFile, output: Output) -> None:
    cached = dvc.cached(output.md5)
    if cached is None:
        raise RegistryError(
            f"{output.path} is not in the DVC cache as {_LOCK} names it; `make run` brings it there"
        )
    if md5_of(cached) != output.md5:
        raise RegistryError(
            f"{cached} is not what its name says; delete it, and `make run` makes it again"
        )
    entry = tarfile.TarInfo(f"files/md5/{output.md5[:2]}/{output.md5[2:]}")
    entry.size = cached.stat().st_size
    with cached.open("rb") as content:
        archive.addfile(entry, content)


def _unpacked(archive: Path, wanted: dict[str, Output], into: Path) -> list[str]:
    """Write every entry to a file of its md5; these, once all of them are what they should be."""
    plain = into / "plain.tar"
    _expand(archive, plain, sum(output.size for output in wanted.values()) + _SLACK)
    found: list[str] = []
    with tarfile.open(plain, mode="r:") as bundle:
        for entry in bundle:
            md5 = _named(entry)
            if md5 not in wanted or md5 in found or entry.size != wanted[md5].size:
                raise RegistryError(
                    f"{archive.name} holds {entry.name[:200]!r}, which is not an output that the "
                    f"champion's {_LOCK} names, or not once and of its size; nothing of it is used"
                )
            content = bundle.extractfile(entry)
            assert content is not None  # noqa: S101 - it is a plain file
            with (into / md5).open("wb") as file:
                shutil.copyfileobj(content, file)
            if md5_of(into / md5) != md5:
                raise RegistryError(
                    f"{archive.name}: {entry.name} has another md5 than its name says; nothing of "
                    f"it is used"
                )
            found.append(md5)
    return found


def _expand(archive: Path, plain: Path, allowed: int) -> None:
    """A small archive may unpack to a huge one: no more than `allowed` bytes are written."""
    with gzip.open(archive) as packed, plain.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            allowed -= len(chunk)
            if allowed < 0:
                raise RegistryError(f"{archive.name} unpacks to more than the outputs have")
            file.write(chunk)


def _named(entry: tarfile.TarInfo) -> str:
    match = _ENTRY.fullmatch(entry.name)
    return match[1] + match[2] if match and entry.isreg() and not entry.issparse() else ""


def _keep(file: Path, md5: str) -> None:
    target = dvc.CACHE / md5[:2] / md5[2:]
    if not target.is_file():
        with replacing(target) as scratch:
            shutil.copyfile(file, scratch)
            scratch.chmod(0o444)  # as DVC keeps its objects


def _recorded(lock: str) -> list[Output]:
    """The outputs of `_PATHS` that a dvc.lock records as files, in that order."""
    try:
        content = YAML(typ="safe").load(lock)
        stages: dict[str, Any] = content["stages"]
        outs = {out["path"]: out for stage in stages.values() for out in stage.get("outs", [])}
        found = [
            Output(path, str(outs[path]["md5"]), int(outs[path]["size"]))
            for path in _PATHS
            if path in outs
        ]
    except (YAMLError, TypeError, KeyError, AttributeError, ValueError):
        return []
    files = [output for output in found if re.fullmatch(r"[0-9a-f]{32}", output.md5)]
    return list({output.md5: output for output in files}.values())  # one object may have two names
