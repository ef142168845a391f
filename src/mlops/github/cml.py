"""CML (https://cml.dev), which posts or updates the comment where it can be trusted to find it."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

TITLE = "verdict"
MARK = re.compile(rf'!\[\]\(https://cml\.dev/watermark\.png#[0-9a-fA-F]+ "CML watermark {TITLE}"\)')
"""What CML appends to a comment of ours, and looks for; the commit in it does not matter."""
SEEN = 30  # comments, the oldest ones, among which CML looks
SECONDS = 120  # after which CML is given up

_PASSED_ON = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")


def mark(commit: str) -> str:
    """The watermark as CML would append it, so that it finds what was posted without it."""
    return f'![](https://cml.dev/watermark.png#{commit} "CML watermark {TITLE}")'


def command(repository: str, pull: int, file: Path) -> list[str]:
    """CML's command line. Its default would upload every local link in the file to a public host,
    hence --publish=false; and it would guess the pull request, hence --target.
    """
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return [
        "cml",
        "comment",
        "update",
        "--driver=github",
        f"--repo={server}/{repository}",
        f"--target=pr/{pull}",
        "--publish=false",
        f"--watermark-title={TITLE}",
        str(file),
    ]


def installed() -> bool:
    """Whether there is a `cml` on PATH."""
    return shutil.which("cml") is not None


def update(repository: str, pull: int, body: str, *, commit: str, token: str) -> str:
    """Have CML post or update; returns "" on success, else what it last said.

    It runs in a home of its own, because it writes to git's global configuration, with no telemetry
    and with nothing of this process's environment but PATH and the proxy.
    """
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "comment.md"
        file.write_text(body, encoding="utf-8")
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
            "HOME": home,
            "ITERATIVE_DO_NOT_TRACK": "1",
            "GITHUB_SHA": commit,  # goes into the watermark
            "REPO_TOKEN": token,
        }
        try:
            run = subprocess.run(
                command(repository, pull, file),
                env=environment,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no end after {SECONDS} seconds"
        except OSError as error:
            return str(error)
    if run.returncode == 0:
        return ""
    said = (run.stderr or run.stdout).strip().splitlines() or [f"exit code {run.returncode}"]
    return said[-1].replace(token, "***")
