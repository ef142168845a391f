"""What an image says of itself to registries, and whether it says what it should."""

from collections.abc import Mapping

from mlops.package.base import Base
from mlops.package.errors import PackagingError
from mlops.package.stamp import Stamp

STANDARD = "org.opencontainers.image."  # names of the OCI Image Specification
VERSION, COMMIT = f"{STANDARD}version", f"{STANDARD}revision"
DATA, LOCK, EXPORT = "data.md5", "dvc.lock.sha256", "export.md5"
BASE_NAME, BASE_DIGEST = f"{STANDARD}base.name", f"{STANDARD}base.digest"


def of(stamped: Stamp, title: str, beneath: Base) -> dict[str, str]:
    """The labels of an image; what is not known is left out."""
    known = {
        BASE_DIGEST: beneath.digest,
        BASE_NAME: beneath.name,
        f"{STANDARD}created": stamped.build.created,
        COMMIT: stamped.build.commit,
        f"{STANDARD}source": stamped.source,
        f"{STANDARD}title": title,
        VERSION: stamped.build.version,
        DATA: stamped.build.data,
        LOCK: stamped.lock,
        EXPORT: stamped.export,
    }
    return {key: value for key, value in known.items() if value}


def base(found: Mapping[str, str]) -> str:
    """The image that an image with these labels was built on, by digest where that is known."""
    name, digest = found.get(BASE_NAME, ""), found.get(BASE_DIGEST, "")
    return name if not digest or "@" in name else f"{name}@{digest}"


def check(
    found: Mapping[str, str], reference: str, *, version: str, commit: str, lock: str, export: str
) -> None:
    """Raise PackagingError when the image `reference` was made of something else.

    `found` are its labels, `lock` the sha256 of dvc.lock, `export` the md5 of artifacts/export.
    """
    expected = {VERSION: version, COMMIT: commit, LOCK: lock, EXPORT: export}
    for label, value in expected.items():
        if found.get(label) != value:
            raise PackagingError(
                f"{reference} is another model's image: its label {label} is "
                f"{found.get(label, 'missing')!r}, expected {value!r}"
            )
