"""DVC, called as a person would call it."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from mlops.errors import INTERRUPTED

CACHE = Path(".dvc/cache/files/md5")


def checkout(target: str) -> bool:
    """Whether the local cache held everything of `target`, which now is in the work tree."""
    if not CACHE.is_dir():
        return False
    return _quietly("checkout", "--quiet", target)


def pull(target: str) -> bool:
    """Whether a remote is configured and gave everything of `target`."""
    remotes = subprocess.run(
        _command("remote", "list"), capture_output=True, text=True, check=False
    )
    return bool(remotes.stdout.strip()) and _quietly("pull", "--quiet", target)


def commit(target: str) -> None:
    """Record the work tree's content of `target` in the cache."""
    subprocess.run(_command("commit", "--quiet", "--force", target), env=_environment(), check=True)


def repro(arguments: list[str]) -> int:
    """`dvc repro`; returns 0, or the exit code of the stage that failed."""
    process = subprocess.Popen(
        _command("repro", *arguments), stderr=subprocess.PIPE, text=True, env=_environment()
    )
    said: list[str] = []
    reader = threading.Thread(target=_pass_on, args=(process, said), daemon=True)
    reader.start()
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        return INTERRUPTED
    reader.join()
    stage = re.search(r"exited with (-?\d+)", "".join(said))
    return int(stage.group(1)) if code and stage else code


def cached_listing(md5: str) -> dict[str, str] | None:
    """The files of a pinned folder with their md5, when the local cache knows the folder."""
    listing = CACHE / md5[:2] / md5[2:]
    if not listing.is_file():
        return None
    return {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_text("utf-8"))}


def _pass_on(process: subprocess.Popen[str], said: list[str]) -> None:
    for line in process.stderr or ():
        said.append(line)
        sys.stderr.write(line)
        sys.stderr.flush()


def _quietly(*arguments: str) -> bool:
    run = subprocess.run(_command(*arguments), capture_output=True, env=_environment(), check=False)
    return run.returncode == 0


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dvc", *arguments]


def _environment() -> dict[str, str]:
    """Put this environment's programs first: a stage's `python` is the one that runs here."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path, "DVC_NO_ANALYTICS": "1"}
