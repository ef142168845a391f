"""docker, podman and buildah: which one is taken, and what it is asked."""

from pathlib import Path

import pytest

from mlops.package import builders
from mlops.package.builders import Builder, Image
from mlops.package.errors import PackagingError
from tests.mlops.package.conftest import Machine, image

pytestmark = pytest.mark.usefixtures("repository")


def test_the_first_that_works_is_taken(machine: Machine) -> None:
    machine.install("docker", "podman", "buildah")
    assert builders.find().name == "docker"

    machine.set("docker.broken")  # the client is there, its daemon is not
    assert builders.find().name == "podman"


def test_one_that_is_named_is_taken(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install("docker", "podman", "buildah")

    monkeypatch.setenv("MLOPS_BUILDER", "podman")
    assert builders.find().name == "podman"
    assert builders.find("buildah").name == "buildah"


@pytest.mark.usefixtures("machine")
def test_without_any_it_says_what_to_install() -> None:
    with pytest.raises(PackagingError, match=r"no working docker or podman or buildah; .*podman"):
        builders.find()


def test_one_that_does_not_work_is_told_from_one_that_is_absent(machine: Machine) -> None:
    machine.install("docker")
    machine.set("docker.broken")

    with pytest.raises(PackagingError, match="docker is there, and does not work"):
        builders.find()


def test_a_named_one_is_not_replaced_by_another(machine: Machine) -> None:
    machine.install("podman")

    with pytest.raises(PackagingError, match="no working docker;"):
        builders.find("docker")


@pytest.mark.usefixtures("machine")
def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(PackagingError, match="no builder 'kaniko': expected one of docker"):
        builders.find("kaniko")


@pytest.mark.parametrize("name", builders.NAMES)
def test_an_image_is_known_alike_to_all(machine: Machine, name: str) -> None:
    machine.install(name)
    machine.holds(**{"some:1": image("a", 223_000_000)})

    known = Builder(name).about("some:1")

    assert known == Image("a" * 64, f"sha256:{'a' * 64}", 223_000_000)
    assert Builder(name).about("other:1") is None


def test_docker_knows_no_digest_before_a_push(machine: Machine) -> None:
    machine.install("docker")
    machine.holds(some={"id": "a" * 64, "digest": "", "size": 1})

    assert Builder("docker").about("some") == Image("a" * 64, "", 1)


@pytest.mark.parametrize("name", builders.NAMES)
def test_a_build_is_told_its_base_its_labels_and_the_callers_options(
    machine: Machine, name: str
) -> None:
    machine.install(name)

    labels = {"data.md5": "0123abcd.dir"}
    context = Path.cwd()
    Builder(name).build(context, "late:1", "python:3", labels, ["--no-cache"])

    assert machine.build[1] == "build"
    assert machine.build[-1] == str(context)
    given = {"--tag=late:1", "--build-arg=BASE=python:3", "--label=data.md5=0123abcd.dir"}
    assert {*given, "--no-cache"} <= set(machine.build)


@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_files_bear_one_date_and_the_health_check_is_kept(machine: Machine, name: str) -> None:
    machine.install(name)

    Builder(name).build(Path.cwd(), "late:1", "python:3", {}, [])

    assert {"--timestamp=0", "--format=docker", "--layers"} <= set(machine.build)


def test_a_build_that_fails_is_a_failure(machine: Machine) -> None:
    machine.install("podman")
    machine.set("failing")

    with pytest.raises(PackagingError, match="podman ended with 7"):
        Builder("podman").build(Path.cwd(), "late:1", "python:3", {}, [])


@pytest.mark.parametrize(
    ("said", "size"),
    [("223 MB", 223_000_000), ("1.2 GB", 1_200_000_000), ("5.5 kB", 5_500), ("9 B", 9), (None, 0)],
)
def test_sizes_as_buildah_prints_them(said: str | None, size: int) -> None:
    assert builders._bytes(said) == size
