"""MLflow's model registry, saying what the tags say: it is told, and never asked.

A version there has the image as its source, `oci://NAME@DIGEST`: immutable, and an address that
both the embedded store and a server accept. (A server refuses a bare image reference and, since
3.17, any http address, which it would have to be able to fetch.) Nothing is deleted, and
everything can be made again from the tags alone.
"""

import re
from typing import Any

from mlops.errors import TrackingError
from mlops.github.job import say
from mlops.progress import step
from mlops.registry import tracking
from mlops.registry.state import Released, State

ALIAS = "champion"
LONGEST = 5000  # characters of a value, which servers of every release take
SOURCE_OF_TRUTH = (
    "Mirrors the git tags {model}@v… and {model}#champion#…, which are the registry: `mlops "
    "registry sync` makes it again. What is changed here changes nothing there."
)


def available() -> bool:
    """Whether there is a registry to tell: a server, or the embedded one of a person's machine."""
    return tracking.store() is not None


def sync(state: State) -> list[str]:
    """Let MLflow's registry say what the tags say; returns what was changed, a line each.

    That is a registered model of the model's name, in it a version for each version tag, and the
    alias `champion`. Versions that somebody else made there are left alone, with a notice.
    Raises TrackingError when the store cannot be reached or refuses.
    """
    uri = tracking.store()
    if uri is None:
        raise TrackingError(
            "there is no MLflow registry to sync: a CI machine keeps no mlflow.db. Set "
            "MLFLOW_TRACKING_URI to that of a server"
        )
    shown = _without_password(uri)
    with step(f"telling MLflow's registry at {shown}"):
        mlflow = tracking.quiet_mlflow()
        try:
            return _sync(mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri), state)
        except (mlflow.MlflowException, OSError) as reason:
            said = _without_password((str(reason).splitlines() or [type(reason).__name__])[0])
            raise TrackingError(
                f"MLflow's registry at {shown} cannot be brought up to date: {said} The tags, "
                f"which it mirrors, stand; check MLFLOW_TRACKING_URI, then `mlops registry sync`"
            ) from reason


def _sync(client: Any, state: State) -> list[str]:
    model = state.model
    known = [m for m in client.search_registered_models(f"name = '{model}'") if m.name == model]
    changed = []
    if not known:
        about = SOURCE_OF_TRUTH.format(model=model)
        known = [client.create_registered_model(model, description=about)]
        changed.append(f"MLflow: the registered model {model} is new")
    there = sorted(_pages(client, f"name = '{model}'"), key=lambda version: int(version.version))
    numbers: dict[str, str] = {}
    for released in state.versions:
        number, done = _version(client, state, released, there)
        numbers[released.version] = number
        changed += done
    by_hand = [v.version for v in there if v.version not in numbers.values()]
    if by_hand:
        say(
            f"MLflow's registry has versions of {model} that no tag accounts for, left as they "
            f"are: {', '.join(map(str, by_hand))}"
        )
    changed += _facts(client, state, known[0].tags)
    return changed + _alias(client, state, numbers, known[0].aliases.get(ALIAS))


def _version(
    client: Any, state: State, released: Released, there: list[Any]
) -> tuple[str, list[str]]:
    """MLflow's number of a version, made or put right; and what was changed.

    It is known again by its tag `version` and its source, which nobody can change: a version made
    by hand is not taken for it. Of two the older counts.
    """
    name, source, wanted = f"{state.model} {released.version}", _source(released), _tags(released)
    for found in there:
        if found.source == source and found.tags.get("version") == released.version:
            differing = {k: v for k, v in wanted.items() if found.tags.get(k) != v}
            for key, value in differing.items():
                client.set_model_version_tag(state.model, found.version, key, value)
            what = f"MLflow: version {found.version}, {name}: {', '.join(differing)} put right"
            return found.version, [what] if differing else []
    made = client.create_model_version(
        state.model, source, tags=wanted, description=_description(released), await_creation_for=0
    )
    return made.version, [f"MLflow: version {made.version} is {name}"]


def _facts(client: Any, state: State, found: dict[str, str]) -> list[str]:
    """The assignment that holds, as tags of the registered model: who made it, when and why."""
    if not state.assignments:
        return []
    current = state.current
    said = current.record if current else None
    wanted = {
        "champion": current.version if current else "none",
        "champion.tag": current.tag.name if current else "",
        "champion.kind": said.kind if said else "by hand",
        "champion.reason": said.reason[:LONGEST] if said else "",
        "champion.by": said.by if said else current.tag.by if current else "",
        "champion.at": said.at if said else current.tag.at.isoformat() if current else "",
        "hold": "yes" if state.hold else "no",
    }
    differing = {key: value for key, value in wanted.items() if found.get(key) != value}
    for key, value in differing.items():
        client.set_registered_model_tag(state.model, key, value)
    what = f"{wanted['champion.tag'] or 'that nobody has the stage'} is noted"
    return [f"MLflow: {what}"] if differing else []


def _alias(client: Any, state: State, numbers: dict[str, str], at: object) -> list[str]:
    """Point the alias at the champion; where there is none, nowhere."""
    wanted = numbers.get(state.champion.version) if state.champion else None
    if str(at or "") == str(wanted or ""):
        return []
    if wanted is None:
        client.delete_registered_model_alias(state.model, ALIAS)
        return [f"MLflow: {ALIAS} was version {at}, and there is none"]
    client.set_registered_model_alias(state.model, ALIAS, wanted)
    return [f"MLflow: {ALIAS} is version {wanted}" + (f", and was {at}" if at else "")]


def _pages(client: Any, condition: str) -> list[Any]:
    found, token = [], None
    while True:
        page = client.search_model_versions(condition, max_results=1000, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def _without_password(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text)


def _source(released: Released) -> str:
    """Where the version is to be had: its image; without one, no more than the commit."""
    if released.record is None or released.record.image is None:
        return f"git:///{released.tag.commit}"
    return f"oci://{released.record.image.reference}"


def _tags(released: Released) -> dict[str, str]:
    record, tag = released.record, released.tag
    known = {"version": released.version, "tag": tag.name, "commit": tag.commit}
    if record is None:
        return known | {"by": tag.by, "at": tag.at.isoformat()}
    image = record.image
    more = {
        "lock": record.facts.lock,
        "data": record.facts.data,
        "through": record.facts.through,
        "digest": image.digest if image else "",
        "image": image.reference if image else "",
        "verdict": record.verdict.decision,
        "why": "; ".join(record.why),
        "by": record.by,
        "at": record.at,
        "run": record.run,
        "release": _page(record.run, tag.name),
    }
    return known | {key: value[:LONGEST] for key, value in more.items() if value}


def _page(run: str, tag: str) -> str:
    """The address of the release page, beside that of the workflow run; empty without one."""
    repository, actions, _ = run.partition("/actions/")
    return f"{repository}/releases/tag/{tag}" if actions else ""


def _description(released: Released) -> str:
    """What MLflow shows first."""
    title = released.tag.message.partition("\n")[0] or released.tag.name
    said = released.record.verdict.summary if released.record else "A tag made by hand."
    return f"{title}\n\n{said}"[:LONGEST]
