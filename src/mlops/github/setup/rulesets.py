"""The rulesets of .github/rulesets/, beside those that GitHub has.

Each file is what GitHub's own pages export and import: Settings, Rules, Rulesets, Import a ruleset.
Nobody approves a pull request of their own, so where one person alone can write, none is asked to.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlops.errors import DeclarationError
from mlops.github.api import GitHubError
from mlops.github.setup.step import Call, Reading, Step, unseen

KIND = "rulesets"
PLACE = "Settings, Rules, Rulesets"
FOLDER = Path(".github/rulesets")
TARGETS = ("branch", "tag", "push")

APPROVALS = "required_approving_review_count"

_PARTS = ("target", "enforcement", "conditions", "rules", "bypass_actors")


def steps(api: Reading, folder: Path = FOLDER) -> Iterator[Step]:
    """A step a file. Raises DeclarationError for a file that is no ruleset."""
    declared = read(folder)
    try:
        listed = list(api.pages(KIND, includes_parents="false"))
    except GitHubError as refused:
        yield unseen(KIND, ", ".join(entry["name"] for entry in declared), PLACE, refused)
        return
    alone = _alone(api)
    for wanted in map(without_approvals, declared) if alone else declared:
        ours = [entry for entry in listed if entry["name"] == wanted["name"]]
        try:
            step = _step(api, wanted, ours[0]["id"] if ours else None)
            yield replace(step, why=f"{step.why}; {alone}") if wanted not in declared else step
        except GitHubError as refused:
            yield unseen(KIND, wanted["name"], PLACE, refused)


def read(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The rulesets that are declared, by file name; DeclarationError for what is none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        where = path.as_posix()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as broken:
            raise DeclarationError(f"{where}: not valid JSON ({broken})", file=where) from None
        lacking = {"name", "target", "enforcement", "rules"} - set(content)
        if lacking or content["target"] not in TARGETS:
            raise DeclarationError(
                f"{where}: expected a ruleset as GitHub exports it, with name, target (one of "
                f"{', '.join(TARGETS)}), enforcement and rules",
                file=where,
            )
        found.append({key: content[key] for key in ("name", *_PARTS) if key in content})
    return found


def without_approvals(wanted: dict[str, Any]) -> dict[str, Any]:
    """The same ruleset, which asks nobody to approve a pull request."""
    eased = deepcopy(wanted)
    for rule in eased["rules"]:
        if APPROVALS in rule.get("parameters", {}):
            rule["parameters"][APPROVALS] = 0
    return eased


def _alone(api: Reading) -> str:
    """What to say where one person alone can write; empty where that is not so, or not told."""
    try:
        people = [one["login"] for one in api.pages("collaborators", permission="push")]
    except GitHubError:
        return ""
    if len(people) != 1:
        return ""
    return f"no approvals while {people[0]} alone can write: run it again when you are two"


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """In what the ruleset that GitHub has is another one; what is not declared is GitHub's default.

    Who may bypass it is only told to tokens that may write.
    """
    parts = [
        part
        for part in _PARTS
        if part in wanted and (part in found or part != "bypass_actors") and part != "rules"
        if not _agrees(wanted[part], found.get(part))
    ]
    declared = {rule["type"]: rule for rule in wanted["rules"]}
    there = {rule["type"]: rule for rule in found.get("rules") or []}
    rules = [f"lacks {kind}" for kind in declared if kind not in there]
    rules += [f"has {kind} as well" for kind in there if kind not in declared]
    rules += [
        f"another {kind}"
        for kind, rule in declared.items()
        if kind in there and not _agrees(rule, there[kind])
    ]
    return [f"another {part.replace('_', ' ')}" for part in parts] + rules


def _step(api: Reading, wanted: dict[str, Any], number: int | None) -> Step:
    name = wanted["name"]
    if number is None:
        rules = ", ".join(rule["type"].replace("_", " ") for rule in wanted["rules"])
        return Step(KIND, name, "create", rules, PLACE, (Call("POST", KIND, wanted),))
    differing = differences(wanted, api.get(f"{KIND}/{number}"))
    if not differing:
        return Step(KIND, name, "nothing", f"as {FOLDER} says", PLACE)
    call = Call("PUT", f"{KIND}/{number}", wanted)
    return Step(KIND, name, "change", "; ".join(differing), PLACE, (call,))


def _agrees(wanted: Any, found: Any) -> bool:
    """Whether `found` says all that `wanted` says; lists in whichever order, and no longer."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            _agrees(value, found.get(key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(any(_agrees(one, other) for other in found) for one in wanted)
        )
    return bool(wanted == found)
