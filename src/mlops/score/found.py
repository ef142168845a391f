"""The kinds of evidence that several tests rest on."""

from pathlib import Path

from mlops.score.evidence import Evidence
from mlops.score.repository import Repository

RUN = "`mlops run` writes it; commit dvc.lock, metrics/ and reports/"
COMPARES = ("champion", "slices", "same_rows")
"""Gates that have nothing to decide before there is a champion."""


def in_every_pull_request(repository: Repository, command: str = "mlops pr") -> Evidence:
    """Whether a pull request runs `command`: what does the test again and again."""
    workflow = repository.workflow(command, "pull_request")
    return Evidence(
        workflow is not None,
        f"{workflow.name} runs `{command}` for every pull request"
        if workflow
        else f"no workflow runs `{command}` for a pull request",
        "restore .github/workflows/pull-request.yml",
        repeats=True,
    )


def on_schedule(repository: Repository, command: str, *, repeats: bool = False) -> Evidence:
    """Whether a workflow runs `command` again and again, by the clock."""
    workflow = repository.workflow(command, "schedule")
    return Evidence(
        workflow is not None,
        f"{workflow.name} runs `{command}` on a schedule"
        if workflow
        else f"no workflow runs `{command}` on a schedule",
        f"give the workflow that runs `{command}` a schedule with a cron line",
        repeats=repeats,
    )


def on_merge(repository: Repository, first: str, then: str, *, repeats: bool = False) -> Evidence:
    """Whether a merge runs `first`, and `then` only when that went well."""
    workflow = repository.workflow(then, "push")
    holds = workflow is not None and workflow.before(first, then)
    return Evidence(
        holds,
        f"{workflow.name} runs `{first}` before `{then}` for every merge"
        if workflow and holds
        else f"no workflow that runs on a merge has `{then}` wait for `{first}`",
        "restore .github/workflows/promote.yml",
        repeats=repeats,
    )


def measured(repository: Repository, name: str) -> Evidence:
    """Whether the last run of the pipeline measured it, and nobody wrote over that."""
    holds = repository.metric(name) is not None
    return Evidence(
        holds,
        f"metrics/{name}.json is of the last run, by dvc.lock"
        if holds
        else f"metrics/{name}.json is missing, or not what dvc.lock says",
        RUN,
    )


def gate(repository: Repository, name: str, *, on: bool = True, knob: str = "") -> Evidence:
    """Whether a gate is on, among those that are asked, and decided where a verdict is at hand."""
    restore = f"restore the gate `{name}` in src/mlops/judge/gates/__init__.py"
    if name not in repository.gates:
        return Evidence(False, f"the gate `{name}` is not asked", restore)
    if not on:
        return Evidence(
            False, f"{knob} in params.yaml switches the gate `{name}` off", f"set {knob}"
        )
    verdict = repository.verdict
    if verdict is None:
        return Evidence(True, f"the gate `{name}` is on")
    answer = next((gate.outcome for gate in verdict.gates if gate.name == name), None)
    unasked = answer in (None, "not applicable")
    if unasked and (name not in COMPARES or verdict.champion.origin != "none"):
        return Evidence(False, f"the last verdict did not decide the gate `{name}`", "`make pr`")
    return Evidence(True, f"the gate `{name}` is on; in the last verdict: {answer}")


def tested(repository: Repository, path: str, *uses: str) -> Evidence:
    """Whether a file has tests that run and can fail, of every one of `uses`."""
    tests = repository.tests(path)
    missing = [name for name in uses if name not in tests.uses]
    if not tests.names:
        return Evidence(
            False,
            f"{path} has no test that `make test` runs and that can fail",
            f"write {path}; a test that is skipped or slow, or asserts nothing, does not count",
        )
    if missing:
        remedy = f"test {', '.join(missing)} there"
        return Evidence(False, f"{path} does not use {', '.join(missing)}", remedy)
    return Evidence(True, f"{path} has {len(tests.names)} tests that `make test` runs")


def machinery(repository: Repository, path: str, about: str) -> Evidence:
    """Whether what the machinery does is tested: here, or in the template's own repository.

    A copy may have left the machinery's tests behind. The template's word then counts for the
    version that .github/template.json names, unless the machinery was changed here since.
    """
    names = repository.tests(path).about(about)
    if names:
        return Evidence(True, f"{path} tests it, such as `{names[0]}`")
    if Path(path).is_file():
        return Evidence(False, f"{path} has no test of it that `make test` runs", f"restore {path}")
    if not repository.template:
        remedy = f"restore {path}, or .github/template.json"
        return Evidence(False, f"{path} is missing, and no template vouches for it", remedy)
    if repository.altered:
        return Evidence(
            False,
            f"{repository.altered[0]} was changed since it came from the template, and {path} "
            "is not here to test it",
            f"restore {path} from the template",
        )
    version = repository.template
    return Evidence(True, f"the template's own {path} tests it, version {version}, unchanged here")
