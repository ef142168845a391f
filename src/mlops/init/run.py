"""`mlops init`: a copy of the template becomes yours, and its problem if you bring a table."""

from dataclasses import replace

import typer

from mlops import dvc, remote
from mlops.data.obtain import advance
from mlops.errors import DataError
from mlops.init import plan, strip
from mlops.init.answers import Answers, here, settle
from mlops.init.large import LARGE, keep, without_table
from mlops.init.names import renamed
from mlops.init.readme import readme
from mlops.init.source import Source
from mlops.init.table import Problem, problem_from
from mlops.init.table.problem import TABLE
from mlops.progress import console


def init(
    name: str | None, owner: str | None, holder: str | None, source: Source | None, *, yes: bool
) -> None:
    """Say what is going to change, and change it: all of it, or on any failure nothing.

    Raises Refused over work that is not committed, DataError for a table that is none or too large
    for git without a remote, DeclarationError for a name or a column that cannot be one.
    """
    try:
        _init(name, owner, holder, source, yes=yes)
    except typer.Abort:  # Ctrl-C at a question
        raise KeyboardInterrupt from None


def _init(
    name: str | None, owner: str | None, holder: str | None, source: Source | None, *, yes: bool
) -> None:
    answers, told = settle(name, owner, holder)
    for line in told:
        console.print(f"taken, as nobody said otherwise: {line}", markup=False)
    problem, raw = _problem(source, answers) if source else (None, None)
    changed = plan.changes(_wanted(answers, problem))
    if not changed:
        console.print("nothing to change: all of it is so already")
        return
    plan.check(source.csv if source else None)
    plan.show(changed)
    for line in problem.found if problem else ():
        console.print(f"  {line}", markup=False)
    if not yes and here() and not typer.confirm("Go on?", default=True):
        console.print("nothing was changed")
        return
    another = problem is not None and any(path in changed for path in problem.files)
    plan.apply(changed, lambda: _bring(raw) if another else None)
    _next(another)


def _problem(source: Source, answers: Answers) -> tuple[Problem, bytes | None]:
    """The problem that the table makes; of a large table also its raw file, for the remote."""
    large = source.csv.stat().st_size > LARGE
    if large and not dvc.remotes():
        raise DataError(
            f"{source.csv} has {source.csv.stat().st_size / 1e6:.1f} MB, more than the "
            f"{LARGE / 1e6:.0f} MB up to which git keeps a table, and there is no remote that "
            f"could. Name one, `dvc remote add -d NAME URL` or, for here alone, "
            f"`export {remote.ADDRESS}=URL`, and again"
        )
    problem = problem_from(
        source.csv,
        source.target,
        name=answers.model,
        example=plan.text("params.yaml"),
        kind=source.kind,
        key=source.key,
        block=source.block,
        time=source.time,
    )
    if not large:
        return problem, None
    files, raw = without_table(problem.files, TABLE)
    return replace(problem, files=files), raw


def _wanted(answers: Answers, problem: Problem | None) -> plan.Files:
    """All that is to be: names, and over them what a new problem brings and makes leave."""
    wanted = dict(renamed(answers))
    if problem is None:
        return wanted
    if plan.changes(problem.files):
        wanted |= strip.example()
    if strip.is_there():
        wanted |= strip.machinery(wanted)
        text = readme(answers.name, _sentence(problem), plan.text("README.md"))
        wanted["README.md"] = text.encode()
    return wanted | problem.files


def _sentence(problem: Problem) -> str:
    return f"A model of `{problem.target}` ({problem.task}), from {len(problem.inputs)} inputs."


def _bring(raw: bytes | None) -> None:
    """Bring data/ to the new source, and data.dvc with it."""
    if raw is None:
        advance()
    else:
        keep(raw)


def _next(another: bool) -> None:
    if another:
        console.print('next: `make run`, then `git add -A && git commit -m "Our own problem"`')
    else:
        console.print('next: `git add -A && git commit -m "Our own names"`, then `make run`')
    console.print("then change something, and `make pr` says what a pull request with it would get")
