import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.errors import Rejected
from serving.manifest import Build, Manifest
from serving.protocols import v2

AA = {"name": "carrier", "shape": [2], "datatype": "BYTES", "data": ["AA", "UA"]}
MILES = {"name": "distance", "shape": [2], "datatype": "FP32", "data": [100.0, 2475.0]}


def read(body: Any, manifest: Manifest, tail: bytes = b"", length: str | None = None) -> v2.Request:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {v2.LENGTH: length or str(len(text))} if tail or length else {}
    return v2.read(told, text + tail, manifest)


def refusal(body: Any, manifest: Manifest, tail: bytes = b"", length: str | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        read(body, manifest, tail, length)
    assert caught.value.status == 400
    return caught.value.message


def listed(request: v2.Request) -> dict[str, list[Any]]:
    return {
        name: column.tolist() if isinstance(column, np.ndarray) else list(column)
        for name, column in request.columns.items()
    }


@pytest.mark.parametrize("data", [[100.0, 2475.0], [[100.0], [2475.0]]], ids=["flat", "nested"])
@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_a_tensor_is_a_column(data: list[Any], shape: list[int], manifest: Manifest) -> None:
    request = read({"id": "7", "inputs": [AA, MILES | {"shape": shape, "data": data}]}, manifest)
    assert listed(request) == {"carrier": ["AA", "UA"], "distance": [100.0, 2475.0]}
    assert (request.rows, request.id) == (2, "7")
    assert request.outputs == {"probability": False, "late": False}


def test_null_is_a_gap(manifest: Manifest) -> None:
    body = {"inputs": [AA | {"data": ["AA", None]}, MILES | {"data": [None, 1]}]}
    assert listed(read(body, manifest)) == {"carrier": ["AA", None], "distance": [None, 1]}


def test_the_numbers_of_the_binary_extension_are_little_endian(manifest: Manifest) -> None:
    texts = b"\x02\0\0\0AA\x03\0\0\0\xc3\xa9X"
    numbers = struct.pack("<hh", -3, 2475)
    inputs = [
        AA | {"data": None, "parameters": {"binary_data_size": len(texts)}},
        {"name": "temp", "shape": [2], "datatype": "FP64", "data": [1.5, None]},
        {"name": "distance", "shape": [2, 1], "datatype": "INT16"}
        | {"parameters": {"binary_data_size": 4}},
    ]
    request = read({"inputs": inputs}, manifest, texts + numbers)
    assert listed(request) == {
        "carrier": ["AA", "éX"],
        "temp": [1.5, None],
        "distance": [-3, 2475],
    }


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([], "inputs is empty"),
        ([AA | {"shape": [2, 2]}], "'carrier': expected the shape [n] or [n, 1]"),
        ([AA | {"shape": []}], "found []"),
        ([AA | {"shape": [0], "data": []}], "at least one row"),
        ([AA | {"shape": [10**15]}], "expected the 1000000000000000 values that its shape tells"),
        ([AA, MILES | {"shape": [1]}], "'distance': expected 2 rows as in 'carrier', found 1"),
        ([MILES | {"data": [1, "x"]}], "row 1, input 'distance': expected FP32, found 'x'"),
        ([MILES | {"data": [[1, 2], []]}], "row 0, input 'distance': expected FP32, found [1, 2]"),
        (
            [MILES | {"datatype": "INT8", "data": [1, 2.5]}],
            "row 1, input 'distance': expected INT8",
        ),
        ([MILES | {"datatype": "BYTES", "data": ["1", "2"]}], "expected FP32, found 'BYTES'"),
        ([MILES | {"datatype": "BOOL", "data": [True, False]}], "expected FP32, found 'BOOL'"),
        ([AA | {"datatype": "FP32", "data": [1, 2]}], "expected BYTES, found 'FP32'"),
        ([MILES | {"datatype": "FP16"}], "expected one of FP32, FP64, INT8"),
        ([AA, AA], "input 'carrier' is there twice"),
        ([AA | {"name": str(n)} for n in range(200)], "at most 150"),
        ([AA | {"data": None}], "expected data, or a binary_data_size"),
        ([AA | {"data": 3}], "Expected `array | null`, got `int` - at `$.inputs[0].data`"),
    ],
)
def test_a_bad_tensor_is_refused_by_its_name(inputs: Any, said: str, manifest: Manifest) -> None:
    assert said in refusal({"inputs": inputs}, manifest)


def binary(datatype: str, size: int) -> dict[str, Any]:
    name = "carrier" if datatype == "BYTES" else "distance"
    tensor = {"name": name, "shape": [1], "datatype": datatype}
    return {"inputs": [tensor | {"parameters": {"binary_data_size": size}}]}


@pytest.mark.parametrize(
    ("body", "tail", "said"),
    [
        (binary("FP32", 4), b"123", "expected 4 bytes for 1 FP32, found 3"),
        (binary("FP32", 8), b"12345678", "expected 4 bytes for 1 FP32, found 8"),
        (binary("FP32", 4), b"12345", "bytes by the JSON and its binary_data_size"),
        (binary("FP32", -4), b"1234", "expected data, or a binary_data_size"),
        (binary("BYTES", 3), b"\1\0\0", "row 0, input 'carrier': the text ends behind the tensor"),
        (binary("BYTES", 5), b"\2\0\0\0A", "the text ends behind the tensor"),
        (binary("BYTES", 5), b"\1\0\0\0\xff", "row 0, input 'carrier': expected UTF-8"),
        (binary("BYTES", 8), bytes(8), "expected the 1 values that its shape tells, found 2"),
        (b"", b"1234", "expected a number of bytes up to 4, found '0'"),
    ],
)
def test_bytes_that_do_not_fit_are_refused(
    body: Any, tail: bytes, said: str, manifest: Manifest
) -> None:
    assert said in refusal(body, manifest, tail)


@pytest.mark.parametrize("length", ["-1", "x", "²", "9" * 5000, "99"])
def test_a_length_that_cannot_be_is_refused(length: str, manifest: Manifest) -> None:
    assert "expected a number of bytes up to 2" in refusal(b"{}", manifest, length=length)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON in UTF-8"),
        (b"[1]", "Expected `object`, got `array`"),
        (b'{"inputs": ' + b"[" * 100_000, "Expected `object`, got `array`"),
        (b'{"x": ' + b"[" * 100_000, "too deeply"),
        (b'{"inputs": [], "id": 7}', "Expected `str | null`, got `int` - at `$.id`"),
    ],
)
def test_what_is_no_request_is_refused(body: bytes, said: str, manifest: Manifest) -> None:
    assert said in refusal(body, manifest)


def test_far_too_many_rows_are_not_even_read(manifest: Manifest) -> None:
    body = b'{"inputs": [' + b"{}," * 1000 + b"{}]}"
    with pytest.raises(Rejected, match="at most 10 rows at once"):
        v2.read({}, body, manifest, row_limit=10)


def asked(manifest: Manifest, outputs: Any = None, parameters: Any = None) -> v2.Request:
    column = manifest.inputs[-1].name
    tensor = {"name": column, "shape": [2], "datatype": "BOOL", "data": [True, False]}
    if manifest.inputs[-1].kind != "bool":
        tensor |= {"datatype": "FP32", "data": [0.1, 0.2]}
    return read(
        {"id": "a", "inputs": [tensor], "outputs": outputs, "parameters": parameters}, manifest
    )


def test_answers_are_tensors(
    flights_like: Manifest, wine_like: Manifest, diabetes_like: Manifest, build: Build
) -> None:
    likely = np.array([0.5, 0.25], np.float32)
    body, headers = v2.write(
        asked(flights_like), likely, ["row 0 is odd", "so is 1"], flights_like, build
    )
    assert headers == {"content-type": "application/json"}
    assert json.loads(body) == {
        "model_name": "late-arrival",
        "model_version": "1.2.0",
        "id": "a",
        "parameters": {"flags": "row 0 is odd\nso is 1"},
        "outputs": [
            {"name": "probability", "datatype": "FP32", "shape": [2], "data": [0.5, 0.25]},
            {"name": "late", "datatype": "INT64", "shape": [2], "data": [1, 0]},
        ],
    }
    wide = np.array([[0.25, 0.5, 0.25], [0.75, 0.25, 0.0]])
    body, _ = v2.write(asked(wine_like), wide, [], wine_like, build)
    assert json.loads(body)["outputs"] == [
        {"name": "probability", "datatype": "FP32", "shape": [2, 3]}
        | {"data": [0.25, 0.5, 0.25, 0.75, 0.25, 0.0]},
        {"name": "cultivar", "datatype": "BYTES", "shape": [2], "data": ["b", "a"]},
    ]
    body, _ = v2.write(asked(diabetes_like), np.array([1.5, 2.5]), [], diabetes_like, build)
    assert json.loads(body)["outputs"] == [
        {"name": "progression", "datatype": "FP64", "shape": [2], "data": [1.5, 2.5]}
    ]


def test_only_the_outputs_asked_for_come(flights_like: Manifest, build: Build) -> None:
    request = asked(flights_like, [{"name": "late", "parameters": {"binary_data": False}}])
    body, _ = v2.write(request, np.array([0.5, 0.25]), [], flights_like, build)
    assert [output["name"] for output in json.loads(body)["outputs"]] == ["late"]
    with pytest.raises(Rejected, match="'score': expected one of probability, late"):
        asked(flights_like, [{"name": "score"}])


def test_outputs_come_as_bytes_when_asked(wine_like: Manifest, build: Build) -> None:
    request = asked(wine_like, parameters={"binary_data_output": True})
    wide = np.array([[0.25, 0.5, 0.25], [0.75, 0.25, 0.0]])
    body, headers = v2.write(request, wide, [], wine_like, build)
    end = int(headers[v2.LENGTH])
    first, second = json.loads(body[:end])["outputs"]
    assert first["parameters"] == {"binary_data_size": 24}
    assert np.frombuffer(body[end : end + 24], "<f4").reshape(2, 3).tolist() == wide.tolist()
    assert second["parameters"] == {"binary_data_size": 10}
    assert body[end + 24 :] == b"\1\0\0\0b\1\0\0\0a"
    assert headers["content-type"] == "application/octet-stream"


def test_a_failure_says_why() -> None:
    assert json.loads(v2.failure(Rejected("format", "why"))) == {"error": "why"}


WORDS = st.sampled_from(["carrier", "distance", "BYTES", "FP32", "BOOL", "INT8", "x"])
TENSORS = st.fixed_dictionaries(
    {"name": WORDS, "shape": st.lists(st.integers(-1, 3), max_size=2), "datatype": WORDS},
    optional={
        "data": st.lists(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=2)
        ),
        "parameters": st.dictionaries(st.just("binary_data_size"), st.integers(-1, 9) | st.text()),
    },
)
BODIES = st.binary(max_size=30) | st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS, max_size=3)},
    optional={"id": st.text(max_size=3), "outputs": st.lists(st.builds(dict, name=WORDS))},
).map(lambda body: json.dumps(body).encode())


def nothing_else_is_raised(body: bytes, tail: bytes, length: str, manifest: Manifest) -> None:
    for told in ({}, {v2.LENGTH: length}, {v2.LENGTH: str(len(body))}):
        try:
            request = v2.read(told, body + tail, manifest)
        except Rejected as rejected:
            failure = rejected
        else:
            assert {len(column) for column in request.columns.values()} == {request.rows}
            continue
        assert json.loads(v2.failure(failure))["error"]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=BODIES, tail=st.binary(max_size=12), length=st.text(max_size=3))
def test_any_bytes_are_read_or_rejected(
    body: bytes, tail: bytes, length: str, manifest: Manifest
) -> None:
    nothing_else_is_raised(body, tail, length, manifest)


@pytest.mark.slow
@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=BODIES, tail=st.binary(max_size=40), length=st.text(max_size=5))
def test_many_bytes_are_read_or_rejected(
    body: bytes, tail: bytes, length: str, manifest: Manifest
) -> None:
    nothing_else_is_raised(body, tail, length, manifest)
