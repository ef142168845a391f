"""Every setting, as it is and as it is to be."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from mlops import git
from mlops.github import settings
from mlops.github.api import GitHubError
from mlops.github.setup import actions, environments, labels, pages, rulesets
from mlops.github.setup.step import Reading, Step
from mlops.registry.errors import RegistryError

KINDS = (actions.KIND, labels.KIND, environments.KIND, pages.KIND, rulesets.KIND)


def plan(api: Reading, only: Collection[str] = (), reviewers: Sequence[str] = ()) -> Iterator[Step]:
    """The steps of all KINDS, or of those in `only`; nothing is changed.

    Raises GitHubError when the repository itself cannot be seen, DeclarationError for a file of
    .github/ that is none.
    """
    repository = api.get("")
    branch = str(repository["default_branch"])
    wanted = only or KINDS
    if actions.KIND in wanted:
        yield from actions.steps(api)
    if labels.KIND in wanted:
        yield from labels.steps(api)
    if environments.KIND in wanted:
        yield from environments.steps(api, branch, reviewers)
    if pages.KIND in wanted:
        seen = settings.visibility_of(repository)
        yield from pages.steps(api, seen, named=pages.KIND in only)
    if rulesets.KIND in wanted:
        yield from rulesets.steps(api)


class Fresh:
    """A new public repository, for whom there is no token to ask with."""

    def get(self, path: str, **_: str | int) -> Any:
        """As GitHub makes it: read-only token, no pull requests by workflows, nothing else."""
        known: dict[str, Any] = {
            "": {"default_branch": _default_branch(), "visibility": "public"},
            "actions/permissions": {"enabled": True, "allowed_actions": "all"},
            "actions/permissions/workflow": {
                "default_workflow_permissions": "read",
                "can_approve_pull_request_reviews": False,
            },
        }
        if path not in known:
            raise GitHubError(f"{path} is not there", 404)
        return known[path]

    def pages(self, path: str, key: str | None = None, **_: str | int) -> Iterator[Any]:
        """Nothing."""
        del path, key
        return iter(())


def _default_branch() -> str:
    try:
        return git.default_branch()
    except RegistryError:
        return "main"
