"""Whether an image is made of what it should be."""

import pytest

from mlops.package import labels
from mlops.package.errors import PackagingError

SAID = {
    "org.opencontainers.image.version": "1.2.0",
    "org.opencontainers.image.revision": "c" * 40,
    "dvc.lock.sha256": "1" * 64,
    "export.md5": "e" * 32 + ".dir",
}
EXPECTED = {"version": "1.2.0", "commit": "c" * 40, "lock": "1" * 64, "export": "e" * 32 + ".dir"}


def test_what_is_as_expected_passes() -> None:
    labels.check(SAID | {"further": "label"}, "an image", **EXPECTED)


@pytest.mark.parametrize("label", SAID)
def test_each_difference_is_named(label: str) -> None:
    with pytest.raises(PackagingError, match=rf"an image is another .* {label} is 'another'"):
        labels.check(SAID | {label: "another"}, "an image", **EXPECTED)


def test_an_image_of_somebody_elses_has_none_of_them() -> None:
    with pytest.raises(PackagingError, match="is 'missing', expected"):
        labels.check({}, "an image", **EXPECTED)


@pytest.mark.parametrize(
    ("name", "digest", "base"),
    [
        ("python:3", "sha256:12", "python:3@sha256:12"),
        ("python:3@sha256:12", "sha256:12", "python:3@sha256:12"),
        ("python:3", "", "python:3"),
    ],
)
def test_the_base_is_known_by_its_digest(name: str, digest: str, base: str) -> None:
    found = {
        "org.opencontainers.image.base.name": name,
        "org.opencontainers.image.base.digest": digest,
    }

    assert labels.base(found) == base
