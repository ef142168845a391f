"""What is to be done is shown, asked for, and done. What GitHub refuses is told."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import typer
from rich.table import Table
from rich.text import Text

from mlops.errors import Failure
from mlops.github.api import Api, GitHubError
from mlops.github.job import say
from mlops.github.setup.plan import KINDS, Fresh, plan
from mlops.github.setup.step import Step
from mlops.progress import console, step

REFUSALS = (403, 404, 409, 422)
"""Of a token that may not, a plan that has it not, an owner that decides it for all."""

STYLES = {"create": "green", "change": "yellow", "nothing": "dim", "left": "cyan", "unknown": "red"}


class UsageError(Failure):
    """An option that means nothing."""

    exit_code = 2


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    only: Collection[str] = ()
    reviewers: Sequence[str] = ()
    yes: bool = False
    dry_run: bool = False


def main(options: Options) -> None:
    """Show what is to be done, ask, and do it.

    Raises GitHubError where there is no token, or GitHub is out of order; a refusal of a single
    setting is a notice. UsageError for a kind of setting that is none.
    """
    unknown = set(options.only) - set(KINDS)
    if unknown:
        raise UsageError(f"--only {', '.join(unknown)}: expected one of {', '.join(KINDS)}")
    api = _api(dry_run=options.dry_run)
    with step("asking GitHub how the repository is set"):
        steps = list(plan(api or Fresh(), options.only, options.reviewers))
    show(steps)
    for one in steps:
        if one.state == "unknown":
            say(f"{one.name} cannot be seen: {one.why}; by hand: {one.place}")
    todo = [one for one in steps if one.open]
    if not todo:
        console.print("nothing to do")
    elif api is None or options.dry_run:
        for one in todo:
            typer.echo(f"\n# {one.kind}: {one.name}")
            typer.echo("\n".join(call.as_gh() for call in one.calls))
    elif options.yes or _agreed(todo):
        apply(api, todo)


def apply(api: Api, steps: Sequence[Step]) -> list[Step]:
    """Do it; returns what GitHub refused, which is a notice that names the setting.

    Raises GitHubError when GitHub does not answer, or knows nobody by that token.
    """
    refused = []
    for one in steps:
        try:
            for call in one.calls:
                api.send(call.method, call.path, call.body)
        except GitHubError as error:
            if error.status not in REFUSALS:
                raise
            say(f"{one.name} is not set: {error}; by hand: {one.place}")
            refused.append(one)
        else:
            console.print(f"{one.kind}: {one.name}: done", markup=False)
    console.print(f"{len(steps) - len(refused)} done, {len(refused)} refused")
    return refused


def show(steps: Sequence[Step]) -> None:
    """A row a setting."""
    table = Table(title="settings of the repository on GitHub")
    for heading in ("kind", "what", "to do", "because"):
        table.add_column(heading)
    for one in steps:
        why = "cannot be seen; why is said below" if one.state == "unknown" else one.why
        state = Text(one.state, STYLES[one.state])
        table.add_row(one.kind, Text(one.name), state, Text(why))
    console.print(table)


def _api(*, dry_run: bool) -> Api | None:
    """GitHub as the token sees it; for a dry run, nothing where there is no token."""
    try:
        return Api.from_environment()
    except GitHubError as lacking:
        if not dry_run:
            raise
        console.print(f"{lacking}. Until then, as for a new public repository", markup=False)
        return None


def _agreed(todo: Sequence[Step]) -> bool:
    if not sys.stdin.isatty():
        console.print("nothing was changed: say --yes where nobody can be asked")
        return False
    if typer.confirm(f"{len(todo)} settings: shall they be made?", default=False):
        return True
    console.print("nothing was changed")
    return False
