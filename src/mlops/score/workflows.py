"""What the workflows do, and when: read from their files, as GitHub reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlops.github import workflows

NEVER = (False, "false", "${{ false }}")


@dataclass(frozen=True)
class Step:
    """A line of a step that runs and whose failure counts."""

    job: str
    place: int
    """Of the step in its job."""
    words: list[str]


@dataclass(frozen=True)
class Workflow:
    """A workflow: when it runs, and what its jobs run."""

    name: str
    """Of its file."""
    on: dict[str, Any]
    needs: dict[str, set[str]]
    """By job, the jobs that it waits for, and what these wait for."""
    steps: list[Step]

    def step(self, command: str) -> Step | None:
        """The first line that begins with the words of `command`."""
        words = command.split()
        return next((s for s in self.steps if s.words[: len(words)] == words), None)

    def before(self, first: str, then: str) -> bool:
        """Whether `then` waits for `first`, in the same job or in one that needs its job."""
        one, other = self.step(first), self.step(then)
        if one is None or other is None:
            return False
        if one.job == other.job:
            return one.place < other.place
        return one.job in self.needs[other.job]

    def runs_on(self, trigger: str) -> bool:
        """Whether this starts it; a schedule needs a time."""
        if trigger == "schedule":
            return any(entry.get("cron") for entry in self.on.get("schedule") or [])
        return trigger in self.on


def read() -> list[Workflow]:
    """Every workflow of the repository; DeclarationError for a file that is no YAML."""
    return [_workflow(path.name, workflows.read(path)) for path in workflows.paths()]


def _workflow(name: str, content: dict[str, Any]) -> Workflow:
    jobs = {
        key: job
        for key, job in (content.get("jobs") or {}).items()
        if job.get("if") not in NEVER and not job.get("continue-on-error")
    }
    direct = {key: _names(job.get("needs")) for key, job in jobs.items()}
    return Workflow(
        name,
        _triggers(content.get("on")),
        {key: _all_before(key, direct) for key in jobs},
        [step for key, job in jobs.items() for step in _steps(key, job)],
    )


def _triggers(on: Any) -> dict[str, Any]:
    return on if isinstance(on, dict) else dict.fromkeys(_names(on))


def _names(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())


def _all_before(job: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [job]
    while waiting:
        new = direct.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _steps(key: str, job: dict[str, Any]) -> Iterator[Step]:
    for place, step in enumerate(job.get("steps") or []):
        if step.get("if") in NEVER or step.get("continue-on-error"):
            continue
        for line in str(step.get("run") or "").splitlines():
            words = line.removeprefix(".venv/bin/").split()
            if words:
                yield Step(key, place, words)
