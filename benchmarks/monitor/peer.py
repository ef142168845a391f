"""Evidently, in an environment of its own: `python peer.py FOLDER TURNS < FRAMES` (see bench.py).

FRAMES is a list of [reference, batch] file names of FOLDER; the last of them is measured. Prints
JSON: the seconds of every turn, and of every pair the columns that drifted.
"""

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

PACKAGES = ("evidently==0.7.23", "pandas<3.1", "pyarrow")
DONE = "benchmark.txt"  # what an environment was made of
ALL_DRIFTED = 0.5  # Evidently's own: from this share of columns on, the rows have drifted


def interpreter(home: Path) -> Path:
    """That of the peer's environment, made anew unless it has just these packages.

    Raises SystemExit, with what uv said, when they cannot be installed.
    """
    wanted, done, python = "\n".join([sys.version, *PACKAGES]), home / DONE, home / "bin/python"
    if done.exists() and done.read_text("utf-8") == wanted:
        return python
    uv = str(Path(sys.executable).parent / "uv")
    for arguments in (
        ["venv", "--clear", "--python", sys.executable, str(home)],
        ["pip", "install", "--compile-bytecode", "--python", str(python), *PACKAGES],
    ):
        made = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False)
        if made.returncode:
            sys.exit(f"uv {' '.join(arguments)} ended with {made.returncode}:\n{made.stderr}")
    done.write_text(wanted, "utf-8")
    return python


def asked(python: Path, folder: Path, pairs: list[tuple[str, str]], turns: int) -> dict[str, Any]:
    """Ask the peer; SystemExit with what it said when it fails."""
    done = subprocess.run(
        [str(python), __file__, str(folder), str(turns)],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=False,
        env={"OMP_NUM_THREADS": "1", "DO_NOT_TRACK": "1", "PATH": ""},
    )
    if done.returncode:
        sys.exit(f"the peer ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _drifted(reference: Any, batch: Any) -> tuple[float, list[str]]:
    """Seconds of DataDriftPreset, and the columns that it says have drifted."""
    evidently = importlib.import_module("evidently")
    presets = importlib.import_module("evidently.presets")
    numbers = [name for name in batch.columns if reference[name].dtype.kind == "f"]
    texts = [name for name in batch.columns if name not in numbers]
    definition = evidently.DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    began = time.perf_counter()
    sides = [
        evidently.Dataset.from_pandas(side, data_definition=definition)
        for side in (batch, reference)
    ]
    found = evidently.Report([presets.DataDriftPreset()]).run(*sides).dict()
    seconds = time.perf_counter() - began
    drifted = []
    for metric in found["metrics"][1:]:
        config, value = metric["config"], float(metric["value"])
        distance = "distance" in config["method"] or "divergence" in config["method"]
        if value >= config["threshold"] if distance else value < config["threshold"]:
            drifted.append(config["column"])
    if len(drifted) != found["metrics"][0]["value"]["count"]:
        sys.exit(f"Evidently counts {found['metrics'][0]['value']} drifted columns, not {drifted}")
    return seconds, drifted


def main() -> None:
    folder, turns = Path(sys.argv[1]), int(sys.argv[2])
    verdicts = []
    for reference, batch in json.load(sys.stdin):
        sides = pd.read_parquet(folder / reference), pd.read_parquet(folder / batch)
        verdicts.append(_drifted(*sides)[1])
    seconds = [_drifted(*sides)[0] for _ in range(turns)]
    print(json.dumps({"seconds": seconds, "drifted": verdicts}))


if __name__ == "__main__":
    main()
