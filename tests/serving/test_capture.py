"""What is kept of requests: bounded, without what is sensitive, and never at serving's expense."""

import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving import capture
from serving.capture import Capture
from serving.manifest import Input, Key, Manifest, Output, Policy, Table


def manifest() -> Manifest:
    return Manifest(
        format=1,
        name="loans",
        inputs=[
            Input("branch", "text"),
            Input("amount", "float32"),
            Input("income", "float32", sensitive=True),
            Input("rate", "float32", nullable=True, table="rates"),
        ],
        output=Output("binary", "repaid", "probabilities", [0, 1], 0.5),
        policy=Policy("flag", "reject"),
        files={},
        identifiers=["customer"],
        keys=[Key("day", "text")],
        tables=[Table("rates", "tables/rates.json", ["day"], ["rate"], 1)],
    )


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Capture]]:
    """Captures that write only when told to, closed at the end."""
    monkeypatch.setattr(capture, "PAUSE", 3600)
    there: list[Capture] = []
    yield there
    for one in there:
        one.close()


def asked(rows: int, start: int = 0) -> dict[str, Any]:
    numbers = range(start, start + rows)
    return {"branch": [f"b{n}" for n in numbers], "amount": [float(n) for n in numbers]}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_row_is_a_line_with_its_answer(tmp_path: Path, opened: list[Capture]) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10, manifest()))

    one.record({"branch": ["a", None], "amount": np.array([1.5, np.nan])}, 2, np.array([0.2, 0.7]))
    one.flush()

    assert read(one.path) == [
        {"columns": {"branch": "a", "amount": 1.5}, "prediction": 0.2},
        {"columns": {"branch": None, "amount": None}, "prediction": 0.7},
    ]
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600


def test_what_is_sensitive_or_unknown_is_never_written(
    tmp_path: Path, opened: list[Capture]
) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10, manifest()))
    columns: dict[str, Any] = {
        "branch": ["a"],
        "income": [91234.0],
        "customer": ["Smith"],
        "note": ["hush"],
    }

    one.record(columns | {"day": ["2013-01-01"], "rate": [0.1]}, 1, np.array([[0.2, 0.8]]))
    one.flush()

    kept = {"branch": "a", "day": "2013-01-01", "rate": 0.1}
    assert read(one.path) == [{"columns": kept, "prediction": [0.2, 0.8]}]


def test_the_two_files_never_hold_more_than_the_limit(
    tmp_path: Path, opened: list[Capture]
) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 20, manifest()))

    for start in range(0, 70, 7):
        one.record(asked(7, start), 7, np.zeros(7))
        one.flush()
        there = [path for path in (one.path, one.before) if path.exists()]
        assert sum(len(read(path)) for path in there) <= 20

    newest = [row["columns"]["amount"] for row in read(one.before) + read(one.path)]
    assert newest == [float(n) for n in range(50, 70)]
    assert (one.recorded, one.skipped, one.failed) == (70, 0, 0)


def test_it_goes_on_where_the_last_process_was_cut_off(
    tmp_path: Path, opened: list[Capture]
) -> None:
    path = tmp_path / "seen.jsonl"
    line = '{"columns":{"branch":"z"},"prediction":0.5}\n'
    path.write_text(3 * line + line[:20])
    opened.append(one := Capture(path, 8, manifest()))

    one.record(asked(2), 2, np.zeros(2))
    one.flush()

    assert [row["columns"]["branch"] for row in read(one.before)] == ["z", "z", "z", "b0"]
    assert [row["columns"]["branch"] for row in read(path)] == ["b1"]


def test_a_lower_limit_than_before_starts_anew(tmp_path: Path, opened: list[Capture]) -> None:
    path = tmp_path / "seen.jsonl"
    path.with_name("seen.jsonl.1").write_text(9 * '{"columns":{},"prediction":0}\n')
    opened.append(one := Capture(path, 8, manifest()))

    one.record(asked(1), 1, np.zeros(1))
    one.flush()

    assert not one.before.exists()
    assert len(read(path)) == 1


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, opened: list[Capture]) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir,\n" * 50)
    opened.append(one := Capture(path, 8, manifest()))

    one.record(asked(1), 1, np.zeros(1))
    one.flush()

    assert path.read_text() == "Dear Sir,\n" * 50
    assert one.failed == 1


def test_much_at_once_is_skipped_not_hoarded(tmp_path: Path, opened: list[Capture]) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 100_000, manifest()))

    one.record(asked(5000), 5000, np.zeros(5000))  # the first twenty stand for it
    for _ in range(1000):
        one.record(asked(1), 1, np.zeros(1))
    one.record({"branch": ["x" * 100_000]}, 1, np.zeros(1))
    one.flush()

    assert one.recorded == capture.WAITING == len(read(one.path))
    assert one.skipped == 5000 + 1000 + 1 - capture.WAITING


def test_a_text_too_long_is_skipped(tmp_path: Path, opened: list[Capture]) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10, manifest()))

    one.record({"branch": ["x" * 100_000]}, 1, np.zeros(1))
    one.flush()

    assert not one.path.exists()
    assert one.skipped == 1


def test_what_cannot_be_written_is_counted_and_told_once(
    tmp_path: Path, opened: list[Capture], caplog: pytest.LogCaptureFixture
) -> None:
    opened.append(one := Capture(tmp_path / "absent" / "seen.jsonl", 10, manifest()))

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            one.record(asked(1), 1, np.zeros(1))
            one.flush()

    assert (one.failed, one.recorded) == (3, 0)
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"capture: rows are not recorded in {one.path} ([Errno 2] No such file")
    assert told.endswith("; serving goes on")
    one.path.parent.mkdir()
    one.record(asked(1), 1, np.zeros(1))
    one.flush()
    assert len(read(one.path)) == 1


def test_a_full_disk_leaves_whole_lines(
    tmp_path: Path, opened: list[Capture], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10, manifest()))
    one.record(asked(1), 1, np.zeros(1))
    one.flush()
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:10]))

    one.record(asked(2), 2, np.zeros(2))
    one.flush()

    assert len(read(one.path)) == 1
    assert one.failed == 2


def test_a_value_that_json_cannot_say_breaks_nothing(tmp_path: Path, opened: list[Capture]) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10, manifest()))

    one.record({"branch": [object()]}, 1, np.zeros(1))
    one.record({"branch": ["a"], "amount": []}, 1, np.zeros(1))
    one.record({"amount": [np.float32(0.5)]}, 1, np.zeros(1))
    one.flush()

    assert [row["columns"] for row in read(one.path)] == [{"amount": 0.5}]
    assert one.failed == 2


def test_it_writes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "PAUSE", 0.01)
    one = Capture(tmp_path / "seen.jsonl", 10, manifest())
    one.record(asked(1), 1, np.zeros(1))

    patience = time.monotonic() + 5
    while not one.recorded and time.monotonic() < patience:
        time.sleep(0.01)
    one.close()

    assert len(read(one.path)) == 1


def test_a_record_takes_microseconds(tmp_path: Path, opened: list[Capture]) -> None:
    opened.append(one := Capture(tmp_path / "seen.jsonl", 10_000, manifest()))
    answer = np.array([0.5])
    columns = {**asked(1), "rate": [0.1]}
    taken = []
    for _ in range(capture.WAITING):
        started = time.perf_counter()
        one.record(columns, 1, answer)
        taken.append(time.perf_counter() - started)

    assert np.median(taken) < 100e-6
    assert not one.path.exists()  # nothing was written meanwhile


def test_a_limit_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 2 rows, found 1"):
        Capture(tmp_path / "seen.jsonl", 1, manifest())
