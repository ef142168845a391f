"""An image goes to a registry on loopback, by stand-ins for the builders."""

import pytest

from mlops.package import builders, image, oci
from mlops.package.builders import Builder
from mlops.package.errors import PackagingError
from mlops.package.push import push
from tests.mlops.package.conftest import BASE, MODEL, Machine
from tests.mlops.package.conftest import image as entry
from tests.mlops.package.registry import RefusedError, Registry

pytestmark = pytest.mark.usefixtures("repository")


@pytest.fixture
def remote(registry: Registry) -> str:
    return f"{registry.address}/owner/name"


def built(machine: Machine, builder: str) -> str:
    """The tag of an image that was built here."""
    machine.install(builder)
    machine.holds(**{BASE: entry("4", 124_000_000)})
    return image.build("late:1", builder, version="1.2.0").tag


@pytest.mark.parametrize("builder", builders.NAMES)
def test_it_is_known_by_its_digest_from_then_on(
    machine: Machine, remote: str, builder: str
) -> None:
    tag = built(machine, builder)

    digest = push(Builder(builder), tag, f"{remote}:candidate")

    assert oci.digest(f"{remote}:candidate") == digest
    said = oci.labels(remote, digest)
    assert said["org.opencontainers.image.version"] == "1.2.0"
    assert said["org.opencontainers.image.title"] == MODEL


@pytest.mark.parametrize("builder", builders.NAMES)
def test_only_a_registry_of_this_machine_is_spoken_to_plainly(
    machine: Machine, remote: str, builder: str
) -> None:
    tag = built(machine, builder)

    push(Builder(builder), tag, f"{remote}:candidate")
    with pytest.raises(PackagingError, match=r"`.* push … registry\.invalid/owner/name:1`"):
        push(Builder(builder), tag, "registry.invalid/owner/name:1")

    near, far = (call for call in machine.calls if call[1] == "push")
    assert ("--tls-verify=false" in near) == (builder != "docker")  # which decides it by itself
    assert "--tls-verify=false" not in far


def test_docker_is_asked_what_it_pushed_and_not_what_it_knows(
    machine: Machine, remote: str
) -> None:
    """It may know the image by the digest of an earlier push, packed in another way."""
    tag = built(machine, "docker")
    known = machine.left("images.json")
    machine.holds(**known | {tag: known[tag] | {"digest": f"sha256:{'e' * 64}"}})

    digest = push(Builder("docker"), tag, f"{remote}:candidate")

    assert oci.digest(f"{remote}:candidate") == digest


def test_a_docker_that_says_nothing_is_not_believed(
    machine: Machine, remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = built(machine, "docker")
    monkeypatch.setattr(Builder, "_do", lambda *_: "pushed\n")

    with pytest.raises(PackagingError, match="says no digest"):
        push(Builder("docker"), tag, f"{remote}:candidate")


def test_a_push_that_is_refused_is_a_failure(
    machine: Machine, registry: Registry, remote: str
) -> None:
    tag = built(machine, "podman")

    def full(call: str, when: str) -> None:
        if call == "PUT manifests/candidate":
            raise RefusedError(507, "no space left")

    registry.on_call = full

    with pytest.raises(
        PackagingError, match=r"`podman push … .*:candidate` ended with 1; .*login`"
    ):
        push(Builder("podman"), tag, f"{remote}:candidate")
    assert oci.digest(f"{remote}:candidate") is None


def test_what_the_registry_lost_on_the_way_is_noticed(
    machine: Machine, registry: Registry, remote: str
) -> None:
    tag = built(machine, "podman")

    def forget(call: str, when: str) -> None:
        if (call, when) == ("PUT manifests/candidate", "after"):
            registry.at("owner/name").blobs.clear()

    registry.on_call = forget

    with pytest.raises(PackagingError, match="404"):
        push(Builder("podman"), tag, f"{remote}:candidate")


def test_an_image_that_is_not_here_is_not_pushed(machine: Machine, remote: str) -> None:
    machine.install("podman")

    with pytest.raises(PackagingError, match="`podman tag … "):
        push(Builder("podman"), "absent:1", f"{remote}:candidate")


@pytest.mark.parametrize("remote", ["ghcr.io/owner/name", "127.0.0.1:5000/name", "name"])
def test_a_push_needs_a_tag(machine: Machine, remote: str) -> None:
    with pytest.raises(PackagingError, match="expected NAME:TAG"):
        push(Builder("podman"), "late:1", remote)
