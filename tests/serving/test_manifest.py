"""A folder is served whole and unaltered, or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from serving import manifest
from serving.errors import Unservable
from serving.manifest import Build, Manifest
from serving.server import load
from serving.settings import Settings
from tests.serving.folders import export


@pytest.fixture
def folder(tmp_path: Path, flights_like: Manifest, build: Build) -> Path:
    return export(tmp_path / "export", flights_like, build)


def test_what_was_written_is_read(folder: Path, flights_like: Manifest, build: Build) -> None:
    found, stamped = manifest.read(folder)

    assert stamped == build
    assert found.inputs == flights_like.inputs
    assert set(found.files) == {"model.onnx", "tables/carrier_delays.json"}


def test_without_a_stamp_the_version_is_unknown(folder: Path) -> None:
    (folder / "build.json").unlink()

    assert manifest.read(folder)[1] == Build(version="unversioned")


def turned(name: str, change: Callable[[dict], None]) -> Callable[[Path], None]:  # type: ignore[type-arg]
    def alter(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return alter


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda f: (f / "manifest.json").unlink(), "manifest.json: No such file"),
        (lambda f: (f / "model.onnx").unlink(), "model.onnx: No such file"),
        (lambda f: (f / "model.onnx").write_bytes(b"x"), "model.onnx was altered: its sha256"),
        (lambda f: (f / "tables/carrier_delays.json").write_text("{}"), "delays.json was altered"),
        (lambda f: (f / "manifest.json").write_text("{"), "not a readable manifest.json"),
        (lambda f: (f / "manifest.json").write_bytes(b"\xff\xfe"), "not a readable manifest.json"),
        (lambda f: (f / "build.json").write_text("[]"), "not a readable"),
        (turned("manifest.json", lambda m: m.update(format=2)), "not a readable"),
        (turned("manifest.json", lambda m: m.update(extra=1)), "not a readable"),
        (turned("manifest.json", lambda m: m["files"].pop("model.onnx")), "no hash for model.onnx"),
        (turned("manifest.json", lambda m: m["files"].update({"../x": ""})), "outside the folder"),
        (
            turned("manifest.json", lambda m: m["files"].update({"/etc/x": ""})),
            "outside the folder",
        ),
    ],
)
def test_a_folder_that_is_not_what_it_says_is_refused(
    folder: Path, alter: Callable[[Path], None], said: str
) -> None:
    alter(folder)

    with pytest.raises(Unservable, match=said):
        manifest.read(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["inputs"].pop(), r"expected inputs .*'float32': 2.*found .*'float32': 3"),
        (
            lambda m: m["output"].update(tensor="nothing"),
            r"expected inputs .* output \['nothing'\]",
        ),
        (lambda m: m["inputs"][2].update(kind="float64"), "expected inputs .*float64"),
    ],
)
def test_a_manifest_of_another_model_is_refused(folder: Path, change: object, said: str) -> None:
    turned("manifest.json", change)(folder)  # type: ignore[arg-type]

    with pytest.raises(Unservable, match=said):
        load(Settings(model=folder))
