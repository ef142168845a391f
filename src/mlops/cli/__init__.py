"""`mlops …`: the one vocabulary of people, hooks and CI.

Exit codes; docs/troubleshooting.md says what to do about each:

0 done
1 a bug
2 wrong usage
3 data not to be had, or not what data.dvc pins
4 data checks failed
5 params.yaml or src/problem/ declares something wrong
6 training or scoring failed
7 the run could not be logged
8 refused by a gate
9 inconclusive
10 GitHub refused, or gave something else than expected
11 the image cannot be built or had from its registry
12 the registry of versions refuses, lacks something, or is not as it should be
13 the monitor found something
14 it found nothing to look at
15 it could not look
16 a newer template has conflicts to resolve, or cannot be merged
17 the doctor found what stops the work
130 interrupted
"""

import typer

from mlops.cli import (
    github,
    model,
    pipeline,
    promote,
    pull_request,
    registry,
    repository,
    retrain,
    template,
    tune,
    versions,
    watch,
    workflows,
)

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


def _panel(title: str, plain: typer.Typer, **groups: typer.Typer) -> None:
    """Show the commands of a file, and groups of commands, under a title of the help."""
    for command in plain.registered_commands:
        command.rich_help_panel = title
    app.add_typer(plain)
    for name, group in groups.items():
        app.add_typer(group, name=name, rich_help_panel=title)


_panel("This copy", repository.app, template=template.app, github=github.app)
_panel("The pipeline", pipeline.app, tune=tune.app)
_panel("A pull request", pull_request.app)
_panel("The exported model", model.app)
_panel("Versions and the champion", versions.app, promote=promote.app, registry=registry.app)
_panel("Watch and retrain", watch.app, retrain=retrain.app)
_panel("For the workflows", workflows.app)


def main() -> None:
    """The entry point: `mlops` works from anywhere inside the repository."""
    app()
