"""The repository's settings on GitHub."""

from typing import Annotated

import typer

from mlops.cli.command import finish

app = typer.Typer(help="The repository's settings on GitHub.", no_args_is_help=True)


@app.callback()
def github() -> None:
    """The repository's settings on GitHub."""


@app.command()
def setup(
    only: Annotated[
        list[str] | None,
        typer.Option(help="actions, labels, environments, pages or rulesets; again for more."),
    ] = None,
    reviewer: Annotated[
        list[str] | None,
        typer.Option(help="A login, or OWNER/TEAM, asked before a promotion; again for more."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print each step as `gh api …`, and change nothing.")
    ] = False,
) -> None:
    """Set the repository as .github/ takes it to be: shown first, asked for, then done.

    Needs a token of somebody who administers it; `gh auth login` is enough. What the plan or the
    token refuses is told, and the rest is done.
    """

    def action() -> None:
        from mlops.github.setup.apply import Options, main

        main(Options(only or (), reviewer or (), yes, dry_run))

    finish(action)
