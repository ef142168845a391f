"""The Open Inference Protocol, version 2, over REST: a tensor a column, named tensors back.

With the binary tensor data extension, in and out: the header Inference-Header-Content-Length then
says where the JSON ends and the bytes of the tensors begin. Beyond the protocol, null is a gap in
JSON, and NaN in bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from serving.errors import Rejected, shown
from serving.inputs import Column
from serving.manifest import Build, Kind, Manifest
from serving.protocols import columns, metadata, tensors
from serving.protocols.labels import labels
from serving.protocols.tensors import Tensor

LENGTH = "inference-header-content-length"
JSON, BINARY = "application/json", "application/octet-stream"


class Asked(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class Message(msgspec.Struct):
    """A request's JSON. Other keys are passed over."""

    inputs: list[Tensor]
    id: str | None = None
    outputs: list[Asked] | None = None
    parameters: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    columns: dict[str, Column]
    rows: int
    id: str | None
    outputs: dict[str, bool]
    """The names of the tensors wanted, and whether each is wanted as bytes."""


_decoder = msgspec.json.Decoder(Message)
_encoder = msgspec.json.Encoder()


def read(
    headers: Mapping[str, str], body: bytes, manifest: Manifest, row_limit: int | None = None
) -> Request:
    """A request; the names of `headers` are in lower case, or found whatever their case.

    Far more rows than `row_limit` are not even read. Raises Rejected, naming the tensor and its
    row, counted from 0.
    """
    end = _length(headers.get(LENGTH), body)
    columns.check_size(body[:end], manifest, row_limit)
    message = _decode(body[:end])
    columns.check(message.inputs, manifest)
    if not message.inputs:
        raise Rejected("columns", "inputs is empty; send a tensor for each input of the model")
    kinds: dict[str, Kind] = {
        k.name: "text" if k.kind == "text" else "float64" for k in manifest.keys
    }
    kinds |= {declared.name: declared.kind for declared in manifest.inputs}
    first = message.inputs[0]
    rows = tensors.rows_of(first)
    table: dict[str, Column] = {}
    for tensor in message.inputs:
        if (found := tensors.rows_of(tensor)) != rows:
            raise Rejected(
                "format",
                f"input {shown(tensor.name)}: expected {rows} rows as in {shown(first.name)}, "
                f"found {found}",
            )
        tensors.check_type(tensor, kinds.get(tensor.name))
        if tensor.data is not None:
            table[tensor.name] = tensors.from_json(tensor, rows)
        else:
            begin, end = end, end + tensors.size_of(tensor)
            table[tensor.name] = tensors.from_bytes(tensor, body[begin:end], rows)
    if end != len(body):
        raise Rejected(
            "format",
            f"expected {end} bytes by the JSON and its binary_data_size, found {len(body)}",
        )
    columns.distinct([tensor.name for tensor in message.inputs], table, "input")
    return Request(table, rows, message.id, _wanted(message, manifest))


def write(
    request: Request,
    predictions: NDArray[Any],
    flags: Sequence[str],
    manifest: Manifest,
    build: Build,
) -> tuple[bytes, dict[str, str]]:
    """The answer and its headers; `predictions` as `Model.predict` gives them.

    Flags go into one text, a line each: the protocol's parameters are texts, numbers or truth.
    """
    answers: list[dict[str, Any]] = []
    tails: list[bytes] = []
    for name, binary in request.outputs.items():
        values, datatype = _values(name, predictions, manifest)
        answer: dict[str, Any] = {"name": name, "datatype": datatype, "shape": values.shape}
        if binary:
            tails.append(tensors.to_bytes(values, datatype))
            answer["parameters"] = {"binary_data_size": len(tails[-1])}
        else:
            answer["data"] = values.ravel().tolist()
        answers.append(answer)
    about: dict[str, Any] = {"model_name": manifest.name, "model_version": build.version}
    if request.id is not None:
        about["id"] = request.id
    if flags:
        about["parameters"] = {"flags": "\n".join(flags)}
    text = _encoder.encode({**about, "outputs": answers})
    if not tails:
        return text, {"content-type": JSON}
    return b"".join([text, *tails]), {"content-type": BINARY, LENGTH: str(len(text))}


def failure(rejected: Rejected) -> bytes:
    """The body of a request that was turned away."""
    return _encoder.encode({"error": rejected.message})


def _length(told: str | None, body: bytes) -> int:
    """Where the JSON ends."""
    if told is None:
        return len(body)
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else -1
    if not 0 < number <= len(body):
        raise Rejected(
            "format", f"{LENGTH}: expected a number of bytes up to {len(body)}, found {shown(told)}"
        )
    return number


def _decode(text: bytes) -> Message:
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as other:
        raise Rejected("format", str(other)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Rejected(
            "format", f"not JSON in UTF-8: {broken}; bytes behind it need the header {LENGTH}"
        ) from None
    except RecursionError:
        raise Rejected("format", "the JSON is nested too deeply") from None


def _wanted(message: Message, manifest: Manifest) -> dict[str, bool]:
    offered = [name for name, _, _ in metadata.outputs(manifest)]
    always = (message.parameters or {}).get("binary_data_output") is True
    if not message.outputs:
        return dict.fromkeys(offered, always)
    wanted = {}
    for asked in message.outputs:
        if asked.name not in offered:
            raise Rejected(
                "format", f"output {shown(asked.name)}: expected one of {', '.join(offered)}"
            )
        wanted[asked.name] = (asked.parameters or {}).get("binary_data", always) is True
    return wanted


def _values(name: str, predictions: NDArray[Any], manifest: Manifest) -> tuple[NDArray[Any], str]:
    """The values of an output and their datatype."""
    output = manifest.output
    if output.task == "regression":
        return predictions, "FP64" if predictions.dtype == np.float64 else "FP32"
    if name != output.target:
        return predictions.astype(np.float32), "FP32"
    datatype = tensors.label_type(output)
    whole = np.array(labels(predictions, output), object if datatype == "BYTES" else None)
    return whole, datatype
