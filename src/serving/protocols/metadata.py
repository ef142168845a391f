"""What the Open Inference Protocol tells of the server and its model, before any prediction."""

import msgspec

from serving.errors import Rejected, shown
from serving.manifest import Build, Manifest
from serving.protocols.tensors import OF_KIND, label_type

EXTENSIONS = ("binary_tensor_data",)
PLATFORM = "onnxruntime_onnx"
_encoder = msgspec.json.Encoder()


def known(name: str, version: str | None, manifest: Manifest, build: Build) -> None:
    """Raises Rejected, with status 404, unless this is the model that is served."""
    if name != manifest.name:
        raise Rejected("address", f"no model {shown(name)} here, only {manifest.name!r}", 404)
    if version not in (None, build.version):
        raise Rejected(
            "address", f"no version {shown(version)} of {name} here, only {build.version!r}", 404
        )


def live() -> bytes:
    """The answer of /v2/health/live."""
    return _encoder.encode({"live": True})


def ready(is_ready: bool) -> bytes:
    """The answer of /v2/health/ready."""
    return _encoder.encode({"ready": is_ready})


def server(build: Build) -> bytes:
    """The answer of /v2."""
    return _encoder.encode({"name": "serving", "version": build.version, "extensions": EXTENSIONS})


def model_ready(manifest: Manifest, is_ready: bool) -> bytes:
    """The answer of /v2/models/NAME/ready."""
    return _encoder.encode({"name": manifest.name, "ready": is_ready})


def model(manifest: Manifest, build: Build) -> bytes:
    """The answer of /v2/models/NAME. An input that may be left out is marked as optional."""
    names = {declared.name for declared in manifest.inputs}
    taken = [(i.name, OF_KIND[i.kind], i.table is not None) for i in manifest.inputs]
    taken += [
        (key.name, "BYTES" if key.kind == "text" else "FP64", True)
        for key in manifest.keys
        if key.name not in names
    ]
    about = {
        "name": manifest.name,
        "versions": [build.version],
        "platform": PLATFORM,
        "inputs": [
            {"name": name, "datatype": datatype, "shape": [-1]}
            | ({"parameters": {"optional": True}} if optional else {})
            for name, datatype, optional in taken
        ],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": shape}
            for name, datatype, shape in outputs(manifest)
        ],
    }
    return _encoder.encode(about)


def outputs(manifest: Manifest) -> list[tuple[str, str, list[int]]]:
    """Name, datatype and shape of each tensor of an answer; -1 stands for the number of rows."""
    output = manifest.output
    if output.task == "regression":
        return [(output.target, "FP32", [-1])]
    classes = [len(output.classes)] if output.task == "multiclass" else []
    return [("probability", "FP32", [-1, *classes]), (output.target, label_type(output), [-1])]
