"""The hold of a rollback, lifted."""

from mlops.promotion.assign import assign
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError


def release(reason: str) -> str:
    """Let merges promote again; the champion stays who it is. Returns a sentence on what is.

    Without a hold nothing is done, so that a run can be started again.
    """
    if not reason.strip():
        raise RegistryError("--reason: say why; it stays in the tag, for whoever asks later")
    state = registry.read(remote=True)
    if state.hold is None or state.champion is None:
        return "no hold is set; merges promote"
    assign(state, state.champion, "hold released", reason)
    return (
        f"the hold is lifted: {state.model} {state.champion.version} is the champion until a merge "
        f"promotes another"
    )
