"""The DVC remote as one variable names it: its address, its options, and what is wrong with it."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl

from mlops.errors import DeclarationError

ADDRESS = "MLOPS_REMOTE"
KINDS = {"s3": "dvc-s3", "gs": "dvc-gs", "azure": "dvc-azure"}
"""The storage whose plug-in comes with the environment, and its package."""
OPTIONS = {
    "s3": ("endpointurl", "region", "profile"),
    "gs": ("projectname",),
    "azure": ("account_name",),
}
"""What may stand behind the `?` of an address: options of DVC's, none of which is a secret.

https://dvc.org/doc/command-reference/remote/modify
"""
ABSENT = r"Checkout failed for following targets|Missing cache files|missing-files"
TROUBLES = {
    r"requires '?(?P<it>[\w-]+)'? to be installed": (
        "the plug-in {it} is not installed: `make environment` brings those for s3, gs and azure; "
        "another belongs into pyproject.toml, then `make lock environment`"
    ),
    r"NoSuchBucket|ContainerNotFound|bucket does not exist|No such bucket": (
        "there is no such bucket: make it, or mend the address"
    ),
    r"locate credentials|NoCredentials|DefaultCredentials|Authentication to|AzureCredential": (
        "nobody has said who asks: log in with the cloud's own program, or give the job a role"
    ),
    r"InvalidAccessKey|SignatureDoesNot|ExpiredToken|InvalidToken|AccessDenied|Forbidden|"
    r"AuthenticationFailed|AuthorizationFailure|Anonymous caller|Permission ?denied": (
        "it does not let in who asks: check the credentials, and what they may do there"
    ),
    r"could not connect|cannot connect|connection refused|timed out|timeout|not known|resolution": (
        "its server does not answer: is it up, and is its address right?"
    ),
}
"""What DVC prints, by pattern, and what it means; the first that fits counts."""


def settings(address: str) -> dict[str, str]:
    """DVC's options of the remote at `address`: its `url` and what stands behind a `?`.

    A path is made absolute. Raises DeclarationError for what is no address, or an option that an
    address of its kind does not have.
    """
    if not re.fullmatch(r'[^"\s]([^"\n]*[^"\s])?', address):
        raise DeclarationError(
            f"{ADDRESS}: expected the URL or the path of a DVC remote, such as s3://bucket/folder, "
            f"found {address!r}"
        )
    if "://" not in address:
        return {"url": str(Path(address).absolute())}
    url, _, query = address.partition("?")
    given, known = dict(parse_qsl(query, keep_blank_values=True)), OPTIONS.get(_kind(url), ())
    wrong = [name for name, value in given.items() if name not in known or not value]
    if wrong or bool(query) != bool(given):
        raise DeclarationError(
            f"{ADDRESS}: expected behind the ? of {_kind(url)}:// values of "
            f"{', '.join(known) or 'nothing'}, found {', '.join(wrong) or query!r}. Other options "
            f"belong into `dvc remote modify`, secrets into neither: docs/remotes.md"
        )
    return {"url": url, **given}


def absolute() -> dict[str, str]:
    """The variable for a command that runs in another folder; empty where it is not set."""
    address = os.environ.get(ADDRESS, "")
    if not address or "://" in address:
        return {}
    return {ADDRESS: settings(address)["url"]}


def trouble(said: str) -> str:
    """What is wrong with the remote, by what DVC printed when it failed, and what to do about it.

    Empty where nothing is, and it only lacks what was asked for.
    """
    lines = re.findall(r"^ERROR: (?:unexpected error - )?(.+)", said, flags=re.MULTILINE)
    reason = "\n".join(lines) or said.strip()  # and not the names of files between them
    for pattern, meaning in TROUBLES.items():
        if found := re.search(pattern, reason, flags=re.IGNORECASE):
            return meaning.format(**found.groupdict())
    if re.search(ABSENT, reason):
        return ""
    words = reason.partition("\n")[0][:600]
    return f"{words}; check its address and who may read and write there"


def _kind(url: str) -> str:
    return url.partition("://")[0]
