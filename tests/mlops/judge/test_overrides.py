"""Overrides on their way from the labels to the judge."""

from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.judge import overrides
from mlops.judge.verdict import Override

GOOD = Override(label="gates-approved", by="maintainer", reason="a floor for the new task")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    overrides.write([GOOD], tmp_path / "overrides.json")

    assert overrides.read(tmp_path / "overrides.json") == [GOOD]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{}", "the whole file"),
        ("[", "the whole file"),
        ('[{"label": "x", "by": "y"}]', "0.reason"),
        ('[{"label": "x", "by": "y", "reason": "z", "more": 1}]', "0.more"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: str, place: str) -> None:
    (tmp_path / "overrides.json").write_text(content)

    with pytest.raises(DeclarationError, match=f"overrides.json: {place}: .*`mlops overrides`"):
        overrides.read(tmp_path / "overrides.json")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="is missing"):
        overrides.read(tmp_path / "overrides.json")
