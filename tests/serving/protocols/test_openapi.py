import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest
from openapi_spec_validator import validate

from serving.errors import Rejected
from serving.inputs import Inputs
from serving.lookup import Lookup
from serving.manifest import Build, Input, Manifest, Policy
from serving.protocols import examples, metadata, mlflow, openapi, v2

Description = dict[str, Any]
MODELS = pytest.mark.parametrize("model", ["flights_like", "wine_like", "diabetes_like"])
PREDICTED = {
    "binary": np.array([0.25, 0.75], np.float32),
    "multiclass": np.array([[0.2, 0.5, 0.3]], np.float32),
    "regression": np.array([150.5]),
}


@pytest.fixture
def served(request: pytest.FixtureRequest, model: str) -> Manifest:
    found = request.getfixturevalue(model)
    assert isinstance(found, Manifest)
    return found


def check(description: Description, schema: str, value: Any) -> None:
    whole = description | {"$ref": f"#/components/schemas/{schema}"}
    jsonschema.Draft202012Validator(whole).validate(value)


def fits(description: Description, schema: str, value: Any) -> bool:
    try:
        check(description, schema, value)
    except jsonschema.ValidationError:
        return False
    return True


@MODELS
def test_the_description_is_openapi(served: Manifest, build: Build) -> None:
    validate(openapi.describe(served, build))


def bodies(description: Description, path: str) -> Iterator[tuple[str, Any]]:
    for media, content in description["paths"][path]["post"]["requestBody"]["content"].items():
        for example in content.get("examples", {}).values():
            yield media, example["value"]


@MODELS
def test_the_examples_are_answered_as_described(served: Manifest, build: Build) -> None:
    description = openapi.describe(served, build)
    inputs, read = Inputs(served, Lookup([])), 0
    for media, value in bodies(description, "/invocations"):
        body = value.encode() if media == "text/csv" else json.dumps(value).encode()
        batch = inputs.prepare(*mlflow.read(media, body, served))
        assert not batch.flags
        if media != "text/csv":
            check(description, "Table", value)
        read += 1
    assert read == 5
    for _, value in bodies(description, f"/v2/models/{served.name}/infer"):
        check(description, "Tensors", value)
        asked = v2.read({}, json.dumps(value).encode(), served)
        assert not inputs.prepare(asked.columns, asked.rows).flags
        predictions = PREDICTED[served.output.task]
        answer, _ = v2.write(asked, predictions, ["odd"], served, build)
        check(description, "Answer", json.loads(answer))
        check(description, "Predictions", json.loads(mlflow.write(predictions, served)))


def test_metadata_and_failures_are_as_described(manifest: Manifest, build: Build) -> None:
    description = openapi.describe(manifest, build)
    rejected = Rejected("format", "why")
    for schema, body in [
        ("Model", metadata.model(manifest, build)),
        ("ModelReady", metadata.model_ready(manifest, False)),
        ("Server", metadata.server(build)),
        ("Live", metadata.live()),
        ("Ready", metadata.ready(True)),
        ("Failure", mlflow.failure(rejected)),
        ("Error", v2.failure(rejected)),
    ]:
        check(description, schema, json.loads(body))


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"carrier": "ZZ"}, True),  # unknown, and only flagged
        ({"carrier": "zz"}, False),
        ({"carrier": 1}, False),
        ({"origin": None}, True),
        ({"origin": "XXX"}, False),
        ({"distance": 6001}, False),
        ({"distance": None}, False),
        ({"temp": None}, True),
        ({"date": [], "another": [1]}, True),
    ],
)
def test_the_schema_of_a_row_says_what_the_server_does(
    change: dict[str, Any], fine: bool, manifest: Manifest, build: Build
) -> None:
    row = examples.row(manifest) | change
    description = openapi.describe(manifest, build)
    assert fits(description, "Row", row) == fine
    inputs = Inputs(manifest, Lookup([]))
    columns, rows = mlflow.read(
        "application/json", json.dumps({"instances": [row]}).encode(), manifest
    )
    if fine:
        assert inputs.prepare(columns, rows).rows == 1
    else:
        with pytest.raises(Rejected):
            inputs.prepare(columns, rows)


def test_a_feature_that_is_looked_up_may_be_left_out(manifest: Manifest, build: Build) -> None:
    description = openapi.describe(manifest, build)
    row = examples.row(manifest)
    del row["carrier_late_7d"]
    assert fits(description, "Row", row)
    assert not fits(description, "Row", {k: v for k, v in row.items() if k != "carrier"})
    properties = description["components"]["schemas"]["Row"]["properties"]
    assert properties["carrier_late_7d"]["x-table"] == "carrier_delays"
    assert properties["date"]["x-looks-up"] == ["carrier_delays"]


def test_a_lenient_policy_describes_no_bounds(manifest: Manifest, build: Build) -> None:
    lenient = msgspec.structs.replace(manifest, policy=Policy(unknown="reject", outside="flag"))
    row = openapi.describe(lenient, build)["components"]["schemas"]["Row"]["properties"]
    assert not {"minimum", "maximum"} & row["distance"].keys()
    assert row["carrier"]["enum"] == ["AA", "UA"]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Input("a", "float32"), 0.5),
        (Input("a", "float32", low=900, high=1100), 1000),
        (Input("a", "float64", low=0.1234, high=0.1235), 0.12345),
        (Input("a", "float32", low=5), 5),
        (Input("a", "float32", high=-5), -5),
        (Input("a", "int64", low=1, high=2), 2),
        (Input("a", "bool"), True),
        (Input("a", "text", known=["x", "y"], values=["y"]), "y"),
        (Input("a", "text", nullable=True), None),
    ],
)
def test_an_example_lies_within_what_is_allowed(
    declared: Input, expected: Any, manifest: Manifest
) -> None:
    row = examples.row(msgspec.structs.replace(manifest, inputs=[declared]))
    assert row == {"a": pytest.approx(expected) if isinstance(expected, float) else expected}


def test_the_page_is_whole_and_asks_nobody_else(manifest: Manifest, build: Build) -> None:
    odd = msgspec.structs.replace(manifest, name="</script><b>&")
    description = openapi.describe(odd, build)
    page = openapi.page(description)
    assert "{{" not in page
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    embedded = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert embedded
    assert json.loads(embedded[1]) == description
    for name in ("style", "script"):
        inline = re.search(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        assert inline
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in page
