"""Where a copy and its template parted: the base of the three-way merge."""

from mlops.template.errors import TemplateError
from mlops.template.origin import PATH, Origin
from mlops.template.remote import Template
from mlops.template.store import Store


def find(store: Store, template: Template, recorded: Origin, ours: str, theirs: str) -> str:
    """The template's commit that is in the copy already.

    It is the commit merged last, as recorded; else, for a fork, where the histories part; for a
    copy made with "Use this template", whose first commit holds the very files of one of the
    template's, that one; else the tag of the version recorded.

    Raises TemplateError when none of them can be had.
    """
    shared = store.run("merge-base", ours, theirs).stdout.decode().strip()
    if recorded.commit:
        if not store.has(recorded.commit):
            raise TemplateError(
                f"{PATH} says that {recorded.commit[:12]} of the template was merged last, and the "
                f"template has no such commit any more; name the one that took its place: --base "
                f"COMMIT"
            )
        return shared if shared and _descends(store, shared, recorded.commit) else recorded.commit
    found = shared or _with_the_same_files(store, template, ours)
    if found:
        return found
    if store.said("rev-parse", "--is-shallow-repository") == "true":
        raise TemplateError(
            "where this copy left the template cannot be told from a shallow clone; `git fetch "
            "--unshallow` brings the rest"
        )
    tagged = template.versions.get(recorded.version)
    if tagged:
        return tagged
    raise TemplateError(
        f"where this copy left the template cannot be told: the template has no tag "
        f"v{recorded.version}, and no commit of it holds the files of the copy's first one. Name "
        f"the template's commit that the copy was made of: --base COMMIT"
    )


def _descends(store: Store, newer: str, older: str) -> bool:
    """A fork that was synchronised on GitHub since has more than was recorded."""
    return store.run("merge-base", "--is-ancestor", older, newer).returncode == 0


def _with_the_same_files(store: Store, template: Template, ours: str) -> str | None:
    roots = store.said("log", "--max-parents=0", "--format=%T", ours).split()
    tips = {*template.versions.values(), template.references.get("HEAD", "")} - {""}
    if not tips:
        return None
    lines = store.said("log", "--format=%T %H", *sorted(tips)).splitlines()
    trees = dict(line.split() for line in reversed(lines))
    return next((trees[root] for root in roots if root in trees), None)
