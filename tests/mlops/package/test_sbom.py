"""The bill of materials, against its published schema, the lock file and the exported model."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from mlops.package import sbom
from mlops.package.errors import PackagingError
from mlops.registry.record import Facts, Image
from tests.conftest import ROOT
from tests.mlops.judge.repositories import git
from tests.mlops.package.conftest import MODEL, Machine

pytestmark = pytest.mark.usefixtures("machine", "repository")

DIGEST, BENEATH = f"sha256:{'d' * 64}", f"sha256:{'b' * 64}"
IMAGE = Image(
    name="ghcr.io/owner/name",
    digest=DIGEST,
    base=f"docker.io/library/python:3.11-slim@{BENEATH}",
    attested=False,
)
FACTS = Facts(
    lock="1" * 64,
    data="0123abcd.dir",
    through="2013-08",
    params="2" * 64,
    code="3" * 64,
    interface="4" * 64,
    packages="5" * 64,
    server="6" * 64,
    export="e" * 32 + ".dir",
)
PATH = Path("assets/sbom.cdx.json")


def written(image: Image = IMAGE) -> Any:
    sbom.write(PATH, image, FACTS, "1.2.0")
    return json.loads(PATH.read_text())


def part(document: Any, kind: str) -> Any:
    (found,) = [entry for entry in document["components"] if entry["type"] == kind]
    return found


def lock() -> None:
    """The project's own lock file."""
    Path("requirements/serve.txt").write_text((ROOT / "requirements/serve.txt").read_text())


def test_it_is_valid_by_the_published_schema() -> None:
    lock()
    written()

    errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str(PATH.read_text(), all_errors=True)
    assert [str(error) for error in errors or []] == []


def test_it_is_of_the_image_by_digest() -> None:
    git("remote", "add", "origin", "https://github.com/owner/name")
    whole = written()["metadata"]["component"]

    assert (whole["type"], whole["name"], whole["version"]) == ("container", IMAGE.name, "1.2.0")
    assert whole["hashes"] == [{"alg": "SHA-256", "content": "d" * 64}]
    assert whole["purl"] == f"pkg:oci/name@sha256:{'d' * 64}?repository_url=ghcr.io/owner/name"
    assert whole["properties"] == [{"name": "commit", "value": git("rev-parse", "HEAD")}]
    assert whole["externalReferences"] == [{"type": "vcs", "url": "https://github.com/owner/name"}]


def test_its_packages_are_those_of_the_lock_file_with_every_hash() -> None:
    lock()
    found = {}
    for entry in written()["components"]:
        if entry["type"] == "library":
            (released,) = entry["externalReferences"]
            found[entry["purl"]] = {(h["alg"], h["content"]) for h in released["hashes"]}

    expected: dict[str, set[tuple[str, str]]] = {}
    for line in Path("requirements/serve.txt").read_text().splitlines():
        if "==" in line:
            name, version = line.split()[0].split("==")
            expected[f"pkg:pypi/{name}@{version}"] = hashes = set()
            if ">= '3.12'" in line:  # which the base image's Python is not
                del expected[f"pkg:pypi/{name}@{version}"]
        elif "--hash" in line:
            hashes.add(("SHA-256", line.partition("sha256:")[2].rstrip(" \\")))
    assert len(found) > 10
    assert found == expected


def test_a_base_that_does_not_say_its_python_leaves_both_versions_open() -> None:
    lock()
    document = written(IMAGE.model_copy(update={"base": "registry.example.org/ours:7"}))

    numpy = [p for p in document["components"] if p["name"] == "numpy"]
    assert {p["scope"] for p in numpy} == {"optional"}
    assert sorted(p["properties"][0]["value"] for p in numpy) == [
        'python_full_version < "3.12"',
        'python_full_version >= "3.12"',
    ]
    (uvicorn,) = [p for p in document["components"] if p["name"] == "uvicorn"]
    assert uvicorn["scope"] == "required"


def test_the_base_image_is_a_part() -> None:
    base = part(written(), "container")

    assert (base["name"], base["version"]) == ("docker.io/library/python", "3.11-slim")
    assert base["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]


def test_a_base_without_a_digest_has_no_hash() -> None:
    base = part(written(IMAGE.model_copy(update={"base": "localhost/mine:1"})), "container")

    assert (base["name"], base["version"]) == ("localhost/mine", "1")
    assert "hashes" not in base


def test_the_model_is_a_part_that_says_what_it_was_made_of() -> None:
    model = part(written(), "machine-learning-model")

    content = Path("artifacts/export/model.onnx").read_bytes()
    assert (model["name"], model["version"]) == (MODEL, "1.2.0")
    assert model["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]
    assert {p["name"]: p["value"] for p in model["properties"]} == {
        "code.sha256": FACTS.code,
        "data.md5": FACTS.data,
        "data.through": FACTS.through,
        "dvc.lock.sha256": FACTS.lock,
        "export.md5": FACTS.export,
        "params.sha256": FACTS.params,
    }


def test_the_image_depends_on_every_part() -> None:
    document = written()
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}

    assert set(needs["image"]) == {entry["bom-ref"] for entry in document["components"]}


def test_it_is_dated_as_the_commit_is() -> None:
    assert written()["metadata"]["timestamp"] == git(
        "show", "--no-patch", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%S+00:00"
    )


def test_the_same_image_gives_the_same_bytes_in_any_process() -> None:
    """Sets and dictionaries are in another order with another hash seed."""
    lock()
    code = (
        "from tests.mlops.package.test_sbom import *; import sys;"
        "sbom.write(Path(sys.argv[1]), IMAGE, FACTS, '1.2.0')"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, f"{seed}.json"],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )

    assert Path("1.json").read_bytes() == Path("2.json").read_bytes()


def test_another_image_has_another_serial_number() -> None:
    first = written()["serialNumber"]

    assert first.startswith("urn:uuid:")
    assert written()["serialNumber"] == first
    assert written(IMAGE.model_copy(update={"digest": BENEATH}))["serialNumber"] != first


def test_an_export_that_was_altered_is_not_described() -> None:
    Path("artifacts/export/model.onnx").write_text("another")

    with pytest.raises(PackagingError, match="was altered"):
        written()
    assert not PATH.exists()


def test_without_a_commit_nobody_can_say_what_it_is_of(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(machine.folder))  # which is no repository

    with pytest.raises(PackagingError, match="no git repository"):
        written()
