"""Small git repositories in the current directory."""

import subprocess
from pathlib import Path

IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]


def write(files: dict[str, str]) -> None:
    """Write texts by path, folders included."""
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def git(*arguments: str) -> str:
    """What git printed."""
    done = subprocess.run(
        ["git", *IDENTITY, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(message: str) -> str:
    """Commit all there is, in a repository that begins here unless there is one; the hash."""
    if not Path(".git").exists():
        git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", message)
    return git("rev-parse", "HEAD")
