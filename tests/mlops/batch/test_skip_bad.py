"""Rows that break the rules go to a file of their own, with the reason; the others are scored."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops.batch.score import score
from tests.mlops.batch.conftest import read, sold, write


@pytest.mark.parametrize("rows", [1, 10, 64, 1000])
@pytest.mark.parametrize("given", [".csv", ".parquet"])
def test_they_are_set_aside_and_the_others_scored(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, given: str, rows: int
) -> None:
    bad = {0: 1000.0, 41: np.nan, 42: -1.0, 99: np.inf}
    pots.loc[list(bad), "litres"] = list(bad.values())
    file, aside = write(pots, tmp_path / f"pots{given}"), tmp_path / "aside.csv"

    done = score(file, tmp_path / "scored.csv", paint, rows=rows, skip_bad=aside)

    kept = pots.drop(index=list(bad))
    found = read(tmp_path / "scored.csv")
    assert list(found["id"]) == list(kept["id"])
    np.testing.assert_allclose(found["probability"], sold(kept), atol=1e-6)
    put_aside = read(aside)
    assert list(put_aside) == ["row", "reason", "id", "litres", "colour", "price"]
    assert list(put_aside["row"]) == [row + 1 for row in bad]
    assert list(put_aside["id"]) == ["000", "041", "042", "099"]
    assert list(put_aside["reason"]) == [
        "column 'litres': expected 0 to 100, found 1000",
        "column 'litres': expected a number, found none",
        "column 'litres': expected 0 to 100, found -1",
        "column 'litres': expected 0 to 100, found inf",
    ]
    assert (done.rows, done.aside) == (100, 4)


def test_cells_that_are_no_numbers_are_copied_as_they_are(tmp_path: Path, paint: Path) -> None:
    file, aside = tmp_path / "pots.csv", tmp_path / "aside.csv"
    file.write_text("id,litres,colour,price\na,1,red,2\nb,one,red,2\nc, 3 ,red,NA\nd,4,red,2 EUR\n")

    score(file, tmp_path / "scored.csv", paint, skip_bad=aside)

    found = read(tmp_path / "scored.csv")
    expected = pd.DataFrame({"litres": [1, 3], "colour": ["red"] * 2, "price": [2, np.nan]})
    np.testing.assert_allclose(found["probability"], sold(expected), atol=1e-6)
    assert aside.read_text() == (
        '"row","reason","id","litres","colour","price"\n'
        '2,"column \'litres\': expected a number, found \'one\'","b","one","red","2"\n'
        '4,"column \'price\': expected a number, found \'2 EUR\'","d","4","red","2 EUR"\n'
    )


def test_a_row_far_into_the_file(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    many = pd.concat([pots] * 300, ignore_index=True).astype({"litres": "str"})
    whole = write(many.drop(index=25_000), tmp_path / "whole.csv")
    many.loc[25_000, "litres"] = "a lot"
    file, aside = write(many, tmp_path / "pots.csv"), tmp_path / "aside.csv"

    score(file, tmp_path / "scored.csv", paint, rows=7000, skip_bad=aside)
    score(whole, tmp_path / "whole_scored.csv", paint, rows=7000)

    scored, expected = ((tmp_path / f"{n}.csv").read_bytes() for n in ("scored", "whole_scored"))
    assert scored == expected
    assert list(read(aside)["row"]) == [25_001]


def test_all_rows_may_break_the_rules(tmp_path: Path, paint: Path, pots: pd.DataFrame) -> None:
    file = write(pots.assign(litres=-1.0), tmp_path / "pots.csv")

    done = score(file, tmp_path / "scored.csv", paint, skip_bad=tmp_path / "aside.csv")

    assert len(read(tmp_path / "scored.csv")) == 0
    assert len(read(tmp_path / "aside.csv")) == done.aside == 100


def test_there_is_a_file_when_no_row_breaks_them(
    tmp_path: Path, paint: Path, pots: pd.DataFrame
) -> None:
    file = write(pots, tmp_path / "pots.csv")

    score(file, tmp_path / "scored.csv", paint, skip_bad=tmp_path / "aside.csv")

    assert (tmp_path / "aside.csv").read_text() == '"row","reason","id","litres","colour","price"\n'


def test_odd_values_keep_the_numbers_of_their_rows(
    tmp_path: Path, paint: Path, pots: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    pots.loc[[21, 22, 27], "litres"] = -1.0
    pots.loc[28, "colour"] = "mauve"
    file = write(pots, tmp_path / "pots.csv")

    score(file, tmp_path / "scored.csv", paint, rows=20, skip_bad=tmp_path / "aside.csv")

    assert "row 29, column 'colour': 'mauve'" in capsys.readouterr().out
