"""What a pull request goes through, here."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import finish

app = typer.Typer()

Base = Annotated[
    str | None,
    typer.Option(
        envvar="MLOPS_BASE", help="The branch to compare with; origin's default, or main."
    ),
]


@app.command()
def pr(
    base: Base = None,
    overrides: Annotated[
        Path | None, typer.Option(help="What `mlops overrides` wrote: who accepts what, and why.")
    ] = None,
) -> None:
    """Run what a pull request runs: the pipeline, every gate, the report. Ends with the verdict."""
    finish(lambda: _judge(base, overrides, run=True))


@app.command()
def judge(
    base: Base = None,
    overrides: Annotated[Path | None, typer.Option(help="As for `mlops pr`.")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of verdict.json, and no more.")
    ] = False,
) -> None:
    """Judge the last run against the champion, without running the pipeline."""

    def action() -> None:
        if schema:
            from mlops.judge import verdict

            typer.echo(json.dumps(verdict.schema(), indent=2))
            return
        _judge(base, overrides, run=False)

    finish(action)


def _judge(base: str | None, overrides: Path | None, *, run: bool) -> None:
    from mlops.github.job import summarise
    from mlops.judge import overrides as accepted
    from mlops.judge import pull_request, verdict
    from mlops.promotion.fetching import from_releases, github
    from mlops.report import pull_request as report
    from mlops.report.verdict_table import show as show_verdict

    judged = pull_request.judge(
        base,
        accepted.read(overrides) if overrides else [],
        run=run,
        fetch=from_releases(github()),
    )
    verdict.write(judged, verdict.FOLDER / "verdict.json")
    report.write(judged)
    summarise((verdict.FOLDER / "summary.md").read_text("utf-8"))
    show_verdict(judged)
    pull_request.ending(judged)


@app.command()
def report() -> None:
    """Print the comment that a pull request would get, and write the full page beside it."""

    def action() -> None:
        from mlops.judge import verdict
        from mlops.report import pull_request as report

        typer.echo(report.write(verdict.latest()).rstrip("\n"))

    finish(action)


@app.command()
def adopt(
    run: Annotated[str, typer.Argument(help="A workflow run's id, its address, or a folder.")],
) -> None:
    """Take dvc.lock, metrics/ and reports/ from a run of the pull request workflow."""

    def action() -> None:
        from mlops.judge.adopt import adopt as take
        from mlops.progress import console

        for path in take(_results_of(run)):
            console.print(str(path))
        console.print("now commit dvc.lock, metrics/ and reports/")

    finish(action)


def _results_of(run: str) -> Path:
    """The folder of a run's results; those of a workflow run are downloaded."""
    number = re.search(r"(?:^|/runs/)(\d+)", run)
    if Path(run).is_dir() or number is None:
        return Path(run)
    from mlops.github.artifact import download

    folder = Path(".mlops/runs") / number[1]
    download("run", int(number[1]), folder)
    return folder


@app.command()
def replay(
    challenger: Annotated[
        str | None, typer.Argument(help="The address of a server, or an export folder.")
    ] = None,
    champion: Annotated[
        str | None, typer.Argument(help="Likewise; without one, the record is what it is held to.")
    ] = None,
    *,
    traffic: Annotated[
        Path | None, typer.Option(help="What `python -m serving --capture` wrote; else test rows.")
    ] = None,
    requests: Annotated[
        int | None, typer.Option(help="Of each side, or of each step; else as params.yaml says.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Requests per second; else as fast as answers come.")
    ] = None,
    connections: Annotated[int, typer.Option(help="Requests that are under way at once.")] = 2,
    canary: Annotated[
        bool, typer.Option("--canary", help="To the challenger 1, 10, 50, 100 % of the requests.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of replay.json, and no more.")
    ] = False,
) -> None:
    """Ask two servers the same, before the challenger's replaces the champion's. Ends in a verdict.

    A key for servers that ask for one is taken from SERVING_API_KEY.
    """

    def action() -> None:
        from mlops.replay import rehearse, render, result

        if schema:
            typer.echo(json.dumps(result.schema(), indent=2))
            return
        options = rehearse.Options(
            challenger or "artifacts/export", champion, traffic, requests, rate, connections, canary
        )
        found = rehearse.replay(options)
        render.report(found)
        rehearse.ending(found)

    finish(action)
