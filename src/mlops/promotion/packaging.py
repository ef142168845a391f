"""The candidate's image: built once, pushed, and known by its digest from then on."""

from mlops.package import builders, exported, image, labels, oci, push
from mlops.package.name import image_name
from mlops.promotion.candidate import Candidate
from mlops.registry.record import Image


def package(judged: Candidate) -> Image:
    """Build and push the image of the candidate, unless a run before this one has pushed it.

    artifacts/export must be what the commit's dvc.lock records. Raises PackagingError when it is
    not, when there is no builder or no registry, or when the image in the registry is another's;
    AccessDeniedError, before anything is built, when the registry takes none from us.
    """
    exported.read()
    name = image_name()
    remote = f"{name}:{judged.tag}"
    digest = oci.digest(remote)
    if digest is None:
        oci.pushable(name)
        builder = builders.find()
        built = image.build(remote, builder.name, version=judged.version)
        digest = push.push(builder, built.tag, remote)
    found = check(name, digest, judged)
    return Image(name=name, digest=digest, base=labels.base(found), attested=False)


def check(name: str, digest: str, judged: Candidate) -> dict[str, str]:
    """The labels of an image in the registry, when they are those of the candidate.

    The registry is asked for every part by digest. Raises PackagingError.
    """
    oci.present(name, digest)
    found = oci.labels(name, digest)
    labels.check(
        found,
        f"{name}@{digest}",
        version=judged.version,
        commit=judged.commit,
        lock=judged.facts.lock,
        export=judged.facts.export,
    )
    return found
