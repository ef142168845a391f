"""DVC, called as a person would call it."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from ruamel.yaml import YAML

from mlops.errors import INTERRUPTED

CACHE = Path(".dvc/cache/files/md5")


def checkout(target: str) -> bool:
    """Whether the local cache held everything of `target`, which now is in the work tree."""
    if not CACHE.is_dir():
        return False
    return _quietly("checkout", "--quiet", target)


def remotes() -> bool:
    """Whether any remote is configured."""
    listed = subprocess.run(_command("remote", "list"), capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def pull(target: str) -> bool:
    """Whether a remote is configured and gave everything of `target`."""
    return remotes() and _quietly("pull", "--quiet", target)


def cached(md5: str) -> Path | None:
    """The file of this content in the local cache, if it is there."""
    file = CACHE / md5[:2] / md5[2:]
    return file if file.is_file() else None


def commit(target: str) -> None:
    """Record the work tree's content of `target` in the cache."""
    subprocess.run(_command("commit", "--quiet", "--force", target), env=_environment(), check=True)


def repro(arguments: list[str]) -> tuple[int, str]:
    """`dvc repro`: 0, or the exit code of the stage that failed; and what DVC said of it."""
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
        return INTERRUPTED, "interrupted"
    reader.join()
    text = "".join(said)
    stage = re.search(r"exited with (-?\d+)", text)
    error = re.search(r"^ERROR: (.+)", text, flags=re.MULTILINE) or re.search(r"(.+)", text)
    return int(stage.group(1)) if code and stage else code, error.group(1) if code and error else ""


def stages() -> list[str]:
    """The names of the pipeline's stages, in the order of dvc.yaml."""
    return list(YAML(typ="safe").load(Path("dvc.yaml").read_text("utf-8"))["stages"])


def cached_listing(md5: str) -> dict[str, str] | None:
    """The files of a pinned folder with their md5, when the local cache knows the folder."""
    listing = cached(md5)
    if listing is None:
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
