"""What `make run` does: data, pipeline, log, result."""

from mlops import dvc, params
from mlops.data.obtain import materialise
from mlops.errors import INTERRUPTED, Failure
from mlops.registry.tracking import track
from mlops.report.summary import show


class StageFailed(Failure):
    """A stage ended with a code of its own, and has already said why."""

    def __init__(self, code: int) -> None:
        super().__init__("the pipeline stopped; what it said stands above")
        self.exit_code = code  # type: ignore[misc]


def run(arguments: list[str]) -> None:
    """Run what changed and show the result; the exit code is that of the stage that failed."""
    params.load()
    materialise()
    code = dvc.repro(arguments)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        raise StageFailed(code)
    track()
    show()
