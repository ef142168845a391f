"""One file a DVC stage, in the order of dvc.yaml; each reads files, writes files, and no more.

How each went is noted in `journal`.
"""

import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mlops.errors import ending
from mlops.stages import journal

ARTIFACTS = Path("artifacts")
METRICS = Path("metrics")
REPORTS = Path("reports")


def run(main: Callable[[], None]) -> None:
    """Run a stage as a program: a mistake is a paragraph and an exit code, never a traceback.

    The stage is named after the file of `main`.
    """
    started, said = time.perf_counter(), list[str]()
    code = ending(main, said.append)
    journal.add(
        journal.Entry(
            stage=Path(inspect.getfile(main)).stem,
            seconds=round(time.perf_counter() - started, 3),
            code=code,
            error=said[0] if said else None,
        )
    )
    sys.exit(code)
