"""replay.json: published as a JSON schema."""

import json

import pytest

from mlops.errors import DeclarationError
from mlops.replay import result
from tests.conftest import ROOT


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads((ROOT / result.SCHEMA).read_text()) == result.schema()


def test_what_is_no_replay_is_told() -> None:
    with pytest.raises(DeclarationError, match=r"replay\.json: not a replay; outcome: Field requ"):
        result.read("{}", "replay.json")
