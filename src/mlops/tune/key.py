"""What a study depends on: when any of it changes, another study begins."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mlops.data.pin import md5_of
from mlops.stages import ARTIFACTS

TRAINING = ARTIFACTS / "train.parquet"
CODE = (Path("src/problem/model.py"), Path("src/problem/schema.py"), Path("requirements/run.txt"))


def key(chosen: dict[str, Any]) -> str:
    """The SHA-256 of the training rows, the code of the estimators, and of what was `chosen`."""
    known = {str(path): md5_of(path) for path in (TRAINING, *CODE)}
    return hashlib.sha256(json.dumps([known, chosen], sort_keys=True).encode()).hexdigest()
