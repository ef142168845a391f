"""`mlops template update`: a newer template, merged for a person to look at and commit."""

import json
from collections import Counter
from contextlib import nullcontext
from typing import Any

import typer
from rich.table import Table

from mlops.github.api import Api
from mlops.progress import console, step
from mlops.template import apply, plan, store
from mlops.template.apply import REFERENCES, branch
from mlops.template.errors import TemplateError
from mlops.template.merge import Change
from mlops.template.plan import Plan, Wanted
from mlops.template.rooms import yours
from mlops.template.store import plain

FEW = 3  # files of a folder that are named one by one
UP_TO_DATE = "up to date: this copy has all of it"


def update(wanted: Wanted, api: Api | None, *, dry_run: bool, as_json: bool = False) -> None:
    """Merge a newer template into the work tree, or say what that would do.

    A dry run writes nothing, objects of git included. Raises TemplateError when there are conflicts
    to resolve, or it cannot merge; UnreachableError when the template cannot be read.
    """
    with store.opened(keep=not dry_run) as objects:
        if not dry_run:
            apply.refuse_unfit(objects)
        with nullcontext() if as_json else step("compare with the template"):
            made = plan.make(objects, wanted, api)
        if as_json:
            typer.echo(json.dumps(content(made), indent=2))
        elif made is None:
            console.print(UP_TO_DATE)
        else:
            _show(made)
        if dry_run and made and not as_json:
            count = len(made.merged.unmerged)
            console.print(f"nothing was written; {count or 'no'} files would be in conflict")
        if made is None or dry_run:
            return
        apply.apply(objects, made)
        _conclude(made, quiet=as_json)


def content(made: Plan | None) -> dict[str, Any]:
    """For JSON; without changes where the copy has everything."""
    if made is None:
        return {"behind": False, "changes": []}
    changes = [{"path": c.path, "kind": c.kind, "told": c.told} for c in made.merged.changes]
    return {
        "behind": True,
        "address": plain(made.become.address),
        "before": made.before.version,
        "version": made.become.version,
        "base": made.base,
        "commit": made.theirs,
        "conflicts": sorted(made.merged.unmerged),
        "locks": made.merged.locks,
        "changes": changes,
    }


def folded(changes: list[Change]) -> list[Change]:
    """The changes, as one those in a folder that is yours, and many that you deleted."""
    counts = Counter(yours(change.path) for change in changes if change.kind == "yours")
    rooms = [
        Change(str(room), "yours", f"the template changed {count} of its files")
        if str(room).endswith("/")
        else Change(str(room), "yours", "the template changed its own")
        for room, count in counts.items()
    ]
    tops = Counter(_top(change) for change in changes if change.kind == "left out")
    lost = [
        Change(top, "left out", f"the template changed or added {count} files that you deleted")
        for top, count in tops.items()
        if count > FEW
    ]
    rest = [
        change
        for change in changes
        if change.kind != "yours" and not (change.kind == "left out" and tops[_top(change)] > FEW)
    ]
    return sorted([*rest, *rooms, *lost], key=lambda change: change.path)


def _top(change: Change) -> str:
    """The outermost folder."""
    return change.path.partition("/")[0] + "/"


def _show(made: Plan) -> None:
    table = Table(title=f"template v{made.before.version} → v{made.become.version}")
    table.add_column("")
    table.add_column("file", overflow="fold")
    table.add_column("", overflow="fold")
    for change in folded(made.merged.changes):
        table.add_row(change.kind, change.path, change.told)
    console.print(table)


def _conclude(made: Plan, *, quiet: bool) -> None:
    name, conflicts = branch(made), sorted(made.merged.unmerged)
    undo = f"git reset --hard && git switch - && git branch -D {name}"
    locks = ["`make lock` makes requirements/ anew"] if made.merged.locks else []
    if conflicts:
        files = "\n".join(f"  {path}" for path in conflicts)
        more = "".join(f"\n{line}." for line in locks)
        raise TemplateError(
            f"v{made.become.version} of the template is on the branch {name}, with conflicts to "
            f"resolve in\n{files}\n"
            f"`git status` and `git mergetool` show them; `git checkout --ours FILE` takes yours, "
            f"`--theirs` the template's, `git diff {REFERENCES}/base {REFERENCES}/new -- FILE` "
            f"shows what the template changed. Then `git add` each, `make run`, and commit with "
            f"its results.{more}\n"
            f"To go back: {undo}"
        )
    if quiet:
        return
    console.print(f"merged, and staged on the branch {name}. Now:")
    for number, line in enumerate(
        [
            "`git diff --cached` to look at it",
            *locks,
            "`make run`: dvc.lock names the code that the pipeline ran with",
            "`git add requirements dvc.lock metrics reports && git commit`, then a pull request",
        ],
        1,
    ):
        console.print(f"  {number}. {line}", markup=False)
    console.print(f"To go back: {undo}", markup=False)
