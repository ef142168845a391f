"""Whether workflows run, what they may by default, and whether they may open pull requests."""

from collections.abc import Iterator

from mlops.github.api import GitHubError, needing
from mlops.github.setup.step import Call, Reading, Step, unseen

KIND = "actions"
PLACE = "Settings, Actions, General"
RUN = "workflows run"
DEFAULTS = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
"""A job lists what it may write; retraining opens a pull request with the token of its job."""

_READ = "administration: read"


def steps(api: Reading) -> Iterator[Step]:
    """Whether Actions are on, and the permissions of the built-in token."""
    yield _enabled(api)
    yield _permissions(api)


def _enabled(api: Reading) -> Step:
    name = RUN
    try:
        with needing(_READ):
            found = api.get("actions/permissions")
    except GitHubError as refused:
        return unseen(KIND, name, PLACE, refused)
    if not found["enabled"]:
        allowed = {"allowed_actions": found.get("allowed_actions") or "all"}
        call = Call("PUT", "actions/permissions", {"enabled": True} | allowed)
        return Step(KIND, name, "change", "Actions are switched off", PLACE, (call,))
    match found.get("allowed_actions", "all"):
        case "all":
            return Step(KIND, name, "nothing", "Actions are on", PLACE)
        case "local_only":
            why = "only this owner's actions are allowed, and the workflows use actions/checkout"
        case _:
            why = "only selected actions are allowed: those that the workflows use must be among"
    return Step(KIND, name, "left", why, PLACE)


def _permissions(api: Reading) -> Step:
    name, place = "permissions of the built-in token", f"{PLACE}, Workflow permissions"
    try:
        with needing(_READ):
            found = api.get("actions/permissions/workflow")
    except GitHubError as refused:
        return unseen(KIND, name, place, refused)
    told = (
        f"{found['default_workflow_permissions']} by default, may "
        f"{'' if found['can_approve_pull_request_reviews'] else 'not '}open pull requests"
    )
    if DEFAULTS.items() <= found.items():
        return Step(KIND, name, "nothing", told, place)
    call = Call("PUT", "actions/permissions/workflow", DEFAULTS)
    return Step(KIND, name, "change", told, place, (call,))
