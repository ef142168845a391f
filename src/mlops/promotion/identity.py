"""Who a job is to a cloud: GitHub's word, in a file that the cloud's own library reads.

So no secret is kept anywhere. A cloud trusts jobs of one repository in one environment, for an
hour: https://docs.github.com/actions/reference/openid-connect-reference.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from mlops.github.api import GitHubError

PATIENCE = 30.0  # seconds
GOOGLE = "iam.googleapis.com"


@dataclass(frozen=True)
class Cloud:
    """A cloud, as variables of the job name it."""

    asks: tuple[str, ...]
    """Variables that all have to be set."""
    reads: str
    """The variable by which its library knows a file; what is set already is left alone."""
    audience: Callable[[], str]
    """Whom the token is for: nobody else takes it."""
    written: Callable[[Path], Path] = lambda token: token
    """The file that the library reads, where that is not the token's own."""


def _google(token: Path) -> Path:
    """What google-auth exchanges a token by: https://google.aip.dev/auth/4117."""
    settings = {
        "type": "external_account",
        "audience": f"//{GOOGLE}/{os.environ['GCP_IDENTITY_PROVIDER']}",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(token)},
    }
    if account := os.environ.get("GCP_SERVICE_ACCOUNT"):
        settings["service_account_impersonation_url"] = (
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{account}:generateAccessToken"
        )
    file = token.with_name("credentials.json")
    file.write_text(json.dumps(settings), encoding="utf-8")
    return file


CLOUDS = (
    Cloud(("AWS_ROLE_ARN",), "AWS_WEB_IDENTITY_TOKEN_FILE", lambda: "sts.amazonaws.com"),
    Cloud(
        ("GCP_IDENTITY_PROVIDER",),
        "GOOGLE_APPLICATION_CREDENTIALS",
        lambda: f"https://{GOOGLE}/{os.environ['GCP_IDENTITY_PROVIDER']}",
        _google,
    ),
    Cloud(
        ("AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
        "AZURE_FEDERATED_TOKEN_FILE",
        lambda: "api://AzureADTokenExchange",
    ),
)


@contextmanager
def web_identity() -> Iterator[None]:
    """In a job whose variables name a cloud, have GitHub vouch for it there.

    The file is this user's alone, and gone afterwards. Raises GitHubError when the job may not ask
    for it.
    """
    named = (
        cloud
        for cloud in CLOUDS
        if all(map(os.environ.get, cloud.asks)) and not os.environ.get(cloud.reads)
    )
    cloud = next(named, None) if os.environ.get("GITHUB_ACTIONS") == "true" else None
    if cloud is None:
        yield
        return
    said = _token(cloud)
    with tempfile.TemporaryDirectory(prefix="identity-", dir=os.environ.get("RUNNER_TEMP")) as own:
        token = Path(own) / "token"  # in a folder that mkdtemp made with mode 0700
        token.write_text(said, encoding="utf-8")
        os.environ[cloud.reads] = str(cloud.written(token))
        try:
            yield
        finally:
            del os.environ[cloud.reads]


def _token(cloud: Cloud) -> str:
    """GitHub's word on which workflow of which repository this is."""
    url, ours = (os.environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{part}") for part in ("URL", "TOKEN"))
    if not url or not ours:
        raise GitHubError(
            f"{cloud.asks[0]} is set, and GitHub does not vouch for this job: give it the "
            f"permission `id-token: write`, or do without the variable"
        )
    asked = httpx.URL(url).copy_merge_params({"audience": cloud.audience()})
    try:
        answer = httpx.get(asked, headers={"Authorization": f"Bearer {ours}"}, timeout=PATIENCE)
        answer.raise_for_status()
        return str(answer.json()["value"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as reason:
        status = reason.response.status_code if isinstance(reason, httpx.HTTPStatusError) else None
        raise GitHubError(
            f"GitHub does not vouch for this job: {status or type(reason).__name__}", status
        ) from None
