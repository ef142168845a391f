"""The digest of an image, asked of its registry.

OCI Distribution Specification: a manifest's digest is the sha256 of its bytes. Registries that are
open to everybody still want a token, which they give to anybody.
"""

import hashlib
import re
from dataclasses import dataclass

import httpx

from mlops.package.errors import PackagingError

HUB = "docker.io"
PATIENCE = 15.0  # seconds
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
"""An index of all platforms before the manifest of one."""


@dataclass(frozen=True)
class Reference:
    """An image's name, taken apart as docker does it."""

    registry: str
    repository: str
    tag: str

    @property
    def root(self) -> str:
        """The repository's address; this machine's own registries speak plain HTTP."""
        host = "registry-1.docker.io" if self.registry == HUB else self.registry
        return f"http{'' if is_local(host) else 's'}://{host}/v2/{self.repository}"

    @property
    def manifest(self) -> str:
        """The address of its manifest."""
        return f"{self.root}/manifests/{self.tag}"


def is_local(host: str) -> bool:
    """Whether `host`, with or without a port, is this machine."""
    return re.fullmatch(r"(localhost|127\.0\.0\.1)(:\d+)?", host) is not None


def parse(name: str) -> Reference:
    """Read `[registry/]repository[:tag]`; a digest behind it is left out."""
    name = name.partition("@")[0]
    registry, slash, repository = name.partition("/")
    if not slash or not re.search(r"[.:]|^localhost$", registry):
        registry, repository = HUB, name
    repository, _, tag = repository.partition(":")
    if registry == HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Reference(registry, repository, tag or "latest")


def digest(name: str) -> str:
    """The digest that the registry has for an image now, as `sha256:…`.

    Raises PackagingError when it cannot be reached, or gives no such image to everybody.
    """
    asked = parse(name)
    headers = {"Accept": MANIFESTS}
    try:
        with httpx.Client(timeout=PATIENCE, follow_redirects=True) as client:
            answer = client.get(asked.manifest, headers=headers)
            if answer.status_code == httpx.codes.UNAUTHORIZED and (token := _token(client, answer)):
                headers["Authorization"] = f"Bearer {token}"
                answer = client.get(asked.manifest, headers=headers)
    except httpx.HTTPError as broken:
        raise PackagingError(f"{asked.registry} did not answer ({broken})") from None
    if answer.is_error:
        raise PackagingError(
            f"{asked.registry} gives no {asked.repository}:{asked.tag} without a login "
            f"({answer.status_code} {answer.reason_phrase})"
        )
    return f"sha256:{hashlib.sha256(answer.content).hexdigest()}"


def challenge(refused: httpx.Response) -> tuple[str, dict[str, str]]:
    """What a refusal asks for: the scheme in lower case, and its parameters (RFC 9110)."""
    header = refused.headers.get("WWW-Authenticate", "")
    return header.partition(" ")[0].lower(), dict(re.findall(r'(\w+)="([^"]*)"', header))


def _token(client: httpx.Client, refused: httpx.Response) -> str:
    """A token for everybody, from where the refusal says; empty when there is none."""
    _, wanted = challenge(refused)
    if "realm" not in wanted:
        return ""
    given = client.get(wanted.pop("realm"), params=wanted)
    try:
        said = given.json()
        return str(said.get("token") or said.get("access_token") or "")
    except (ValueError, AttributeError):
        return ""
