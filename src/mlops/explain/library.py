"""shap: seconds to import, and not there on every machine."""

import os
import sys
from typing import Any

from mlops.errors import TrainingError


def shap() -> Any:
    """The module. Raises TrainingError where it is missing."""
    # Its release for Python 3.11 compiles loops that end sooner than the compiler does.
    if "numba" not in sys.modules:
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
    try:
        import shap
    except ModuleNotFoundError as missing:
        if missing.name != "shap":
            raise
        raise TrainingError(
            "only linear models can be explained without shap, which is missing. "
            "`make environment` brings it; on a Mac with an Intel processor take Python 3.12"
        ) from None
    return shap
