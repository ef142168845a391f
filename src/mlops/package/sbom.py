"""What the image is made of, as a CycloneDX 1.6 document, with its model among the parts.

The same image gives the same bytes: the time is the commit's, the serial number the digest's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from mlops.files import write_text
from mlops.package import exported, reference, stamp
from mlops.package.errors import PackagingError
from mlops.registry.record import Facts, Image
from serving.manifest import Manifest

PACKAGES = Path("requirements/serve.txt")
SERVER = Path("src/serving")
LINUX = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "sys_platform": "linux",
}


@dataclass(frozen=True)
class Package:
    """A line of requirements/serve.txt; `hashes` are the sha256 of the files that may be taken."""

    requirement: Requirement
    hashes: list[str]

    @property
    def version(self) -> str:
        """The one that is pinned."""
        (pinned,) = self.requirement.specifier
        return pinned.version

    def installed(self, python: str | None) -> bool | None:
        """Whether an image with this Python has it; None when that cannot be told."""
        marker = self.requirement.marker
        if marker is None:
            return True
        if python is None:
            return None
        known = {"python_version": python, "python_full_version": f"{python}.0"}
        return marker.evaluate(LINUX | known)


def write(path: Path, image: Image, facts: Facts, version: str) -> None:
    """Write the bill of materials of the image that was made from this commit.

    Raises PackagingError when artifacts/export is not what dvc.lock records, or there is no commit.
    """
    model = exported.read()
    made = stamp.make(model.name, version)
    if not made.build.commit:
        raise PackagingError("this is no git repository: nobody could say what the image is of")
    parts = [
        _base(image.base),
        _model(model, facts, version),
        _server(facts, version),
        *_packages(image.base),
    ]
    whole = Component(
        type=ComponentType.CONTAINER,
        bom_ref="image",
        name=image.name,
        version=version,
        purl=_image_url(image.name, image.digest),
        hashes=_sha256(image.digest),
        properties=[Property(name="commit", value=made.build.commit)],
        external_references=_source(made.source),
    )
    document = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{image.reference} {version}"),
        components=parts,
        metadata=BomMetaData(
            timestamp=datetime.fromisoformat(made.build.created),
            tools=ToolRepository(components=[this_component()]),
            component=whole,
        ),
    )
    document.register_dependency(whole, parts)
    write_text(path, JsonV1Dot6(document).output_as_string(indent=2))


def read(text: str) -> Iterator[Package]:
    """The packages that a lock file pins."""
    for line in text.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            pinned, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
            yield Package(Requirement(pinned), hashes)


def _packages(base: str) -> Iterator[Component]:
    """Those that are installed for the base image's Python, which its tag says."""
    said = re.search(r"python:(\d+\.\d+)", base)
    for package in read(PACKAGES.read_text("utf-8")):
        installed = package.installed(said[1] if said else None)
        if installed is False:
            continue
        name, marker = package.requirement.name, package.requirement.marker
        # One of these files, by platform: the hashes are those of the release, not of the part.
        released = ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(f"https://pypi.org/project/{name}/{package.version}/"),
            comment="the installed wheel is one of these",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha) for sha in package.hashes],
        )
        yield Component(
            type=ComponentType.LIBRARY,
            bom_ref=f"package:{name}=={package.version}",
            name=name,
            version=package.version,
            purl=PackageURL("pypi", None, name, package.version),
            scope=ComponentScope.REQUIRED if installed else ComponentScope.OPTIONAL,
            properties=[Property(name="marker", value=str(marker))] if marker else [],
            external_references=[released],
        )


def _base(base: str) -> Component:
    named, _, digest = base.partition("@")
    at = reference.parse(named)
    name = f"{at.registry}/{at.repository}"
    return Component(
        type=ComponentType.CONTAINER,
        bom_ref="base",
        name=name,
        version=at.tag,
        description="the base image: an operating system and a Python interpreter",
        purl=_image_url(name, digest, at.tag),
        hashes=_sha256(digest),
    )


def _model(model: Manifest, facts: Facts, version: str) -> Component:
    known = {
        "data.md5": facts.data,
        "data.through": facts.through,
        "dvc.lock.sha256": facts.lock,
        "export.md5": facts.export,
        "params.sha256": facts.params,
        "code.sha256": facts.code,
    }
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref="model",
        name=model.name,
        version=version,
        description=f"{model.output.task} of {model.output.target}, as ONNX",
        hashes=_sha256(model.files[model.model]),
        properties=[Property(name=key, value=value) for key, value in known.items()],
    )


def _server(facts: Facts, version: str) -> Component:
    return Component(
        type=ComponentType.APPLICATION,
        bom_ref="server",
        name=SERVER.name,
        version=version,
        description="the server of the exported model",
        properties=[Property(name="server.sha256", value=facts.server)],
    )


def _source(address: str) -> list[ExternalReference]:
    return (
        [ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(address))] if address else []
    )


def _image_url(name: str, digest: str, tag: str | None = None) -> PackageURL:
    said = {"repository_url": name} | ({"tag": tag} if tag else {})
    return PackageURL("oci", None, name.rpartition("/")[2], digest or None, said)


def _sha256(digest: str) -> list[HashType]:
    content = digest.removeprefix("sha256:")
    return [HashType(alg=HashAlgorithm.SHA_256, content=content)] if content else []
