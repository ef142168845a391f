"""What sets a copy up, and looks how it is."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from mlops.cli.command import AsJson, finish

app = typer.Typer()


@app.command()
def init(
    name: Annotated[str | None, typer.Option(help="Of the repository; its folder's.")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Who reviews: a GitHub user, or ORGANISATION/TEAM.")
    ] = None,
    holder: Annotated[str | None, typer.Option("--licence-holder", help="For LICENSE.")] = None,
    kind: Annotated[
        Literal["binary", "multiclass", "regression"] | None,
        typer.Option(help="The task; without --from, begin with a small table of that kind."),
    ] = None,
    *,
    csv: Annotated[
        Path | None, typer.Option("--from", help="A table to make the problem from: .csv.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Its column that is to be predicted.")] = None,
    key: Annotated[str | None, typer.Option(help="Its column that names a row.")] = None,
    block: Annotated[
        str | None, typer.Option(help="Its column of rows that belong together.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="Its column that says when.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before anything changes.")] = False,
) -> None:
    """Make this copy yours: its names, its owner, and a problem from your own table."""
    here = Path.cwd()

    def action() -> None:
        from mlops.init import run as starting
        from mlops.init.source import source

        table = source(here / csv if csv else None, target, kind, key=key, block=block, time=time)
        starting.init(name, owner, holder, table, yes=yes)

    finish(action)


@app.command()
def doctor(
    as_json: AsJson = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of --json, and no more.")
    ] = False,
) -> None:
    """Look at the machine, the repository and, with a token, GitHub; each finding has its remedy.

    Nothing is changed. Ends with 0, or 17 when something stops the work.
    """

    def action() -> None:
        from mlops.doctor import examine, finding

        if schema:
            typer.echo(json.dumps(finding.schema(), indent=2))
            return
        examine.main(as_json=as_json)

    finish(action)


@app.command()
def score(
    at_least: Annotated[
        float | None, typer.Option(min=0, max=7, help="End with 8 when the score is below.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it as Markdown, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rate this copy by the ML Test Score: 28 tests, the evidence for each, and what is missing."""
    here = Path.cwd()

    def action() -> None:
        from mlops.files import write_text
        from mlops.report import score as report
        from mlops.score import score as rating

        found = rating.score()
        if as_json:
            typer.echo(json.dumps(found.described(), indent=2, ensure_ascii=False))
        else:
            report.show(found)
        if output:
            write_text(here / output, report.markdown(found))
        if at_least is not None:
            rating.hold(found, at_least)

    finish(action)
