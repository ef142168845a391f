"""The register of versions and stages."""

import typer

from mlops.cli.command import AsJson, finish

app = typer.Typer(
    help="Show every version and stage: who, when, why, metrics.", invoke_without_command=True
)


@app.callback()
def registry(context: typer.Context, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is not None:
        return

    def action() -> None:
        from mlops.registry.show import show as show_registry

        show_registry(as_json)

    finish(action)


@app.command()
def sync() -> None:
    """Let MLflow's registry say what the tags say; what it lacks is made."""

    def action() -> None:
        from mlops.progress import console
        from mlops.registry import mirror, state

        for line in mirror.sync(state.read(remote=False)) or ["MLflow's registry is as the tags"]:
            console.print(line, markup=False)

    finish(action)
