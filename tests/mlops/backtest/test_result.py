"""backtest.json: published, and read back as it was written."""

import json
from pathlib import Path

import jsonschema
import pytest

from mlops.backtest import result as results
from mlops.errors import DataError
from tests.conftest import ROOT
from tests.mlops.report import backtested


def test_the_published_schema_is_the_one_that_holds() -> None:
    published = json.loads((ROOT / results.SCHEMA).read_text(encoding="utf-8"))

    assert published == results.schema(), f"mlops backtest --schema > {results.SCHEMA}"


def test_what_is_written_fits_the_schema_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "backtest.json"

    results.write(backtested.result(), path)

    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), results.schema())
    again = results.read(path)
    assert [one.version for one in again.mistakes] == ["1.0.0"]
    assert again.periods[0].scores["gated"]["roc_auc"] == pytest.approx(0.71)


def test_what_is_missing_or_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing; `mlops backtest` writes it"):
        results.read(tmp_path / "backtest.json")

    (tmp_path / "backtest.json").write_text('{"version": 2}')
    with pytest.raises(DataError, match=r"backtest\.json: version: .* `mlops backtest` again"):
        results.read(tmp_path / "backtest.json")
