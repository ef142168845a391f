"""`mlops lineage VERSION`: what made a version, and when it was the champion.

Offline: all of it stands on the tags that are here, and in the files of their commits.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

import typer
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops import git, params
from mlops.errors import Failure
from mlops.progress import console
from mlops.registry import facts
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.show import plain
from mlops.registry.state import Assigned, Released, State


def lineage(version: str, as_json: bool) -> None:
    """Print what made a version: `1.2.0`, `v1.2.0`, a tag's name, or `champion`.

    Raises RegistryError that names the versions there are.
    """
    state = registry.read(remote=False)
    try:
        found = state.find(version)
    except RegistryError as unknown:
        raise RegistryError(f"{unknown}. `mlops registry` brings what origin has") from None
    _print(state, found, as_json)


def lineage_at(moment: str, as_json: bool) -> None:
    """Print what made the version that was the champion at a time, in ISO 8601; UTC if unsaid.

    Raises RegistryError when it is no such time, or there was no champion then.
    """
    try:
        time = datetime.fromisoformat(moment)
    except ValueError:
        raise RegistryError(
            f"{moment!r} is no time; expected ISO 8601, such as 2013-09-01 or 2013-09-01T12:30:00Z"
        ) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    state = registry.read(remote=False)
    found = champion_at(state, time)
    if found is None:
        raise RegistryError(
            f"{state.model} had no champion at {time.isoformat()}, as far as is known here; "
            f"`mlops registry` brings what origin has"
        )
    _print(state, found, as_json)


@dataclass(frozen=True)
class Period:
    """From one change of the stage to the next."""

    event: Assigned
    """What it began with."""
    champion: Assigned | None
    """The assignment that held; None where the stage was taken away."""
    until: datetime | None
    """None for the last one."""


def champion_at(state: State, time: datetime) -> Released | None:
    """The version that was the champion at a time with a zone; None when there was none.

    Raises RegistryError when the version's tag is gone.
    """
    return _when(state, [one for one in _events(state) if one.tag.at <= time]).champion


def _events(state: State) -> list[Assigned]:
    """Everything that made the champion another one, by number."""
    return sorted([*state.assignments, *state.withdrawals], key=lambda one: one.number)


def periods(state: State) -> Iterator[Period]:
    """Every change of the stage by number, and who was the champion from then on."""
    events = _events(state)
    for count, (event, after) in enumerate(zip_longest(events, events[1:]), start=1):
        until = after.tag.at if after else None
        yield Period(event, _when(state, events[:count]).current, until)


def _when(state: State, happened: list[Assigned]) -> State:
    """The state when no more than this had happened."""
    names = {one.tag.name for one in happened}
    return replace(
        state,
        assignments=[one for one in state.assignments if one.tag.name in names],
        withdrawals=[one for one in state.withdrawals if one.tag.name in names],
    )


def described(state: State, released: Released) -> dict[str, Any]:
    """The lineage as JSON.

    The facts are those of the commit; `differs` names the ones of which the tag says otherwise.
    """
    record, commit = released.record, released.tag.commit
    try:
        made_of = facts.of(commit)
    except Failure:  # a tag made by hand may stand on any commit
        made_of = {}
    told = record.facts.model_dump() if record else {}
    return {
        "model": state.model,
        "version": released.version,
        "tag": released.tag.name,
        "commit": commit,
        "at": released.tag.at.isoformat(),
        "by": record.by if record else released.tag.by,
        "run": record.run if record else "",
        "why": record.why if record else [],
        "facts": told | made_of,
        "differs": sorted(
            fact for fact, value in made_of.items() if told.get(fact, value) != value
        ),
        "parameters": _parameters(commit),
        "verdict": record.verdict.model_dump() if record else None,
        "image": record.image.model_dump() if record and record.image else None,
        "approvals": [one.model_dump() for one in record.approvals] if record else [],
        "champion": history(state, released),
    }


def history(state: State, released: Released) -> list[dict[str, Any]]:
    """When the version was the champion, and why it became it; `to` is None where it still is."""
    found = []
    for period in periods(state):
        assigned = period.champion
        if assigned and assigned.version == released.version:
            record = assigned.record
            found.append(
                {
                    "number": assigned.number,
                    "from": period.event.tag.at.isoformat(),
                    "to": period.until.isoformat() if period.until else None,
                    "kind": record.kind if record else "by hand",
                    "reason": record.reason if record else assigned.tag.message,
                    "hold": record.hold if record else False,
                    "by": record.by if record else assigned.tag.by,
                    "run": record.run if record else "",
                }
            )
    return found


def _parameters(commit: str) -> dict[str, Any]:
    """The seed, the estimator and its parameters in params.yaml of a commit, if they are there."""
    try:
        knobs = YAML(typ="safe").load((git.content(commit, params.PATH) or b"").decode("utf-8"))
        chosen = knobs["model"]["estimator"]
        return {"seed": knobs["seed"], "estimator": chosen} | (knobs["model"].get(chosen) or {})
    except (YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        return {}


def _print(state: State, released: Released, as_json: bool) -> None:
    content = described(state, released)
    if as_json:
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        return
    table = Table(title=f"{content['model']} {content['version']}", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, text in _rows(content):
        table.add_row(name, plain(text))
    console.print(table)
    if content["differs"]:
        console.print(
            f"{', '.join(content['differs'])}: the tag says otherwise than the files of its commit",
            style="bold red",
        )


def _rows(content: dict[str, Any]) -> list[tuple[str, str]]:
    made_of, verdict, image = (content[part] or {} for part in ("facts", "verdict", "image"))
    settings = [f"{name} {value}" for name, value in content["parameters"].items()]
    through = f", through {made_of['through']}" if made_of.get("through") else ""
    against = f", against {verdict['champion']}" if verdict.get("champion") else ""
    attested = "attested" if image.get("attested") else "not attested"
    rows = [
        ("commit", content["commit"]),
        ("made", f"{content['at']} by {content['by']}"),
        ("run", content["run"]),
        ("why", "; ".join(content["why"]) or "made by hand: nothing is recorded"),
        ("data", f"{made_of['data']}{through}" if made_of else ""),
        ("dvc.lock", made_of.get("lock", "")),
        ("params.yaml", made_of.get("params", "")),
        ("parameters", ", ".join(settings)),
        ("src/problem", made_of.get("code", "")),
        ("environment", made_of.get("packages", "")),
        ("server", made_of.get("server", "")),
        ("export", made_of.get("export", "")),
        ("interface", made_of.get("interface", "")),
        ("gates", f"{verdict['decision']}{against}: {verdict['summary']}" if verdict else ""),
        ("verdict.json", verdict.get("sha256", "")),
        ("image", f"{image['name']}@{image['digest']}, {attested}" if image else ""),
        ("base", image.get("base", "")),
    ]
    rows += [("approved", f"by {one['by']}, {one['on']}") for one in content["approvals"]]
    rows += [("champion", _period(one)) for one in content["champion"]]
    return [(name, text) for name, text in rows if text] + (
        [] if content["champion"] else [("champion", "never")]
    )


def _period(one: dict[str, Any]) -> str:
    until = f"to {one['to']}" if one["to"] else "until now"
    held = ", held" if one["hold"] else ""
    return (
        f"#{one['number']} from {one['from']} {until}: {one['kind']}{held} by {one['by']}, "
        f"{one['reason']}"
    )
