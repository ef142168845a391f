"""What `make run` does: data, pipeline, log, result."""

import platform

from mlops import dvc, params
from mlops.data.obtain import materialise
from mlops.errors import INTERRUPTED, Failure
from mlops.progress import console
from mlops.registry.tracking import track
from mlops.report.summary import show
from mlops.stages import ARTIFACTS, journal

REFERENCE = ("Linux", "x86_64")  # where the same commit gives the same bits
ELSEWHERE = (
    "note: this is not Linux on x86-64. Metrics agree with it to six decimals; the bytes of models "
    "may differ, and with them the hashes in dvc.lock"
)


class StageFailed(Failure):
    """A stage ended with a code of its own, and has already said why; `said` is DVC's word."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__("the pipeline stopped; what it said stands above")
        self.said = said
        self.exit_code = code  # type: ignore[misc]


def run(arguments: list[str]) -> None:
    """Run what changed and show the result; the exit code is that of the stage that failed."""
    reproduce(arguments)
    track()
    show()
    if (platform.system(), platform.machine()) != REFERENCE:
        console.print(ELSEWHERE)


def reproduce(arguments: list[str]) -> None:
    """Obtain the data and run what changed.

    Raises what stopped it: a Failure, StageFailed with the stage's own code, KeyboardInterrupt.
    """
    journal.clear()
    params.load()
    materialise()
    if not ARTIFACTS.is_dir():  # a fresh clone: DVC would run what has outputs in git again
        _ = dvc.checkout("dvc.yaml") or dvc.pull("dvc.yaml")
    code, said = dvc.repro(arguments)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        raise StageFailed(code, said)
