"""Unpack the newest artifact called NAME into TARGET, as the action of that name does.

Without a NAME, those that match PATTERN, each into a folder of its name.
"""

import io
import os
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path

import httpx

root = f"{os.environ['LOOPBACK']}/repos/{os.environ['GITHUB_REPOSITORY']}/actions"
name, target = os.environ["NAME"], Path(os.environ["TARGET"])
with httpx.Client(
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}"}, follow_redirects=True
) as client:
    listed = client.get(
        f"{root}/runs/{os.environ['LOOPBACK_RUN']}/artifacts", params={"name": name} if name else {}
    )
    newest: dict[str, int] = {}
    for artifact in listed.raise_for_status().json()["artifacts"]:
        if name or fnmatchcase(artifact["name"], os.environ["PATTERN"]):
            newest[artifact["name"]] = max(artifact["id"], newest.get(artifact["name"], 0))
    if name and not newest:
        raise SystemExit(f"Artifact not found for name: {name}")
    for found, number in newest.items():
        content = client.get(f"{root}/artifacts/{number}/zip").raise_for_status().content
        folder = target if name else target / found
        zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
