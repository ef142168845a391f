"""The template that this is a copy of."""

import json
from typing import Annotated

import typer

from mlops.cli.command import AsJson, finish

app = typer.Typer(help="The template this is a copy of: how far behind, and updates.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Is there a newer version of the template?"""

    def action() -> None:
        from mlops.progress import console
        from mlops.promotion.fetching import github
        from mlops.template.status import status

        found = status(github())
        if as_json:
            typer.echo(json.dumps(found.content(), indent=2))
        else:
            console.print(found.told(), markup=False)

    finish(action)


@app.command()
def update(
    *,
    address: Annotated[
        str, typer.Option("--from", help="Where the template is; as .github/template.json says.")
    ] = "",
    to: Annotated[str, typer.Option(help="A version, branch or commit; the newest version.")] = "",
    base: Annotated[
        str, typer.Option(help="The template's commit that this copy was made of; found by itself.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Merge a newer template, on a branch of its own, for you to look at and commit.

    Ends with 16 when there are conflicts to resolve. What is yours stays as it is.
    """

    def action() -> None:
        from mlops.promotion.fetching import github
        from mlops.template.plan import Wanted
        from mlops.template.update import update

        update(Wanted(address, to, base), github(), dry_run=dry_run, as_json=as_json)

    finish(action)


@app.command()
def propose(
    pull_request: Annotated[
        bool,
        typer.Option(
            "--pull-request",
            envvar="MLOPS_PULL_REQUEST",
            help="Open one: with the token of an App, which may push workflow files.",
        ),
    ] = False,
) -> None:
    """Tell of a newer version in an issue, or open its pull request; for the workflow `update`."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.template.propose import propose

        propose(Api.from_environment(), pull_request=pull_request)

    finish(action)
