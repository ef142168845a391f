"""`mlops registry`: the versions there are, which one is the champion, and who made it so."""

import json
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from mlops import git
from mlops.progress import console
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.state import Assigned, Released, State

METRICS = "metrics/test.json"


def show(as_json: bool) -> None:
    """Print the registry of origin; where that cannot be read, what is known here, and say so.

    Raises RegistryError, after printing, when the champion's version is not there.
    """
    doubt = ""
    try:
        state = registry.read(remote=True)
    except RegistryError as unread:
        state, doubt = registry.read(remote=False), str(unread)
    if as_json:
        typer.echo(json.dumps(described(state) | {"doubt": doubt}, indent=2, ensure_ascii=False))
    else:
        _print(state, doubt)
    _ = state.champion


def described(state: State) -> dict[str, Any]:
    """The registry as JSON."""
    return {
        "model": state.model,
        "champion": state.current.version if state.current else None,
        "number": state.number,
        "held": _assignment(state.hold) if state.hold else None,
        "versions": [_version(state, released) for released in state.versions],
        "assignments": [_assignment(assigned) for assigned in state.assignments],
    }


def plain(text: object) -> Text:
    """A text of a tag on one line of a terminal, which it cannot control."""
    return Text(" ".join("".join(c if c.isprintable() else " " for c in str(text)).split()))


def _version(state: State, released: Released) -> dict[str, Any]:
    record = released.record
    return {
        "version": released.version,
        "tag": released.tag.name,
        "commit": released.tag.commit,
        "champion": state.current is not None and state.current.version == released.version,
        "assignments": [a.number for a in state.assignments if a.version == released.version],
        "at": released.tag.at.isoformat(),
        "by": record.by if record else released.tag.by,
        "run": record.run if record else "",
        "why": record.why if record else [],
        "metrics": _metrics(released.tag.commit),
        "verdict": record.verdict.model_dump() if record else None,
        "image": record.image.reference if record and record.image else None,
    }


def _metrics(commit: str) -> dict[str, Any]:
    """metrics/test.json of the commit; empty when it has none that can be read."""
    try:
        found = json.loads(git.content(commit, METRICS) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _assignment(assigned: Assigned) -> dict[str, Any]:
    record = assigned.record
    return {
        "number": assigned.number,
        "tag": assigned.tag.name,
        "version": assigned.version,
        "at": assigned.tag.at.isoformat(),
        "by": record.by if record else assigned.tag.by,
        "kind": record.kind if record else "by hand",
        "reason": record.reason if record else assigned.tag.message,
        "hold": record.hold if record else False,
        "run": record.run if record else "",
    }


def _print(state: State, doubt: str) -> None:
    content = described(state)
    if doubt:
        console.print(plain(f"not up to date, only what is known here: {doubt}"), style="yellow")
    if not content["versions"]:
        console.print(f"{state.model} has no version yet: nothing has been promoted")
    else:
        console.print(_versions(content))
    if content["assignments"]:
        console.print(_assignments(content))
    held = content["held"]
    if held:
        who = f"HELD by {held['by']} since {_minute(held['at'])}: {held['reason']}"
        console.print(plain(who), style="bold red")
        console.print(
            f"Merges leave the champion, {content['champion']}, alone until somebody lifts the "
            f"hold: `mlops promote --release-hold --reason TEXT`"
        )


def _versions(content: dict[str, Any]) -> Table:
    """A row per version, the newest first."""
    versions = list(reversed(content["versions"]))
    headline = next((name for one in versions for name in one["metrics"].get("interval", {})), "–")
    table = Table(title=f"versions of {content['model']}")
    for heading in ("version", "", "when", "who", "why", headline, "verdict"):
        table.add_column(heading, justify="right" if heading == headline else "left")
    for one in versions:
        mark = Text("champion", "bold green") if one["champion"] else Text("")
        table.add_row(
            Text(one["version"], "bold" if one["champion"] else ""),
            Text("was champion") if one["assignments"] and not one["champion"] else mark,
            _minute(one["at"]),
            plain(one["by"]),
            plain("; ".join(one["why"]) or "made by hand"),
            _score(one["metrics"], headline),
            _verdict(one["verdict"]),
        )
    return table


def _score(metrics: dict[str, Any], headline: str) -> str:
    value, ends = metrics.get(headline), metrics.get("interval", {}).get(headline)
    if value is None:
        return "–"
    return f"{value:.4f}\n{ends['low']:.4f} to {ends['high']:.4f}" if ends else f"{value:.4f}"


def _verdict(verdict: dict[str, Any] | None) -> Text:
    if verdict is None:
        return Text("–")
    against = f" against {verdict['champion']}" if verdict["champion"] else ""
    return plain(f"{verdict['decision']}{against}")


def _assignments(content: dict[str, Any]) -> Table:
    """A row per assignment of the stage, the newest first."""
    table = Table(title="who became champion")
    for heading in ("#", "version", "when", "who", "how", "why"):
        table.add_column(heading, justify="right" if heading == "#" else "left")
    for one in reversed(content["assignments"]):
        table.add_row(
            str(one["number"]),
            Text(one["version"] or "–"),
            _minute(one["at"]),
            plain(one["by"]),
            Text(one["kind"] + (", held" if one["hold"] else "")),
            plain(one["reason"]),
        )
    return table


def _minute(at: str) -> str:
    """A time in UTC to the minute."""
    return at[:16].replace("T", " ")
