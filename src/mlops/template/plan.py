"""What an update would do: from which commit of the template, to which, and what becomes of it."""

from dataclasses import dataclass

from mlops.github.api import Api
from mlops.template import base, merge, origin, remote
from mlops.template.errors import TemplateError
from mlops.template.merge import Merged
from mlops.template.origin import Origin
from mlops.template.store import Store, head, plain

NOWHERE = (
    "which template this is a copy of is not known; write its address into "
    f'"address" of {origin.PATH}, or name it once: `mlops template update --from ADDRESS`'
)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for; empty where the usual is wanted."""

    address: str = ""
    to: str = ""
    """A version, a branch or a commit of the template; the newest version."""
    base: str = ""
    """The template's commit that the copy has already, where it cannot be found."""


@dataclass(frozen=True)
class Plan:
    """An update that nobody has made yet."""

    before: Origin
    become: Origin
    ours: str
    base: str
    theirs: str
    merged: Merged


def make(store: Store, wanted: Wanted, api: Api | None) -> Plan | None:
    """Fetch the template and merge it in objects of `store`; None when the copy has it already.

    Raises TemplateError when there is nothing to merge with, UnreachableError when the template
    cannot be read.
    """
    if store.said("rev-parse", "--show-prefix"):
        raise TemplateError("this is a folder of another repository, and a copy has its own")
    recorded = origin.read()
    address = wanted.address or origin.address(recorded, api)
    if not address:
        raise TemplateError(NOWHERE)
    if address.startswith("-"):
        raise TemplateError(f"{address!r} is no address of a repository")
    template = remote.ask(address)
    name = wanted.to or template.newest
    if name is None:
        raise TemplateError(
            "the template has no version yet, which is a tag such as v1.2.0; --to BRANCH merges a "
            "branch of it"
        )
    branch = template.reference(name)
    remote.fetch(store, template, *([branch] if branch else []))
    theirs, ours = remote.commit(store, template, name), head()
    begin = (
        remote.commit(store, template, wanted.base)
        if wanted.base
        else base.find(store, template, recorded, ours, theirs)
    )
    if store.run("merge-base", "--is-ancestor", theirs, begin).returncode == 0:
        return None
    become = Origin(
        address=plain(address), version=_version(store, template, theirs, recorded), commit=theirs
    )
    merged = merge.merge(store, begin, ours, theirs, become)
    return Plan(recorded, become, ours, begin, theirs, merged)


def _version(store: Store, template: remote.Template, theirs: str, recorded: Origin) -> str:
    """By its tag, else as the template says of itself, else as before."""
    tagged = [version for version, commit in template.versions.items() if commit == theirs]
    if tagged:
        return tagged[-1]
    said = store.run("show", f"{theirs}:{origin.PATH.as_posix()}")
    if said.returncode:
        return recorded.version
    return origin.parse(said.stdout, f"{origin.PATH} of the template").version
