"""One file a DVC stage, in the order of dvc.yaml; each reads files, writes files, and no more."""

import sys
from collections.abc import Callable
from pathlib import Path

from mlops.errors import ending

ARTIFACTS = Path("artifacts")
METRICS = Path("metrics")
REPORTS = Path("reports")


def run(main: Callable[[], None]) -> None:
    """Run a stage as a program: a mistake is a paragraph and an exit code, never a traceback."""
    sys.exit(ending(main))
