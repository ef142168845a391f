"""The exported model, asked and packed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import finish, root
from mlops.errors import ending

app = typer.Typer()


@app.command()
def serve(
    model: Annotated[
        Path | None, typer.Option(help="The folder of an exported model; artifacts/export.")
    ] = None,
    host: Annotated[str, typer.Option(help="0.0.0.0 is everybody in reach.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
) -> None:
    """Serve the exported model on this machine: /docs shows how to ask it.

    Everything else is set in the environment; `python -m serving --help` lists it.
    """

    def action() -> None:
        from serving.server import main as serve_until_stopped

        exported = model or root() / "artifacts" / "export"
        options = {"--model": exported, "--host": host, "--port": port}
        sys.exit(serve_until_stopped([str(part) for pair in options.items() for part in pair]))

    sys.exit(ending(action))


@app.command()
def predict(
    file: Annotated[Path, typer.Argument(help="Rows: .csv, .csv.gz or .parquet.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to; its name says the format, too.")
    ],
    model: Annotated[
        Path | None, typer.Option(help="The folder of an exported model; artifacts/export.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows in memory at a time.")] = 50_000,
    skip_bad: Annotated[
        Path | None, typer.Option(help="A .csv for rows that break the rules; else they stop it.")
    ] = None,
) -> None:
    """Score a file of rows with the exported model. What was stopped goes on where it was."""

    def action() -> None:
        from mlops.batch.score import score

        exported = model or root() / "artifacts" / "export"
        score(file, output, exported, rows=rows, skip_bad=skip_bad)

    sys.exit(ending(action))  # in the folder where it was called: the files are named from there


@app.command()
def explain(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Rows: .csv, .csv.gz, .parquet, .jsonl; else the newest held-out ones."
        ),
    ] = None,
    *,
    rows: Annotated[int, typer.Option(min=1, help="How many, at most.")] = 5,
    row: Annotated[
        list[str] | None,
        typer.Option(help="Of this key, its parts with / between; may be given several times."),
    ] = None,
) -> None:
    """Say what each input adds to a prediction, and how much it moves all of them.

    Loads artifacts/model.joblib, which runs code: for models of your own runs, on your machine.
    """
    here = Path.cwd()

    def action() -> None:
        from mlops.explain import explain as explaining

        explaining.main(explaining.Options(here / file if file else None, rows, row or ()))

    finish(action)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def image(
    context: typer.Context,
    tag: Annotated[
        str | None, typer.Option(help="NAME:TAG of the image; the model's name and version.")
    ] = None,
    builder: Annotated[
        str | None,
        typer.Option(envvar="MLOPS_BUILDER", help="docker, podman or buildah; what works first."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--base", help="The base image; what the Dockerfile says.")
    ] = None,
) -> None:
    """Build the image of the model server from the last run.

    Further arguments go to the builder, such as --no-cache.
    """

    def action() -> None:
        from mlops.package import image as packaging

        packaging.show(packaging.build(tag, builder, on, context.args))

    finish(action)


@app.command()
def pin() -> None:
    """Write into the Dockerfile which base image its tag means now, by digest."""

    def action() -> None:
        from mlops.package import base as packaging
        from mlops.progress import console

        console.print(f"ARG BASE={packaging.pin()}")

    finish(action)
