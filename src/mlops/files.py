"""Files that are there whole or not at all."""

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DECIMALS = 6  # what is written is rounded here, so that the last bits of a machine do not show


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a scratch path beside `path`; on success it takes the place of `path`, else it is gone.

    The scratch path may become a file or a directory. A reader sees the old one or the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield scratch / path.name
        if path.is_dir():
            path.rename(scratch / "replaced")
        (scratch / path.name).replace(path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, ending in exactly one newline."""
    with replacing(path) as scratch:
        scratch.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write JSON with floats rounded to 6 decimals; NaN becomes null, which JSON can say."""
    write_text(path, json.dumps(rounded(content), indent=2, ensure_ascii=False, allow_nan=False))


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def rounded(content: Any) -> Any:
    """Copy nested lists and dictionaries with every float rounded; NaN and infinity become None."""
    if isinstance(content, dict):
        return {key: rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value) for value in content]
    if isinstance(content, float):
        finite = math.isfinite(content)
        return round(float(content), DECIMALS) + 0.0 if finite else None  # -0.0 becomes 0.0
    return content
