"""MLflow's own parser and client are the reference."""

import io
import json
import math
from importlib import import_module
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow.exceptions import ERROR_CODE_TO_HTTP_STATUS, MlflowException
from mlflow.protos.databricks_pb2 import ErrorCode
from mlflow.pyfunc.scoring_server import infer_and_parse_data, parse_csv_input
from mlflow.utils.proto_json_utils import dump_input_data

from serving.errors import Rejected
from serving.manifest import Build, Input, Manifest
from serving.protocols import mlflow

NAMES = ["carrier", "origin", "distance", "temp"]
ROWS: list[list[Any]] = [["AA", "JFK", 100.0, 20.5], ["UA", "EWR", 2475.0, -3.0]]
TABLE = {
    "carrier": ["AA", "UA"],
    "origin": ["JFK", "EWR"],
    "distance": [100, 2475],
    "temp": [20.5, -3],
}
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
FORMS: list[dict[str, Any]] = [
    {"dataframe_split": {"columns": NAMES, "data": ROWS}},
    {"dataframe_split": {"index": [7, 9], "columns": NAMES, "data": ROWS}, "params": {"a": 1}},
    {"dataframe_records": RECORDS},
    {"instances": RECORDS},
    {"inputs": TABLE},
    {"inputs": RECORDS},
]


def read(
    body: Any, manifest: Manifest, content_type: str = "application/json"
) -> dict[str, list[Any]]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    table, rows = mlflow.read(content_type, text, manifest)
    assert {len(column) for column in table.values()} == {rows}
    return {name: list(column) for name, column in table.items()}


def refusal(body: Any, manifest: Manifest, content_type: str = "application/json") -> Rejected:
    with pytest.raises(Rejected) as caught:
        read(body, manifest, content_type)
    return caught.value


def columns_of(parsed: Any) -> dict[str, list[Any]]:
    """What MLflow's parser gives, a table, a dict or a list, as columns with None for gaps."""
    frame = pd.DataFrame(parsed)
    return {
        str(name): [None if pd.isna(v) else v for v in frame[name].tolist()]
        for name in frame.columns
    }


@pytest.mark.parametrize("body", FORMS, ids=["+".join(body) for body in FORMS])
def test_every_form_gives_the_columns_that_mlflow_reads(
    body: dict[str, Any], manifest: Manifest
) -> None:
    asked = {key: value for key, value in body.items() if key != "params"}
    assert read(body, manifest) == columns_of(infer_and_parse_data(asked)) == TABLE


def test_what_mlflows_client_sends_with_gaps_is_read(manifest: Manifest) -> None:
    frame = pd.DataFrame({"carrier": ['A"NaN', None], "distance": [math.nan, 2.0]})
    body = dump_input_data(frame).encode()
    assert b"NaN" in body  # not JSON, and sent all the same
    assert read(body, manifest) == {"carrier": ['A"NaN', None], "distance": [None, 2.0]}


def test_an_absent_name_in_a_record_is_a_gap_as_in_pandas(manifest: Manifest) -> None:
    records = [{"carrier": "AA"}, {"distance": 3.0}]
    assert read({"dataframe_records": records}, manifest) == columns_of(records)


def test_rows_without_names_follow_the_order_of_the_inputs(diabetes_like: Manifest) -> None:
    rows = [[0.1, 40, True], [0.2, 50, False]]
    expected = {"bmi": [0.1, 0.2], "age": [40, 50], "smokes": [True, False]}
    for body in ({"instances": rows}, {"inputs": rows}, {"dataframe_split": {"data": rows}}):
        assert read(body, diabetes_like) == expected


def test_single_values_are_a_row_and_values_alone_a_column(wine_like: Manifest) -> None:
    assert read({"inputs": {"alcohol": 12, "hue": 1.5}}, wine_like) == {
        "alcohol": [12],
        "hue": [1.5],
    }
    alone = msgspec.structs.replace(wine_like, inputs=[Input("alcohol", "float32")])
    assert read({"instances": [1.0, 2.0]}, alone) == {"alcohol": [1.0, 2.0]}


CSVS = [
    "carrier,origin,distance,temp\nAA,JFK,100,20.5\nUA,EWR,2475,-3\n",
    'carrier,distance\r\n"A,""A",1e3\r\n\r\n"two\nlines", 7\r\n',
    "\ufeffcarrier,distance,temp\nAA,,NaN\nNA,nan,null\nNone,#N/A,<NA>\n",
    ",carrier,distance\n0,AA,inf\n",
]


@pytest.mark.parametrize("text", CSVS)
def test_csv_gives_what_mlflow_reads(text: str, manifest: Manifest) -> None:
    expected = columns_of(parse_csv_input(io.StringIO(text.removeprefix("\ufeff"))))
    index = expected.pop("Unnamed: 0", None)
    found = read(text.encode(), manifest, "text/csv; charset=utf-8")
    assert found.pop("", None) == (index and ["0"])
    assert found == expected


def test_the_gaps_of_a_csv_are_those_of_pandas() -> None:
    from serving.protocols.delimited import GAPS

    parsers = import_module("pandas._libs.parsers")
    assert set(parsers.STR_NA_VALUES) == GAPS


def test_csv_knows_numbers_by_the_manifest(diabetes_like: Manifest, manifest: Manifest) -> None:
    text = b"bmi,age,smokes,patient\n0.5,40,True,12\n,41,0,13\n"
    assert read(text, diabetes_like, "text/csv") == {
        "bmi": [0.5, None],
        "age": [40.0, 41.0],
        "smokes": [True, 0.0],
        "patient": ["12", "13"],
    }
    assert read(b"carrier,wave,date\nAA,3,2013\n", manifest, "TEXT/CSV")["wave"] == [3.0]


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("", "found none"),
        ("application/xml", "found 'application/xml'"),
        ("application/json; charset=latin-1", "charset 'latin-1'"),
        ("application/json; format=pandas-split", "'format' is not understood"),
    ],
)
def test_other_content_types_are_415(content_type: str, said: str, manifest: Manifest) -> None:
    rejected = refusal(FORMS[0], manifest, content_type)
    assert (rejected.status, rejected.reason) == (415, "media")
    assert said in rejected.message


def test_json_with_a_charset_is_read(manifest: Manifest) -> None:
    assert read(FORMS[0], manifest, 'application/json; Charset="UTF-8"') == TABLE


REFUSED: list[tuple[Any, str, str]] = [
    ([], "format", "got `array`; send an object with exactly one of dataframe_split"),
    (b"", "format", "not JSON"),
    (b'{"dataframe_split": {"columns": ["a"], "data": [["\xff"]]}}', "format", "not JSON in UTF-8"),
    (b'{"params":' + b"[" * 100_000, "format", "too deeply"),
    (b'{"inputs": {"a": [NaN], }}', "format", "not JSON"),
    (b'{"dataframe_split": {"columns": ["a"], "data": [[1e999]]}}', "format", "data[0][0]"),
    ({"params": {}}, "format", "found none of them"),
    ({"instances": [], "inputs": []}, "format", "found instances and inputs"),
    ({"dataframe_split": None}, "format", "Expected `object`, got `null` - at `$.dataframe_split`"),
    ({"dataframe_split": {"columns": ["a"]}}, "format", "missing required field `data`"),
    ({"dataframe_split": {"columns": ["a"], "data": [[1]], "x": 1}}, "format", "unknown field `x`"),
    ({"dataframe_split": {"columns": ["a"], "data": [[1], 2]}}, "format", "data[1]"),
    (
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3]]}},
        "format",
        "row 1: expected 2 values, one a column, found 1",
    ),
    (
        {"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}},
        "format",
        "'a' is there twice",
    ),
    ({"dataframe_split": {"columns": ["a"], "data": []}}, "rows", "at least one row"),
    ({"dataframe_split": {"columns": [str(n) for n in range(999)], "data": []}}, "columns", "150"),
    ({"dataframe_records": [{"a": 1}, 3]}, "format", "dataframe_records[1]"),
    ({"dataframe_records": []}, "rows", "at least one row"),
    ({"dataframe_records": [{str(n): 1} for n in range(999)]}, "columns", "at most 150"),
    (
        {"dataframe_records": [{}] * 9999 + [{str(n): 1 for n in range(99)}]},
        "columns",
        "most rows lack most names",
    ),
    ({"instances": 3}, "format", "expected a list"),
    ({"instances": [3]}, "format", "row 0: expected an object or a list"),
    ({"instances": [{"a": 1}, {"b": 1}]}, "format", "row 1: expected the names of row 0"),
    ({"instances": [[1], {"a": 1}]}, "format", "row 1: expected a list as in row 0"),
    ({"instances": [[1, 2]]}, "format", "row 0: expected 5 values"),
    ({"inputs": {}}, "rows", "empty"),
    ({"inputs": {"a": []}}, "rows", "'a' is empty"),
    ({"inputs": {"a": [1, 2], "b": [1]}}, "format", "'b': expected 2 values as in 'a', found 1"),
    ({"inputs": {"a": [1], "b": 1}}, "format", "'b': expected 1 values as in 'a'"),
]


@pytest.mark.parametrize(("body", "reason", "said"), REFUSED, ids=[said for *_, said in REFUSED])
def test_a_bad_body_is_refused_with_what_was_expected(
    body: Any, reason: str, said: str, manifest: Manifest
) -> None:
    rejected = refusal(body, manifest)
    assert (rejected.status, rejected.reason) == (400, reason)
    assert said in rejected.message
    assert len(rejected.message) < 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "line 1: expected the names"),
        (b"carrier\n", "no row"),
        (b"carrier,distance\nAA,1\n\nUA\n", "line 4: expected 2 cells, one a column, found 1"),
        (
            b'carrier,distance\n"two\nlines",1\nUA,x\n',
            "line 4, column 'distance': expected a number",
        ),
        (b"distance\n1_000\n", "line 2, column 'distance': expected a number, found '1_000'"),
        (b"distance\nNAN\n", "found 'NAN'"),
        (b"carrier,carrier\nAA,UA\n", "'carrier' is there twice"),
        (b"carrier\nAA\n\xff\n", "line 3: not UTF-8"),
        (b'carrier\n"AA\n', "line 2: unexpected end of data"),
        (b"a," * 200 + b"a\n1\n", "at most 150"),
        (b"carrier\n" + b"x" * 200_000, "line 2: field larger than field limit"),
    ],
)
def test_a_bad_csv_is_refused_with_its_line(text: bytes, said: str, manifest: Manifest) -> None:
    assert said in refusal(text, manifest, "text/csv").message


@pytest.mark.parametrize(
    ("content_type", "body", "refused"),
    [
        ("application/json", b'{"instances": [' + b"[]," * 1000 + b"[]]}", True),
        ("application/json", b'{"inputs": {"temp": [' + b"0," * 1000 + b"0]}}", False),
        ("text/csv", b"temp\n" + b"1\n" * 11, True),
        ("text/csv", b"temp\n" + b"1\n\n" * 10, False),
    ],
)
def test_far_too_many_rows_are_not_even_read(
    content_type: str, body: bytes, refused: bool, manifest: Manifest
) -> None:
    if not refused:  # what is cheap to read is left to the server to count
        assert mlflow.read(content_type, body, manifest, row_limit=10)[1] in (10, 1001)
        return
    with pytest.raises(Rejected, match="send at most 10 rows at once") as caught:
        mlflow.read(content_type, body, manifest, row_limit=10)
    assert (caught.value.status, caught.value.reason) == (413, "rows")


def answer(predictions: Any, manifest: Manifest) -> Any:
    return json.loads(mlflow.write(np.array(predictions), manifest))["predictions"]


def test_answers(manifest: Manifest, wine_like: Manifest, diabetes_like: Manifest) -> None:
    assert answer([0.3, 0.29], manifest) == [
        {"late": 1, "probability": 0.3},
        {"late": 0, "probability": 0.29},
    ]
    assert answer([[0.2, 0.5, 0.3]], wine_like) == [
        {"cultivar": "b", "probability_a": 0.2, "probability_b": 0.5, "probability_c": 0.3}
    ]
    assert answer([150.5, 80.0], diabetes_like) == [150.5, 80.0]


@pytest.mark.parametrize("status", [400, 401, 404, 408, 413, 415, 429, 500, 503, 504])
def test_a_failure_is_named_as_mlflow_names_its_status(status: int) -> None:
    body = json.loads(mlflow.failure(Rejected("format", "why", status)))
    raised = MlflowException(body["message"], ErrorCode.Value(body["error_code"]))
    assert raised.message == "why"
    others = {408: 504, 413: 400, 415: 400}  # for which MLflow has no name
    assert ERROR_CODE_TO_HTTP_STATUS[raised.error_code] == others.get(status, status)


def test_the_version_is_that_of_the_model(build: Build) -> None:
    assert mlflow.version(build) == b"1.2.0"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["columns", "data", "index", "distance", "x"]), inner)
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=60) | st.dictionaries(
    st.sampled_from([*mlflow.FORMS, "params"]), VALUES, max_size=2
).map(lambda body: json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass"))
CSV_BODIES = st.text('a,"\n\r1_x\x00²', max_size=30).map(str.encode) | st.binary(max_size=30)


def nothing_else_is_raised(content_type: str, body: bytes, manifest: Manifest) -> None:
    try:
        table, rows = mlflow.read(content_type, body, manifest)
    except Rejected as rejected:
        failure = rejected
    else:
        assert rows > 0
        assert {len(column) for column in table.values()} <= {rows}
        return
    assert json.loads(mlflow.failure(failure))["message"]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=BODIES, text=CSV_BODIES)
def test_any_bytes_are_read_or_rejected(body: bytes, text: bytes, manifest: Manifest) -> None:
    nothing_else_is_raised("application/json", body, manifest)
    nothing_else_is_raised("text/csv", text, manifest)


@pytest.mark.slow
@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content_type=st.text(max_size=20), body=BODIES, text=CSV_BODIES)
def test_many_bytes_are_read_or_rejected(
    content_type: str, body: bytes, text: bytes, manifest: Manifest
) -> None:
    nothing_else_is_raised(content_type, body, manifest)
    nothing_else_is_raised("application/json", body, manifest)
    nothing_else_is_raised("text/csv", text, manifest)
