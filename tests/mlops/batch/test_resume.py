"""What was stopped goes on, and ends with the bytes of a run that was not."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops.batch import scratch
from mlops.batch.score import score
from mlops.batch.work import Work
from mlops.errors import DataError
from serving.model import Model
from tests.mlops.batch.conftest import write

KILLED_AFTER = """
import os, signal, sys
from pathlib import Path
from mlops.batch import scratch
from mlops.batch.score import score
from mlops.batch.work import Work

file, output, model, aside, tables, where = sys.argv[1:]
scratch.EVERY = 0.0
put, put_so_far = Work.put, 0

def counted(*arguments):
    global put_so_far
    put_so_far += 1
    if where == "before" and put_so_far > int(tables):
        os.kill(os.getpid(), signal.SIGKILL)
    if where == "unrecorded" and put_so_far >= int(tables):
        scratch.EVERY = 1e9
    put(*arguments)
    if where != "before" and put_so_far >= int(tables):
        arguments[0]._out.journal.sync()
        os.kill(os.getpid(), signal.SIGKILL)

Work.put = counted
score(Path(file), Path(output), Path(model), rows=10, skip_bad=Path(aside))
"""


class Stopped(KeyboardInterrupt):
    """Ctrl-C."""


def stop_after(monkeypatch: pytest.MonkeyPatch, tables: int) -> None:
    """Ctrl-C as the model is asked about the table after so many; every one is recorded."""
    monkeypatch.setattr(scratch, "EVERY", 0.0)
    predict, asked = Model.predict, 0

    def counted(self: Model, feeds: Any) -> Any:
        nonlocal asked
        asked += len(next(iter(feeds.values()))) > 1  # a single row is asked about at the start
        if asked > tables:
            raise Stopped
        return predict(self, feeds)

    monkeypatch.setattr(Model, "predict", counted)


def stopped(
    monkeypatch: pytest.MonkeyPatch, tables: int, file: Path, output: Path, model: Path
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, tables)
        with pytest.raises(Stopped):
            score(file, output, model, rows=10)
    assert not output.exists()


@pytest.mark.parametrize(
    ("given", "output", "tables"),
    [
        (".csv", ".csv", 0),
        (".csv", ".csv", 1),
        (".parquet", ".csv", 9),
        (".csv", ".csv.gz", 4),
        (".parquet", ".parquet", 0),
        (".parquet", ".parquet", 1),
        (".csv", ".parquet", 9),
    ],
)
def test_ctrl_c_costs_nothing_but_time(
    *,
    tmp_path: Path,
    paint: Path,
    pots: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
    output: str,
    tables: int,
) -> None:
    pots.loc[3, "colour"] = "mauve"
    file, target = write(pots, tmp_path / f"pots{given}"), tmp_path / f"scored{output}"
    whole = tmp_path / f"whole{output}"
    score(file, whole, paint, rows=10)
    stopped(monkeypatch, tables, file, target, paint)
    assert "the same command goes on" in capsys.readouterr().out

    done = score(file, target, paint, rows=10)

    assert target.read_bytes() == whole.read_bytes()
    assert (done.rows, done.flagged) == (100, 1)
    said = capsys.readouterr().out
    assert (f"going on after {10 * tables} rows" in said) == (tables > 0)
    assert not list(tmp_path.glob(".*"))


def test_rows_that_were_done_are_not_asked_about_again(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(pots, tmp_path / "pots.csv")
    stopped(monkeypatch, 7, file, tmp_path / "scored.csv", paint)
    put = []
    monkeypatch.setattr(Work, "put", lambda *arguments: put.append(arguments))

    score(file, tmp_path / "scored.csv", paint, rows=10)

    assert len(put) == 3


@pytest.mark.parametrize("change", ["input", "model", "rows", "output damaged", "state damaged"])
def test_what_was_made_of_something_else_is_discarded(
    *,
    tmp_path: Path,
    paint: Path,
    pots: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: str,
) -> None:
    file, target = write(pots, tmp_path / "pots.csv"), tmp_path / "scored.csv"
    stopped(monkeypatch, 5, file, target, paint)
    left, rows = tmp_path / ".scored.csv.part", 10
    if change == "input":
        write(pots.assign(litres=1.0), file)
    elif change == "model":
        manifest = paint / "manifest.json"
        manifest.write_text(manifest.read_text().replace("0.4", "0.6"))
    elif change == "rows":
        rows = 20
    elif change == "output damaged":
        os.truncate(left / "rows.csv", 10)
    else:
        (left / "state.json").write_text('{"made_of": ')

    done = score(file, target, paint, rows=rows)

    said = capsys.readouterr().out
    assert "discarded what an earlier run left" in said
    assert "going on" not in said
    assert done.rows == 100
    score(file, tmp_path / "whole.csv", paint, rows=rows)
    assert target.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_two_at_a_time_do_not_write_one_file(
    tmp_path: Path, paint: Path, pots: pd.DataFrame
) -> None:
    file, target = write(pots, tmp_path / "pots.csv"), tmp_path / "scored.csv"
    (tmp_path / ".scored.csv.part").mkdir()
    with (tmp_path / ".scored.csv.part" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(DataError, match="another `mlops predict` is writing it"):
            score(file, target, paint)

    score(file, target, paint)
    assert target.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tables", "where"), [(1, "before"), (5, "recorded"), (6, "unrecorded"), (10, "recorded")]
)
@pytest.mark.parametrize("output", [".csv", ".parquet"])
def test_a_kill_at_any_point_costs_nothing_but_time(
    *, tmp_path: Path, paint: Path, pots: pd.DataFrame, output: str, tables: int, where: str
) -> None:
    pots.loc[[12, 13, 58], "litres"] = 1000.0
    file, target = write(pots, tmp_path / "pots.csv"), tmp_path / f"scored{output}"
    aside, whole = tmp_path / "aside.csv", tmp_path / f"whole{output}"
    score(file, whole, paint, rows=10, skip_bad=tmp_path / "whole_aside.csv")
    arguments = [str(path) for path in (file, target, paint, aside)]

    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER, *arguments, str(tables), where], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    assert not aside.exists()
    done = score(file, target, paint, rows=10, skip_bad=aside)

    assert target.read_bytes() == whole.read_bytes()
    assert aside.read_bytes() == (tmp_path / "whole_aside.csv").read_bytes()
    assert (done.rows, done.aside) == (100, 3)
