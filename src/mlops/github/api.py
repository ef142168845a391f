"""GitHub's REST API for one repository."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from mlops.errors import Denied, Failure

PUBLIC = "https://api.github.com"
PAGE = 100
PAGES = 100  # of one listing, at most: 10,000 entries
PATIENCE = (1.0, 3.0)  # seconds before a question is asked again

T = TypeVar("T")


class GitHubError(Failure):
    """GitHub did not do what was asked; `status` is that of HTTP, None when it did not answer."""

    exit_code = 10

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class DeniedError(GitHubError, Denied):
    """The token may not do this."""


class DisabledError(GitHubError):
    """A setting keeps the repository from ever having this. That is told, and no failure."""


class TooLargeError(GitHubError):
    """What was to be downloaded is larger than it may be; the download was stopped."""


def persistently(action: Callable[[], T]) -> T:
    """What `action` returns, tried again while GitHub is out of order or does not answer.

    Only for what may be done twice: the first time may have succeeded without an answer.
    """
    for pause in PATIENCE:
        try:
            return action()
        except GitHubError as error:
            if error.status is not None and error.status < 500:
                raise
            time.sleep(pause)
    return action()


@contextmanager
def needing(permission: str) -> Iterator[None]:
    """Name the permission, such as `contents: write`, in a refusal that may be for its lack."""
    try:
        yield
    except GitHubError as refused:
        if refused.status not in (401, 403, 404):  # 404 where even the question is not allowed
            raise
        told = f"{refused}; this takes `{permission}`"
        raise type(refused)(told, refused.status) from refused


class Api:
    """The API as a token sees it; paths are relative to the repository's, as in `pulls/7`.

    The empty path is the repository itself.
    """

    def __init__(self, repository: str, token: str, url: str = PUBLIC) -> None:
        self.repository = repository
        self.token = token
        self._url = url
        self._address = f"{url.rstrip('/')}/repos/{repository}"
        self._client = httpx.Client(
            base_url=f"{self._address}/",
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=30,
            follow_redirects=True,  # without the token, as soon as the host is another
        )

    @classmethod
    def from_environment(cls) -> Self:
        """As GitHub Actions sets it: GITHUB_REPOSITORY, GITHUB_TOKEN, GITHUB_API_URL.

        On a person's machine: the repository of the remote origin, and GH_TOKEN or what
        `gh auth token` says. Raises GitHubError when one of them cannot be had.
        """
        return cls(
            os.environ.get("GITHUB_REPOSITORY") or _origin(),
            os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or _login(),
            os.environ.get("GITHUB_API_URL") or PUBLIC,
        )

    def beside(self, repository: str) -> "Api":
        """The same server, as the same token sees another repository there."""
        return Api(repository, self.token, self._url)

    def get(self, path: str, **query: str | int) -> Any:
        """What stands at `path`; GitHubError when it cannot be had."""
        return persistently(lambda: self._ask("GET", path, params=query).json())

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """Every entry of a listing, page after page; under `key` where the answer is an object.

        Some listings have shorter pages than were asked for, and say how many entries there are.
        """
        seen = 0
        for page in range(1, PAGES + 1):
            answer = self.get(path, per_page=PAGE, page=page, **query)
            entries = answer[key] if key else answer
            yield from entries
            seen += len(entries)
            more = bool(entries) and key and seen < answer.get("total_count", seen)
            if len(entries) < PAGE and not more:
                return
        raise GitHubError(f"{path} has more than {PAGE * PAGES:,} entries")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST, PATCH, PUT or DELETE; returns the answer, None where there is none."""
        answer = self._ask(method, path, json=body)
        return answer.json() if answer.content else None

    def upload(self, address: str, name: str, file: Path) -> Any:
        """POST the bytes of `file`, as `name`, to an `upload_url` that GitHub gave; the answer.

        The token goes to the API's own host and to GitHub's upload host beside it; GitHubError for
        any other. Not tried again: what came of a first time has to be looked up.
        """
        target = httpx.URL(address.partition("{")[0])  # a template: `…/assets{?name,label}`
        if not self._may_have_the_token(target):
            raise GitHubError(f"{target.host} is no upload host of GitHub: nothing was sent there")
        with file.open("rb") as content:
            answer = self._ask(
                "POST",
                str(target),
                params={"name": name},
                content=content,
                headers={"Content-Type": "application/octet-stream"},
                follow_redirects=False,
            )
        if not answer.is_success:
            raise GitHubError(f"GitHub led the upload of {name} elsewhere", answer.status_code)
        return answer.json()

    def download(self, path: str, limit: int, accept: str | None = None) -> bytes:
        """The bytes at `path`; TooLargeError as soon as they are more than `limit`.

        `accept` is the media type to ask for, where the path means several things.
        """
        content = bytearray()
        headers = {"Accept": accept} if accept else None
        try:
            with self._client.stream("GET", path, headers=headers) as answer:
                if answer.is_error:
                    answer.read()
                self._check(answer, "GET", path)
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > limit:
                        raise TooLargeError(f"it is larger than {limit:,} bytes")
        except httpx.HTTPError as broken:
            raise GitHubError(f"GitHub did not answer GET {path}: {broken}") from broken
        return bytes(content)

    def _may_have_the_token(self, url: httpx.URL) -> bool:
        own = httpx.URL(self._address)
        if (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port):
            return True
        beside = own.host.replace("api.", "uploads.", 1) if own.host.startswith("api.") else None
        return url.scheme == "https" and url.host == beside and url.port is None

    def _ask(self, method: str, path: str, **details: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path or self._address, **details)
        except httpx.HTTPError as broken:
            raise GitHubError(f"GitHub did not answer {method} {path}: {broken}") from broken
        return self._check(answer, method, path)

    @staticmethod
    def _check(answer: httpx.Response, method: str, path: str) -> httpx.Response:
        if not answer.is_error:
            return answer
        try:
            said = str(answer.json()["message"])
        except (ValueError, KeyError, TypeError):
            said = answer.reason_phrase
        message = f"GitHub refused {method} {path}: {answer.status_code} {said.rstrip('.')}"
        if answer.status_code in (401, 403):
            message += ". The token may not do this: see `permissions` of the job, or the token's"
        denied = answer.status_code == 403 and "not accessible by" in said  # 403 is a limit's, too
        raise (DeniedError if denied else GitHubError)(message, answer.status_code)


def _origin() -> str:
    asked = ["git", "remote", "get-url", "origin"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    found = re.search(r"[/:]([\w.-]+/[\w.-]+?)(\.git)?/?$", said.stdout.strip())
    if found is None:
        raise GitHubError(
            "which repository? Set GITHUB_REPOSITORY to owner/name, or add it as the remote origin"
        )
    return found[1]


def _login() -> str:
    try:
        said = subprocess.run(["gh", "auth", "token"], capture_output=True, text=True, check=False)
        token = said.stdout.strip()
    except FileNotFoundError:
        token = ""
    if not token:
        raise GitHubError("no token for GitHub: set GITHUB_TOKEN, or log in with `gh auth login`")
    return token
