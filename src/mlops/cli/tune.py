"""Better parameters, searched for."""

import re
from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import Reason, finish

Trials = Annotated[
    int, typer.Option(envvar="MLOPS_TRIALS", min=2, help="To make, those of before included.")
]

TunedOf = Annotated[
    str, typer.Option(envvar="MLOPS_ESTIMATOR", help="Of which estimator; else params.yaml's.")
]

SHARE = typer.Option(
    envvar="MLOPS_SHARE", metavar="I/N", help="Make this share alone, for `mlops tune merge`."
)

app = typer.Typer(
    help="""Search for better parameters within src/problem/tuning.py, on the training rows alone.

    A winner is written to params.yaml. Started again, it goes on where it stopped.""",
    invoke_without_command=True,
)


@app.callback()
def tune(
    context: typer.Context,
    trials: Trials = 30,
    *,
    minutes: Annotated[float | None, typer.Option(min=0, help="Begin none after these.")] = None,
    estimator: TunedOf = "",
    folds: Annotated[int, typer.Option(min=2, max=100, help="Of the training rows.")] = 5,
    share: Annotated[str, SHARE] = "",
    storage: Annotated[
        str, typer.Option(help="The address of a database; else a file of .mlops/tune.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where a share goes to.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the winner alone.")] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    number = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", share)
    if share and (number is None or int(number[1]) > int(number[2])):
        raise typer.BadParameter(f"--share: expected I/N with I up to N, found {share}")
    here = Path.cwd()

    def action() -> None:
        from mlops.tune import run as tuning

        place, of = (int(number[1]), int(number[2])) if number else (1, 1)
        options = tuning.Options(trials, minutes, estimator or None, folds, place, of, storage)
        if share:
            tuning.part(options, here / output if output else None)
        else:
            tuning.here(options, dry_run=dry_run)

    finish(action)


@app.command()
def plan(
    shares: Annotated[
        int, typer.Option(envvar="MLOPS_SHARES", min=1, max=200, help="How many machines.")
    ] = 4,
    estimator: TunedOf = "",
) -> None:
    """The shares of a search as JSON, one for each machine; for the workflow `tune`."""

    def action() -> None:
        from mlops.tune import shares as sharing

        typer.echo(sharing.plan(shares, estimator or None))

    finish(action)


@app.command()
def merge(
    folder: Annotated[
        Path | None, typer.Argument(help="Of the shares; .mlops/tune/shares.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the winner alone.")] = False,
    run_too: Annotated[
        bool, typer.Option("--run", help="And leave a run with it for `mlops tune propose`.")
    ] = False,
) -> None:
    """Bring the shares of a search together, and decide as one search would."""
    here = Path.cwd()

    def action() -> None:
        from mlops.tune import run as tuning
        from mlops.tune import shares as sharing

        place = here / folder if folder else tuning.SHARES
        if run_too:
            sharing.main(place)
        else:
            sharing.merge(place, dry_run=dry_run)

    finish(action)


@app.command()
def propose(reason: Reason = "") -> None:
    """The pull request, opened or updated, with what `mlops tune merge --run` left."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.tune import propose

        propose.main(Api.from_environment(), reason=reason)

    finish(action)
