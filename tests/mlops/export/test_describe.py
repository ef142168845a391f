"""The inputs as the server checks them."""

import pandas as pd
import pytest
from pandera.pandas import Check, Column, DataFrameSchema

from mlops.errors import DeclarationError
from mlops.export.describe import inputs
from serving.manifest import Input

ROWS = pd.DataFrame(
    {
        "age": pd.Series([3.0, 4.0], dtype="float32"),
        "town": ["Rome", "Oslo"],
        "code": ["b1", "a1"],
        "n": [1, 2],
        "yes": [True, False],
        "size": [1.0, None],
    }
)
SCHEMA = DataFrameSchema(
    {
        "age": Column("float32", Check.in_range(0, 120)),
        "town": Column(str, Check.isin(["Oslo", "Rome", "Bern"]), metadata={"sensitive": True}),
        "code": Column(str, Check.str_matches("^[a-z]1$")),
        "n": Column(int, [Check.ge(1), Check(lambda n: n < 9, name="below 9")]),
        "yes": Column(bool),
        "size": Column(float, Check.le(5), nullable=True),
    }
)


def test_an_input_is_what_the_schema_and_the_training_rows_say() -> None:
    assert inputs(SCHEMA, ROWS, {"shop": ["size"]}) == [
        Input("age", "float32", low=0, high=120),
        Input(
            "town", "text", values=["Oslo", "Rome", "Bern"], known=["Oslo", "Rome"], sensitive=True
        ),
        Input("code", "text", pattern="^[a-z]1$", known=["a1", "b1"]),
        Input("n", "int64", low=1),
        Input("yes", "bool"),
        Input("size", "float64", nullable=True, high=5, table="shop"),
    ]


def test_a_text_that_is_no_category_has_no_list() -> None:
    many = pd.DataFrame({"name": [f"n{i}" for i in range(10_001)]})

    (name,) = inputs(DataFrameSchema({"name": Column(str)}), many, {})

    assert name.known is None


def test_a_type_that_no_request_can_carry_is_named() -> None:
    rows = pd.DataFrame({"when": pd.to_datetime(["2013-01-01"])})

    with pytest.raises(DeclarationError, match=r"FEATURES: when has the type datetime64.*float32"):
        inputs(DataFrameSchema({"when": Column("datetime64[ns]")}), rows, {})
