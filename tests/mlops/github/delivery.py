"""The API on loopback, as far as delivering goes: releases, their assets, statuses, settings.

As on GitHub, drafts are shown to tokens that may write, several of them may have one tag,
publishing makes a lightweight tag where there is none, and an upload that breaks off leaves an
asset in the state `starter`.
"""

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from tests.mlops.github.answers import (
    REPOSITORY,
    Asking,
    Json,
    RefusedError,
    found,
    moment,
    page,
    person,
)

Half = Literal["before", "after"]


@dataclass
class Asset:
    id: int
    release: int
    name: str
    content: bytes
    state: str = "uploaded"


@dataclass
class Release:
    id: int
    tag_name: str
    target_commitish: str
    name: str = ""
    body: str = ""
    draft: bool = True
    immutable: bool = False


@dataclass
class Delivery:
    """The part of a repository's state that delivering reads and changes."""

    releases: list[Release] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    latest: int | None = None
    """The id of the latest release."""
    immutable_releases: bool = False
    """Whether a release is immutable from its publication on."""
    digests: bool = True
    """Whether the digest of an asset is told; older servers do not."""
    git_dir: Path | None = None
    """The bare repository whose commits and tags these are; without one, `tags` are."""
    tags: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[Json]] = field(default_factory=dict)
    """By commit, the newest last."""
    environments: dict[str, Json] = field(default_factory=dict)
    visibility: str = "public"
    relations: Json = field(default_factory=dict)
    """Of the repository: `template_repository` of a copy, `parent` of a fork."""
    site: Json = None
    code_security: bool = False
    """Whether a private repository has what a public one has for nothing."""
    analyses: list[Json] = field(default_factory=list)
    """Of code scanning, newest first."""
    """What is said of GitHub Pages, where that is switched on."""
    approvals: dict[int, list[Json]] = field(default_factory=dict)
    """By run."""
    url: str = ""
    _last: int = 100

    def number(self) -> int:
        self._last += 1
        return self._last

    def release(self, tag: str) -> Release:
        """The one release of a tag."""
        (only,) = [release for release in self.releases if release.tag_name == tag]
        return only

    def assets_of(self, release: Release) -> dict[str, Asset]:
        return {asset.name: asset for asset in self.assets if asset.release == release.id}

    def add_release(self, tag: str, commit: str, *, draft: bool = True) -> Release:
        self.releases.append(Release(self.number(), tag, commit, name=tag, draft=draft))
        return self.releases[-1]

    def add_asset(
        self, release: Release, name: str, content: bytes, state: str = "uploaded"
    ) -> Asset:
        self.assets.append(Asset(self.number(), release.id, name, content, state))
        return self.assets[-1]

    def protect(self, environment: str, *reviewers: str) -> None:
        """Make an environment, which asks for the word of one of `reviewers` if there are any."""
        asked = [{"type": "User", "reviewer": person(login)} for login in reviewers]
        rules = [{"type": "required_reviewers", "reviewers": asked}] if asked else []
        self.environments[environment] = {"name": environment, "protection_rules": rules}

    def approve(self, run: int, environment: str, login: str, state: str = "approved") -> None:
        review = {
            "state": state,
            "comment": "",
            "environments": [{"name": environment}],
            "user": {"login": login},
        }
        self.approvals.setdefault(run, []).append(review)

    def tagged(self, tag: str) -> str | None:
        """What `refs/tags/…` names: a commit, or an annotated tag's object."""
        if self.git_dir is None:
            return self.tags.get(tag)
        return git(self.git_dir, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}")

    def publish(self, release: Release) -> None:
        """Publish a release; a tag that is missing becomes a lightweight one."""
        others = (r for r in self.releases if not r.draft and r is not release)
        if any(other.tag_name == release.tag_name for other in others):
            raise RefusedError(422, "Validation Failed: tag_name already_exists")
        if self.tagged(release.tag_name) is None:
            self._tag(release)
        release.draft, release.immutable = False, self.immutable_releases

    def _tag(self, release: Release) -> None:
        target, name = release.target_commitish, f"refs/tags/{release.tag_name}"
        if self.git_dir is None:
            self.tags[release.tag_name] = target
            return
        commit = git(self.git_dir, "rev-parse", "--verify", "--quiet", f"{target}^{{commit}}")
        if commit is None or git(self.git_dir, "update-ref", name, commit, "0" * 40) is None:
            raise RefusedError(422, "Validation Failed: target_commitish is invalid")


def git(folder: Path, *arguments: str) -> str | None:
    ran = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() if ran.returncode == 0 else None


def asset_json(d: Delivery, asset: Asset) -> Json:
    told = d.digests and asset.state == "uploaded"
    return {
        "id": asset.id,
        "name": asset.name,
        "state": asset.state,
        "size": len(asset.content),
        "digest": f"sha256:{hashlib.sha256(asset.content).hexdigest()}" if told else None,
    }


def release_json(d: Delivery, release: Release) -> Json:
    page_name = f"untagged-{release.id}" if release.draft else release.tag_name
    return {
        "id": release.id,
        "tag_name": release.tag_name,
        "target_commitish": release.target_commitish,
        "name": release.name,
        "body": release.body,
        "draft": release.draft,
        "immutable": release.immutable,
        "html_url": f"https://github.com/{REPOSITORY}/releases/tag/{page_name}",
        "upload_url": f"{d.url}/uploads/repos/{REPOSITORY}/releases/{release.id}/assets"
        "{?name,label}",
        "assets": [asset_json(d, asset) for asset in d.assets_of(release).values()],
    }


def shown(h: Asking, d: Delivery) -> dict[int, Release]:
    """The releases that this token sees."""
    h.may("contents", "read")
    return {r.id: r for r in d.releases if not r.draft or h.can("contents", "write")}


def releases(h: Asking, d: Delivery, query: dict[str, str], _: Json) -> Json:
    newest_first = reversed(shown(h, d).values())
    return page([release_json(d, release) for release in newest_first], query)


def one_release(h: Asking, d: Delivery, _q: Json, _b: Json, number: str) -> Json:
    return release_json(d, found(shown(h, d), int(number)))


def latest_release(h: Asking, d: Delivery, _q: Json, _b: Json) -> Json:
    return release_json(d, found(shown(h, d), d.latest))


def release_by_tag(h: Asking, d: Delivery, _q: Json, _b: Json, tag: str) -> Json:
    published = {r.tag_name: r for r in shown(h, d).values() if not r.draft}
    return release_json(d, found(published, unquote(tag)))


def post_release(h: Asking, d: Delivery, _q: Json, body: Json) -> Json:
    h.may("contents", "write")
    if len(body.get("body", "")) > 125_000:
        raise RefusedError(422, "Validation Failed: body is too long")
    texts = {key: body[key] for key in ("name", "body") if key in body}
    target = body.get("target_commitish", "main")
    made = Release(d.number(), body["tag_name"], target, **texts)
    if not body.get("draft", False):
        d.publish(made)
        promote(d, made, body)
    d.releases.append(made)
    return release_json(d, made)


def patch_release(h: Asking, d: Delivery, _q: Json, body: Json, number: str) -> Json:
    h.may("contents", "write")
    release = found(shown(h, d), int(number))
    if release.immutable and {"tag_name", "target_commitish"} & body.keys():
        raise RefusedError(422, "Cannot change the tag of an immutable release")
    for key in ("name", "body", "target_commitish"):
        if key in body:
            setattr(release, key, body[key])
    if "tag_name" in body or release.draft:
        release.tag_name = body.get("tag_name", f"untagged-{release.id}")
    if release.draft and body.get("draft") is False:
        d.publish(release)
        promote(d, release, body)
    return release_json(d, release)


def promote(d: Delivery, release: Release, body: Json) -> None:
    if body.get("make_latest", "true") != "false":
        d.latest = release.id


def assets_of_release(h: Asking, d: Delivery, query: dict[str, str], _: Json, number: str) -> Json:
    release = found(shown(h, d), int(number))
    return page([asset_json(d, asset) for asset in d.assets_of(release).values()], query)


def upload(h: Asking, d: Delivery, number: int, name: str, content: bytes | None) -> Json:
    """Take an asset; None for the content of an upload that broke off."""
    h.may("contents", "write")
    release = found(shown(h, d), number)
    if release.immutable:
        raise RefusedError(422, "Cannot upload assets to an immutable release.")
    if name in d.assets_of(release):
        raise RefusedError(422, "Validation Failed: already_exists")
    if content is None:
        return asset_json(d, d.add_asset(release, name, b"", "starter"))
    if not content:
        raise RefusedError(422, "Validation Failed: size must be greater than 0")
    return asset_json(d, d.add_asset(release, name, content))


def asset(h: Asking, d: Delivery, _q: Json, _b: Json, number: str) -> Json:
    table = {a.id: a for a in d.assets if a.release in shown(h, d)}
    wanted = found(table, int(number))
    if h.headers.get("Accept") == "application/octet-stream":
        return f"{d.url.replace('127.0.0.1', 'localhost')}/blob/{number}"
    return asset_json(d, wanted)


def delete_asset(h: Asking, d: Delivery, _q: Json, _b: Json, number: str) -> Json:
    h.may("contents", "write")
    wanted = found({a.id: a for a in d.assets}, int(number))
    if found(shown(h, d), wanted.release).immutable:
        raise RefusedError(422, "Cannot delete asset from an immutable release")
    d.assets.remove(wanted)


def tag_ref(h: Asking, d: Delivery, _q: Json, _b: Json, tag: str) -> Json:
    h.may("contents", "read")
    name = unquote(tag)
    sha = d.tagged(name)
    if sha is None:
        raise RefusedError(404, "Not Found")
    return {"ref": f"refs/tags/{name}", "object": {"sha": sha}}


def post_status(h: Asking, d: Delivery, _q: Json, body: Json, commit: str) -> Json:
    h.may("statuses", "write")
    if d.git_dir and git(d.git_dir, "cat-file", "-e", f"{commit}^{{commit}}") is None:
        raise RefusedError(422, f"No commit found for SHA: {commit}")
    if body["state"] not in ("error", "failure", "pending", "success"):
        raise RefusedError(422, "Validation Failed: state is not included in the list")
    if len(body.get("description", "")) > 140:
        raise RefusedError(422, "Validation Failed: description is too long")
    if not body.get("target_url", "https://").startswith(("https://", "http://")):
        raise RefusedError(422, "Validation Failed: target_url must use http(s) scheme")
    new = {"context": "default", "target_url": None, "created_at": moment()} | body
    d.statuses.setdefault(commit, []).append(new)
    return new


def statuses(h: Asking, d: Delivery, query: dict[str, str], _: Json, commit: str) -> Json:
    h.may("statuses", "read")
    return page(list(reversed(d.statuses.get(commit, []))), query)


def pages(h: Asking, d: Delivery, _q: Json, _b: Json) -> Json:
    h.may("pages", "read")
    if d.site is None:
        raise RefusedError(404, "Not Found")
    return d.site


def environment(h: Asking, d: Delivery, _q: Json, _b: Json, name: str) -> Json:
    h.may("actions", "read")
    return found(d.environments, unquote(name))


def repository(h: Asking, d: Any, _q: Json, _b: Json) -> Json:
    private = d.visibility != "public"
    told = {name: {"status": status} for name, status in d.security.items()}
    administers = h.can("administration", "read")
    return (
        {
            "full_name": REPOSITORY,
            "default_branch": "main",
            "private": private,
            "visibility": d.visibility,
        }
        | ({"security_and_analysis": told} if administers else {})
        | d.relations
    )


def analyses(h: Asking, d: Delivery, query: dict[str, str], _: Json) -> Json:
    h.may("security-events", "read")
    if d.visibility != "public" and not d.code_security:
        needed = "Advanced Security must be enabled for this repository to use code scanning."
        raise RefusedError(403, needed)
    if not d.analyses:
        raise RefusedError(404, "no analysis found")
    return page(d.analyses, query)


def dependencies(h: Asking, d: Delivery, _q: Json, _b: Json, _base: str, _head: str) -> Json:
    h.may("contents", "read")
    if d.visibility != "public" and not d.code_security:
        raise RefusedError(403, "Dependency review is not enabled for this repository.")
    return []


def approvals(h: Asking, d: Delivery, _q: Json, _b: Json, run: str) -> Json:
    h.may("actions", "read")
    return d.approvals.get(int(run), [])


ROUTES: dict[str, Callable[..., Json]] = {
    r"GET ": repository,
    r"GET releases": releases,
    r"GET releases/(\d+)": one_release,
    r"GET releases/latest": latest_release,
    r"GET releases/tags/(.+)": release_by_tag,
    r"POST releases": post_release,
    r"PATCH releases/(\d+)": patch_release,
    r"GET releases/(\d+)/assets": assets_of_release,
    r"GET releases/assets/(\d+)": asset,
    r"DELETE releases/assets/(\d+)": delete_asset,
    r"GET git/ref/tags/(.+)": tag_ref,
    r"POST statuses/([0-9a-f]{40})": post_status,
    r"GET commits/([0-9a-f]{40})/statuses": statuses,
    r"GET pages": pages,
    r"GET code-scanning/analyses": analyses,
    r"GET dependency-graph/compare/(\w+)\.\.\.(\w+)": dependencies,
    r"GET environments/([^/]+)": environment,
    r"GET actions/runs/(\d+)/approvals": approvals,
}
