"""Unpack the newest artifact called NAME into TARGET, as the action of that name does."""

import io
import os
import zipfile

import httpx

root = f"{os.environ['LOOPBACK']}/repos/{os.environ['GITHUB_REPOSITORY']}/actions"
with httpx.Client(
    headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}"}, follow_redirects=True
) as client:
    listed = client.get(
        f"{root}/runs/{os.environ['LOOPBACK_RUN']}/artifacts", params={"name": os.environ["NAME"]}
    )
    found = sorted(artifact["id"] for artifact in listed.raise_for_status().json()["artifacts"])
    if not found:
        raise SystemExit(f"Artifact not found for name: {os.environ['NAME']}")
    content = client.get(f"{root}/artifacts/{found[-1]}/zip").raise_for_status().content
zipfile.ZipFile(io.BytesIO(content)).extractall(os.environ["TARGET"])
