"""A registry of images on loopback, with state: the OCI Distribution Specification as it is used.

Answers are those of public registries: a login is a token for one repository and certain rights,
manifests want their blobs first, listings come in pages, and blobs may be behind a redirect to
another host that refuses a request with a token.
"""

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MUTATING = ("POST", "PATCH", "PUT", "DELETE")
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PATHS = re.compile(
    r"/v2/(?P<repository>.+?)/"
    r"(?P<rest>manifests/[^/]+|blobs/uploads/[^/]*|blobs/sha256:[0-9a-f]{64}|tags/list)"
)


class RefusedError(Exception):
    """The call is answered with this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class HangUpError(Exception):
    """The call is not answered: the connection ends."""


def nothing(call: str, when: str) -> None:
    """What happens on a call unless a test says otherwise."""


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Repository:
    manifests: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Registry:
    """The state; tests read and change it directly."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    """User and password for which everything is granted; without one everybody may do anything."""
    everybody: str = ""
    """What others are granted where there is a login: nothing, or `pull`."""
    scheme: str = "Bearer"
    """How a login is asked for: Bearer, or Basic."""
    realm: str = ""
    """Where tokens are to be had; here, unless a test says otherwise."""
    elsewhere: bool = False
    """Whether blobs are behind a redirect to another host."""
    on_call: Callable[[str, str], None] = nothing
    """Told of each call, such as `PUT manifests/1.2.0`, "before" it has an effect and "after" that,
    before it is answered. It may raise RefusedError or HangUpError."""
    uploads: dict[str, bytes] = field(default_factory=dict)
    """What has arrived of blobs that are not whole yet, by path."""
    calls: list[str] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Each path with the Authorization that it was asked with."""
    address: str = ""
    """127.0.0.1:PORT."""
    _tokens: dict[str, str] = field(default_factory=dict)

    def at(self, repository: str) -> Repository:
        """A repository, there from the first push on."""
        return self.repositories.setdefault(repository, Repository())

    def push(
        self, name: str, labels: dict[str, str], layer: bytes = b"a layer", tag: str | None = None
    ) -> str:
        """Keep an image with these labels, without a call; returns its digest."""
        config = json.dumps({"config": {"Labels": labels}}).encode()
        here = self.at(name)
        for blob in (config, layer):
            here.blobs[digest_of(blob)] = blob
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"digest": digest_of(config), "size": len(config)},
            "layers": [{"digest": digest_of(layer), "size": len(layer)}],
        }
        return self.keep(name, manifest, MANIFEST, tag)

    def keep(self, name: str, manifest: dict[str, Any], kind: str, tag: str | None = None) -> str:
        """Keep a manifest, or an index, without a call; returns its digest."""
        content, here = json.dumps(manifest).encode(), self.at(name)
        digest = digest_of(content)
        here.manifests[digest], here.kinds[digest] = content, kind
        if tag:
            here.tags[tag] = digest
        return digest

    def grant(self, shown: str, scope: str) -> str:
        """A token for as much of the scope as whoever shows this may have."""
        subject, _, rights = scope.rpartition(":")
        granted = rights if shown == self._basic() else self.everybody
        if not granted:
            raise RefusedError(403, "requested access to the resource is denied")
        token = secrets.token_urlsafe()
        self._tokens[token] = f"{subject}:{granted}"
        return token

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def allows(self, shown: str, repository: str, right: str) -> bool:
        if self.login is None or shown == self._basic():
            return True
        subject, _, rights = self._tokens.get(shown.removeprefix("Bearer "), "").rpartition(":")
        return subject == f"repository:{repository}" and right in rights.split(",")

    def _basic(self) -> str:
        return f"Basic {base64.b64encode(':'.join(self.login or ()).encode()).decode()}"


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """Serve `registry` on a free port of 127.0.0.1; `registry.address` is where."""

    class Handler(_Handler):
        state = registry

    server = _Server(("127.0.0.1", 0), Handler)
    registry.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle of an answer is no news."""


@dataclass
class Answer:
    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    state: Registry
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        try:
            answer = self.answer()
        except RefusedError as refused:
            said = {"errors": [{"code": "REFUSED", "message": str(refused)}]}
            answer = Answer(refused.status, json.dumps(said).encode())
            if refused.status == 401:
                answer.headers["WWW-Authenticate"] = self.challenge()
        except HangUpError:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of http.server

    def challenge(self) -> str:
        if self.state.scheme == "Basic":
            return 'Basic realm="a registry"'
        realm = self.state.realm or f"http://{self.state.address}/token"
        return f'Bearer realm="{realm}",service="a registry",scope="repository:user/image:pull"'

    def answer(self) -> Answer:
        parts = urlsplit(self.path)
        body = self.body()
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        shown = self.headers.get("Authorization", "")
        self.state.shown.append((parts.path, shown))
        if parts.path == "/token":
            token = self.state.grant(shown, query["scope"])
            return Answer(content=json.dumps({"token": token}).encode())
        if parts.path.startswith("/storage/"):
            return self.storage(parts.path, shown)
        if parts.path == "/v2/":
            return Answer() if self.state.allows(shown, "", "") else _refuse(401, "who are you?")
        match = PATHS.fullmatch(parts.path) or _refuse(404, "no such page")
        repository, rest = match["repository"], match["rest"]
        call = f"{self.command} {rest}"
        right = "push" if self.command in MUTATING else "pull"
        if not self.state.allows(shown, repository, right):
            raise RefusedError(401, "authentication required")
        self.state.calls.append(call)
        self.state.on_call(call, "before")
        answer = self.route(repository, rest, query, body)
        self.state.on_call(call, "after")
        return answer

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = bytearray()
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(found)

    def storage(self, path: str, shown: str) -> Answer:
        if shown:
            raise RefusedError(400, "a token was sent to the storage host")
        _, _, repository, digest = path.split("/", 3)
        return Answer(content=self.state.at(repository.replace("~", "/")).blobs[digest])

    def route(self, repository: str, rest: str, query: dict[str, str], body: bytes) -> Answer:
        kind, _, what = rest.partition("/")
        if what.startswith("uploads/"):
            return self.upload(f"/v2/{repository}/blobs/{what}", repository, query, body)
        if self.command == "PUT":
            return self.put(repository, what, body)
        if repository not in self.state.repositories:
            raise RefusedError(404, "repository name not known to registry")
        here = self.state.repositories[repository]
        if kind == "tags":
            return page(repository, sorted(here.tags), query)
        if kind == "blobs":
            content = here.blobs.get(what) or _refuse(404, "blob unknown to registry")
            if self.state.elsewhere:
                host = self.state.address.replace("127.0.0.1", "localhost")
                place = f"http://{host}/storage/{repository.replace('/', '~')}/{what}"
                return Answer(307, headers={"Location": place})
            return Answer(content=content)
        digest = here.tags.get(what, what)
        content = here.manifests.get(digest) or _refuse(404, "manifest unknown")
        if here.kinds[digest] not in ", ".join(self.headers.get_all("Accept", [])):
            raise RefusedError(404, "no manifest of a kind that is accepted")
        known = {"Content-Type": here.kinds[digest], "Docker-Content-Digest": digest}
        return Answer(content=content, headers=known)

    def upload(self, path: str, repository: str, query: dict[str, str], body: bytes) -> Answer:
        """Begun by POST, in parts by PATCH, all of it or the rest by PUT."""
        uploads = self.state.uploads
        if self.command == "POST":
            path += f"{len(self.state.calls)}"
            uploads[path] = b""
        elif path not in uploads:
            raise RefusedError(404, "blob upload unknown to registry")
        uploads[path] += body
        if self.command != "PUT":
            size = f"0-{max(len(uploads[path]) - 1, 0)}"
            return Answer(202, headers={"Location": path, "Range": size})
        content = uploads.pop(path)
        if query.get("digest") != digest_of(content):
            raise RefusedError(400, "provided digest did not match uploaded content")
        self.state.at(repository).blobs[query["digest"]] = content
        return Answer(201)

    def put(self, repository: str, name: str, body: bytes) -> Answer:
        manifest, here = json.loads(body), self.state.at(repository)
        parts = [manifest.get("config"), *manifest.get("layers", [])]
        missing = [part for part in parts if part and part["digest"] not in here.blobs]
        missing += [m for m in manifest.get("manifests", []) if m["digest"] not in here.manifests]
        if missing:
            raise RefusedError(400, "manifest blob unknown")
        kind = self.headers["Content-Type"]
        if manifest.get("mediaType", kind) != kind:
            raise RefusedError(400, "manifest invalid: its mediaType is another")
        digest = digest_of(body)
        here.manifests[digest], here.kinds[digest] = body, kind
        if name != digest:
            here.tags[name] = digest
        return Answer(201, headers={"Docker-Content-Digest": digest})


def page(repository: str, names: list[str], query: dict[str, str]) -> Answer:
    size = int(query.get("n", 100))
    left = [name for name in names if name > query.get("last", "")]
    shown = left[:size]
    more = {}
    if left[size:]:
        address = f"/v2/{repository}/tags/list?n={size}&last={shown[-1]}"
        more = {"Link": f'<{address}>; rel="next"'}
    return Answer(content=json.dumps({"name": repository, "tags": shown}).encode(), headers=more)


def _refuse(status: int, message: str) -> Any:
    raise RefusedError(status, message)
