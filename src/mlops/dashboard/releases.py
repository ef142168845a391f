"""Every version: what made it, and how good it was, by the files of its commit."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops import git, params
from mlops.data import pin
from mlops.data.pin import Pin
from mlops.errors import DataError
from mlops.evaluation.names import BETTER, Better
from mlops.registry.record import Approval, Part
from mlops.registry.show import METRICS
from mlops.registry.state import Released

_BETTER = {name: way for of_task in BETTER.values() for name, way in of_task.items()}


class Score(Part):
    """A metric on the held-out rows, and the ends of its interval."""

    value: float
    low: float | None = None
    high: float | None = None


class Metric(Part):
    """A metric that is drawn."""

    name: str
    better: Better | None
    floor: float | None
    """What the gate lets it be at worst, by the params.yaml of the default branch."""


class Release(Part):
    """A version; where its tag was made by hand, what only a record says is empty."""

    version: str
    tag: str
    commit: str
    at: AwareDatetime
    """When it was tagged."""
    merged: AwareDatetime | None
    """When its commit was made; None where that commit is not here."""
    by: str
    run: str
    why: list[str]
    """What changed since the version before."""
    data: str
    """md5 that the data.dvc of its commit pins."""
    through: str
    decision: str
    summary: str
    verdict: str
    """sha256 of verdict.json."""
    image: str
    """By digest; empty where it was not delivered as an image."""
    attested: bool
    approvals: list[Approval]
    metrics: dict[str, Score]


def releases(versions: Sequence[Released]) -> list[Release]:
    """From the lowest to the highest."""
    times = git.times(released.tag.commit for released in versions)
    return [_release(released, times) for released in versions]


def _release(released: Released, times: dict[str, datetime]) -> Release:
    tag, record = released.tag, released.record
    pinned = pinned_at(tag.commit)
    image = record.image if record else None
    return Release(
        version=released.version,
        tag=tag.name,
        commit=tag.commit,
        at=tag.at,
        merged=times.get(tag.commit),
        by=record.by if record else tag.by,
        run=record.run if record else "",
        why=record.why if record else [],
        data=pinned.md5 if pinned else "",
        through=pinned.through if pinned else "",
        decision=record.verdict.decision if record else "",
        summary=record.verdict.summary if record else "",
        verdict=record.verdict.sha256 if record else "",
        image=image.reference if image else "",
        attested=image.attested if image else False,
        approvals=record.approvals if record else [],
        metrics=metrics_at(tag.commit),
    )


def pinned_at(commit: str) -> Pin | None:
    """What data.dvc says in a commit; None where it says nothing that can be read."""
    try:
        return pin.parse((git.content(commit, pin.PATH) or b"").decode("utf-8", errors="replace"))
    except DataError:
        return None


def metrics_at(commit: str) -> dict[str, Score]:
    """The metrics of metrics/test.json that have an interval, as they stand there."""
    found = read_json(commit, METRICS)
    intervals = found.get("interval")
    scores = {}
    for name, ends in intervals.items() if isinstance(intervals, dict) else ():
        value = _number(found.get(name))
        if value is not None and isinstance(ends, dict):
            low, high = _number(ends.get("low")), _number(ends.get("high"))
            scores[str(name)] = Score(value=value, low=low, high=high)
    return scores


def drawn(commit: str, scores: dict[str, Score]) -> list[Metric]:
    """Which of these metrics are drawn: the headline, and those that a gate of `commit` has."""
    gates = _gates(commit)
    floors, margins = gates.get("floors") or {}, gates.get("margins") or {}
    names = [
        name for place, name in enumerate(scores) if place == 0 or name in floors or name in margins
    ]
    return [
        Metric(name=name, better=_BETTER.get(name), floor=_number(floors.get(name)))
        for name in names
    ]


def read_json(commit: str, path: str) -> dict[str, Any]:
    """A JSON object in a commit; empty where there is none that can be read."""
    try:
        found = json.loads(git.content(commit, path) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _gates(commit: str) -> dict[str, Any]:
    try:
        text = (git.content(commit, params.PATH) or b"").decode("utf-8")
        return dict(YAML(typ="safe").load(text)["gates"])
    except (YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        return {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
