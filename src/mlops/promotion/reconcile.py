"""Whatever a stopped promotion left: finished where that is certain, reported where it is not."""

from dataclasses import dataclass, field

from mlops.github import releases
from mlops.github.api import Api
from mlops.github.job import say, summarise
from mlops.package import oci
from mlops.package.name import image_name
from mlops.promotion import attestation, mirrors
from mlops.promotion.assign import assign
from mlops.promotion.candidate import image_tag
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.state import Released, State


@dataclass
class Found:
    """What was done, and what a person should look at."""

    repaired: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)


def reconcile(api: Api) -> Found:
    """Finish what is released and not promoted, put the mirrors right, list what fits nothing.

    A version becomes the champion here only if it was released and nobody moved the champion since
    it was judged. Raises RegistryError when a mirror refuses, GitHubError when GitHub does.
    """
    state = registry.read(remote=True)
    pages = releases.by_tag(api)
    found = Found()
    for version in state.versions:
        page = pages.get(version.tag.name)
        if version.record is None:
            found.orphans.append(f"{version.tag.name} was made by hand: it names no image")
        elif page is None or page.draft:
            how = "has no release" if page is None else "is a draft that was never published"
            found.orphans.append(
                f"{version.tag.name} {how}; run the workflow promote again on "
                f"{version.tag.commit[:12]}, which goes on where it stopped"
            )
        elif _unfinished(state, version):
            _check(version)
            assign(state, version, "promotion", version.record.verdict.summary)
            found.repaired.append(f"{version.tag.name} was released and is the champion now")
            state = registry.read(remote=True)
    known = {version.tag.name for version in state.versions}
    found.orphans += [
        f"the draft release {page.name} names no version that exists; delete it by hand"
        for page in pages.values()
        if page.draft and page.tag.startswith(f"{state.model}@") and page.tag not in known
    ]
    found.orphans += _images(state)
    found.repaired += mirrors.put_right(state)
    _tell(found)
    return found


def _tell(found: Found) -> None:
    fine = [] if found.repaired or found.orphans else ["the registry is as it should be"]
    for line in [*found.repaired, *fine]:
        say(line)
    for line in found.orphans:
        say(line, "warning")
    lines = [*found.repaired, *found.orphans, *fine]
    summarise("".join(f"- {line}\n" for line in lines))


def _images(state: State) -> list[str]:
    """Images of candidates that never became a version: refused ones, most of them."""
    records = [version.record for version in state.versions if version.record]
    known = {image_tag(record.commit, record.facts.lock, record.version) for record in records}
    return [
        f"{image_name()}:{tag} belongs to no version; delete it where packages are kept, once no "
        f"promotion is under way"
        for tag in oci.tags(image_name())
        if tag.startswith("candidate-") and tag not in known
    ]


def _unfinished(state: State, version: Released) -> bool:
    """Released, never the champion, and nothing has moved since it was judged."""
    return (
        version.record is not None
        and version.record.after == state.number
        and state.hold is None
        and version == state.newest
        and all(assigned.version != version.version for assigned in state.assignments)
    )


def _check(version: Released) -> None:
    record = version.record
    if record is None:
        raise RegistryError(f"{version.tag.name} names no image")
    oci.present(record.delivered.name, record.delivered.digest)
    if record.delivered.attested:
        attestation.check(record.delivered, record.commit)
