"""Whether the dashboard becomes this repository's site on GitHub Pages."""

import os

from mlops.github.api import Api, GitHubError
from mlops.github.job import output, say
from mlops.github.settings import visibility

VARIABLE = "MLOPS_PAGES"
SETTING = "Settings, Pages, Source: GitHub Actions"


def main() -> None:
    """Set the step's output `pages` to true, or to false, and say why not."""
    lacking = lack(Api.from_environment())
    output("pages", str(not lacking).lower())
    if lacking:
        say(f"the dashboard is an artifact of this run alone: {lacking}")


def lack(api: Api) -> str:
    """What keeps the dashboard from being the site; empty when nothing does."""
    wanted = os.environ.get(VARIABLE)
    if wanted == "false":
        return f"its site is switched off by {VARIABLE}"
    try:
        site = api.get("pages")
        if site.get("build_type") != "workflow":
            return f"GitHub Pages shows a branch; to have it as a site: {SETTING}"
        if wanted != "true" and site.get("public", True) and visibility(api) != "public":
            return (
                f"this repository is not public, and everybody could see its site; if that may be, "
                f"set the repository variable {VARIABLE} to true"
            )
    except GitHubError as refused:
        if refused.status == 404:
            return f"GitHub Pages is switched off; to have it as a site: {SETTING}"
        return (
            f"whether GitHub Pages is switched on cannot be asked: {refused}; to have it as a "
            f"site: {SETTING}"
        )
    return ""
