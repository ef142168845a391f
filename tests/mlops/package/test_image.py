"""`mlops image`, with stand-ins for the builders."""

import hashlib
import shutil
from pathlib import Path

import pytest

from mlops.data import pin
from mlops.package import image as packaging
from mlops.package.errors import PackagingError
from tests.mlops.judge.repositories import git
from tests.mlops.package.conftest import BASE, EXPORT, MODEL, Machine, image

pytestmark = pytest.mark.usefixtures("repository")


@pytest.fixture
def podman(machine: Machine) -> Machine:
    machine.install("podman")
    machine.holds(**{BASE: image("4", 124_000_000)})
    return machine


def labels(machine: Machine) -> dict[str, str]:
    given = [a.removeprefix("--label=") for a in machine.build if a.startswith("--label=")]
    return dict(label.split("=", 1) for label in given)


def test_the_image_and_its_labels_say_what_it_is_made_of(podman: Machine) -> None:
    git("tag", f"{MODEL}@v1.2.0")

    built = packaging.build(None, None)

    assert built.tag == "late-arrival:1.2.0"
    said = podman.left("build.json")
    assert said == {
        "version": "1.2.0",
        "commit": git("rev-parse", "HEAD"),
        "created": built.build.created,
        "data": "0123abcd.dir",
    }
    assert labels(podman) == {
        "org.opencontainers.image.base.digest": f"sha256:{'4' * 64}",
        "org.opencontainers.image.base.name": BASE,
        "org.opencontainers.image.created": said["created"],
        "org.opencontainers.image.revision": said["commit"],
        "org.opencontainers.image.title": MODEL,
        "org.opencontainers.image.version": "1.2.0",
        "data.md5": "0123abcd.dir",
        "dvc.lock.sha256": hashlib.sha256(Path("dvc.lock").read_bytes()).hexdigest(),
        "export.md5": pin.digest(EXPORT).md5,
    }


def test_a_version_that_is_not_tagged_yet_may_be_given(podman: Machine) -> None:
    built = packaging.build(None, None, version="1.3.0")

    assert built.tag == "late-arrival:1.3.0"
    assert podman.left("build.json")["version"] == "1.3.0"
    assert labels(podman)["org.opencontainers.image.version"] == "1.3.0"


def test_a_file_that_is_not_committed_shows_in_a_given_version_too(podman: Machine) -> None:
    Path("new").touch()

    assert packaging.build(None, None, version="1.3.0").build.version == "1.3.0-dirty"


def test_the_builder_sees_what_is_served_and_nothing_else(podman: Machine) -> None:
    packaging.build("late:1", None)

    assert podman.left("context.json") == [
        "Dockerfile",
        "artifacts/export/build.json",
        "artifacts/export/manifest.json",
        "artifacts/export/model.onnx",
        "requirements/serve.txt",
        "src/serving/__init__.py",
    ]


def test_the_table_tells_sizes_digests_and_the_version(
    podman: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = packaging.build("late:1", None)
    packaging.show(built)

    said = capsys.readouterr().out
    digest = built.image.digest[:20]
    for expected in ("late:1", "0.0.0+", "338 MB", "214 MB", "sha256:4444", digest, BASE):
        assert expected in said


def test_another_base_and_options_of_the_builder_are_passed_on(podman: Machine) -> None:
    podman.holds(**{"localhost/mine:1": image("6", 100_000_000)})

    built = packaging.build("late:1", "podman", "localhost/mine:1", ["--no-cache"])

    assert built.base.name == "localhost/mine:1"
    assert "--no-cache" in podman.build


def test_without_a_model_no_builder_is_asked(podman: Machine) -> None:
    shutil.rmtree(EXPORT)

    with pytest.raises(PackagingError, match="`mlops run`"):
        packaging.build(None, None)

    assert podman.calls == []


def test_an_image_that_docker_keeps_to_itself_says_how_to_get_it(machine: Machine) -> None:
    machine.install("docker")
    machine.holds(**{BASE: image("4", 124_000_000)})
    machine.set("keeping")

    with pytest.raises(PackagingError, match="`mlops image --load`"):
        packaging.build("late:1", None)


@pytest.mark.parametrize(
    ("model", "version", "tag"),
    [
        ("late-arrival", "1.2.0", "late-arrival:1.2.0"),
        ("Late arrival!", "0.0.0+abc-dirty", "late-arrival:0.0.0-abc-dirty"),
        ("___", "1.0.0", "model:1.0.0"),
    ],
)
def test_a_default_tag_is_one_that_registries_accept(model: str, version: str, tag: str) -> None:
    assert packaging.default_tag(model, version) == tag


def test_the_context_is_gone_afterwards(podman: Machine) -> None:
    packaging.build("late:1", None)

    assert not Path(podman.build[-1]).exists()
