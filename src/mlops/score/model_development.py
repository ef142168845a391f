"""The tests of model development."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops.judge.gates.answers import listed
from mlops.score import replayed, tuned
from mlops.score.evidence import Evidence
from mlops.score.found import gate, in_every_pull_request, measured, on_schedule
from mlops.score.replayed import Replayed
from mlops.score.repository import PROBLEM, Repository

SPECIFICATION = ("src/problem/model.py", "params.yaml", "dvc.yaml", "dvc.lock")
RULESETS = Path(".github/rulesets")
ENOUGH = 3  # periods that were replayed, at least, before a replay says anything
BACKTEST = "`mlops backtest`, then `git add --force reports/backtest/backtest.json`"


def reviewed(repository: Repository) -> list[Evidence]:
    """The estimators, their parameters and the pipeline are in git, and a ruleset of the default
    branch asks for an approving review of every pull request.
    """
    loose = [path for path in SPECIFICATION if path not in repository.tracked]
    asking = next(_asking_for_review(), "")
    return [
        Evidence(
            not loose,
            f"{listed(loose)} is not in git" if loose else f"{', '.join(SPECIFICATION)} are in git",
            "commit it",
        ),
        Evidence(
            bool(asking),
            f"{asking} asks for an approving review; `mlops doctor` says whether GitHub has it"
            if asking
            else f"no ruleset in {RULESETS} asks for an approving review",
            f"set required_approving_review_count to 1 in {RULESETS}/main.json, and "
            "`mlops github setup`, as soon as there are two of you",
            repeats=True,
        ),
    ]


def _asking_for_review() -> Iterator[str]:
    """The rulesets of branches that are on, and ask for somebody's approval."""
    for path in sorted(RULESETS.glob("*.json")):
        try:
            content: Any = json.loads(path.read_text(encoding="utf-8"))
            active = (content["target"], content["enforcement"]) == ("branch", "active")
            rules = {rule["type"]: rule.get("parameters", {}) for rule in content["rules"]}
        except (ValueError, KeyError, TypeError):
            continue
        asked = rules.get("pull_request", {})
        if active and asked.get("required_approving_review_count", 0) > 0:
            yield path.as_posix()


def correlated(repository: Repository) -> list[Evidence]:
    """Of the models that the gates promoted on held-out rows, none proved worse on the rows it then
    served, in a replay of the past; or, where the monitor has looked at outcomes, most looks found
    what the held-out rows had promised. It compares the two every week, and the history keeps both.
    """
    kept = repository.workflow("mlops record", "workflow_run")
    return [
        _promised_and_kept(repository),
        on_schedule(repository, "mlops monitor", repeats=True),
        Evidence(
            kept is not None,
            f"{kept.name} keeps what was promised beside what came"
            if kept
            else "no workflow keeps what the monitor saw",
            "restore .github/workflows/history.yml",
            repeats=True,
        ),
    ]


def _promised_and_kept(repository: Repository) -> Evidence:
    looks = [look for look in repository.history.looks if look.metrics and look.held_out]
    replay = _replay(repository)
    if len(looks) >= ENOUGH:
        worse = [look for look in looks if "performance" in look.reasons]
        return Evidence(
            2 * len(worse) <= len(looks),
            f"branch history: in {len(worse)} of {len(looks)} looks with outcomes, the model did "
            "worse than its held-out rows promised",
            "see what the held-out rows lack that the world has: split in params.yaml",
        )
    if replay is None:
        why = f"no replay of at least {ENOUGH} periods, and no {ENOUGH} looks with outcomes"
        return Evidence(False, f"{why}: nobody knows whether offline metrics hold", BACKTEST)
    mistakes = replay.mistakes
    return Evidence(
        not mistakes,
        f"{replay.file}: promoted, and proved worse than what they replaced: {listed(mistakes)}"
        if mistakes
        else f"{replay.file}: none of {replay.promoted} promoted models proved worse in service",
        "see what the gates measured of them, and tighten gates.margins in params.yaml",
    )


def _replay(repository: Repository) -> Replayed | None:
    """A replay of this problem that is long enough to say something."""
    found = replayed.read(repository.periods)
    return found if found and len(found.periods) >= ENOUGH else None


def hyperparameters(repository: Repository) -> list[Evidence]:
    """A study by `mlops tune` tried every parameter that params.yaml sets for the estimator, and
    its values are those of params.yaml. A workflow tunes again on a schedule.
    """
    return [*tuned.evidence(repository), on_schedule(repository, "mlops tune", repeats=True)]


def staleness(repository: Repository) -> list[Evidence]:
    """A replay of the past says, with an interval, how much better than the first model the
    retrained ones were. Every month a new model is trained and held against the champion.
    """
    replay = _replay(repository)
    gained = _gain(replay) if replay else ""
    return [
        Evidence(
            bool(gained),
            f"{replay.file}: {gained} over {len(replay.periods)} periods"
            if replay and gained
            else f"no replay of at least {ENOUGH} periods says what an old model costs",
            BACKTEST,
        ),
        gate(repository, "champion"),
        on_schedule(repository, "mlops retrain run", repeats=True),
        in_every_pull_request(repository),
    ]


def _gain(replay: Replayed) -> str:
    """What retraining was worth in the first metric that has an interval; empty without one."""
    for name, gain in replay.gains.items():
        if gain.get("low") is not None:
            low, high = gain["low"], gain["high"]
            return f"retraining gained {gain['value']:.3f} of {name} ({low:.3f} to {high:.3f})"
    return ""


def simpler(repository: Repository) -> list[Evidence]:
    """The last run scored a linear model and a constant on the same rows, and the gate `baselines`
    refuses a model that does not keep up with them.
    """
    return [
        measured(repository, "baselines"),
        gate(repository, "baselines"),
        in_every_pull_request(repository),
    ]


def in_slices(repository: Repository) -> list[Evidence]:
    """`slices.py` names slices, the last run scored some of their groups, and the gate `slices`
    refuses a model that lets one of them down.
    """
    scored = _scored(repository)
    return [
        named_slices(repository),
        Evidence(
            scored > 0,
            f"metrics/slices.json scores {scored} groups"
            if scored
            else "metrics/slices.json scores no group",
            "`mlops run`; a group is scored from evaluate.minimum_slice rows on",
        ),
        gate(repository, "slices"),
        in_every_pull_request(repository),
    ]


def named_slices(repository: Repository) -> Evidence:
    """Whether the problem names slices."""
    names = repository.slices.SLICES
    return Evidence(
        bool(names),
        f"{PROBLEM}/slices.py names {', '.join(names)}"
        if names
        else f"{PROBLEM}/slices.py names no slice",
        f"name the groups that must not be let down in {PROBLEM}/slices.py",
    )


def _scored(repository: Repository) -> int:
    slices = repository.metric("slices") or {}
    return sum(len(group) > 1 for groups in slices.values() for group in groups.values())


def inclusion(repository: Repository) -> list[Evidence]:
    """The last run measured how differently the groups of each slice are treated, with intervals,
    and the card says what the model is not intended for.
    """
    slices = repository.metric("fairness") or {}
    compared = [
        name
        for name, of_slice in slices.items()
        if any(d.get("low") is not None for d in of_slice.get("differences", {}).values())
    ]
    card = Path("src/problem/card.md")
    told = card.is_file() and "## Not intended for" in card.read_text(encoding="utf-8")
    return [
        named_slices(repository),
        Evidence(
            bool(compared),
            f"metrics/fairness.json compares the groups of {listed(compared, 5)}"
            if compared
            else "metrics/fairness.json compares no groups",
            "`mlops run`; a group is compared from evaluate.minimum_slice rows on",
        ),
        Evidence(
            told,
            f"{card} says what the model is not intended for"
            if told
            else f"{card} does not say what the model is not intended for",
            f"write `## Not intended for` in {card}",
        ),
        in_every_pull_request(repository),
    ]
