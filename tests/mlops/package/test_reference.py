"""The digest of an image, asked of a registry on loopback that speaks as the public ones do."""

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from mlops.package import reference
from mlops.package.errors import PackagingError
from mlops.package.reference import Reference

INDEX = json.dumps({"schemaVersion": 2, "manifests": [{"digest": "sha256:" + "1" * 64}]}).encode()
PLATFORM = json.dumps({"schemaVersion": 2, "config": {}}).encode()
TOKEN = "a-token-for-everybody"


class Registry(BaseHTTPRequestHandler):
    """Wants a token; has library/python:3.11-slim, for several platforms."""

    token = TOKEN
    realm = True

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/token":
            query = parse_qs(asked.query)
            right = query.get("scope") == ["repository:library/python:pull"]
            self._answer(200, json.dumps({"token": self.token if right else ""}).encode())
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, b"{}")
        elif asked.path != "/v2/library/python/manifests/3.11-slim":
            self._answer(404, b"{}")
        else:
            index = "application/vnd.oci.image.index.v1+json" in self.headers["Accept"]
            self._answer(200, INDEX if index else PLATFORM)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if status == 401 and self.realm:
            host = self.headers["Host"]
            self.send_header(
                "WWW-Authenticate",
                f'Bearer realm="http://{host}/token",service="registry.example.org",'
                'scope="repository:library/python:pull"',
            )
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python", Reference("docker.io", "library/python", "latest")),
        ("python:3.11-slim", Reference("docker.io", "library/python", "3.11-slim")),
        ("owner/name:1", Reference("docker.io", "owner/name", "1")),
        ("docker.io/library/python:3", Reference("docker.io", "library/python", "3")),
        ("ghcr.io/owner/name", Reference("ghcr.io", "owner/name", "latest")),
        ("localhost:5000/name:1", Reference("localhost:5000", "name", "1")),
        ("localhost/name", Reference("localhost", "name", "latest")),
        ("quay.io/a/b:1@sha256:00", Reference("quay.io", "a/b", "1")),
    ],
)
def test_names_mean_what_they_mean_to_docker(name: str, expected: Reference) -> None:
    assert reference.parse(name) == expected


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("python:3", "https://registry-1.docker.io/v2/library/python/manifests/3"),
        ("ghcr.io/a/b:1", "https://ghcr.io/v2/a/b/manifests/1"),
        ("localhost:5000/b:1", "http://localhost:5000/v2/b/manifests/1"),
        ("127.0.0.1.example.org/b:1", "https://127.0.0.1.example.org/v2/b/manifests/1"),
    ],
)
def test_only_this_machines_registries_are_asked_in_plain_text(name: str, address: str) -> None:
    assert reference.parse(name).manifest == address


def test_the_digest_is_that_of_the_index_of_all_platforms(registry: str) -> None:
    expected = f"sha256:{hashlib.sha256(INDEX).hexdigest()}"

    assert reference.digest(f"{registry}/library/python:3.11-slim") == expected


def test_an_image_that_is_not_there_is_named(registry: str) -> None:
    with pytest.raises(PackagingError, match=r"gives no library/python:2\.4 .*\(404 Not Found\)"):
        reference.digest(f"{registry}/library/python:2.4")


@pytest.mark.parametrize(("token", "realm"), [("another", True), ("", True), (TOKEN, False)])
def test_an_image_that_is_not_for_everybody_is_named(
    registry: str, monkeypatch: pytest.MonkeyPatch, token: str, realm: bool
) -> None:
    monkeypatch.setattr(Registry, "token", token)
    monkeypatch.setattr(Registry, "realm", realm)

    with pytest.raises(PackagingError, match=r"without a login \(401 Unauthorized\)"):
        reference.digest(f"{registry}/library/python:3.11-slim")


def test_a_registry_that_does_not_answer_is_named() -> None:
    with pytest.raises(PackagingError, match=r"registry\.invalid did not answer"):
        reference.digest("registry.invalid/python")
