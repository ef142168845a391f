"""A merge brought into index and work tree, on a branch of its own, for a person to commit."""

from pathlib import Path

from mlops.template.errors import TemplateError
from mlops.template.plan import Plan
from mlops.template.store import Store

REFERENCES = "refs/template"
"""Where both ends of what was merged last stay, for `git diff` and `git log` while conflicts are
resolved, and for a short fetch next time. No branch and no tag: `git push` leaves them here."""


def branch(plan: Plan) -> str:
    """The branch that an update goes to."""
    return f"template/v{plan.become.version}"


def refuse_unfit(store: Store) -> None:
    """Raises TemplateError where something is not committed, which could then be lost."""
    changed = store.said("status", "--porcelain", "--untracked-files=no")
    if changed:
        paths = [line[3:] for line in changed.splitlines()]
        raise TemplateError(
            f"{paths[0]}{f' and {len(paths) - 1} more' if paths[1:] else ''} changed and not "
            f"committed: commit or `git stash` them first, so that an update can be undone. (What "
            f"an update that was killed left goes with `git reset --hard`.)"
        )


def apply(store: Store, plan: Plan) -> None:
    """Leave `plan` as `git merge --squash` would, on `template/vVERSION`: staged, to be committed.

    Files in conflict have both sides between markers, and all three in the index. The index comes
    first, whole, so that `git reset --hard` undoes an update wherever it was killed; whatever else
    stops it undoes it here. Raises TemplateError, with nothing touched, when a file that git does
    not know is in the way or the branch exists.
    """
    name, tree = branch(plan), plan.merged.tree
    here = store.run("symbolic-ref", "--quiet", "--short", "HEAD").stdout.decode().strip()
    exists = store.run("rev-parse", "--verify", "--quiet", f"refs/heads/{name}").returncode == 0
    if exists and here != name:
        raise TemplateError(
            f"the branch {name} is there already: `git switch {name}` goes on with it, `git branch "
            f"-D {name}` forgets it"
        )
    store.said("read-tree", "-n", "-m", "-u", plan.ours, tree)
    try:
        _write(store, plan)
        if here != name:
            store.said("branch", "--no-track", name)
            message = f"checkout: moving from {here or plan.ours} to {name}"  # for `git switch -`
            store.said("symbolic-ref", "-m", message, "HEAD", f"refs/heads/{name}")
    except BaseException:
        store.run("reset", "--quiet", "--hard", plan.ours)
        raise


def _write(store: Store, plan: Plan) -> None:
    store.said("read-tree", "-m", plan.ours, plan.merged.tree)
    gone = store.files(plan.ours).keys() - store.files(plan.merged.tree).keys()
    for file in map(Path, gone):
        file.unlink(missing_ok=True)
        for folder in list(file.parents)[:-1]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    store.said("checkout-index", "--quiet", "--force", "--index", "--all")
    lines = []
    for path, stages in plan.merged.unmerged.items():
        lines.append(f"0 {'0' * 40}\t{path}")
        lines += [f"{mode} {blob} {stage}\t{path}" for mode, blob, stage in stages]
    if lines:
        listed = "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape")
        store.said("update-index", "-z", "--index-info", given=listed)
    Path(store.said("rev-parse", "--git-path", "SQUASH_MSG")).write_text(message(plan))
    for reference, commit in (("base", plan.base), ("new", plan.theirs)):
        store.said("update-ref", f"{REFERENCES}/{reference}", commit)


def message(plan: Plan) -> str:
    """Of the commit."""
    return (
        f"Template v{plan.become.version}\n\n"
        f"What the template changed from {plan.base[:12]} (v{plan.before.version}) to "
        f"{plan.theirs[:12]}.\n"
    )
