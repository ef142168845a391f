"""The image goes to a real registry, and is started from there by its digest."""

import json
from typing import Any

import httpx
import pytest

from mlops.package import container, labels, oci
from mlops.package.builders import Builder
from mlops.package.push import push
from tests.image.conftest import TAG, Engine

pytestmark = pytest.mark.slow


def test_what_was_pushed_is_tagged_and_answers_by_its_digest(
    engine: Engine, built: Any, registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MLOPS_BUILDER", "podman")
    remote = f"{registry}/owner/late-arrival"

    digest = push(Builder("podman"), TAG, f"{remote}:candidate")
    assert oci.digest(f"{remote}:candidate") == digest
    assert push(Builder("buildah"), TAG, f"{remote}:again") == digest
    assert oci.labels(remote, digest) == built["Labels"]
    assert built["Labels"][labels.VERSION] == "1.2.0"

    oci.tag(remote, digest, "1.2.0")
    assert oci.tags(remote) == ["1.2.0", "again", "candidate"]
    assert oci.digest(f"{remote}:1.2.0") == digest

    engine.podman("rmi", f"{remote}:candidate", f"{remote}:again")  # so that it is pulled
    with container.running(f"{remote}@{digest}") as address:
        (started,) = containers(engine, f"{remote}@{digest}")
        assert json.loads(engine.podman("inspect", started))[0]["Image"] == built["Id"]
        assert httpx.get(f"{address}/version", trust_env=False).text.strip() == "1.2.0"
    assert containers(engine, f"{remote}@{digest}") == []


def containers(engine: Engine, image: str) -> list[str]:
    listed = engine.podman("ps", "--all", "--format={{.ID}} {{.Image}}").splitlines()
    return [line.split()[0] for line in listed if line.split()[1] == image]
