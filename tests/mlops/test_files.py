"""Files that are there whole or not at all, and JSON that any reader understands."""

import json
import math
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import files
from mlops.files import read_json, replacing, rounded, write_json, write_text


def fail_while_writing(path: Path, failure: BaseException, inside: str = "") -> None:
    with replacing(path) as scratch:
        if inside:
            scratch.mkdir()
        (scratch / inside).write_text("half of the ne")
        raise failure


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text("old")

    with pytest.raises(ZeroDivisionError):
        fail_while_writing(path, ZeroDivisionError())

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_while_writing_a_new_file_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fail_while_writing(tmp_path / "model.joblib", KeyboardInterrupt())

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "gone.parquet").write_text("old")

    with replacing(folder) as scratch:
        scratch.mkdir()
        (scratch / "new.parquet").write_text("new")
        assert [p.name for p in folder.iterdir()] == ["gone.parquet"]

    assert [p.name for p in folder.iterdir()] == ["new.parquet"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failure_while_writing_a_folder_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "kept.parquet").write_text("old")

    with pytest.raises(OSError, match="disk full"):
        fail_while_writing(folder, OSError("disk full"), "kept.parquet")

    assert (folder / "kept.parquet").read_text() == "old"
    assert list(tmp_path.iterdir()) == [folder]


def test_folders_above_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "reports" / "plots" / "roc.csv", "x,y")

    assert (tmp_path / "reports" / "plots" / "roc.csv").read_text() == "x,y\n"


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    versions = [[version] * 5000 for version in range(30)]
    write_json(path, versions[0])
    torn: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                seen = read_json(path)
            except (OSError, ValueError) as error:
                torn.append(error)
            else:
                torn.extend(set(seen) if len(set(seen)) > 1 or len(seen) != 5000 else [])

    reader = threading.Thread(target=read)
    reader.start()
    for version in versions:
        write_json(path, version)
    done.set()
    reader.join()

    assert torn == []


@pytest.mark.parametrize("text", ["a", "a\n", "a\n\n\n"])
def test_a_text_ends_in_one_newline(tmp_path: Path, text: str) -> None:
    write_text(tmp_path / "a.md", text)

    assert (tmp_path / "a.md").read_bytes() == b"a\n"


def test_what_json_cannot_say_is_null(tmp_path: Path) -> None:
    write_json(
        tmp_path / "a.json", {"auc": math.nan, "psi": [math.inf, 1 / 3], "name": "é", "n": 3}
    )

    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == {
        "auc": None,
        "psi": [None, 0.333333],
        "name": "é",
        "n": 3,
    }
    assert "é" in text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_rounding_is_to_six_decimals_and_knows_no_minus_zero(number: float) -> None:
    written = json.dumps(rounded(number))

    assert written == json.dumps(float(f"{number:.{files.DECIMALS}f}") + 0.0)
    assert written != "-0.0"
