"""What comes out is what the model says, whatever the format, the gaps and the chunks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from mlops.batch.score import score
from tests.mlops.batch.conftest import PRICES, THRESHOLD, read, sold, write

ENDINGS = [".csv", ".csv.gz", ".parquet"]


@pytest.mark.parametrize("output", ENDINGS)
@pytest.mark.parametrize("given", ENDINGS)
def test_any_format_to_any_other(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, given: str, output: str
) -> None:
    file, target = write(pots, tmp_path / f"pots{given}"), tmp_path / f"scored{output}"

    done = score(file, target, paint)

    found = read(target)
    assert list(found) == ["id", "litres", "sold", "probability"]
    assert list(found["id"]) == list(pots["id"])
    np.testing.assert_array_equal(found["litres"], pots["litres"])
    np.testing.assert_allclose(found["probability"], sold(pots), atol=1e-6)
    assert list(found["sold"]) == list(np.where(sold(pots) >= THRESHOLD, "yes", "no"))
    assert set(found["sold"]) == {"yes", "no"}
    assert (done.rows, done.aside, done.flagged) == (100, 0, 0)


def test_nothing_but_the_output_is_left(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots, tmp_path / "pots.csv")

    score(file, tmp_path / "scored.parquet", paint)

    assert {path.name for path in tmp_path.iterdir()} == {"paint", "pots.csv", "scored.parquet"}


def test_an_old_output_is_replaced(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file, target = write(pots, tmp_path / "pots.csv"), tmp_path / "scored.csv"
    target.write_text("old")

    score(file, target, paint)

    assert len(read(target)) == 100


@pytest.mark.parametrize("given", [".csv", ".parquet"])
def test_what_is_left_out_is_looked_up(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    file = write(pots.drop(columns="price"), tmp_path / f"pots{given}")

    score(file, tmp_path / "scored.csv", paint)

    found = read(tmp_path / "scored.csv")
    expected = sold(pots.assign(price=pots["shop"].map(PRICES)))
    np.testing.assert_allclose(found["probability"], expected, atol=1e-6)
    assert "looked up by shop: price" in capsys.readouterr().out


def test_a_key_that_is_missing_is_told(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(pots.drop(columns=["price", "shop"]), tmp_path / "pots.csv")

    score(file, tmp_path / "scored.csv", paint)

    expected = sold(pots.assign(price=np.nan))
    np.testing.assert_allclose(read(tmp_path / "scored.csv")["probability"], expected, atol=1e-6)
    assert "no column shop, so gaps for price" in capsys.readouterr().out


def test_several_classes_have_a_probability_each(tmp_path: Path, flowers: Path) -> None:
    rows = pd.DataFrame({"a": [0.0, 2.0, 0.0], "b": [1.0, 0.0, -9.0]})
    e = np.exp(np.array([[0, 1, 0], [2, 0, 0], [0, -9, 0]]))

    score(write(rows, tmp_path / "rows.csv"), tmp_path / "scored.csv", flowers)

    found = read(tmp_path / "scored.csv")
    names = ["probability_1", "probability_2", "probability_3"]
    assert list(found) == ["kind", *names]
    assert list(found["kind"]) == [2, 1, 1]
    np.testing.assert_allclose(found[names], e / e.sum(axis=1, keepdims=True), atol=1e-12)


@pytest.mark.parametrize("given", [".csv", ".parquet"])
def test_a_regression_has_a_value(tmp_path: Path, houses: Path, given: str) -> None:
    rows = pd.DataFrame({"street": ["a", "b"], "rooms": [4, 5], "garden": [True, False]})

    score(write(rows, tmp_path / f"rows{given}"), tmp_path / "scored.csv", houses)

    assert (tmp_path / "scored.csv").read_text() == '"street","value"\n"a",13\n"b",15\n'


@pytest.mark.parametrize("given", [".csv", ".parquet"])
@pytest.mark.parametrize("rows", [1, 50, 1000])
def test_the_size_of_the_chunks_does_not_matter(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, given: str, rows: int
) -> None:
    file = write(pots, tmp_path / f"pots{given}")

    for size, name in ((rows, "chunks.csv"), (13, "reference.csv")):
        score(file, tmp_path / name, paint, rows=size)

    chunks, reference = ((tmp_path / f"{n}.csv").read_bytes() for n in ("chunks", "reference"))
    assert chunks == reference


@pytest.mark.parametrize("output", ENDINGS)
def test_the_same_file_gives_the_same_bytes(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, output: str
) -> None:
    file = write(pots, tmp_path / "pots.parquet")
    targets = [tmp_path / f"{n}{output}" for n in (1, 2)]

    for target in targets:
        score(file, target, paint, rows=30)

    assert targets[0].read_bytes() == targets[1].read_bytes()


def test_row_groups_of_the_input_do_not_matter(
    tmp_path: Path, paint: Path, pots: pd.DataFrame
) -> None:
    for size in (3, 40, 100):
        pots.to_parquet(tmp_path / f"{size}.parquet", index=False, row_group_size=size)
        score(tmp_path / f"{size}.parquet", tmp_path / f"{size}_scored.parquet", paint, rows=25)

    contents = [(tmp_path / f"{size}_scored.parquet").read_bytes() for size in (3, 40, 100)]
    assert contents[0] == contents[1] == contents[2]
    assert parquet.ParquetFile(tmp_path / "3_scored.parquet").num_row_groups == 4


def test_gaps_in_a_csv_are_those_that_training_reads(tmp_path: Path, paint: Path) -> None:
    cells = ["", "NA", "nan", "NULL", "None", "<NA>", "n/a"]
    rows = [*(f"1,{cell},{cell}" for cell in cells), "1,red,17"]
    file = tmp_path / "pots.csv"
    file.write_text("\n".join(["litres,colour,price", *rows]))
    as_pandas_has_it = pd.read_csv(file)

    score(file, tmp_path / "scored.csv", paint)

    found = read(tmp_path / "scored.csv")["probability"]
    np.testing.assert_allclose(found, sold(as_pandas_has_it), atol=1e-6)
    assert found.nunique() == 2


def test_quotes_line_ends_and_a_byte_order_mark(tmp_path: Path, paint: Path) -> None:
    file = tmp_path / "pots.csv"
    file.write_bytes(
        b"\xef\xbb\xbfid,litres,colour,price\r\n"
        b'"a, ""b""\r\nc", 1 ,red,2\r\n\r\n\xc3\xa9,2,"blue",3\r\n'
    )

    score(file, tmp_path / "scored.csv", paint)

    found = read(tmp_path / "scored.csv")
    assert list(found["id"]) == ['a, "b"\r\nc', "é"]
    expected = sold(pd.DataFrame({"litres": [1, 2], "colour": ["red", "blue"], "price": [2, 3]}))
    np.testing.assert_allclose(found["probability"], expected, atol=1e-6)


@pytest.mark.parametrize("given", ENDINGS)
def test_no_rows_give_a_header(tmp_path: Path, paint: Path, pots: pd.DataFrame, given: str) -> None:
    file = write(pots[:0].astype({"colour": "str"}), tmp_path / f"pots{given}")

    done = score(file, tmp_path / "scored.csv", paint)

    assert (tmp_path / "scored.csv").read_text() == '"id","litres","sold","probability"\n'
    assert done.rows == 0


def test_odd_values_are_counted_and_told_with_their_rows(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    pots.loc[[5, 60, 61, 99], "colour"] = "mauve"

    done = score(write(pots, tmp_path / "pots.csv"), tmp_path / "scored.csv", paint, rows=20)

    assert done.flagged == 4
    said = capsys.readouterr().out
    assert "4 values are odd" in said
    numbers = [line.split()[1] for line in said.splitlines() if "'mauve'" in line]
    assert numbers == ["6,", "61,", "62,"]


def test_columns_that_are_not_read_are_named(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(pots.assign(litters=1.0), tmp_path / "pots.csv")

    score(file, tmp_path / "scored.csv", paint)

    assert "not read: shop, litters" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["category", "int64", "float32", "boolean"])
def test_types_that_parquet_has_and_csv_has_not(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, kind: str
) -> None:
    rows = pots.assign(price=2.0, litres=np.round(pots["litres"]))
    typed = {
        "category": rows.assign(colour=rows["colour"].astype("category")),
        "int64": rows.astype({"litres": "int64"}),
        "float32": rows.astype({"price": "float32"}),
        "boolean": rows.assign(price=1.0).astype({"price": "boolean"}),
    }[kind]
    expected = rows.assign(price=1.0) if kind == "boolean" else rows

    score(write(typed, tmp_path / "pots.parquet"), tmp_path / "scored.csv", paint)

    found = read(tmp_path / "scored.csv")["probability"]
    np.testing.assert_allclose(found, sold(expected), atol=1e-6)


def test_chunks_are_those_of_the_rows(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    many = pd.concat([pots] * 300, ignore_index=True)  # several blocks of the CSV reader
    file = write(many.assign(shop="x" * 200), tmp_path / "pots.csv")
    assert file.stat().st_size > 4 << 20

    score(file, tmp_path / "scored.parquet", paint, rows=7000)

    file = parquet.ParquetFile(tmp_path / "scored.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(5)] == [7000] * 4 + [2000]
    np.testing.assert_allclose(file.read()["probability"], sold(many), atol=1e-6)
