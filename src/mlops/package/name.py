"""Where the repository's image is kept: registry and repository, without a tag."""

import os
import re

from mlops.package import stamp
from mlops.package.credentials import GITHUB
from mlops.package.errors import PackagingError

VARIABLE = "MLOPS_IMAGE"
FORM = re.compile(
    r"(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d+)?"  # the registry
    r"(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+"  # repository, as the OCI Distribution Specification
)


def image_name() -> str:
    """$MLOPS_IMAGE, else the repository's name in GitHub's registry, in lower case.

    Raises PackagingError when that is no name of an image, or the repository is not on GitHub.
    """
    given = os.environ.get(VARIABLE)
    name = given or _on_github()
    if not FORM.fullmatch(name):
        raise PackagingError(
            f"{VARIABLE if given else 'the repository'}: {name!r} is no name of an image; set "
            f"{VARIABLE} to registry/repository in lower case, without a tag, such as "
            f"{GITHUB}/owner/name"
        )
    return name


def _on_github() -> str:
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", stamp.source())
    if found is None:
        raise PackagingError(
            f"which registry keeps the image? This repository is not on github.com: set {VARIABLE} "
            f"to registry/repository, such as registry.example.org/team/model"
        )
    return f"{GITHUB}/{found[1].lower()}"
