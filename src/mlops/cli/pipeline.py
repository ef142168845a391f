"""The pipeline: its data, a run, what came of it."""

from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import finish

app = typer.Typer()


@app.command()
def data(
    through: Annotated[
        str | None, typer.Option(help="Bring the data up to this period, such as 2013-09.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Pin all that the source has: a new problem's data.dvc.")
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Replace a data/ that differs from data.dvc.")
    ] = False,
) -> None:
    """Bring data/ to what data.dvc pins, from the DVC cache, its remote, or the source.

    With --through or --new, bring data.dvc to what the source has.
    """

    def action() -> None:
        from mlops.data.obtain import advance, materialise
        from mlops.progress import console

        had = advance(through) if through or new else materialise(restore=restore)
        until = f", through {had.through}" if had.through else ""
        console.print(f"data/ is what data.dvc pins{until} ({had.origin})")

    finish(action)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context) -> None:
    """Obtain the data, reproduce the pipeline, log the run, show the result.

    Further arguments go to `dvc repro`, such as --force.
    """

    def action() -> None:
        from mlops.pipeline import run as run_pipeline

        run_pipeline(context.args)

    finish(action)


@app.command()
def show() -> None:
    """Show the last result: metrics, intervals, baselines, floors."""

    def action() -> None:
        from mlops.report.summary import show as show_summary

        show_summary()

    finish(action)


@app.command()
def plots(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where to.")] = Path("reports/png"),
) -> None:
    """Draw the curves in reports/plots/ as PNG."""

    def action() -> None:
        from mlops.progress import console
        from mlops.report.figures import draw

        for path in draw(folder):
            console.print(str(path))

    finish(action)


@app.command()
def track() -> None:
    """Log this commit's run to MLflow, unless it is there."""

    def action() -> None:
        from mlops.progress import console
        from mlops.registry.tracking import track as track_run

        new = track_run()
        console.print(f"logged as run {new}" if new else "nothing new to log")

    finish(action)
