"""What a merge goes through, step by step."""

from typing import Annotated

import typer

from mlops.cli.command import Reason, finish

app = typer.Typer(
    help="""Deliver what was merged: judge, package, verify, release, make it the champion.

    Without a step, all of them in order. Started again, it goes on where it stopped.""",
    invoke_without_command=True,
)


@app.callback()
def promote(
    context: typer.Context,
    release_hold: Annotated[
        bool, typer.Option("--release-hold", help="Let merges promote again after a rollback.")
    ] = False,
    reason: Reason = "",
) -> None:
    if context.invoked_subcommand is not None:
        return

    def action() -> None:
        from mlops.github.job import say
        from mlops.promotion import hold

        if release_hold:
            say(hold.release(reason))
            return
        from mlops.promotion.everything import promote as all_steps

        all_steps()

    finish(action)


def _step(name: str) -> None:
    def action() -> None:
        from mlops.promotion import steps

        getattr(steps, name)()

    finish(action)


@app.command()
def plan() -> None:
    """Is there something to promote, and may it be?"""
    _step("plan")


@app.command()
def judge() -> None:
    """The gates once more, on main, against the promoted champion."""

    def action() -> None:
        from mlops.promotion import accept

        accept.judge()

    finish(action)


@app.command()
def package() -> None:
    """The image, built once and pushed, known by its digest."""
    _step("package")


@app.command()
def verify() -> None:
    """Who built the image, and from what."""
    _step("verify")


@app.command()
def smoke() -> None:
    """That very digest, started and asked."""

    def action() -> None:
        from mlops.promotion import smoke

        smoke.main()

    finish(action)


@app.command()
def release() -> None:
    """The version: its tag, and its page with card, verdict, model, lineage."""
    _step("release")


@app.command()
def champion() -> None:
    """The champion: the stage tag, and what mirrors it."""
    _step("champion")


@app.command()
def outcome() -> None:
    """What became of the merge, as a commit status; for the workflow `promote`."""
    _step("outcome")
