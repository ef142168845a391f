"""artifacts/export: the folder that the server reads."""

from pathlib import Path

from ruamel.yaml import YAML

from mlops.data import pin
from mlops.package.errors import PackagingError
from serving import manifest
from serving.errors import Unservable
from serving.manifest import Manifest

FOLDER = Path("artifacts/export")
LOCK = Path("dvc.lock")


def read() -> Manifest:
    """The manifest of the exported model.

    Raises PackagingError when there is no such model, when a file of it was altered, or when it is
    not the one that dvc.lock records: then the image would not be what its commit says.
    """
    if not FOLDER.is_dir():
        raise PackagingError(f"{FOLDER}: there is no exported model; make it with `mlops run`")
    try:
        described, _ = manifest.read(FOLDER)
    except Unservable as broken:
        raise PackagingError(str(broken)) from None
    expected, found = recorded(), pin.digest(FOLDER).md5
    if expected != found:
        raise PackagingError(
            f"{FOLDER} is not what {LOCK} records (md5 {found}, expected {expected or 'one'}); "
            f"bring it up to date with `mlops run`",
            file=str(LOCK),
        )
    return described


def recorded() -> str | None:
    """The md5 that dvc.lock has for the folder, if it has one."""
    if not LOCK.is_file():
        return None
    stages = YAML(typ="safe").load(LOCK.read_text("utf-8")).get("stages", {})
    for out in stages.get("export", {}).get("outs", []):
        if out["path"] == FOLDER.as_posix():
            return str(out["md5"])
    return None
