"""`mlops …`: the one vocabulary of people, hooks and CI.

Exit codes: 0 done, 1 a bug, 2 wrong usage, 3 data not to be had or not what data.dvc pins,
4 data checks failed, 5 params.yaml or src/problem/ declares something wrong, 6 training or scoring
failed, 7 the run could not be logged, 8 refused by a gate, 9 inconclusive, 10 GitHub refused or
gave something else than expected, 11 the image cannot be built or had from its registry, 12 the
registry of versions refuses, lacks something, or is not as it should be, 13 the monitor found
something, 14 it found nothing to look at, 15 it could not look, 16 a newer template has conflicts
to resolve or cannot be merged, 17 the doctor found what stops the work, 130 interrupted.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from mlops.errors import DeclarationError, ending

Base = Annotated[
    str | None,
    typer.Option(
        envvar="MLOPS_BASE", help="The branch to compare with; origin's default, or main."
    ),
]

Reason = Annotated[str, typer.Option(envvar="MLOPS_REASON", help="Why; it stays in the tag.")]
Through = Annotated[
    str | None,
    typer.Option(envvar="MLOPS_THROUGH", help="Up to this period; else the next one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
promote = typer.Typer(
    help="""Deliver what was merged: judge, package, verify, release, make it the champion.

    Without a step, all of them in order. Started again, it goes on where it stopped.""",
    invoke_without_command=True,
)
registry = typer.Typer(
    help="Show every version and stage: who, when, why, metrics.", invoke_without_command=True
)
retrain = typer.Typer(
    help="""Bring the next period, and reproduce the pipeline: a challenger like any other.

    Without a step, in this work tree, for you to look at and commit.""",
    invoke_without_command=True,
)
template = typer.Typer(help="The template this is a copy of: how far behind, and updates.")
tune = typer.Typer(
    help="""Search for better parameters within src/problem/tuning.py, on the training rows alone.

    A winner is written to params.yaml. Started again, it goes on where it stopped.""",
    invoke_without_command=True,
)
app.add_typer(promote, name="promote")
app.add_typer(registry, name="registry")
app.add_typer(retrain, name="retrain")
app.add_typer(tune, name="tune")
app.add_typer(template, name="template")
on_github = typer.Typer(help="The repository's settings on GitHub.", no_args_is_help=True)
app.add_typer(on_github, name="github")


def main() -> None:
    """The entry point: `mlops` works from anywhere inside the repository."""
    app()


def _finish(action: Callable[[], object]) -> None:
    def at_the_root() -> None:
        os.chdir(_root())
        action()

    sys.exit(ending(at_the_root))


def _root() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dvc.yaml").is_file():
            return folder
    raise DeclarationError(f"no dvc.yaml in {here} or above it; change into the repository")


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

    _finish(action)


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

    _finish(action)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context) -> None:
    """Obtain the data, reproduce the pipeline, log the run, show the result.

    Further arguments go to `dvc repro`, such as --force.
    """

    def action() -> None:
        from mlops.pipeline import run as run_pipeline

        run_pipeline(context.args)

    _finish(action)


@app.command()
def show() -> None:
    """Show the last result: metrics, intervals, baselines, floors."""

    def action() -> None:
        from mlops.report.summary import show as show_summary

        show_summary()

    _finish(action)


@app.command()
def pr(
    base: Base = None,
    overrides: Annotated[
        Path | None, typer.Option(help="What `mlops overrides` wrote: who accepts what, and why.")
    ] = None,
) -> None:
    """Run what a pull request runs: the pipeline, every gate, the report. Ends with the verdict."""
    _finish(lambda: _judge(base, overrides, run=True))


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

    _finish(action)


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

    _finish(action)


@app.command()
def report() -> None:
    """Print the comment that a pull request would get, and write the full page beside it."""

    def action() -> None:
        from mlops.judge import verdict
        from mlops.report import pull_request as report

        typer.echo(report.write(verdict.latest()).rstrip("\n"))

    _finish(action)


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

    _finish(action)


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
def overrides(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to.")],
) -> None:
    """Ask GitHub which labels on this pull request override a gate: who set them, and why."""

    def action() -> None:
        from mlops.github import labels

        labels.main(output)

    _finish(action)


@app.command()
def comment() -> None:
    """Comment on the pull request whose workflow run has ended; for the workflow `comment`."""

    def action() -> None:
        from mlops.github import comment as commenting
        from mlops.judge.changes import judges
        from mlops.judge.gates import GATES

        commenting.main(list(GATES), judges)

    _finish(action)


@app.command()
def count() -> None:
    """Count one more use of a hold-out; for the workflow `comment`."""

    def action() -> None:
        from mlops.github import count as counting

        counting.main()

    _finish(action)


@app.command()
def record() -> None:
    """Append what a workflow run ended with to the history; for the workflow `history`."""

    def action() -> None:
        from mlops.github import record as recording

        recording.main()

    _finish(action)


@app.command()
def pages() -> None:
    """Ask GitHub whether the dashboard is to be a site; for the workflow `history`."""

    def action() -> None:
        from mlops.github import pages as site

        site.main()

    _finish(action)


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

    _finish(action)


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
    from serving.server import main as serve_until_stopped

    exported = model or _root() / "artifacts" / "export"
    options = {"--model": exported, "--host": host, "--port": port}
    sys.exit(serve_until_stopped([str(part) for pair in options.items() for part in pair]))


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

        exported = model or _root() / "artifacts" / "export"
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

    _finish(action)


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

    _finish(action)


@app.command()
def pin() -> None:
    """Write into the Dockerfile which base image its tag means now, by digest."""

    def action() -> None:
        from mlops.package import base as packaging
        from mlops.progress import console

        console.print(f"ARG BASE={packaging.pin()}")

    _finish(action)


@promote.callback()
def promote_all(
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

    _finish(action)


def _step(name: str) -> None:
    def action() -> None:
        from mlops.promotion import steps

        getattr(steps, name)()

    _finish(action)


@promote.command("plan")
def promote_plan() -> None:
    """Is there something to promote, and may it be?"""
    _step("plan")


@promote.command("judge")
def promote_judge() -> None:
    """The gates once more, on main, against the promoted champion."""

    def action() -> None:
        from mlops.promotion import accept

        accept.judge()

    _finish(action)


@promote.command("package")
def promote_package() -> None:
    """The image, built once and pushed, known by its digest."""
    _step("package")


@promote.command("verify")
def promote_verify() -> None:
    """Who built the image, and from what."""
    _step("verify")


@promote.command("smoke")
def promote_smoke() -> None:
    """That very digest, started and asked."""

    def action() -> None:
        from mlops.promotion import smoke

        smoke.main()

    _finish(action)


@promote.command("release")
def promote_release() -> None:
    """The version: its tag, and its page with card, verdict, model, lineage."""
    _step("release")


@promote.command("champion")
def promote_champion() -> None:
    """The champion: the stage tag, and what mirrors it."""
    _step("champion")


@promote.command("outcome")
def promote_outcome() -> None:
    """What became of the merge, as a commit status; for the workflow `promote`."""
    _step("outcome")


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

    _finish(action)


@app.command()
def reconcile() -> None:
    """Finish what a stopped promotion left, where that is certain; report what fits nothing."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.promotion.reconcile import reconcile as repair

        repair(Api.from_environment())

    _finish(action)


@app.command()
def preflight() -> None:
    """What this repository offers a promotion, and what it does not."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.promotion import steps

        steps.show(Api.from_environment())

    _finish(action)


@app.command()
def push() -> None:
    """Push what the pipeline computed to the DVC remote, if there is one."""

    def action() -> None:
        from mlops.promotion.push import push as push_outputs

        push_outputs()

    _finish(action)


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

    _finish(action)


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

    _finish(action)


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

    _finish(action)


@on_github.callback()
def github() -> None:
    """The repository's settings on GitHub."""


@on_github.command("setup")
def github_setup(
    only: Annotated[
        list[str] | None,
        typer.Option(help="actions, labels, environments, pages or rulesets; again for more."),
    ] = None,
    reviewer: Annotated[
        list[str] | None,
        typer.Option(help="A login, or OWNER/TEAM, asked before a promotion; again for more."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print each step as `gh api …`, and change nothing.")
    ] = False,
) -> None:
    """Set the repository as .github/ takes it to be: shown first, asked for, then done.

    Needs a token of somebody who administers it; `gh auth login` is enough. What the plan or the
    token refuses is told, and the rest is done.
    """

    def action() -> None:
        from mlops.github.setup.apply import Options, main

        main(Options(only or (), reviewer or (), yes, dry_run))

    _finish(action)


@app.command()
def alert() -> None:
    """Open, update or close the issue that the last look calls for; for the workflow `monitor`."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.monitor import alert as alerting

        alerting.main(Api.from_environment())

    _finish(action)


@app.command()
def heartbeat() -> None:
    """Ask GitHub whether the scheduled workflows still run, and tell somebody when not."""

    def action() -> None:
        from mlops import params
        from mlops.github.api import Api
        from mlops.monitor import heartbeat as beating

        beating.heartbeat(Api.from_environment(), params.load())

    _finish(action)


@app.command()
def security() -> None:
    """Which checks of security GitHub offers this repository; for the workflow `security`."""

    def action() -> None:
        from mlops.github import security as checks

        checks.main()

    _finish(action)


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

    _finish(action)


ByHand = Annotated[
    bool,
    typer.Option("--by-hand", envvar="MLOPS_BY_HAND", help="Whatever cool-down and cap say."),
]


@retrain.callback()
def retrain_all(context: typer.Context, through: Through = None) -> None:
    if context.invoked_subcommand is not None:
        return

    def action() -> None:
        from mlops.retraining import run as retraining

        retraining.here(through or None)

    _finish(action)


@retrain.command("plan")
def retrain_plan(through: Through = None, by_hand: ByHand = False) -> None:
    """Is there something to bring, and is it time to?"""

    def action() -> None:
        from mlops.promotion.fetching import github
        from mlops.retraining import plan

        plan.main(github(), by_hand=by_hand, through=through or None)

    _finish(action)


@retrain.command("run")
def retrain_run(through: Through = None) -> None:
    """The data brought and the pipeline reproduced, as files for the next step."""

    def action() -> None:
        from mlops.retraining import run as retraining

        retraining.main(through or "")

    _finish(action)


@retrain.command("propose")
def retrain_propose(reason: Reason = "") -> None:
    """The pull request, opened or updated, with what `mlops retrain run` left."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.retraining import propose

        propose.main(Api.from_environment(), reason=reason)

    _finish(action)


@template.command("status")
def template_status(as_json: AsJson = False) -> None:
    """Is there a newer version of the template?"""

    def action() -> None:
        from mlops.progress import console
        from mlops.promotion.fetching import github
        from mlops.template.status import status

        found = status(github())
        if as_json:
            typer.echo(json.dumps(found.content(), indent=2))
        else:
            console.print(found.told(), markup=False)

    _finish(action)


@template.command("update")
def template_update(
    *,
    address: Annotated[
        str, typer.Option("--from", help="Where the template is; as .github/template.json says.")
    ] = "",
    to: Annotated[str, typer.Option(help="A version, branch or commit; the newest version.")] = "",
    base: Annotated[
        str, typer.Option(help="The template's commit that this copy was made of; found by itself.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Merge a newer template, on a branch of its own, for you to look at and commit.

    Ends with 16 when there are conflicts to resolve. What is yours stays as it is.
    """

    def action() -> None:
        from mlops.promotion.fetching import github
        from mlops.template.plan import Wanted
        from mlops.template.update import update

        update(Wanted(address, to, base), github(), dry_run=dry_run, as_json=as_json)

    _finish(action)


@template.command("propose")
def template_propose(
    pull_request: Annotated[
        bool,
        typer.Option(
            "--pull-request",
            envvar="MLOPS_PULL_REQUEST",
            help="Open one: with the token of an App, which may push workflow files.",
        ),
    ] = False,
) -> None:
    """Tell of a newer version in an issue, or open its pull request; for the workflow `update`."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.template.propose import propose

        propose(Api.from_environment(), pull_request=pull_request)

    _finish(action)


Trials = Annotated[
    int, typer.Option(envvar="MLOPS_TRIALS", min=2, help="To make, those of before included.")
]
TunedOf = Annotated[
    str, typer.Option(envvar="MLOPS_ESTIMATOR", help="Of which estimator; else params.yaml's.")
]
SHARE = typer.Option(
    envvar="MLOPS_SHARE", metavar="I/N", help="Make this share alone, for `mlops tune merge`."
)


@tune.callback()
def tune_all(
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

    _finish(action)


@tune.command("plan")
def tune_plan(
    shares: Annotated[
        int, typer.Option(envvar="MLOPS_SHARES", min=1, max=200, help="How many machines.")
    ] = 4,
    estimator: TunedOf = "",
) -> None:
    """The shares of a search as JSON, one for each machine; for the workflow `tune`."""

    def action() -> None:
        from mlops.tune import shares as sharing

        typer.echo(sharing.plan(shares, estimator or None))

    _finish(action)


@tune.command("merge")
def tune_merge(
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

    _finish(action)


@tune.command("propose")
def tune_propose(reason: Reason = "") -> None:
    """The pull request, opened or updated, with what `mlops tune merge --run` left."""

    def action() -> None:
        from mlops.github.api import Api
        from mlops.tune import propose

        propose.main(Api.from_environment(), reason=reason)

    _finish(action)


@registry.callback()
def registry_all(context: typer.Context, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is not None:
        return

    def action() -> None:
        from mlops.registry.show import show as show_registry

        show_registry(as_json)

    _finish(action)


@registry.command("sync")
def registry_sync() -> None:
    """Let MLflow's registry say what the tags say; what it lacks is made."""

    def action() -> None:
        from mlops.progress import console
        from mlops.registry import mirror, state

        for line in mirror.sync(state.read(remote=False)) or ["MLflow's registry is as the tags"]:
            console.print(line, markup=False)

    _finish(action)


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

    _finish(action)


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

    _finish(action)


@app.command()
def track() -> None:
    """Log this commit's run to MLflow, unless it is there."""

    def action() -> None:
        from mlops.progress import console
        from mlops.registry.tracking import track as track_run

        new = track_run()
        console.print(f"logged as run {new}" if new else "nothing new to log")

    _finish(action)


@app.command("score")
def rate(
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

    _finish(action)


if __name__ == "__main__":
    main()
