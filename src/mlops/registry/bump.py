"""The number of the next version, by semantic versioning: what changed decides."""

from mlops.registry.record import Facts, Version
from mlops.registry.state import order

FIRST = "1.0.0"
MAJOR = {"interface": "what clients send or get (artifacts/export/manifest.json)"}
MINOR = {
    "params": "parameters (params.yaml)",
    "code": "the problem's code (src/problem)",
    "packages": "the packages that train it (requirements/run.txt)",
    "server": "the server (src/serving, Dockerfile, requirements/serve.txt)",
}


def bump(newest: Version | None, facts: Facts, by_hand: str | None = None) -> tuple[str, list[str]]:
    """The number of the version after `newest`, and what changed since then in words.

    Major: the interface, so clients must look. Minor: another model or server behind the same
    interface. Patch: other data, or nothing that a person wrote. `by_hand` is the newest version
    where its tag has no record: as anything may have changed since, the next one is major.
    """
    if newest is None and by_hand is None:
        return FIRST, ["the first version"]
    if newest is None:
        return _next(by_hand or "", 0), [f"{by_hand} has no record of what it was made of"]
    old = newest.facts
    changed = {fact for fact in Facts.model_fields if getattr(old, fact) != getattr(facts, fact)}
    why = [words for fact, words in (MAJOR | MINOR).items() if fact in changed]
    if "data" in changed:
        why.append(_data(old, facts))
    if not why:
        why.append("how the pipeline makes it" if changed else "nothing that it is made of")
    place = 0 if changed & MAJOR.keys() else 1 if changed & MINOR.keys() else 2
    return _next(newest.version, place), why


def _next(version: str, place: int) -> str:
    numbers = order(version)
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1, 0, 0][:3]))


def _data(old: Facts, new: Facts) -> str:
    if old.through == new.through:
        return f"data ({old.data[:8]} → {new.data[:8]})"
    return f"data (through {old.through or '–'} → {new.through or '–'})"
