"""The next period, trained and proposed."""

from typing import Annotated

import typer

from mlops.cli.command import Reason, Through, finish

ByHand = Annotated[
    bool,
    typer.Option("--by-hand", envvar="MLOPS_BY_HAND", help="Whatever cool-down and cap say."),
]

app = typer.Typer(
    help="""Bring the next period, and reproduce the pipeline: a challenger like any other.

    Without a step, in this work tree, for you to look at and commit.""",
    invoke_without_command=True,
)


@app.callback()
def retrain(context: typer.Context, through: Through = None) -> None:
    if context.invoked_subcommand is not None:
        return

    def action() -> None:
        from mlops.retraining import run as retraining

        retraining.here(through or None)

    finish(action)


@app.command()
def plan(through: Through = None, by_hand: ByHand = False) -> None:
    """Is there something to bring, and is it time to?"""

    def action() -> None:
        from mlops.promotion.fetching import github
        from mlops.retraining import plan

        plan.main(github(), by_hand=by_hand, through=through or None)

    finish(action)


@app.command()
def run(through: Through = None) -> None:
    """The data brought and the pipeline reproduced, as files for the next step."""

    def action() -> None:
        from mlops.retraining import run as retraining

        retraining.main(through or "")

    finish(action)


@app.command()
def propose(reason: Reason = "") -> None:
    """The pull request, opened or updated, with what `mlops retrain run` left."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.retraining import propose

        propose.main(Api.from_environment(), reason=reason)

    finish(action)
