import json

import pytest

from serving.errors import Rejected
from serving.manifest import Build, Manifest
from serving.protocols import metadata


def test_the_model_tells_what_it_takes_and_gives(manifest: Manifest, build: Build) -> None:
    about = json.loads(metadata.model(manifest, build))
    assert (about["name"], about["versions"]) == ("late-arrival", ["1.2.0"])
    assert {i["name"]: i["datatype"] for i in about["inputs"]} == {
        "carrier": "BYTES",
        "origin": "BYTES",
        "distance": "FP32",
        "temp": "FP32",
        "carrier_late_7d": "FP32",
        "date": "BYTES",
        "wave": "FP64",
    }
    optional = [i["name"] for i in about["inputs"] if i.get("parameters") == {"optional": True}]
    assert optional == ["carrier_late_7d", "date", "wave"]
    assert about["outputs"] == [
        {"name": "probability", "datatype": "FP32", "shape": [-1]},
        {"name": "late", "datatype": "INT64", "shape": [-1]},
    ]


def test_each_task_gives_its_outputs(wine_like: Manifest, diabetes_like: Manifest) -> None:
    assert metadata.outputs(wine_like) == [
        ("probability", "FP32", [-1, 3]),
        ("cultivar", "BYTES", [-1]),
    ]
    assert metadata.outputs(diabetes_like) == [("progression", "FP32", [-1])]


def test_the_server_and_its_health(manifest: Manifest, build: Build) -> None:
    assert json.loads(metadata.server(build)) == {
        "name": "serving",
        "version": "1.2.0",
        "extensions": ["binary_tensor_data"],
    }
    assert json.loads(metadata.live()) == {"live": True}
    assert json.loads(metadata.ready(False)) == {"ready": False}
    assert json.loads(metadata.model_ready(manifest, True)) == {
        "name": "late-arrival",
        "ready": True,
    }


def test_another_model_or_version_is_404(manifest: Manifest, build: Build) -> None:
    metadata.known("late-arrival", None, manifest, build)
    metadata.known("late-arrival", "1.2.0", manifest, build)
    for name, version in (("iris", None), ("late-arrival", "2")):
        with pytest.raises(Rejected, match="here, only") as caught:
            metadata.known(name, version, manifest, build)
        assert (caught.value.status, caught.value.reason) == (404, "address")
