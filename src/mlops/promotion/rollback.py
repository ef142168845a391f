"""Back to an older version: verified again, not built again, and held until somebody says so."""

from mlops.github import job, releases
from mlops.github.api import Api
from mlops.package import oci
from mlops.promotion import attestation, mirrors
from mlops.promotion.assign import assign
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.state import Released, State, order


def rollback(api: Api, version: str | None, reason: str) -> str:
    """Make an older version the champion again and hold it there; returns a sentence on what is.

    Without a version it is the last champion of a lower number than the present one. Its image must
    be in the registry, byte for byte, its attestation must hold, and its release must be there.
    Before the first version there is nothing to do. Raises RegistryError, with the champion
    untouched, when one of them is not so, or there is nothing to go back to.
    """
    if not reason.strip():
        raise RegistryError("--reason: say why; it stays in the tag, for whoever asks later")
    state = registry.read(remote=True)
    if _done_by_this_run(state):
        mirrors.put_right(state)
        return f"{state.assignments[-1].tag.name} was made by this run before"
    if not state.versions and not state.assignments and not version:
        return f"nothing of {state.model} was ever promoted, so there is nothing to go back from"
    target = state.find(version) if version else _before(state)
    if state.current is not None and state.current.version == target.version:
        mirrors.put_right(state)
        return f"{state.model} {target.version} is the champion already"
    _check(api, target)
    assign(state, target, "rollback", reason, hold=True)
    mirrors.put_right(registry.read(remote=True))
    return (
        f"{state.model} {target.version} is the champion again, and on hold: merges leave it alone "
        f"until `mlops promote --release-hold --reason …`"
    )


def _done_by_this_run(state: State) -> bool:
    """Whether a run that is started again has made its tag before it was stopped."""
    newest = state.current.record if state.current else None
    run = job.address()
    return bool(run and newest and newest.kind == "rollback" and newest.run == run)


def _before(state: State) -> Released:
    """The last champion that is older: what was rolled back from is not what to go back to."""
    if state.hold is not None:
        raise RegistryError(
            f"{state.model} is on hold after {state.hold.tag.name} already; to go back further, "
            f"name the version: `mlops rollback VERSION --reason …`"
        )
    current = state.current
    for assigned in reversed(state.assignments):
        if current and assigned.version and order(assigned.version) < order(current.version):
            return state.find(assigned.version)
    raise RegistryError(
        f"{state.model} has no champion before "
        f"{current.version if current else 'its first'}; there is nothing to go back to"
    )


def _check(api: Api, target: Released) -> None:
    record = target.record
    if record is None:
        raise RegistryError(
            f"{target.tag.name} was made by hand and names no image; choose another version: "
            f"`mlops registry` lists them"
        )
    oci.present(record.delivered.name, record.delivered.digest)
    if record.delivered.attested:
        attestation.check(record.delivered, record.commit)
    page = releases.find(api, target.tag.name)
    if page is None or page.draft:
        raise RegistryError(f"{target.tag.name} was never released; choose another version")
