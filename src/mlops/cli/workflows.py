"""What only workflows call."""

from pathlib import Path
from typing import Annotated

import typer

from mlops.cli.command import finish

app = typer.Typer()


@app.command()
def overrides(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to.")],
) -> None:
    """Ask GitHub which labels on this pull request override a gate: who set them, and why."""

    def action() -> None:
        from mlops.github import labels

        labels.main(output)

    finish(action)


@app.command()
def comment() -> None:
    """Comment on the pull request whose workflow run has ended; for the workflow `comment`."""

    def action() -> None:
        from mlops.github import comment as commenting
        from mlops.judge.changes import judges
        from mlops.judge.gates import GATES

        commenting.main(list(GATES), judges)

    finish(action)


@app.command()
def count() -> None:
    """Count one more use of a hold-out; for the workflow `comment`."""

    def action() -> None:
        from mlops.github import count as counting

        counting.main()

    finish(action)


@app.command()
def record() -> None:
    """Append what a workflow run ended with to the history; for the workflow `history`."""

    def action() -> None:
        from mlops.github import record as recording

        recording.main()

    finish(action)


@app.command()
def pages() -> None:
    """Ask GitHub whether the dashboard is to be a site; for the workflow `history`."""

    def action() -> None:
        from mlops.github import pages as site

        site.main()

    finish(action)


@app.command()
def push() -> None:
    """Push what the pipeline computed to the DVC remote, if there is one."""

    def action() -> None:
        from mlops.promotion.push import push as push_outputs

        push_outputs()

    finish(action)


@app.command()
def preflight() -> None:
    """What this repository offers a promotion, and what it does not."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.promotion import steps

        steps.show(Api.from_environment())

    finish(action)


@app.command()
def alert() -> None:
    """Open, update or close the issue that the last look calls for; for the workflow `monitor`."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.monitor import alert as alerting

        alerting.main(Api.from_environment())

    finish(action)


@app.command()
def heartbeat() -> None:
    """Ask GitHub whether the scheduled workflows still run, and tell somebody when not."""

    def action() -> None:
        from mlops import params
        from mlops.github.api import Api
        from mlops.monitor import heartbeat as beating

        beating.heartbeat(Api.from_environment(), params.load())

    finish(action)


@app.command()
def security() -> None:
    """Which checks of security GitHub offers this repository; for the workflow `security`."""

    def action() -> None:
        from mlops.github import security as checks

        checks.main()

    finish(action)
