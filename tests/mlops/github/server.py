"""GitHub's REST API on loopback, with state: as much of it as the machinery uses, and its limits.

What delivering takes is in delivery.py, what a monitor keeps in issues.py, what an administrator
sets in configuration.py.

Answers are those of the documentation: listings come in pages, a token without a permission gets
403, artifacts are behind a redirect to another host that refuses a request with a token, and a
branch takes only commits on top of it.
"""

import base64
import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.mlops.github import configuration, delivery, issues
from tests.mlops.github.answers import (
    REPOSITORY,
    Json,
    RefusedError,
    found,
    moment,
    page,
    person,
)
from tests.mlops.github.configuration import Configuration
from tests.mlops.github.delivery import Delivery, Half
from tests.mlops.github.issues import Tracking

__all__ = ["BOT", "HEAD", "REPOSITORY", "TOKEN", "GitHub", "RefusedError", "serving", "zipped"]

BOT = "github-actions[bot]"
TOKEN = "ghp_loopback0123456789"
HEAD = "a" * 40
UPLOADS = f"/uploads/repos/{REPOSITORY}/"


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive as upload-artifact makes it."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return bundle.getvalue()


@dataclass
class Artifact:
    id: int
    run: int
    name: str
    content: bytes
    size: int
    expired: bool = False


@dataclass
class GitHub(Delivery, Tracking, Configuration):
    """The state of one repository; tests read and change it directly."""

    permissions: dict[str, str] = field(
        default_factory=lambda: {
            "pull-requests": "write",
            "actions": "read",
            "contents": "write",
            "issues": "write",
            "statuses": "write",
            "pages": "read",
            "security-events": "read",
        }
    )
    """Of TOKEN."""
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    """Further tokens, and the permissions of each."""
    pulls: dict[int, Json] = field(default_factory=dict)
    files: dict[int, list[Json]] = field(default_factory=dict)
    brought: dict[int, list[str]] = field(default_factory=dict)
    """Commits, beside the one of the merge, that a merged pull request brought."""
    comments: list[Json] = field(default_factory=list)
    timeline: dict[int, list[Json]] = field(default_factory=dict)
    collaborators: dict[str, str] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    jobs: dict[int, list[Json]] = field(default_factory=dict)
    """By run, of all attempts."""
    objects: dict[str, Json] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """Something that happens just before a call is answered, once: `{"PATCH git/…": race}`."""
    faults: dict[str, int] = field(default_factory=dict)
    """Calls that are answered with a status of 500 and up."""
    on_call: Callable[[str, Half], None] | None = None
    """Told of every call that changes something, before and after it does: `POST releases`,
    `POST uploads/releases/101/assets?name=card.md`. Raising RefusedError makes that the answer,
    and leaves the change undone if it is raised before; raising anything else hangs up."""
    on_read: Callable[[str], None] | None = None
    """Told of every other call before it is answered; it may raise RefusedError as well."""
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open_pull(
        self, number: int = 7, *, head: str = HEAD, branch: str = "topic", fork: str = REPOSITORY
    ) -> Json:
        owner, _ = fork.split("/")
        self.pulls[number] = {
            "number": number,
            "state": "open",
            "title": "A change",
            "body": "",
            "html_url": f"https://github.com/{REPOSITORY}/pull/{number}",
            "created_at": moment(),
            "user": {"login": "author"},
            "labels": [],
            "merged_at": None,
            "merged_by": None,
            "merge_commit_sha": None,
            "head": {
                "sha": head,
                "ref": branch,
                "repo": {"full_name": fork, "owner": {"login": owner}},
            },
            "base": {"ref": "main", "sha": "b" * 40, "repo": {"full_name": REPOSITORY}},
        }
        self.files.setdefault(number, [{"filename": "params.yaml", "status": "modified"}])
        return self.pulls[number]

    def merge_pull(
        self,
        number: int,
        commit: str,
        *,
        by: str = "maintainer",
        at: str = "2026-01-01T00:00:00Z",
        brought: Sequence[str] = (),
    ) -> Json:
        """Merge a pull request as `commit`; `brought` are the others that came with it."""
        pull = self.pulls.get(number) or self.open_pull(number)
        pull |= {
            "state": "closed",
            "merged_at": at,
            "merged_by": {"login": by},
            "merge_commit_sha": commit,
        }
        self.brought[number] = list(brought)
        return pull

    def comment(self, body: str, login: str = "somebody", pull: int = 7) -> Json:
        new = {
            "id": self.number(),
            "issue": pull,
            "body": body,
            "user": {"login": login},
            "html_url": f"https://github.com/{REPOSITORY}/pull/{pull}#issuecomment-{self._last}",
        }
        self.comments.append(new)
        return new

    def upload(self, run: int, name: str, content: bytes, size: int | None = None) -> Artifact:
        stated = len(content) if size is None else size
        self.artifacts.append(Artifact(self.number(), run, name, content, stated))
        return self.artifacts[-1]

    def branch_file(self, branch: str, path: str) -> str | None:
        """The text of a file at the tip of a branch."""
        if branch not in self.branches:
            return None
        tree = self.objects[self.objects[self.branches[branch]]["tree"]]
        return str(self.objects[tree[path]])

    def history(self, branch: str) -> list[str]:
        """The commits of a branch, newest first."""
        found, tip = [], self.branches.get(branch)
        while tip:
            found.append(tip)
            tip = next(iter(self.objects[tip]["parents"]), None)
        return found

    def store(self, thing: Json) -> str:
        name = hashlib.sha1(json.dumps(thing).encode()).hexdigest()
        self.objects[name] = thing
        return name


@contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Serve `github` on a free port of 127.0.0.1; `github.url` is its address."""

    class Handler(_Handler):
        state = github

    server = _Server(("127.0.0.1", 0), Handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle of an answer is no news."""


class _Handler(BaseHTTPRequestHandler):
    state: GitHub
    permissions: dict[str, str]  # of the token that asks
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of http.server

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        try:
            result = self.result(parts.path, query, body)
        except RefusedError as refused:
            self.send(refused.status, {"message": str(refused)})
            return
        if isinstance(result, str):
            self.send_response(302)
            self.send_header("Location", result)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send(204 if result is None else 200, result)

    def result(self, path: str, query: dict[str, str], body: bytes) -> Json:
        """JSON, bytes, None for an answer without content, or an address to go on to."""
        if path.startswith("/blob/"):
            return self.blob(path)
        if path.startswith("/upload/"):
            _, _, run, name = path.split("/", 3)
            return {"id": self.state.upload(int(run), name, body).id}
        known = self.state.tokens | {TOKEN: self.state.permissions}
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in known:
            raise RefusedError(401, "Bad credentials")
        self.permissions = known[token]
        if path.startswith(UPLOADS) and self.command == "POST":
            call = f"POST uploads/{path.removeprefix(UPLOADS)}?name={query['name']}"
            try:
                return self.change(call, lambda: self.asset(path, query["name"], body))
            except RefusedError as refused:
                if refused.status == 502:  # as documented, this may leave an asset without content
                    self.asset(path, query["name"], b"", whole=False)
                raise
        prefix = f"/repos/{REPOSITORY}"
        if path != prefix and not path.startswith(f"{prefix}/"):
            raise RefusedError(404, "Not Found")
        call = f"{self.command} {path.removeprefix(prefix).removeprefix('/')}"
        content = json.loads(body) if body else {}
        if self.command == "GET":
            self.told(call)
            if self.state.on_read:
                self.state.on_read(call)
            return self.route(call, query, content)
        return self.change(call, lambda: self.route(call, query, content))

    def told(self, call: str) -> None:
        self.state.calls.append(call)
        self.state.before.pop(call, lambda: None)()
        if call in self.state.faults:
            raise RefusedError(self.state.faults[call], "Service Unavailable")

    def change(self, call: str, action: Callable[[], Json]) -> Json:
        self.told(call)
        if self.state.on_call:
            self.state.on_call(call, "before")
        answer = action()
        if self.state.on_call:
            self.state.on_call(call, "after")
        return answer

    def asset(self, path: str, name: str, body: bytes, *, whole: bool = True) -> Json:
        """An upload; one that the client did not finish leaves something behind."""
        number = int(path.removeprefix(UPLOADS).split("/")[1])
        whole = whole and len(body) == int(self.headers.get("Content-Length") or 0)
        with self.state.one_at_a_time:
            return delivery.upload(self, self.state, number, name, body if whole else None)

    def send(self, status: int, content: Json) -> None:
        raw = content if isinstance(content, bytes) else b""
        if content is not None and not isinstance(content, bytes):
            raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def blob(self, path: str) -> bytes:
        if self.headers.get("Authorization"):
            raise RefusedError(400, "a token was sent to the storage host")
        wanted = int(path.split("/")[2])
        stored = {a.id: a.content for a in self.state.artifacts}
        return (stored | {a.id: a.content for a in self.state.assets})[wanted]

    def can(self, permission: str, level: str) -> bool:
        return self.permissions.get(permission, "none") in ("write", level)

    def may(self, permission: str, level: str) -> None:
        if not self.can(permission, level):
            raise RefusedError(403, "Resource not accessible by integration")

    def route(self, call: str, query: dict[str, str], body: Json) -> Json:
        for pattern, answer in ROUTES.items():
            match = re.fullmatch(pattern, call)
            if match:
                with self.state.one_at_a_time:
                    return answer(self, self.state, query, body, *match.groups())
        raise RefusedError(404, f"Not Found: {call}")


def pulls(h: _Handler, g: GitHub, query: dict[str, str], _: Json) -> Json:
    h.may("pull-requests", "read")

    def wanted(pull: Json) -> bool:
        head = pull["head"]
        label = f"{head['repo']['owner']['login']}:{head['ref']}" if head["repo"] else ""
        state = query.get("state", "open")
        return state in ("all", pull["state"]) and query.get("head", label) == label

    return page([pull for pull in g.pulls.values() if wanted(pull)], query)


def pull(h: _Handler, g: GitHub, _q: Json, _b: Json, number: str) -> Json:
    h.may("pull-requests", "read")
    return found(g.pulls, int(number))


def pull_files(h: _Handler, g: GitHub, query: dict[str, str], _: Json, number: str) -> Json:
    h.may("pull-requests", "read")
    return page(found(g.files, int(number)), query)


def comments(h: _Handler, g: GitHub, query: dict[str, str], _: Json, number: str) -> Json:
    h.may("issues" if int(number) in g.issues else "pull-requests", "read")
    return page([c for c in g.comments if c["issue"] == int(number)], query)


def post_comment(h: _Handler, g: GitHub, _q: Json, body: Json, number: str) -> Json:
    h.may("issues" if int(number) in g.issues else "pull-requests", "write")
    found(g.pulls | g.issues, int(number))
    if len(body["body"]) > 65_536:
        raise RefusedError(422, "Validation Failed")
    return g.comment(body["body"], BOT, int(number))


def patch_comment(h: _Handler, g: GitHub, _q: Json, body: Json, number: str) -> Json:
    h.may("pull-requests", "write")
    comment = found({c["id"]: c for c in g.comments}, int(number))
    comment["body"] = body["body"]
    return comment


def delete_comment(h: _Handler, g: GitHub, _q: Json, _b: Json, number: str) -> Json:
    h.may("pull-requests", "write")
    g.comments.remove(found({c["id"]: c for c in g.comments}, int(number)))


def timeline(h: _Handler, g: GitHub, query: dict[str, str], _: Json, number: str) -> Json:
    h.may("pull-requests", "read")
    return page(g.timeline.get(int(number), []), query)


def permission(_h: _Handler, g: GitHub, _q: Json, _b: Json, login: str) -> Json:
    return {"permission": found(g.collaborators, login), "user": person(login)}


def artifacts(h: _Handler, g: GitHub, query: dict[str, str], _: Json, run: str) -> Json:
    h.may("actions", "read")
    listed = [
        {
            "id": a.id,
            "name": a.name,
            "size_in_bytes": a.size,
            "expired": a.expired,
            "workflow_run": {"id": a.run},
        }
        for a in g.artifacts
        if a.run == int(run) and query.get("name", a.name) == a.name
    ]
    return {"total_count": len(listed), "artifacts": page(listed, query)}


def archive(h: _Handler, g: GitHub, _q: Json, _b: Json, number: str) -> Json:
    h.may("actions", "read")
    found({a.id: a for a in g.artifacts}, int(number))
    return f"{g.url.replace('127.0.0.1', 'localhost')}/blob/{number}"


def runs(h: _Handler, g: GitHub, query: dict[str, str], _: Json) -> Json:
    h.may("actions", "read")
    listed = [run for run in g.runs if run["head_branch"] == query.get("branch")]
    return {"total_count": len(listed), "workflow_runs": page(listed, query)}


def one_run(h: _Handler, g: GitHub, _q: Json, _b: Json, number: str) -> Json:
    h.may("actions", "read")
    return found({run["id"]: run for run in g.runs}, int(number))


def jobs_of_run(h: _Handler, g: GitHub, query: dict[str, str], _: Json, run: str) -> Json:
    h.may("actions", "read")
    listed = g.jobs.get(int(run), [])
    if query.get("filter") != "all":
        newest = max((job["run_attempt"] for job in listed), default=1)
        listed = [job for job in listed if job["run_attempt"] == newest]
    return {"total_count": len(listed), "jobs": page(listed, query)}


def pulls_of_commit(h: _Handler, g: GitHub, query: dict[str, str], _: Json, sha: str) -> Json:
    h.may("pull-requests", "read")
    brought = (
        {key: value for key, value in pull.items() if key != "merged_by"}
        for pull in g.pulls.values()
        if sha in (pull["merge_commit_sha"], *g.brought.get(pull["number"], []))
    )
    return page(list(brought), query)


def ref(_h: _Handler, g: GitHub, _q: Json, _b: Json, branch: str) -> Json:
    return {"object": {"sha": found(g.branches, branch)}}


def tree(_h: _Handler, g: GitHub, _q: Json, _b: Json, name: str) -> Json:
    thing = found(g.objects, name)
    entries = g.objects[thing["tree"]] if "tree" in thing else thing
    return {"tree": [{"path": path, "sha": sha} for path, sha in entries.items()]}


def commit(_h: _Handler, g: GitHub, _q: Json, _b: Json, name: str) -> Json:
    return {"sha": name, "tree": {"sha": found(g.objects, name)["tree"]}}


def blob(_h: _Handler, g: GitHub, _q: Json, _b: Json, name: str) -> Json:
    return {"content": base64.encodebytes(found(g.objects, name).encode()).decode()}


def post_tree(h: _Handler, g: GitHub, _q: Json, body: Json) -> Json:
    h.may("contents", "write")
    kept = found(g.objects, body["base_tree"]) if "base_tree" in body else {}
    return {"sha": g.store(kept | {e["path"]: g.store(e["content"]) for e in body["tree"]})}


def post_commit(h: _Handler, g: GitHub, _q: Json, body: Json) -> Json:
    h.may("contents", "write")
    return {"sha": g.store({"tree": body["tree"], "parents": body["parents"]})}


def post_ref(h: _Handler, g: GitHub, _q: Json, body: Json) -> Json:
    h.may("contents", "write")
    branch = body["ref"].removeprefix("refs/heads/")
    if branch in g.branches:
        raise RefusedError(422, "Reference already exists")
    g.branches[branch] = body["sha"]
    return {"ref": body["ref"]}


def patch_ref(h: _Handler, g: GitHub, _q: Json, body: Json, branch: str) -> Json:
    h.may("contents", "write")
    if not body["force"] and g.branches[branch] not in g.objects[body["sha"]]["parents"]:
        raise RefusedError(422, "Update is not a fast forward")
    g.branches[branch] = body["sha"]
    return {"ref": f"refs/heads/{branch}"}


ROUTES: dict[str, Callable[..., Json]] = {
    r"GET pulls": pulls,
    r"GET pulls/(\d+)": pull,
    r"GET pulls/(\d+)/files": pull_files,
    r"GET issues/(\d+)/comments": comments,
    r"POST issues/(\d+)/comments": post_comment,
    r"PATCH issues/comments/(\d+)": patch_comment,
    r"DELETE issues/comments/(\d+)": delete_comment,
    r"GET issues/(\d+)/timeline": timeline,
    r"GET collaborators/([^/]+)/permission": permission,
    r"GET actions/runs/(\d+)/artifacts": artifacts,
    r"GET actions/runs/(\d+)/jobs": jobs_of_run,
    r"GET actions/runs/(\d+)": one_run,
    r"GET actions/artifacts/(\d+)/zip": archive,
    r"GET actions/workflows/pull-request\.yml/runs": runs,
    r"GET commits/([0-9a-f]+)/pulls": pulls_of_commit,
    r"GET git/ref/heads/(.+)": ref,
    r"GET git/commits/([0-9a-f]+)": commit,
    r"GET git/trees/([0-9a-f]+)": tree,
    r"GET git/blobs/([0-9a-f]+)": blob,
    r"POST git/trees": post_tree,
    r"POST git/commits": post_commit,
    r"POST git/refs": post_ref,
    r"PATCH git/refs/heads/(.+)": patch_ref,
    **delivery.ROUTES,
    **issues.ROUTES,
    **configuration.ROUTES,
}
