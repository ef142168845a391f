"""What a run left: found by run and name, measured, and unpacked by a list of allowed paths."""

import io
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from mlops.errors import Failure
from mlops.files import replacing
from mlops.github.api import Api, TooLargeError


class RejectedError(Failure):
    """An artifact is not what a run of this repository's workflow leaves; nothing of it is used."""

    exit_code = 10


@dataclass(frozen=True)
class Kind:
    """What an artifact may hold."""

    paths: re.Pattern[str]
    """Full paths of the files, with forward slashes."""
    files: int
    """How many, at most."""
    size: int
    """Bytes of all files together, and of the archive, at most."""


@dataclass(frozen=True)
class Artifact:
    """An artifact as the API lists it; `size` in bytes, as stored."""

    id: int
    size: int
    expired: bool


MIB = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what upload-artifact writes
_VERDICT = Kind(re.compile(r"verdict\.json"), files=1, size=2 * MIB)
KINDS = {
    "verdict": _VERDICT,
    "judged": _VERDICT,
    "monitor": Kind(re.compile(r"monitor\.(json|md|html)"), files=3, size=20 * MIB),
    "run": Kind(
        re.compile(
            r"dvc\.lock"
            r"|metrics/[A-Za-z0-9_-]+\.json"
            r"|reports/[A-Za-z0-9_-]+\.md"
            r"|reports/plots/[A-Za-z0-9_-]+\.csv"
        ),
        files=60,
        size=20 * MIB,
    ),
}


def find(api: Api, run: int, name: str) -> Artifact | None:
    """The newest artifact `name` of that very run, if it has one; a re-run may leave several."""
    listed = api.pages(f"actions/runs/{run}/artifacts", "artifacts", name=name)
    found = [entry for entry in listed if entry["name"] == name]
    if not found:
        return None
    newest = max(found, key=lambda entry: int(entry["id"]))
    return Artifact(int(newest["id"]), int(newest["size_in_bytes"]), bool(newest["expired"]))


def fetch(api: Api, run: int, name: str) -> dict[str, bytes]:
    """The files of the artifact `name` of a run, by path.

    Raises RejectedError when there is none, or it is larger or other than KINDS allows.
    """
    kind = KINDS[name]
    artifact = find(api, run, name)
    if artifact is None or artifact.expired:
        state = "has expired" if artifact else "is missing: the run stopped before it was made"
        raise RejectedError(f"the artifact {name} of run {run} {state}")
    if artifact.size > kind.size:
        raise RejectedError(
            f"the artifact {name} has {artifact.size:,} bytes, {kind.size:,} are allowed"
        )
    try:
        archive = api.download(f"actions/artifacts/{artifact.id}/zip", limit=kind.size)
    except TooLargeError as large:
        raise RejectedError(f"the artifact {name}: {large}") from None
    return unpack(archive, name)


def unpack(archive: bytes, name: str) -> dict[str, bytes]:
    """The files of a zip archive, by path, after each entry has been looked at.

    Raises RejectedError for what is no zip, a path that is not allowed, a link, an encrypted or
    doubled entry, too many files or bytes. Sizes that the archive states are not believed.
    """
    kind = KINDS[name]
    left = kind.size
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
            entries = [e for e in bundle.infolist() if not e.is_dir()]
            if not 0 < len(entries) <= kind.files:
                raise RejectedError(
                    f"the artifact {name} has {len(entries)} files, expected 1 to {kind.files}"
                )
            for entry in entries:
                _check(entry, kind, name)
                if entry.filename in files:
                    raise RejectedError(f"the artifact {name} has {entry.filename} twice")
                with bundle.open(entry) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise RejectedError(
                        f"the artifact {name} unpacks to more than {kind.size:,} bytes"
                    )
                files[entry.filename] = content
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,  # zipfile's, for a compression it does not know
        RuntimeError,  # likewise, for an encrypted file
        EOFError,
        ValueError,
    ) as broken:
        raise RejectedError(f"the artifact {name} is not a sound zip archive: {broken}") from None
    return files


def download(name: str, run_id: int, into: Path, api: Api | None = None) -> list[Path]:
    """Write the files of an artifact under `into`, each whole or not at all; returns their paths.

    Raises RejectedError before anything is written, GitHubError when GitHub refuses.
    """
    files = fetch(api or Api.from_environment(), run_id, name)
    root = into.resolve()
    for path in files:
        if not (root / path).resolve().is_relative_to(root):
            raise RejectedError(f"{into / path} is a link that leads out of {into}")
    for path, content in files.items():
        with replacing(root / path) as scratch:
            scratch.write_bytes(content)
    return [into / path for path in files]


def _check(entry: zipfile.ZipInfo, kind: Kind, name: str) -> None:
    form = stat.S_IFMT(entry.external_attr >> 16)
    for wrong, what in (
        (not kind.paths.fullmatch(entry.filename), "a path that is not expected"),
        (form not in (0, stat.S_IFREG), "no plain file"),
        (entry.flag_bits & 0x1, "encrypted"),
        (entry.compress_type not in METHODS, "packed in a way whose size cannot be bounded"),
        (entry.file_size > kind.size, f"larger than {kind.size:,} bytes"),
    ):
        if wrong:
            raise RejectedError(f"the artifact {name} holds {entry.filename!r}: {what}")
