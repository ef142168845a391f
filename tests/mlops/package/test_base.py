"""The image beneath: which one the Dockerfile's name means, and having it here."""

from pathlib import Path

import pytest

from mlops.package import base, reference
from mlops.package.builders import Builder
from mlops.package.errors import PackagingError
from tests.mlops.package.conftest import BASE, Machine, image

pytestmark = pytest.mark.usefixtures("repository")

DIGEST = f"sha256:{'5' * 64}"
PODMAN = Builder("podman")


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that has the image; elsewhere the name is nobody's."""
    monkeypatch.setattr(reference, "digest", lambda _: DIGEST)


@pytest.fixture
def here(machine: Machine) -> Machine:
    machine.install("podman")
    return machine


@pytest.mark.usefixtures("answering")
def test_pinning_adds_the_digest_and_leaves_the_rest() -> None:
    assert base.pin() == f"{BASE}@{DIGEST}"

    text = f"# on Python\nARG BASE={BASE}@{DIGEST}\nFROM ${{BASE}}\n"
    assert Path("Dockerfile").read_text() == text


@pytest.mark.usefixtures("answering")
def test_pinning_again_takes_the_tags_present_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    base.pin()
    newer = f"sha256:{'6' * 64}"
    monkeypatch.setattr(reference, "digest", lambda name: newer if name == BASE else DIGEST)

    assert base.pin() == base.named() == f"{BASE}@{newer}"


def test_without_a_network_pinning_changes_nothing() -> None:
    before = Path("Dockerfile").read_text()

    with pytest.raises(
        PackagingError, match=r"did not answer .* Dockerfile is as it was"
    ) as raised:
        base.pin()

    assert raised.value.exit_code == 11
    assert Path("Dockerfile").read_text() == before


@pytest.mark.parametrize("text", ["FROM python\n", None])
def test_a_dockerfile_without_its_line_is_named(text: str | None) -> None:
    Path("Dockerfile").unlink()
    if text:
        Path("Dockerfile").write_text(text)

    with pytest.raises(PackagingError, match="expected a line `ARG BASE=name:tag`"):
        base.named()


@pytest.mark.usefixtures("answering")
def test_what_the_registry_has_now_is_built_on(here: Machine) -> None:
    here.registry_holds(**{f"{BASE}@{DIGEST}": image("5", 125_000_000)})
    here.holds(**{BASE: image("4", 124_000_000)})  # an older one, under the tag

    settled = base.settle(BASE, PODMAN)

    assert (settled.name, settled.digest) == (f"{BASE}@{DIGEST}", DIGEST)
    assert settled.size == 125_000_000


def test_what_is_pinned_is_neither_asked_for_nor_pulled_again(here: Machine) -> None:
    pinned = f"{BASE}@{DIGEST}"
    here.holds(**{pinned: image("4", 125_000_000)})

    assert base.settle(pinned, PODMAN).digest == DIGEST
    assert not [call for call in here.calls if call[1] == "pull"]


def test_without_a_registry_what_is_here_is_built_on_and_said(
    here: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    here.holds(**{BASE: image("4", 124_000_000)})

    settled = base.settle(BASE, PODMAN)

    assert (settled.name, settled.digest) == (BASE, f"sha256:{'4' * 64}")
    assert f"building on the {BASE} that is here" in capsys.readouterr().out


def test_a_base_that_only_the_builder_may_read_is_pulled_by_it(here: Machine) -> None:
    """A registry that wants a login gives nothing to us, and everything to podman."""
    here.registry_holds(**{BASE: image("4", 124_000_000)})

    assert base.settle(BASE, PODMAN).digest == f"sha256:{'4' * 64}"


@pytest.mark.usefixtures("here")
def test_a_base_that_cannot_be_had_says_which_and_what_to_do() -> None:
    with pytest.raises(PackagingError) as raised:
        base.settle(BASE, PODMAN)

    said = str(raised.value)
    assert f"the base image {BASE} is not here and cannot be pulled" in said
    assert "registry.invalid did not answer" in said
    assert f"`podman pull {BASE}`" in said
    assert "--base" in said


def test_the_project_builds_both_stages_on_the_one_base(dockerfile: str) -> None:
    Path("Dockerfile").write_text(dockerfile)

    assert base.named().partition("@")[0] == "docker.io/library/python:3.11-slim"
    assert dockerfile.count("\nFROM ${BASE}") == dockerfile.count("\nFROM ") == 2
