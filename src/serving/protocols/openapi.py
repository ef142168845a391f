"""All addresses and their bodies in OpenAPI 3.1, with a schema made from the manifest."""

import base64
import hashlib
import importlib.resources
import json

from serving.manifest import Build, Manifest
from serving.protocols import examples, tensors
from serving.protocols.schemas import Schema, ref, schemas

JSON = "application/json"
ERRORS = {
    "400": "The body is not as described; the message says where and what was expected.",
    "401": "No API key, or a wrong one.",
    "404": "Nothing is served there.",
    "405": "The address takes another method.",
    "408": "The body did not arrive in time.",
    "413": "Too many rows or bytes at once.",
    "415": "A content type or an encoding that is not read here.",
    "429": "Too many requests.",
    "500": "An error of the server.",
    "503": "Busy, starting or stopping; try again.",
}
ALL = tuple(ERRORS)


def describe(manifest: Manifest, build: Build) -> Schema:
    """The description, as a document that can be written as JSON."""
    names = ", ".join(f"`{i.name}`" for i in manifest.inputs if i.table is None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": manifest.name,
            "version": build.version,
            "description": f"Predicts `{manifest.output.target}` ({manifest.output.task}) from "
            f"{names} and what is looked up. Speaks MLflow's scoring protocol and the Open "
            "Inference Protocol.",
        },
        "security": [{}, {"bearer": []}, {"key": []}],
        "tags": [
            {"name": "MLflow", "description": "MLflow's scoring protocol"},
            {"name": "Open Inference Protocol", "description": "version 2, over REST"},
            {"name": "operation", "description": "health, metrics and this description"},
        ],
        "paths": _paths(manifest, build),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": schemas(manifest),
        },
    }


def page(description: Schema) -> str:
    """The description as a page for people: one file, which asks no other host for anything."""
    folder = importlib.resources.files(__package__).joinpath("docs")
    parts = {f"docs.{e}": folder.joinpath(f"docs.{e}").read_text("utf-8") for e in ("css", "js")}
    hashes = {
        f"{name}.sha256": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in parts.items()
    }
    # Within a script, JSON may not close it.
    data = {"description": json.dumps(description).replace("<", "\\u003c")}
    whole = folder.joinpath("docs.html").read_text("utf-8")
    for name, text in (hashes | parts | data).items():
        whole = whole.replace("{{" + name + "}}", text)
    return whole


def _paths(manifest: Manifest, build: Build) -> Schema:
    model, version = f"/v2/models/{manifest.name}", f"/versions/{build.version}"
    paths = {
        "/invocations": {"post": _invocations(manifest)},
        "/ping": {"get": _empty("Ready to predict?")},
        "/health": {"get": _empty("The same as /ping")},
        "/version": {"get": _text("MLflow", "Which version of the model is served?", "text/plain")},
        f"{model}/infer": {"post": _infer(manifest)},
        model: {"get": _told("What the model takes and gives", "Model")},
        f"{model}/ready": {"get": _told("Ready to predict?", "ModelReady", unready=True)},
        f"{model}{version}/infer": {"post": _infer(manifest)},
        f"{model}{version}": {"get": _told("What the model takes and gives", "Model")},
        f"{model}{version}/ready": {"get": _told("Ready to predict?", "ModelReady", unready=True)},
        "/v2": {"get": _told("The server and its extensions", "Server")},
        "/v2/health/live": {"get": _told("Is the server there?", "Live", free=True)},
        "/v2/health/ready": {"get": _told("Ready to predict?", "Ready", unready=True, free=True)},
        "/metrics": {"get": _text("operation", "Counts and times, for Prometheus", "text/plain")},
        "/openapi.json": {"get": _text("operation", "This description", JSON)},
        "/docs": {"get": _text("operation", "This description as a page", "text/html")},
    }
    for path, operations in paths.items():
        for method, operation in operations.items():
            operation["operationId"] = f"{method}{path.replace('/', '-')}"
    return paths


def _invocations(manifest: Manifest) -> Schema:
    row = examples.row(manifest)
    names, values = list(row), list(row.values())
    bodies: Schema = {
        "dataframe_records": [row],
        "dataframe_split": {"columns": names, "data": [values, values]},
        "instances": [row],
        "inputs": {name: [value] for name, value in row.items()},
    }
    cells = ["" if value is None else str(value) for value in values]
    return {
        "tags": ["MLflow"],
        "summary": "Predict rows of a table",
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": ref("Table"),
                    "examples": {form: {"value": {form: body}} for form, body in bodies.items()},
                },
                "text/csv": {
                    "schema": {"type": "string", "description": "with a header, in UTF-8"},
                    "examples": {"csv": {"value": f"{','.join(names)}\n{','.join(cells)}\n"}},
                },
            },
        },
        "responses": _responses("Failure", ref("Predictions"), ALL)
        | {
            "200": {
                "description": "A prediction for each row, in their order.",
                "headers": {
                    "X-Flags": {
                        "description": "What is odd about values that were let through.",
                        "schema": {"type": "string"},
                    }
                },
                "content": {JSON: {"schema": ref("Predictions")}},
            }
        },
    }


def _infer(manifest: Manifest) -> Schema:
    row = examples.row(manifest)
    inputs = [
        {
            "name": declared.name,
            "shape": [1],
            "datatype": tensors.OF_KIND[declared.kind],
            "data": [row[declared.name]],
        }
        for declared in manifest.inputs
    ]
    return {
        "tags": ["Open Inference Protocol"],
        "summary": "Predict columns, a tensor each",
        "description": "With the header Inference-Header-Content-Length, tensors may follow the "
        "JSON as bytes; outputs asked for with `binary_data` do the same in the answer.",
        "parameters": [
            {
                "name": "Inference-Header-Content-Length",
                "in": "header",
                "required": False,
                "description": "How many bytes of the body are JSON, when tensors follow it.",
                "schema": {"type": "integer", "minimum": 1},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": ref("Tensors"),
                    "examples": {"tensors": {"value": {"id": "1", "inputs": inputs}}},
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "responses": _responses("Error", ref("Answer"), ALL)
        | {
            "200": {
                "description": "The tensors of the answer.",
                "content": {
                    JSON: {"schema": ref("Answer")},
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                },
            }
        },
    }


def _told(summary: str, schema: str, *, unready: bool = False, free: bool = False) -> Schema:
    found = _responses("Error", ref(schema), ("405",) if free else ("401", "404", "405"))
    if unready:
        found["503"] = {"description": "Not yet.", "content": {JSON: {"schema": ref(schema)}}}
    told: Schema = {
        "tags": ["Open Inference Protocol"],
        "summary": summary,
        "responses": found,
    }
    return told | ({"security": [{}]} if free else {})


def _empty(summary: str) -> Schema:
    return {
        "tags": ["MLflow"],
        "summary": summary,
        "security": [{}],
        "responses": _responses("Failure", {}, ("405",))
        | {
            "200": {"description": "Ready; the body is empty."},
            "503": {"description": "Not yet."},
        },
    }


def _text(tag: str, summary: str, media: str) -> Schema:
    schema: Schema = {"type": "object"} if media == JSON else {"type": "string"}
    return {
        "tags": [tag],
        "summary": summary,
        "responses": _responses("Failure", {}, ("401", "405"))
        | {"200": {"description": summary, "content": {media: {"schema": schema}}}},
    }


def _responses(failure: str, success: Schema, statuses: tuple[str, ...]) -> Schema:
    return {
        "200": {"description": "The answer.", "content": {JSON: {"schema": success}}},
        **{
            status: {
                "description": ERRORS[status],
                "content": {JSON: {"schema": ref(failure)}},
            }
            for status in statuses
        },
    }
