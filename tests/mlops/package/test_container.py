"""A server started from an image by its digest, and gone afterwards; a process for a container."""

import json
import shutil
from pathlib import Path

import httpx
import pytest

from mlops.package import builders, container, image
from mlops.package.builders import Builder
from mlops.package.errors import PackagingError
from mlops.package.push import push
from tests.conftest import ROOT
from tests.mlops.judge.repositories import commit
from tests.mlops.package.conftest import BASE, EXPORT, Machine, record
from tests.mlops.package.conftest import image as entry
from tests.mlops.package.registry import Registry, digest_of
from tests.serving import folders
from tests.serving.conftest import binary

ABSENT = f"sha256:{'0' * 64}"


@pytest.fixture
def pushed(
    machine: Machine, repository: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The reference of an image with a real server and a small model, which is not here."""
    for folder in (EXPORT, Path("src/serving")):
        shutil.rmtree(folder)
    folders.export(EXPORT, binary())
    shutil.copytree(ROOT / "src/serving", "src/serving")
    record()
    commit("a model that answers")
    monkeypatch.setenv("MLOPS_BUILDER", "podman")
    machine.install("podman", "docker", "buildah")
    machine.holds(**{BASE: entry("4", 124_000_000)})
    tag = image.build("late:1", None, version="1.2.0").tag
    name = f"{registry.address}/owner/name"
    digest = push(Builder("podman"), tag, f"{name}:candidate")
    machine.holds()
    return f"{name}@{digest}"


def calls(machine: Machine, command: str) -> list[list[str]]:
    return [call for call in machine.calls if call[1] == command]


@pytest.mark.parametrize("engine", container.ENGINES)
def test_it_answers_and_is_removed(
    machine: Machine, pushed: str, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setenv("MLOPS_BUILDER", engine)

    with container.running(pushed) as address:
        assert httpx.get(f"{address}/version", trust_env=False).text.strip() == "1.2.0"

    assert machine.containers == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_it_is_pulled_once_and_started_with_no_privilege_for_this_machine_alone(
    machine: Machine, pushed: str
) -> None:
    machine.set("crashing")
    for _ in range(2):
        with pytest.raises(PackagingError, match="ended"), container.running(pushed):
            pass

    (pull,) = calls(machine, "pull")
    assert pull == ["podman", "pull", "--tls-verify=false", pushed]
    for started in calls(machine, "run"):
        assert {
            "--read-only",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--publish=127.0.0.1::8080",
        } <= set(started)
        assert started[-1] == pushed


def test_it_is_removed_when_the_asking_fails(machine: Machine, pushed: str) -> None:
    with pytest.raises(KeyboardInterrupt), container.running(pushed):
        raise KeyboardInterrupt

    assert machine.containers == []


def test_a_server_that_ends_is_told_with_its_last_words(machine: Machine, pushed: str) -> None:
    machine.set("crashing")

    said = r"ended; it said: error: it crashes"
    with pytest.raises(PackagingError, match=said), container.running(pushed):
        pass

    assert machine.containers == []


def test_a_server_that_is_never_ready_is_given_up(
    machine: Machine, pushed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "PATIENCE", 0.0)

    said = "was not ready in 0 s"
    with pytest.raises(PackagingError, match=said), container.running(pushed):
        pass

    assert machine.containers == []


def test_an_image_that_cannot_be_pulled_is_named(machine: Machine, pushed: str) -> None:
    absent = f"{pushed.partition('@')[0]}@{ABSENT}"

    said = rf"podman cannot pull {absent}; .*`podman login`"
    with pytest.raises(PackagingError, match=said), container.running(absent):
        pass


def test_other_bytes_than_the_digests_are_not_started(
    machine: Machine, pushed: str, registry: Registry
) -> None:
    """The engine's own doing, which the stand-in repeats."""
    here, digest = registry.at("owner/name"), pushed.partition("@")[2]
    other = json.dumps(json.loads(here.manifests[digest]), indent=1).encode()
    here.manifests[digest] = other
    assert digest_of(other) != digest

    with pytest.raises(PackagingError, match="podman cannot pull"), container.running(pushed):
        pass

    assert calls(machine, "run") == []


def test_one_that_only_builds_starts_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_BUILDER", "buildah")
    machine.install("buildah", "podman")

    assert builders.find().name == "buildah"
    assert container.engine().name == "podman"


def test_without_an_engine_it_says_what_to_install(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install("buildah", "docker")
    machine.set("docker.broken")

    with pytest.raises(PackagingError, match="no working docker or podman to start the image"):
        container.engine()
