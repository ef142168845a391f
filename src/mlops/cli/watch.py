"""What is watched after delivery."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import Through, finish

app = typer.Typer()


@app.command()
def monitor(
    batch: Annotated[
        Path | None,
        typer.Argument(help="Rows: .csv, .csv.gz, .parquet, .jsonl; else what has just arrived."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="What became of the rows, by their key: .csv or .parquet.")
    ] = None,
    *,
    through: Through = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            envvar="MLOPS_METRICS", help="What a server counts: its /metrics, or a file of it."
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="0 for an alarm and without data, too.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of monitor.json, and no more.")
    ] = False,
) -> None:
    """Look whether the champion still sees what it was made for, and does as well.

    Ends with 13 when something moved, 14 when there is too little to tell, 15 when it failed.
    """
    from mlops.monitor import result

    if schema:
        typer.echo(json.dumps(result.schema(), indent=2))
        return
    here = Path.cwd()

    def action() -> None:
        from mlops.monitor import look
        from mlops.promotion.fetching import from_releases, github

        rows, outcomes = (here / path if path else None for path in (batch, labels))
        options = look.Options(rows, outcomes, metrics or (), through=through or "")
        look.main(options, fetch=from_releases(github()), exit_zero=exit_zero)

    finish(action)


@app.command()
def backtest(
    begin: Annotated[
        str | None, typer.Option(help="The newest period that the first model knows; the third.")
    ] = None,
    through: Annotated[
        str | None, typer.Option(help="The last period that arrives; else the source's last.")
    ] = None,
    first: Annotated[
        str | None, typer.Option(help="The estimator of the first model; the linear one.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of backtest.json, and no more.")
    ] = False,
) -> None:
    """Replay the source's periods: each arrives, is looked at, retrained with, judged, promoted.

    Draws how never retraining, always retraining and what the gates promoted would have done.
    """

    def action() -> None:
        from mlops.backtest import result, run

        if schema:
            typer.echo(json.dumps(result.schema(), indent=2))
            return
        run.main(begin, through, first)

    finish(action)


@app.command()
def dashboard(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; reports/dashboard.")
    ] = None,
) -> None:
    """Write what git knows of the model as pages: champions, delivery, drift, audit log, cards."""
    here = Path.cwd()

    def action() -> None:
        from mlops.dashboard import site

        site.write(here / output if output else site.FOLDER)

    finish(action)
