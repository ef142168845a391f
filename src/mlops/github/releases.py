"""Releases on GitHub: drafted, filled and published, each step safe to do again.

A release hangs on a tag that the registry made; nothing here makes, moves or deletes a tag, and
nothing of a published release is changed. Several drafts may have the same tag, so that two who
draft at once both succeed: the oldest is the one that counts. Drafts are only shown to a token
with `contents: write`.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mlops.github.api import Api, GitHubError, needing, persistently
from mlops.github.job import say

LONGEST = 125_000  # characters of a release's text that GitHub accepts

_WRITE = "contents: write"
_KEPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")  # GitHub renames other files


@dataclass(frozen=True)
class Asset:
    """A file of a release."""

    id: int
    name: str
    size: int
    """Bytes."""
    digest: str
    """`sha256:…`; empty where GitHub does not say."""
    uploaded: bool
    """False for one whose upload broke off."""


@dataclass(frozen=True)
class Release:
    """A release as it was when it was asked for."""

    id: int
    tag: str
    name: str
    draft: bool
    url: str
    commit: str
    """What it was made for; a release made by hand may name a branch."""
    assets: dict[str, Asset]


def every(api: Api) -> list[Release]:
    """Every release, the oldest first; drafts too, where the token has `contents: write`."""
    return sorted(map(_release, api.pages("releases")), key=lambda release: release.id)


def by_tag(api: Api) -> dict[str, Release]:
    """The release that counts for each tag, as `find` chooses it."""
    found: dict[str, list[Release]] = {}
    for release in every(api):
        found.setdefault(release.tag, []).append(release)
    return {tag: _first(releases) for tag, releases in found.items()}


def find(api: Api, tag: str) -> Release | None:
    """The release of a tag: the published one, else the oldest draft, else None.

    Every other of the same tag is told as a warning; none is deleted.
    """
    found = [release for release in every(api) if release.tag == tag]
    return _first(found) if found else None


def draft(api: Api, tag: str, commit: str, title: str, body: str) -> Release:
    """The release of `tag`: found, in whatever state it is, or made as a draft for `commit`.

    Raises GitHubError when a draft of that tag is for another commit, or GitHub refuses;
    ValueError when `body` is too long.
    """
    if len(body) > LONGEST:
        raise ValueError(f"a release's text of {len(body):,} characters, {LONGEST:,} are allowed")
    found = persistently(lambda: find(api, tag) or _make(api, tag, commit, title, body))
    if found.draft and found.commit != commit:
        raise GitHubError(
            f"the draft {found.url} of {tag} is for {found.commit}, expected {commit}; look at it, "
            f"delete it if nobody needs it, and start again"
        )
    return found


def attach(api: Api, release: Release, path: Path) -> None:
    """Have the file `path`, under its name, among the assets of `release`.

    Nothing happens when these very bytes are there. On a draft, others of that name and what a
    broken upload left are replaced. Raises GitHubError when a published release lacks the file or
    has another, or when GitHub refuses.
    """
    if not _KEPT.fullmatch(path.name):
        raise ValueError(f"GitHub would rename {path.name!r}: use letters, digits, '.', '_', '-'")
    digest = _digest(path)
    persistently(lambda: _attach(api, release.id, path, digest))


def publish(api: Api, release: Release, latest: bool) -> Release:
    """Publish a draft, as the repository's latest release or not; a published one is left alone.

    Raises GitHubError when its tag is not on GitHub, which would make one of its own, when an
    asset is half uploaded, or when GitHub refuses.
    """
    return persistently(lambda: _publish(api, release, latest=latest))


def download(api: Api, release: Release, name: str, limit: int) -> bytes:
    """The bytes of an asset, checked against the digest that GitHub states.

    Raises GitHubError when there is none, TooLargeError when it has more than `limit` bytes.
    """
    asset = release.assets.get(name)
    if asset is None or not asset.uploaded:
        there = ", ".join(sorted(a.name for a in release.assets.values() if a.uploaded))
        raise GitHubError(f"{release.url} has no {name}, only {there or 'no file at all'}")
    content = api.download(f"releases/assets/{asset.id}", limit, "application/octet-stream")
    if asset.digest and asset.digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
        raise GitHubError(f"{name} of {release.url} arrived as other bytes than {asset.digest}")
    return content


def _make(api: Api, tag: str, commit: str, title: str, body: str) -> Release:
    """A new draft, or an older one that somebody else made at the same time."""
    wanted = {"tag_name": tag, "target_commitish": commit, "name": title, "body": body}
    with needing(_WRITE):
        made = _release(api.send("POST", "releases", wanted | {"draft": True}))
    others = [release for release in every(api) if release.tag == tag and release.id != made.id]
    return _first([made, *others])


def _attach(api: Api, number: int, path: Path, digest: str) -> None:
    present = api.get(f"releases/{number}")  # asked now: it may have been published meanwhile
    address = present["html_url"]
    asset = next((a for a in _assets(api, number) if a.name == path.name), None)
    if asset and asset.uploaded and _digest_there(api, asset) == digest:
        return
    if not present["draft"]:
        state = "has another" if asset else "is without"
        raise GitHubError(
            f"the published release {address} {state} {path.name}, and what is published is never "
            f"changed; promote again as a new version"
        )
    with needing(_WRITE):
        if asset:
            _remove(api, asset)
        kept = _asset(api.upload(str(present["upload_url"]), path.name, path))
    if not kept.uploaded or kept.name != path.name or kept.digest not in ("", digest):
        raise GitHubError(f"GitHub did not take {path.name} as it is into {address}: {kept}")


def _publish(api: Api, release: Release, *, latest: bool) -> Release:
    present = _release(api.get(f"releases/{release.id}"))
    if not present.draft:
        return present
    broken = [asset.name for asset in _assets(api, release.id) if not asset.uploaded]
    if broken:
        raise GitHubError(f"{broken[0]} of {present.url} is half uploaded; attach it again")
    if not _tagged(api, present.tag):
        raise GitHubError(
            f"{present.url} cannot be published: the tag {present.tag} is not on GitHub, which "
            f"would make one without the version's record; push the tag first"
        )
    wanted = {
        "tag_name": present.tag,  # which GitHub takes off a draft when it is left out
        "draft": False,
        "make_latest": "true" if latest else "false",
    }
    with needing(_WRITE):
        return _release(api.send("PATCH", f"releases/{release.id}", wanted))


def _first(found: list[Release]) -> Release:
    kept, *others = sorted(found, key=lambda release: (release.draft, release.id))
    for other in others:
        say(f"{other.tag} has another release {other.url} beside {kept.url}; delete it", "warning")
    return kept


def _tagged(api: Api, tag: str) -> bool:
    try:
        api.get(f"git/ref/tags/{quote(tag, safe='@/')}")
    except GitHubError as error:
        if error.status == 404:
            return False
        raise
    return True


def _remove(api: Api, asset: Asset) -> None:
    try:
        api.send("DELETE", f"releases/assets/{asset.id}")
    except GitHubError as error:
        if error.status != 404:  # gone already
            raise


def _assets(api: Api, number: int) -> list[Asset]:
    """Those that broke off included."""
    return [_asset(entry) for entry in api.pages(f"releases/{number}/assets")]


def _digest_there(api: Api, asset: Asset) -> str:
    """Where GitHub does not say it, its bytes are fetched."""
    if asset.digest:
        return asset.digest
    content = api.download(f"releases/assets/{asset.id}", asset.size, "application/octet-stream")
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _release(answer: dict[str, Any]) -> Release:
    assets = map(_asset, answer["assets"])
    return Release(
        id=int(answer["id"]),
        tag=str(answer["tag_name"]),
        name=str(answer["name"] or ""),
        draft=bool(answer["draft"]),
        url=str(answer["html_url"]),
        commit=str(answer["target_commitish"]),
        assets={asset.name: asset for asset in assets},
    )


def _asset(answer: dict[str, Any]) -> Asset:
    return Asset(
        id=int(answer["id"]),
        name=str(answer["name"]),
        size=int(answer["size"]),
        digest=str(answer.get("digest") or ""),
        uploaded=answer["state"] == "uploaded",
    )
