"""MLflow's scoring protocol: a table in JSON or CSV, predictions in JSON.

The reference is mlflow.pyfunc.scoring_server of MLflow 3: exactly one of `dataframe_split`,
`dataframe_records`, `instances` and `inputs`, or a CSV with a header. Rows without names, which it
leaves to the model, are taken in the order of the model's inputs.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from serving.errors import Rejected, shown
from serving.inputs import Column
from serving.manifest import Build, Manifest
from serving.protocols import columns, delimited
from serving.protocols.columns import Table
from serving.protocols.labels import labels

JSON, CSV = "application/json", "text/csv"
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    404: "ENDPOINT_NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""MLflow's names of what went wrong, by HTTP status; others are a BAD_REQUEST below 500."""


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """What `DataFrame.to_dict("split")` writes."""

    data: list[list[Any]]
    columns: list[str] | None = None
    index: Any = None


class Message(msgspec.Struct):
    """A body in JSON. Other keys, `params` among them, are passed over."""

    dataframe_split: Split | UnsetType = UNSET
    dataframe_records: list[dict[str, Any]] | UnsetType = UNSET
    instances: Any = UNSET
    inputs: Any = UNSET


_decoder = msgspec.json.Decoder(Message)
_encoder = msgspec.json.Encoder()
# What precedes a NaN, texts whole, closed or not; it goes on from there and passes nothing twice.
_nan = re.compile(rb'((?:[^"N]++|"(?:[^"\\]++|\\.)*+"?|N(?!aN))*+)(NaN)?', re.DOTALL)


def read(content_type: str, body: bytes, manifest: Manifest, row_limit: int | None = None) -> Table:
    """The columns of a request and its number of rows, at least 1; a gap is None.

    Far more rows than `row_limit` are not even read. Raises Rejected, naming the row (counted
    from 0), the column or the line.
    """
    if content_type != JSON and _media(content_type) == CSV:
        return delimited.read(body, manifest, row_limit)
    columns.check_size(body, manifest, row_limit)
    message = _decode(body)
    given = [form for form in FORMS if getattr(message, form) is not UNSET]
    if len(given) != 1:
        found = f"found {' and '.join(given)}" if given else "found none of them"
        raise Rejected("format", f"expected exactly one of {', '.join(FORMS)}; {found}")
    value, form = getattr(message, given[0]), given[0]
    if isinstance(value, Split):
        return _rows(value.columns, value.data, manifest, "dataframe_split.data")
    if form == "inputs" and isinstance(value, dict):
        return _columns(value, manifest)
    return _list(value, manifest, form)


def write(predictions: NDArray[Any], manifest: Manifest) -> bytes:
    """The answer: `predictions` as `Model.predict` gives them, a label beside each probability."""
    output = manifest.output
    answers: list[Any] = predictions.tolist()
    if output.task == "binary":
        answers = [
            {output.target: label, "probability": p}
            for label, p in zip(labels(predictions, output), answers, strict=True)
        ]
    elif output.task == "multiclass":
        names = [f"probability_{name}" for name in output.classes]
        answers = [
            {output.target: label, **dict(zip(names, row, strict=True))}
            for label, row in zip(labels(predictions, output), answers, strict=True)
        ]
    return _encoder.encode({"predictions": answers})


def failure(rejected: Rejected) -> bytes:
    """The body that MLflow's clients raise as an MlflowException."""
    otherwise = "BAD_REQUEST" if rejected.status < 500 else "INTERNAL_ERROR"
    code = CODES.get(rejected.status, otherwise)
    return _encoder.encode({"error_code": code, "message": rejected.message})


def version(build: Build) -> bytes:
    """The answer of /version: which model is served."""
    return build.version.encode()


def _media(content_type: str) -> str:
    """The media type, in lower case; raises Rejected when it is not read here."""
    kind, *parameters = [part.strip() for part in content_type.lower().split(";")]
    for name, _, value in [part.partition("=") for part in parameters if part]:
        if name != "charset":
            raise Rejected(
                "media", f"Content-Type: {shown(name)} is not understood; send {JSON}", 415
            )
        if value.strip('"') != "utf-8":
            raise Rejected("media", f"Content-Type: charset {shown(value)}; send utf-8", 415)
    if kind not in (JSON, CSV):
        found = f"found {shown(kind)}" if kind else "found none"
        raise Rejected("media", f"Content-Type: expected {JSON} or {CSV}, {found}", 415)
    return kind


def _decode(body: bytes) -> Message:
    try:
        try:
            return _decoder.decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # MLflow's client writes a gap as NaN, which is not JSON
            if b"NaN" not in body:
                raise
            return _decoder.decode(
                _nan.sub(lambda found: found[1] + (b"null" if found[2] else b""), body)
            )
    except msgspec.ValidationError as other:
        said = str(other)
        if "- at `" not in said:
            said = f"{said}; send an object with exactly one of {', '.join(FORMS)}"
        raise Rejected("format", _cut(said)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Rejected("format", _cut(f"not JSON in UTF-8: {broken}")) from None
    except RecursionError:
        raise Rejected("format", "the JSON is nested too deeply") from None


def _cut(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:300]}…"


def _rows(
    names: Sequence[str] | None, rows: Sequence[Sequence[Any]], manifest: Manifest, place: str
) -> Table:
    """A table from rows of values in the order of `names`, or of the model's inputs."""
    if names is None:
        names = [declared.name for declared in manifest.inputs]
    columns.check(names, manifest)
    if not rows:
        raise Rejected("rows", f"{place} is empty; send at least one row")
    try:
        table: dict[str, Column] = dict(zip(names, zip(*rows, strict=True), strict=True))
    except ValueError:
        at, row = next((at, row) for at, row in enumerate(rows) if len(row) != len(names))
        raise Rejected(
            "format",
            f"{place}, row {at}: expected {len(names)} values, one a column, found {len(row)}",
        ) from None
    columns.distinct(names, table, "column")
    return table, len(rows)


def _list(rows: Any, manifest: Manifest, form: str) -> Table:
    """A table from a list of objects, of lists or, for a model of one input, of values."""
    if not isinstance(rows, list):
        raise Rejected("format", f"{form}: expected a list, found {shown(rows)}")
    if not rows:
        raise Rejected("rows", f"{form} is empty; send at least one row")
    kind = type(rows[0])
    if kind not in (dict, list):
        if len(manifest.inputs) != 1:
            raise Rejected(
                "format", f"{form}, row 0: expected an object or a list, found {shown(rows[0])}"
            )
        return {manifest.inputs[0].name: rows}, len(rows)
    if set(map(type, rows)) != {kind}:
        at, row = next((at, row) for at, row in enumerate(rows) if type(row) is not kind)
        expected = "an object" if kind is dict else "a list"
        raise Rejected(
            "format", f"{form}, row {at}: expected {expected} as in row 0, found {shown(row)}"
        )
    return _records(rows, manifest, form) if kind is dict else _rows(None, rows, manifest, form)


def _records(records: list[dict[str, Any]], manifest: Manifest, form: str) -> Table:
    """A table from an object a row."""
    names, rows = list(records[0]), len(records)
    columns.check(names, manifest)
    if set(map(len, records)) == {len(names)}:
        with suppress(KeyError):  # as many names, and others among them
            return {name: [record[name] for record in records] for name in names}, rows
    if form != "dataframe_records":
        at = next(at for at, record in enumerate(records) if record.keys() != records[0].keys())
        raise Rejected("format", f"{form}, row {at}: expected the names of row 0; null is a gap")
    union: dict[str, None] = {}
    for record in records:
        union.update(dict.fromkeys(record))
        columns.check(union, manifest)
    if len(union) * rows > 10_000 + 10 * sum(map(len, records)):
        raise Rejected("columns", f"{form}: most rows lack most names; send the gaps as null")
    return {name: [record.get(name) for record in records] for name in union}, rows


def _columns(given: dict[str, Any], manifest: Manifest) -> Table:
    """A table from a list a column, or from one row's values."""
    columns.check(given, manifest)
    if not given:
        raise Rejected("rows", "inputs is empty; send at least one row")
    lists = [isinstance(values, list) for values in given.values()]
    if not any(lists):
        return {name: (value,) for name, value in given.items()}, 1
    (first, values), *_ = given.items()
    rows = len(values) if lists[0] else 1
    for (name, found), several in zip(given.items(), lists, strict=True):
        if several != lists[0] or (several and len(found) != rows):
            raise Rejected(
                "format",
                f"inputs, column {shown(name)}: expected {rows} values as in {shown(first)}, "
                f"found {len(found) if several else shown(found)}",
            )
    if not rows:
        raise Rejected("rows", f"inputs, column {shown(first)} is empty; send at least one row")
    return given, rows
