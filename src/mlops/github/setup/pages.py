"""GitHub Pages, deployed by the workflow `history`: the dashboard as a site."""

from collections.abc import Iterator

from mlops.github.api import GitHubError, needing
from mlops.github.pages import SETTING, VARIABLE
from mlops.github.setup.step import Call, Reading, Step, unseen

KIND = "pages"
SITE = {"build_type": "workflow"}


def steps(api: Reading, visibility: str, *, named: bool = False) -> Iterator[Step]:
    """The site. One that shows a branch, or that everybody could see, has to be asked for by name.

    That is what `named` says.
    """
    name = "site"
    try:
        with needing("pages: read"):
            found = _found(api)
    except GitHubError as refused:
        yield unseen(KIND, name, SETTING, refused)
        return
    asked = f"to have it all the same: --only {KIND}"
    if found and found.get("build_type") == SITE["build_type"]:
        yield Step(KIND, name, "nothing", "deployed by workflows", SETTING)
    elif found:
        why = "shows a branch, which the dashboard would replace"
        call = Call("PUT", "pages", SITE)
        yield (
            Step(KIND, name, "change", why, SETTING, (call,))
            if named
            else Step(KIND, name, "left", f"{why}; {asked}", SETTING)
        )
    elif visibility != "public" and not named:
        why = f"on most plans everybody could see it, so {VARIABLE} has to be set as well"
        yield Step(KIND, name, "left", f"{why}; {asked}", SETTING)
    else:
        why = "the dashboard as a site"
        yield Step(KIND, name, "create", why, SETTING, (Call("POST", "pages", SITE),))


def _found(api: Reading) -> dict[str, object] | None:
    try:
        return dict(api.get("pages"))
    except GitHubError as error:
        if error.status == 404:
            return None
        raise
