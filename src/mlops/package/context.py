"""The few files that an image is built from, gathered in a folder of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mlops.files import write_text
from mlops.package.errors import PackagingError
from mlops.package.exported import FOLDER
from serving.manifest import BUILD, Build

DOCKERFILE = Path("Dockerfile")
PARTS = (Path("requirements/serve.txt"), Path("src/serving"), FOLDER)
"""What the Dockerfile copies."""


@contextmanager
def staged(build: Build) -> Iterator[Path]:
    """A folder with the Dockerfile, what it copies, and build.json beside the model.

    Everybody may read its files, whatever the umask that they were checked out with: the server
    runs as a user who owns none of them. Raises PackagingError when one is missing.
    """
    with tempfile.TemporaryDirectory(prefix="image-") as scratch:
        folder = Path(scratch)
        for part in (DOCKERFILE, *PARTS):
            if not part.exists():
                raise PackagingError(f"{part} is missing; restore it with `git checkout {part}`")
            target = folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if part.is_dir():
                shutil.copytree(part, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(part, target)
        write_text(folder / FOLDER / BUILD, msgspec.json.encode(build).decode())
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder
