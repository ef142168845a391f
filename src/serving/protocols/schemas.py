"""What requests and answers look like, as JSON Schema made from the manifest."""

from typing import Any

from serving.inputs import EXTREMES
from serving.manifest import Input, Manifest
from serving.protocols import examples, tensors

Schema = dict[str, Any]
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_COLUMN: Schema = {"type": "array", "items": _SCALAR, "minItems": 1}
_TEXT: Schema = {"type": "string"}


def schemas(manifest: Manifest) -> Schema:
    """Every body by its name; the rows as the manifest has the inputs."""
    strict = manifest.policy.outside == "reject"
    row: Schema = {
        "type": "object",
        "properties": {i.name: _column(i, manifest) for i in manifest.inputs},
        "required": [i.name for i in manifest.inputs if i.table is None],
        "examples": [examples.row(manifest)],
        "description": "Other columns are told of, and not looked at."
        + ("" if strict else " Values out of bounds are let through, and told of."),
    }
    given = {i.name for i in manifest.inputs}
    keys = [key for key in manifest.keys if key.name not in given]
    for key in keys:
        tables = [table.name for table in manifest.tables if key.name in table.keys]
        row["properties"][key.name] = {
            "description": f"a {key.kind} that looks up {', '.join(tables)}; else not looked at",
            "x-kind": key.kind,
            "x-looks-up": tables,
        }
    rows: Schema = {"type": "array", "items": ref("Row"), "minItems": 1}
    lists: Schema = {"type": "array", "items": {"type": "array", "items": _SCALAR}, "minItems": 1}
    forms: Schema = {
        "dataframe_split": {
            "type": "object",
            "properties": {
                "columns": {
                    "type": ["array", "null"],
                    "items": {"type": "string"},
                    "uniqueItems": True,
                    "description": "left out: the model's inputs in their order",
                },
                "index": {"description": "not looked at"},
                "data": lists,
            },
            "required": ["data"],
            "additionalProperties": False,
        },
        "dataframe_records": rows,
        "instances": {"anyOf": [rows, lists]},
        "inputs": {
            "anyOf": [
                {"type": "object", "additionalProperties": {"anyOf": [_COLUMN, _SCALAR]}},
                rows,
                lists,
            ]
        },
    }
    return {
        "Row": row,
        "Table": {
            "type": "object",
            "description": f"Exactly one of {', '.join(forms)}. A gap is null.",
            "properties": {**forms, "params": {"description": "not looked at"}},
            "oneOf": [{"required": [form]} for form in forms],
        },
        "Predictions": _object(
            predictions={"type": "array", "items": _prediction(manifest), "minItems": 1}
        ),
        "Failure": _object(error_code={"type": "string"}, message={"type": "string"}),
        "Error": _object(error={"type": "string"}),
        **_protocol(),
    }


def _column(declared: Input, manifest: Manifest) -> Schema:
    policy, texts = manifest.policy, declared.kind == "text"
    strict = policy.outside == "reject"
    types = ["string"] if texts else ["number"]
    types += ["boolean"] * (declared.kind == "bool") + ["null"] * declared.nullable
    column: Schema = {"type": types}
    if texts:
        allowed = declared.values if strict else None
        if policy.unknown == "reject" and declared.known is not None:
            allowed = [text for text in declared.known if text in (allowed or [text])]
        if allowed is not None:
            column["enum"] = [*allowed, None] if declared.nullable else allowed
        elif declared.pattern and strict:
            column["pattern"] = f"^(?:{declared.pattern.removeprefix('^')})"
        if declared.known is not None:
            column["x-known"] = declared.known
    elif strict:
        end = EXTREMES[declared.kind]
        column["minimum"] = (
            (0 if declared.kind == "bool" else -end) if declared.low is None else declared.low
        )
        column["maximum"] = end if declared.high is None else declared.high
    if declared.table:
        column["description"] = f"looked up in {declared.table} when left out"
        column["x-table"] = declared.table
    column["x-kind"] = declared.kind
    return column


def _prediction(manifest: Manifest) -> Schema:
    output = manifest.output
    if output.task == "regression":
        return {"type": "number"}
    share: Schema = {"type": "number", "minimum": 0, "maximum": 1}
    names = ["probability"]
    if output.task == "multiclass":
        names = [f"probability_{label}" for label in output.classes]
    return _object(**{output.target: {"enum": output.classes}, **dict.fromkeys(names, share)})


def _protocol() -> Schema:
    """The bodies of the Open Inference Protocol."""
    text: Schema = {"type": "string"}
    shape: Schema = {"type": "array", "items": {"type": "integer"}}
    parameters: Schema = {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    }
    about = _object(name=text, datatype=text, shape=shape)
    about["properties"]["parameters"] = parameters
    column: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    tensor = _object(name=text, datatype={"enum": list(tensors.DATATYPES)}, shape=column)
    tensor["properties"] |= {
        "data": {"type": ["array", "null"], "description": "flat, or nested"},
        "parameters": {"type": ["object", "null"]},
    }
    answered = _object(name=text, datatype=text, shape=shape)
    answered["properties"] |= {"data": {"type": "array"}, "parameters": parameters}
    asked = _object(name=text)
    asked["properties"]["parameters"] = {"type": ["object", "null"]}
    request = _object(inputs={"type": "array", "items": tensor, "minItems": 1})
    request["properties"] |= {
        "id": {"type": ["string", "null"]},
        "outputs": {"type": ["array", "null"], "items": asked},
        "parameters": {"type": ["object", "null"]},
    }
    answer = _object(
        model_name=text, model_version=text, outputs={"type": "array", "items": answered}
    )
    answer["properties"] |= {"id": text, "parameters": parameters}
    several: Schema = {"type": "array", "items": about}
    texts: Schema = {"type": "array", "items": text}
    return {
        "Tensors": request,
        "Answer": answer,
        "Model": _object(name=text, versions=texts, platform=text, inputs=several, outputs=several),
        "ModelReady": _object(name=text, ready={"type": "boolean"}),
        "Server": _object(name=text, version=text, extensions=texts),
        "Live": _object(live={"type": "boolean"}),
        "Ready": _object(ready={"type": "boolean"}),
    }


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
