"""What this repository offers, and what not: each lack is a notice that names the remedy."""

import os
from dataclasses import dataclass

from mlops.github import settings
from mlops.github.api import Api, GitHubError
from mlops.package.name import image_name

ENVIRONMENT = "promotion"
VARIABLE = "MLOPS_ATTEST"


@dataclass(frozen=True)
class Preflight:
    """Whether images can be attested, and what a person should know."""

    attest: bool
    notices: list[str]


def preflight(api: Api) -> Preflight:
    """Ask GitHub for the settings that a promotion depends on; nothing here stops one."""
    notices = []
    try:
        attest, why = _attestations(api)
    except GitHubError as reason:
        attest, why = False, f"whether attestations are offered is not known: {reason}"
    if not attest:
        notices.append(why)
    match settings.protection(api, ENVIRONMENT):
        case "unprotected" | "absent":
            notices.append(
                f"the environment {ENVIRONMENT} is not protected: every merge that passes is "
                f"promoted at once. Required reviewers: Settings, Environments, {ENVIRONMENT}"
            )
        case "unknown":
            notices.append(
                f"whether the environment {ENVIRONMENT} is protected cannot be seen with this "
                f"token, or private repositories have none on this plan; if not, every merge that "
                f"passes is promoted at once: Settings, Environments, {ENVIRONMENT}"
            )
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        notices.append(
            "MLflow's registry is not told: set the repository variable MLFLOW_TRACKING_URI"
        )
    return Preflight(attest, [*notices, f"the image is {image_name()}"])


def _attestations(api: Api) -> tuple[bool, str]:
    """Attestations come with public repositories, and with private ones of the largest plan."""
    if os.environ.get(VARIABLE) in ("true", "false"):
        return os.environ[VARIABLE] == "true", f"attestations are switched off by {VARIABLE}"
    if settings.visibility(api) == "public":
        return True, ""
    return False, (
        "attestations are not offered to private repositories on most plans, so the image is not "
        f"attested; on GitHub Enterprise Cloud, set the repository variable {VARIABLE} to true"
    )
