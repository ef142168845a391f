"""What of docs/security.md is switched on at GitHub."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlops.doctor.check import Seen, note, ok
from mlops.github.api import Api, GitHubError

ADVANCED = "Settings, Advanced Security"
ACTIONS = "Settings, Actions, General"
ASKED = ("first_time_contributors", "all_external_contributors")
"""Whose runs wait for a maintainer; otherwise only those of accounts that are new to GitHub."""


@dataclass(frozen=True)
class Switch:
    """A setting that is on or off; `on` asks, given the API and what it says of the repository."""

    name: str
    on: Callable[[Api, dict[str, Any]], bool]
    place: str


def _analysis(name: str) -> Callable[[Api, dict[str, Any]], bool]:
    """Whether this part of `security_and_analysis` is enabled, which administrators are told."""
    return lambda _, about: bool(about["security_and_analysis"][name]["status"] == "enabled")


SWITCHES = (
    Switch(
        "private reports of vulnerabilities",
        lambda api, _: bool(api.get("private-vulnerability-reporting")["enabled"]),
        f"{ADVANCED}, Private vulnerability reporting",
    ),
    Switch(
        "security updates by Dependabot",
        _analysis("dependabot_security_updates"),
        f"{ADVANCED}, Dependabot security updates",
    ),
    Switch(
        "push protection of secrets",
        _analysis("secret_scanning_push_protection"),
        f"{ADVANCED}, Secret protection, Push protection",
    ),
    Switch(
        "approval of strangers' first runs",
        lambda api, _: (
            api.get("actions/permissions/fork-pr-contributor-approval")["approval_policy"] in ASKED
        ),
        f"{ACTIONS}, Approval for running fork pull request workflows",
    ),
    Switch(
        "actions by commit alone",
        lambda api, _: bool(api.get("actions/permissions")["sha_pinning_required"]),
        f"{ACTIONS}, Require actions to be pinned to a full-length commit SHA",
    ),
)


def switches(api: Api, about: dict[str, Any]) -> Iterator[Seen]:
    """Which are off, with their places; which are on; which this token does not see."""
    on, unseen = [], []
    for switch in SWITCHES:
        try:
            if switch.on(api, about):
                on.append(switch.name)
            else:
                yield note(f"{switch.name}: off", switch.place)
        except (GitHubError, KeyError):
            unseen.append(switch.name)
    if on:
        yield ok(f"on: {', '.join(on)}")
    if unseen:
        yield note(
            f"not shown to this token, or not offered here: {', '.join(unseen)}",
            "docs/security.md says where each is",
        )
