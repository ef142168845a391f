"""monitor.json: published as a JSON schema, written and read back."""

import json
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.monitor import result
from mlops.monitor.result import Check, Result, Serving
from tests.conftest import ROOT


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads((ROOT / result.SCHEMA).read_text()) == result.schema()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    serving = Serving(state="steady", checks=[Check(name="p99_ms", value=12.5)])
    found = Result(outcome="steady", summary="nothing", model="name", made="now", serving=serving)

    result.write(found, tmp_path / "monitor.json")

    assert result.read((tmp_path / "monitor.json").read_bytes(), "monitor.json") == found


def test_what_is_no_look_is_told() -> None:
    with pytest.raises(DeclarationError, match=r"it: not a monitor's result; outcome: Field req"):
        result.read("{}", "it")
    with pytest.raises(DeclarationError, match=r"it: not a monitor's result; the whole file"):
        result.read("…", "it")


def test_what_is_no_finite_number_is_none() -> None:
    assert [result.number(value) for value in (0.5, float("nan"), float("inf"), None)] == [
        0.5,
        None,
        None,
        None,
    ]
