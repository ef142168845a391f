"""The labels that workflows look for. One that is there keeps its colour and its words."""

from collections.abc import Iterator

from mlops.github import issues
from mlops.github import labels as overriding
from mlops.github.api import GitHubError, needing
from mlops.github.setup.step import Call, Reading, Step, unseen

KIND = "labels"
PLACE = "Issues, Labels"
WANTED = (*overriding.LABELLED, issues.LABELLED)


def steps(api: Reading) -> Iterator[Step]:
    """A step a label."""
    try:
        with needing("issues: read"):
            found = {str(entry["name"]) for entry in api.pages("labels")}
    except GitHubError as refused:
        yield unseen(KIND, "labels", PLACE, refused)
        return
    by_any_case = {name.casefold(): name for name in found}  # two cannot differ in that alone
    for label in WANTED:
        name = label["name"]
        other = by_any_case.get(name)
        if name in found:
            yield Step(KIND, name, "nothing", "there", PLACE)
        elif other:
            call = Call("PATCH", f"labels/{other}", {"new_name": name})
            yield Step(KIND, name, "change", f"there as {other}", PLACE, (call,))
        else:
            call = Call("POST", "labels", label)
            yield Step(KIND, name, "create", label["description"], PLACE, (call,))
