"""Who we are to a registry, and which registry is told.

What a login left is found as docker and podman find it; `docker/login-action` leaves it there too.
In a job the token that GitHub gives is enough, and goes to GitHub's own registry and to this
machine's, nowhere else.
"""

import base64
import binascii
import json
import os
from pathlib import Path

from mlops.package import reference

GITHUB = "ghcr.io"


def of(registry: str) -> tuple[str, str] | None:
    """User and password for a registry; None when it is asked as everybody is."""
    return _login(registry) or _job(registry)


def _job(registry: str) -> tuple[str, str] | None:
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not token or not (registry == GITHUB or reference.is_local(registry)):
        return None
    return os.environ.get("GITHUB_ACTOR") or "token", token


def _login(registry: str) -> tuple[str, str] | None:
    """What `docker login` or `podman login` wrote, unless a keychain of the system's keeps it."""
    for path in _files():
        try:
            entry = json.loads(path.read_text("utf-8"))["auths"][registry]
            user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
        except (OSError, KeyError, TypeError, ValueError, binascii.Error):
            continue
        if user and password:
            return user, password
    return None


def _files() -> list[Path]:
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    found = [docker / "config.json"]
    if "XDG_RUNTIME_DIR" in os.environ:
        found.append(Path(os.environ["XDG_RUNTIME_DIR"]) / "containers/auth.json")
    if "REGISTRY_AUTH_FILE" in os.environ:
        found.insert(0, Path(os.environ["REGISTRY_AUTH_FILE"]))
    return found
