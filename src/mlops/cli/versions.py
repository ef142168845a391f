"""Which versions there are, and which of them is the champion."""

from typing import Annotated

import typer

from mlops.cli.command import AsJson, Reason, finish

app = typer.Typer()


@app.command()
def rollback(
    version: Annotated[
        str | None,
        typer.Argument(envvar="MLOPS_VERSION", help="Such as 1.2.0; else the champion before."),
    ] = None,
    reason: Reason = "",
) -> None:
    """Make an older version the champion again, and hold it there."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.github.job import say
        from mlops.promotion.rollback import rollback as go_back

        say(go_back(Api.from_environment(), version or None, reason))

    finish(action)


@app.command()
def reconcile() -> None:
    """Finish what a stopped promotion left, where that is certain; report what fits nothing."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.promotion.reconcile import reconcile as repair

        repair(Api.from_environment())

    finish(action)


@app.command()
def lineage(
    version: Annotated[str, typer.Argument(help="Such as 1.2.0, or champion.")] = "champion",
    at: Annotated[
        str | None, typer.Option(help="The champion of that time, such as 2026-03-01T12:00.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Which data, commit, parameters, packages, verdict, image and approvals made a version."""

    def action() -> None:
        from mlops.registry import lineage as tracing

        if at:
            tracing.lineage_at(at, as_json)
        else:
            tracing.lineage(version, as_json)

    finish(action)


@app.command()
def verify(
    version: Annotated[str, typer.Argument(help="Such as 1.2.0, or champion.")],
    with_image: Annotated[
        bool, typer.Option("--image", help="Build its image again as well.")
    ] = False,
) -> None:
    """Make a version again from its tag: the same hashes, or which part differs."""

    def action() -> None:
        from mlops.registry.rebuild import verify as rebuild

        rebuild(version, image=with_image)

    finish(action)
