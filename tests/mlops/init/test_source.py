"""Which table is meant: the one that is given, a small one of the kind, or none."""

from pathlib import Path

import pandas as pd
import pytest

from mlops.errors import DataError, DeclarationError
from mlops.init.source import BUNDLED, Source, source


def test_nothing_asked_for_is_no_table() -> None:
    assert source(None, None, None) is None


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("x,y\n")

    assert source(mine, "y", "binary", key="x") == Source(mine, "y", "binary", key="x")


@pytest.mark.parametrize("kind", BUNDLED)
def test_a_kind_alone_is_a_small_table_that_has_its_columns(kind: str) -> None:
    found = source(None, None, kind)  # type: ignore[arg-type]

    assert found is not None
    columns = set(pd.read_csv(found.csv).columns)
    named = (found.target, found.key, found.block, found.time)
    assert {name for name in named if name} <= columns


@pytest.mark.parametrize("column", ["target", "key", "block", "time"])
def test_a_column_without_a_table_is_a_mistake(column: str) -> None:
    given = {"target": None} | {column: "x"}

    with pytest.raises(DeclarationError, match="name columns of --from"):
        source(None, kind=None, **given)


def test_a_table_without_a_target_or_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"which column of mine\.csv .* --target COLUMN"):
        source(tmp_path / "mine.csv", None, None)
    with pytest.raises(DataError, match="is not there"):
        source(tmp_path / "mine.csv", "y", None)
