"""The images of a repository in its registry: found, read, tagged.

OCI Distribution Specification 1.1. A digest is the sha256 of bytes, so whatever is fetched by one
is checked against it. Tags that name a version are made once; no registry promises that, we do.
"""

import base64
import hashlib
import json
import re
import ssl
import time
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from mlops.package import credentials, reference
from mlops.package.errors import AccessDeniedError, PackagingError

PATIENCE = (1.0, 3.0)  # seconds before a question is asked again
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PAGE, PAGES = 100, 100  # of a listing of tags


def digest(image: str) -> str | None:
    """The digest that NAME:TAG has now; None when the registry has no such image."""
    name, _, tag = image.rpartition(":")
    with Registry(name) as registry:
        return registry.digest(tag)


def labels(name: str, digest: str) -> dict[str, str]:
    """The labels of an image, all of its platforms."""
    with Registry(name) as registry:
        return registry.labels(digest)


def tag(name: str, digest: str, tag: str, *, moving: bool = False) -> None:
    """Give an image another tag. One that another image has is only taken when it is `moving`."""
    with Registry(name) as registry:
        registry.tag(digest, tag, moving=moving)


def tags(name: str) -> list[str]:
    """Every tag of the repository, sorted; none when there is no such repository."""
    with Registry(name) as registry:
        return registry.tags()


def pushable(name: str) -> None:
    """Raise AccessDeniedError where the repository takes no image from us."""
    with Registry(name) as registry:
        registry.pushable()


def present(name: str, digest: str) -> None:
    """Raise PackagingError unless the registry has the image, and its bytes are those."""
    with Registry(name) as registry:
        registry.present(digest)


class Registry:
    """One repository of a registry, such as ghcr.io/owner/name.

    Every method raises PackagingError when the registry refuses, does not answer, or gives bytes
    that are not those of the digest.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._at = reference.parse(name)
        far = not reference.is_local(self._at.registry)  # this machine is not behind a proxy
        self._client = httpx.Client(
            timeout=reference.PATIENCE, trust_env=far, verify=_certificates()
        )
        self._given = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def digest(self, tag: str) -> str | None:
        """The digest that a tag means now; None when there is no such tag."""
        answer = self._ask("GET", f"manifests/{tag}", {"Accept": reference.MANIFESTS})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return _digest_of(self._checked(answer, f"{self.name}:{tag}").content)

    def labels(self, digest: str) -> dict[str, str]:
        """The labels of an image."""
        found = []
        for image in self._images(digest):
            config = _read(self._bytes(f"blobs/{image['config']['digest']}"), self.name)
            found.append(dict((config.get("config") or {}).get("Labels") or {}))
        if not found or any(other != found[0] for other in found):
            raise PackagingError(f"{self.name}@{digest}: expected one image, or all labelled alike")
        return found[0]

    def tag(self, digest: str, tag: str, *, moving: bool = False) -> None:
        """Put the manifest of `digest` under `tag` as well; nothing happens when it is there."""
        taken = self.digest(tag)
        if taken == digest:
            return
        if taken and not moving:
            raise PackagingError(
                f"{self.name}:{tag} is {taken} already, and {digest} was to be it; a tag that was "
                f"given is not given to another image. Look at both in the registry"
            )
        content = self._bytes(f"manifests/{digest}")
        kind = _read(content, self.name).get("mediaType", reference.MANIFESTS.split(", ")[2])
        answer = self._ask("PUT", f"manifests/{tag}", {"Content-Type": kind}, content)
        self._checked(answer, f"{self.name}:{tag}")
        if (found := self.digest(tag)) != digest:
            raise PackagingError(
                f"{self.name}:{tag} was given to {digest}, and is {found or 'not there'} now; "
                f"somebody else gave it as well, or the registry altered it: try again"
            )

    def tags(self) -> list[str]:
        """Every tag, sorted."""
        found: list[str] = []
        path = f"tags/list?n={PAGE}"
        for _ in range(PAGES):
            answer = self._ask("GET", path)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return []
            listed = _read(self._checked(answer, self.name).content, self.name)
            found += listed.get("tags") or []
            more = re.search(r'<[^>]*\?([^>]+)>; *rel="?next', answer.headers.get("Link", ""))
            if more is None:
                return sorted(found)
            path = f"tags/list?{more[1]}"
        raise PackagingError(f"{self.name} has more than {PAGE * PAGES:,} tags")

    def pushable(self) -> None:
        """Begin an upload, which nothing tells as surely, and leave it: registries forget it.

        So does go-containerregistry's `remote.CheckPushPermission`.
        """
        self._checked(self._ask("POST", "blobs/uploads/"), f"to take an image as {self.name}")

    def present(self, digest: str) -> None:
        """Check that the image is there: its manifest byte for byte, and every layer."""
        for image in self._images(digest):
            for part in (image["config"], *image["layers"]):
                path = f"blobs/{_valid(part['digest'])}"
                answer = self._ask("HEAD", path, follow=False)  # where it is kept, no HEAD is taken
                if not answer.is_redirect:
                    self._checked(answer, f"{self.name}@{digest}: {part['digest']}")

    def _images(self, digest: str) -> list[dict[str, Any]]:
        """The manifests of an image, one a platform; attestations beside them are none."""
        manifest = _read(self._bytes(f"manifests/{_valid(digest)}"), self.name)
        if "manifests" not in manifest:
            return [manifest]
        return [
            image
            for entry in manifest["manifests"]
            if "vnd.docker.reference.type" not in (entry.get("annotations") or {})
            for image in self._images(entry["digest"])
        ]

    def _bytes(self, path: str) -> bytes:
        """What is kept under a digest, and has it."""
        expected = _valid(path.partition("/")[2])
        accepted = {"Accept": reference.MANIFESTS} if path.startswith("manifests/") else {}
        content = self._checked(self._ask("GET", path, accepted), f"{self.name}@{expected}").content
        if (found := _digest_of(content)) != expected:
            raise PackagingError(
                f"{self.name}@{expected}: the registry gave other bytes, with the digest {found}; "
                f"do not use this image"
            )
        return content

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        *,
        follow: bool = True,
    ) -> httpx.Response:
        """The answer, whatever its status; asked again when there is none, or a 5xx."""
        request: dict[str, Any] = {
            "url": f"{self._at.root}/{path}",
            "content": content,
            "follow_redirects": follow,  # without our token, as soon as the host is another
        }
        for pause in PATIENCE:
            with suppress(httpx.HTTPError):
                answer = self._send(method, headers or {}, request)
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return answer
            time.sleep(pause)
        try:
            return self._send(method, headers or {}, request)
        except httpx.HTTPError as broken:
            silent = f"{self._at.registry} did not answer {method} {path}: {broken}"
            raise PackagingError(silent) from None

    def _send(
        self, method: str, headers: dict[str, str], request: dict[str, Any]
    ) -> httpx.Response:
        """Sent with what was given before, or, once refused, with what is given now."""
        known = {"Authorization": self._given} if self._given else {}
        answer = self._client.request(method, headers=headers | known, **request)
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return answer
        self._given = self._login(answer)
        if not self._given:
            return answer
        again = headers | {"Authorization": self._given}
        return self._client.request(method, headers=again, **request)

    def _login(self, refused: httpx.Response) -> str:
        """What the registry wants to see in Authorization; empty when it does not say."""
        scheme, wanted = reference.challenge(refused)
        ours = credentials.of(self._at.registry)
        if scheme == "basic" and ours:
            return f"Basic {base64.b64encode(':'.join(ours).encode()).decode()}"
        if scheme != "bearer" or "realm" not in wanted:
            return ""
        realm = urlsplit(wanted["realm"])
        if realm.scheme != "https" and not reference.is_local(realm.netloc):
            raise PackagingError(
                f"{self._at.registry} wants a login at {wanted['realm']}, where it could be read "
                f"on the way; only https is used"
            )
        # Whoever may push asks for both, as docker does before a first push: only so is what is not
        # there yet told from what one may not see. Who may only read is given that much of it.
        rights = "pull,push" if ours else "pull"
        query = {"scope": f"repository:{self._at.repository}:{rights}"}
        if "service" in wanted:
            query["service"] = wanted["service"]
        answer = self._client.get(wanted["realm"], params=query, auth=ours)
        if answer.is_error:
            raise self._refused(answer, f"a token for {self.name}")
        said = _read(answer.content, wanted["realm"])
        return f"Bearer {said.get('token') or said.get('access_token') or ''}"

    def _checked(self, answer: httpx.Response, what: str) -> httpx.Response:
        if answer.is_success:
            return answer
        raise self._refused(answer, what)

    def _refused(self, answer: httpx.Response, what: str) -> PackagingError:
        try:
            said = f": {answer.json()['errors'][0]['message']}"
        except (ValueError, LookupError, TypeError):
            said = ""
        message = (
            f"{self._at.registry} refused {what}: {answer.status_code} {answer.reason_phrase}{said}"
        )
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            message += (
                f". In a job, `permissions` needs `packages: write`, and the package must let this "
                f"repository in; elsewhere, `docker login {self._at.registry}`"
            )
            return AccessDeniedError(message)
        return PackagingError(message)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust. Reading that takes longer than a question, so it is done once."""
    return httpx.create_ssl_context()


def _read(content: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise PackagingError(f"{where}: the registry's answer is no JSON object")
    return found


def _digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _valid(digest: str) -> str:
    if not DIGEST.fullmatch(digest):
        raise PackagingError(f"{digest!r} is no digest: expected sha256: and 64 hexadecimal digits")
    return digest
