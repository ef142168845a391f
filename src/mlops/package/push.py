"""An image goes to its registry, and is known by its digest from then on."""

from mlops.package import oci
from mlops.package.builders import Builder
from mlops.package.errors import PackagingError
from mlops.progress import step


def push(builder: Builder, local_tag: str, remote: str) -> str:
    """Push the image `local_tag` of this machine as `remote`, NAME:TAG; returns its digest.

    The builder has the credentials, from `docker login` or its like. Raises PackagingError when it
    fails, or the registry does not have the bytes afterwards.
    """
    name, _, tag = remote.rpartition(":")
    if not name or "/" in tag:
        raise PackagingError(f"{remote!r}: expected NAME:TAG, such as ghcr.io/owner/name:1.2.0")
    with step(f"pushing {remote} with {builder.name}"):
        digest = builder.push(local_tag, remote)
    oci.present(name, digest)
    return digest
