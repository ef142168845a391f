"""Every mistake ends in a sentence that says what to do, and leaves nothing half-written."""

import gzip
import resource
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops.batch.score import score
from mlops.errors import DataError, Failure, QualityError
from tests.mlops.batch.conftest import read, write

GOOD = "litres,colour,price\n1,red,2\n2,blue,3\n"


def refusal(file: Path, output: Path, model: Path, kind: type[Failure] = DataError) -> str:
    """What is said; whatever was in the folder of the output is still there, and nothing else."""
    before = set(output.parent.glob("**/*")) if output.parent.is_dir() else set()
    with pytest.raises(kind) as caught:
        score(file, output, model)
    after = set(output.parent.glob("**/*")) if output.parent.is_dir() else set()
    assert before == after
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected a header and rows; the file is empty"),
        (b"\n\n", "expected a header and rows; the file is empty"),
        (b"litres,price\n1,2\n", "missing columns: colour. Expected colour, litres; found litres"),
        (b"litres;colour\n1;red\n", "missing columns: colour, litres"),
        (b"litres,colour,litres\n1,red,2\n", "column 'litres' is there twice"),
        (b"litres,colour\n1,red\n1\n", "line 3: expected 2 cells, as in the header, found 1"),
        (b"litres,colour\n\n1,red\n1,2,3\n", "line 4: expected 2 cells, as in the header, found 3"),
        (b"litres,colour\n1,red\n1,\xff\n", "line 3: expected UTF-8 text"),
        (b"litres,\xff\n1,red\n", "expected UTF-8 text"),
        (GOOD.encode("utf-16"), "expected UTF-8 text"),
    ],
)
def test_a_csv_that_is_none(tmp_path: Path, paint: Path, content: bytes, said: str) -> None:
    file = tmp_path / "pots.csv"
    file.write_bytes(content)

    message = refusal(file, tmp_path / "scored.csv", paint)

    assert message.startswith(f"{file}")
    assert said in message


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1000,red,2", "column 'litres': expected 0 to 100, found 1000"),
        ("a lot,red,2", "column 'litres': expected a number, found 'a lot'"),
        (",red,2", "column 'litres': expected a number, found none"),
        ("1,red,inf", "column 'price': expected a finite number, found inf"),
    ],
)
def test_the_first_row_that_breaks_a_rule_is_named(
    tmp_path: Path, paint: Path, row: str, said: str
) -> None:
    file = tmp_path / "pots.csv"
    file.write_text(f"{GOOD}\n{row}\n-1,red,2\n")

    message = refusal(file, tmp_path / "scored.csv", paint, QualityError)

    assert message.startswith(f"{file}, line 5, {said}. Mend it, or set such rows aside")


def test_a_row_of_several_lines_has_the_number_of_its_first(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv"
    file.write_text('id,litres,colour\na,1,red\n"b\nb",2,red\n"c\nc",-1,red\n')

    message = refusal(file, tmp_path / "scored.csv", paint, QualityError)

    assert message.startswith(f"{file}, line 5, column 'litres'")


def test_a_row_of_a_parquet_file_has_a_number(
    tmp_path: Path, paint: Path, pots: pd.DataFrame
) -> None:
    pots.loc[[70, 71], "litres"] = 1000.0
    file = write(pots, tmp_path / "pots.parquet")

    message = refusal(file, tmp_path / "scored.csv", paint, QualityError)

    assert "row 71, column 'litres': expected 0 to 100, found 1000" in message


def test_texts_where_numbers_belong(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots.astype({"litres": "str"}), tmp_path / "pots.parquet")

    message = refusal(file, tmp_path / "scored.csv", paint)

    assert message == f"{file}, column 'litres': expected numbers, found large_string"


def test_numbers_where_texts_belong(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots.assign(colour=1), tmp_path / "pots.parquet")

    message = refusal(file, tmp_path / "scored.csv", paint)

    assert message == f"{file}, column 'colour': expected texts, found int64"


def test_a_parquet_file_that_is_cut_off(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots, tmp_path / "pots.parquet")
    file.write_bytes(file.read_bytes()[:-100])

    assert "not a whole Parquet file" in refusal(file, tmp_path / "scored.csv", paint)


def test_a_parquet_file_that_is_damaged(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots, tmp_path / "pots.parquet")
    content = bytearray(file.read_bytes())
    content[4:600] = bytes(596)
    file.write_bytes(content)

    assert "not a whole Parquet file" in refusal(file, tmp_path / "scored.csv", paint)


def test_an_archive_that_is_cut_off(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv.gz"
    rows = "".join(f"{n % 100},red,{n}\n" for n in range(50_000))
    file.write_bytes(gzip.compress((GOOD + rows).encode())[:-5000])

    assert "damaged or cut off" in refusal(file, tmp_path / "scored.csv", paint)


def test_an_archive_that_is_none(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv.gz"
    file.write_text(GOOD)

    assert "not a CSV file that can be read" in refusal(file, tmp_path / "scored.csv", paint)


def test_a_place_that_is_taken(tmp_path: Path, paint: Path) -> None:
    (tmp_path / "pots.csv").write_text(GOOD)
    (tmp_path / ".scored.csv.part").write_text("not a folder")

    message = refusal(tmp_path / "pots.csv", tmp_path / "scored.csv", paint)

    assert "scored.csv: cannot be written" in message


@pytest.mark.parametrize(
    ("given", "output", "said"),
    [
        ("none.csv", "scored.csv", "there is no such file"),
        ("paint", "scored.csv", "expected a file"),
        ("pots.txt", "scored.csv", "expected a name that ends in .csv, .csv.gz or .parquet"),
        ("pots.csv", "scored.xlsx", "expected a name that ends in .csv, .csv.gz or .parquet"),
        ("pots.csv", "pots.csv", "the input and the output are the same file"),
        ("pots.csv", "link.csv", "the input and the output are the same file"),
        ("pots.csv", "none/scored.csv", "make it first"),
        ("pots.csv", "folder.csv", "expected a file to write, found a folder"),
    ],
)
def test_files_that_cannot_be(
    tmp_path: Path, paint: Path, given: str, output: str, said: str
) -> None:
    for name in ("pots.csv", "pots.txt"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "link.csv").symlink_to(tmp_path / "pots.csv")
    (tmp_path / "folder.csv").mkdir()

    message = refusal(tmp_path / given, tmp_path / output, paint)

    assert said in message
    assert given in message or output in message
    assert (tmp_path / "pots.csv").read_text() == GOOD


def test_rows_set_aside_need_a_file_of_their_own(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv"
    file.write_text(GOOD)

    for aside, said in (("aside.parquet", "ends in .csv"), ("scored.csv", "the same file")):
        with pytest.raises(DataError, match=said):
            score(file, tmp_path / "scored.csv", paint, skip_bad=tmp_path / aside)


def test_a_model_that_was_altered_or_is_not_there(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv"
    file.write_text(GOOD)
    with (paint / "model.onnx").open("ab") as model:
        model.write(b"more")

    assert "model.onnx was altered" in refusal(file, tmp_path / "scored.csv", paint)
    shutil.rmtree(paint)
    assert "export the model again" in refusal(file, tmp_path / "scored.csv", paint)


def test_an_identifier_that_csv_has_no_cells_for(
    tmp_path: Path, paint: Path, pots: pd.DataFrame
) -> None:
    table = pa.Table.from_pandas(pots.drop(columns="id"))
    table = table.append_column("id", pa.array([[1, 2]] * len(pots)))
    parquet.write_table(table, tmp_path / "pots.parquet")

    message = refusal(tmp_path / "pots.parquet", tmp_path / "scored.csv", paint)

    assert "write .parquet" in message
    score(tmp_path / "pots.parquet", tmp_path / "scored.parquet", paint)
    assert len(read(tmp_path / "scored.parquet")) == 100


def test_an_input_that_changes_while_it_is_read(
    tmp_path: Path, paint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops.batch.work import Work

    file, put = tmp_path / "pots.csv", Work.put
    file.write_text(GOOD)

    def meanwhile(*arguments: object) -> None:
        file.write_text(f"{GOOD}3,red,4\n")
        put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Work, "put", meanwhile)

    assert "changed while it was read" in refusal(file, tmp_path / "scored.csv", paint)


@pytest.mark.parametrize("output", [".csv", ".parquet"])
def test_a_full_disk_and_then_room_again(
    *,
    tmp_path: Path,
    paint: Path,
    pots: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
) -> None:
    many = pd.concat([pots] * 200, ignore_index=True)
    many["id"] = [f"{n * 7919 % 99991}-{n * 31337 % 99989}" for n in range(len(many))]
    file, target = write(many, tmp_path / "pots.parquet"), tmp_path / f"scored{output}"
    score(file, tmp_path / f"whole{output}", paint, rows=1000)
    monkeypatch.setattr("mlops.batch.scratch.EVERY", 0.0)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"cannot be written .*the same command goes on"):
            score(file, target, paint, rows=1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not target.exists()

    score(file, target, paint, rows=1000)

    assert "going on after" in capsys.readouterr().out
    assert target.read_bytes() == (tmp_path / f"whole{output}").read_bytes()
