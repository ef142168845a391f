"""What `make run` does: data, pipeline, log, result."""

import platform

from mlops import dvc, params
from mlops.data.obtain import materialise
from mlops.errors import INTERRUPTED, Failure
from mlops.progress import console
from mlops.registry.tracking import track
from mlops.report.summary import show

REFERENCE = ("Linux", "x86_64")  # where the same commit gives the same bits
ELSEWHERE = (
    "note: this is not Linux on x86-64. Metrics agree with it to six decimals; the bytes of models "
    "may differ, and with them the hashes in dvc.lock"
)


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
    if (platform.system(), platform.machine()) != REFERENCE:
        console.print(ELSEWHERE)
