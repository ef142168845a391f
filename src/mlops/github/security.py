"""Which checks of security GitHub offers this repository; the workflow `security` asks first."""

import os
from pathlib import Path
from typing import Any, Literal

from mlops.files import read_json
from mlops.github.api import Api, GitHubError
from mlops.github.job import output, say

VARIABLE = "MLOPS_CODE_SCANNING"
SCANNED, REVIEWED = "no CodeQL and no Scorecard", "no review of dependencies"
OFFER = (
    "public repositories have it, and private ones whose plan has GitHub Code Security: "
    "Settings, Advanced Security"
)
DEFAULT_SETUP = "dynamic/github-code-scanning/"
"""How the analyses begin that GitHub starts by itself; beside them it takes none of a workflow."""

Scanning = Literal["on", "managed", "off"]


def main() -> None:
    """Set the step's outputs `codeql`, `review` and `scorecard` to true or false.

    One notice names what GitHub does not offer, and the setting that would change it.
    """
    api, event = Api.from_environment(), _event()
    compared = _compared(event)
    found, notice = scanning(api)
    refused = reviewing(api, compared) if compared else ""
    for name, wanted in {
        "codeql": found == "on" and not _of_a_fork(event),
        "review": bool(compared) and not refused,
        "scorecard": found != "off" and _looks_at_all_of_main(api),
    }.items():
        output(name, str(wanted).lower())
    lacks = [text for text in (notice, refused) if text in (SCANNED, REVIEWED)]
    told = [text for text in (notice, refused) if text and text not in lacks]
    if lacks:
        told.append(f"{', '.join(lacks)}: {OFFER}")
    if told:
        say("; ".join(told))


def scanning(api: Api) -> tuple[Scanning, str]:
    """Whether code scanning takes results of a workflow, and what to tell when it does not.

    `managed` when GitHub runs CodeQL by itself, and takes the results of other tools alone.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted == "true":
        return "on", ""
    if wanted == "false":
        return "off", f"{SCANNED}: switched off by {VARIABLE}"
    try:
        newest = api.get("code-scanning/analyses", tool_name="CodeQL", per_page=1)
    except GitHubError as error:
        if error.status == 404:  # no analysis yet
            return "on", ""
        return "off", _lacking(SCANNED, error)
    if any(entry["analysis_key"].startswith(DEFAULT_SETUP) for entry in newest):
        return "managed", (
            "CodeQL is run by GitHub's default setup, and not here; if that was switched off, "
            f"set the repository variable {VARIABLE} to true"
        )
    return "on", ""


def reviewing(api: Api, compared: str) -> str:
    """What to tell when the packages that `base...head` changes cannot be compared; else empty."""
    try:
        api.get(f"dependency-graph/compare/{compared}")
    except GitHubError as error:
        return _lacking(REVIEWED, error)
    return ""


def _lacking(what: str, error: GitHubError) -> str:
    unoffered = error.status in (403, 404)
    return what if unoffered else f"{what}, since GitHub cannot be asked: {error}"


def _compared(event: dict[str, Any]) -> str:
    """What a pull request or a merge queue would bring, as `base...head`; else empty."""
    if pull := event.get("pull_request"):
        return f"{pull['base']['sha']}...{pull['head']['sha']}"
    if group := event.get("merge_group"):
        return f"{group['base_sha']}...{group['head_sha']}"
    return ""


def _of_a_fork(event: dict[str, Any]) -> bool:
    """Whether the token can only read, whatever the job asks for."""
    pull = event.get("pull_request")
    if not pull:
        return False
    theirs, ours = (pull[side]["repo"] or {} for side in ("head", "base"))  # a fork may be gone
    return bool(theirs.get("full_name") != ours.get("full_name"))


def _looks_at_all_of_main(api: Api) -> bool:
    """Whether this run is the weekly one, or one by hand; Scorecard judges main alone."""
    if os.environ.get("GITHUB_EVENT_NAME") not in ("schedule", "workflow_dispatch"):
        return False
    return bool(api.get("")["default_branch"] == os.environ.get("GITHUB_REF_NAME"))


def _event() -> dict[str, Any]:
    place = os.environ.get("GITHUB_EVENT_PATH")
    return dict(read_json(Path(place))) if place and Path(place).is_file() else {}
