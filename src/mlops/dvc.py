"""DVC, called as a person would call it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlops import remote
from mlops.errors import INTERRUPTED, DataError
from mlops.github.job import say

CACHE = Path(".dvc/cache/files/md5")
NAME = "mlops-remote"  # by which DVC knows what MLOPS_REMOTE names
_unreadable: list[str] = []  # why the remote cannot be read, once that is known


def checkout(target: str) -> bool:
    """Whether the local cache held everything of `target`, which now is in the work tree."""
    if not CACHE.is_dir():
        return False
    return _quietly("checkout", "--quiet", target)


def remotes() -> bool:
    """Whether there is any remote: MLOPS_REMOTE names it, or a configuration of DVC's."""
    if os.environ.get(remote.ADDRESS):
        return True
    listed = subprocess.run(_command("remote", "list"), capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def pull(target: str) -> bool:
    """Whether there is a remote and it gave everything of `target`.

    One that cannot be read is told, once, and asked no more; what it lacks is no news.
    """
    if _unreadable or not remotes():
        return False
    done = _asked_of_the_remote("pull", target)  # quiet, it would not say why
    if done.returncode and (why := remote.trouble(done.stderr + done.stdout)):
        _unreadable.append(why)
        say(f"nothing comes from the DVC remote, so it is made here: {why}. See docs/remotes.md")
    return done.returncode == 0


def push() -> tuple[int, str]:
    """Push all that data.dvc and dvc.lock name, and DVC's memory of runs; its code and its words.

    It ends with 0 although something is neither here nor there; then it says so.
    """
    done = _asked_of_the_remote("push", "--run-cache")
    return done.returncode, done.stderr + done.stdout


def _asked_of_the_remote(*arguments: str) -> subprocess.CompletedProcess[str]:
    with knowing_the_remote() as (options, environment):
        command = _command(*arguments, *options)
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@contextmanager
def knowing_the_remote() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Options and the environment with which DVC turns to the remote: MLOPS_REMOTE, else its own.

    It learns the address, a URL or a path, from a configuration that is gone afterwards: nothing is
    written to the repository. What comes from there is checked against its hash.
    """
    address = os.environ.get(remote.ADDRESS)
    if not address:
        yield [], _environment()
        return
    options = remote.settings(address) | {"verify": "true"}
    lines = (f'    {name} = "{value}"\n' for name, value in options.items())
    settings = f"['remote \"{NAME}\"']\n{''.join(lines)}"
    with tempfile.TemporaryDirectory(prefix="dvc-") as folder:
        (Path(folder) / "config").write_text(settings, encoding="utf-8")
        yield ["--remote", NAME], _environment() | {"DVC_SYSTEM_CONFIG_DIR": folder}


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


def status() -> dict[str, Any]:
    """What differs here from data.dvc and dvc.lock, by stage, as DVC tells it; empty for nothing.

    Raises DataError when DVC cannot tell.
    """
    run = subprocess.run(
        _command("status", "--json"),
        capture_output=True,
        text=True,
        env=_environment(),
        check=False,
    )
    if run.returncode:
        raise DataError(f"`dvc status` failed: {run.stderr.strip()[-300:]}")
    return dict(json.loads(run.stdout))


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
