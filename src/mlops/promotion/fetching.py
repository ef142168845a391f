"""What a champion is asked by, from its release: for the judge, who knows of no GitHub."""

import os
import re
import subprocess

from mlops.github import releases
from mlops.github.api import Api, GitHubError
from mlops.judge.workplace import Fetch
from mlops.registry import outputs

LARGEST = 2 << 30  # bytes that GitHub lets a file of a release have

_HOST = re.compile(r"(https?|ssh|git)://|[\w.-]+@[\w.-]+:")  # and not a folder


def from_releases(api: Api | None) -> Fetch | None:
    """How the archive of a champion's release is had; None where no GitHub is known."""
    if api is None:
        return None

    def fetch(tag: str) -> bytes:
        release = releases.find(api, tag)
        if release is None or release.draft:
            raise GitHubError(f"{tag} has no release")
        return releases.download(api, release, outputs.NAME, LARGEST)

    return fetch


def github() -> Api | None:
    """GitHub as the environment names it; None where nothing does, such as with a local origin."""
    asked = ["git", "remote", "get-url", "origin"]
    origin = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    if not os.environ.get("GITHUB_REPOSITORY") and not _HOST.match(origin):
        return None
    try:
        return Api.from_environment()
    except GitHubError:  # without a token there is nobody to ask as
        return None
