"""The tests of what runs in production."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops.judge.gates.answers import listed
from mlops.params import document
from mlops.score.evidence import Evidence
from mlops.score.features_and_data import ruled
from mlops.score.found import (
    gate,
    in_every_pull_request,
    machinery,
    measured,
    on_merge,
    on_schedule,
)
from mlops.score.repository import Repository

DEPENDABOT = Path(".github/dependabot.yml")
ECOSYSTEMS = {"pip", "github-actions"}
"""What the repository depends on, and Dependabot can read: packages and actions."""


def dependencies(repository: Repository) -> list[Evidence]:
    """Dependabot proposes what is new of packages and actions; the monitor looks every week at what
    the source of the data has brought, and tells of broken rules in an issue.
    """
    missing = sorted(ECOSYSTEMS - _followed())
    return [
        Evidence(
            not missing,
            f"{DEPENDABOT} does not follow {listed(missing)}"
            if missing
            else f"{DEPENDABOT} follows {', '.join(sorted(ECOSYSTEMS))}",
            f"add it to {DEPENDABOT}, with a schedule",
        ),
        *told(repository),
    ]


def _followed() -> set[str]:
    content: Any = document(DEPENDABOT) if DEPENDABOT.is_file() else None
    updates = (content or {}).get("updates") or []
    return {one.get("package-ecosystem") for one in updates if one.get("schedule")}


def looked_after(repository: Repository) -> list[Evidence]:
    """Whether there is a model, and new rows, and the monitor looks at them on a schedule."""
    looks = [look for look in repository.history.looks if look.rows]
    return [
        measured(repository, "test"),
        Evidence(
            bool(repository.periods or looks),
            "src/problem/source.py brings new rows to look at, period by period"
            if repository.periods
            else f"the branch history has {len(looks)} looks at rows"
            if looks
            else "nothing arrives that it could look at: the source has no periods",
            "let PERIODS in src/problem/source.py name what arrives",
        ),
        *told(repository),
        *_last_look(repository),
    ]


def told(repository: Repository) -> list[Evidence]:
    """Whether the monitor looks on a schedule, and somebody is told of what it sees."""
    workflow = repository.workflow("mlops monitor", "schedule")
    tells = workflow is not None and workflow.before("mlops monitor", "mlops alert")
    return [
        on_schedule(repository, "mlops monitor"),
        Evidence(
            tells,
            f"{workflow.name} tells of it in an issue, by `mlops alert`"
            if workflow and tells
            else "no workflow has `mlops alert` tell what `mlops monitor` sees",
            "restore .github/workflows/monitor.yml",
        ),
    ]


def _last_look(repository: Repository) -> list[Evidence]:
    """Whether the newest look on the branch `history` is recent; a new copy has none yet."""
    looks, allowed = repository.history.looks, repository.knobs.monitor.heartbeat_days
    return [
        Evidence(
            repository.now - last.at <= timedelta(days=allowed),
            f"the last look is of {last.at:%Y-%m-%d}: {last.outcome}",
            f"see in Actions why the monitor has not looked for {allowed} days",
        )
        for last in looks[-1:]
    ]


def invariants(repository: Repository) -> list[Evidence]:
    """The rules of the schema are asked of training rows by the gate `data`, of every request by
    the server, and of what has arrived by the monitor, every week.
    """
    return [
        *ruled(repository),
        gate(repository, "data"),
        machinery(repository, "tests/serving/test_inputs.py", "refused"),
        *looked_after(repository),
    ]


def skew(repository: Repository) -> list[Evidence]:
    """The last run compared the exported with the trained model on every test row, looked-up
    features included, and the gate `parity` is on; a merge's image must give the recorded scores.
    """
    parity = repository.metric("parity") or {}
    rows = parity.get("rows", 0)
    apart = parity.get("flipped", 0) + parity.get("looked_up_otherwise", 0)
    return [
        measured(repository, "parity"),
        Evidence(
            rows > 0 and not apart,
            f"metrics/parity.json: {apart} of {rows:,} test rows differ"
            if rows
            else "metrics/parity.json compared no row",
            "see what src/problem/model.py or features.py does that the export does not",
        ),
        gate(repository, "parity"),
        on_merge(repository, "mlops promote smoke", "mlops promote champion", repeats=True),
        in_every_pull_request(repository),
    ]


def fresh(repository: Repository) -> list[Evidence]:
    """A new model is proposed every month, and when the monitor sees that this one has aged; a
    heartbeat tells somebody when the schedules have stopped.
    """
    return [
        on_schedule(repository, "mlops retrain run"),
        *looked_after(repository),
        on_schedule(repository, "mlops heartbeat"),
    ]


def stable(repository: Repository) -> list[Evidence]:
    """The gate `predictions` refuses a prediction that is not finite, the gate `stability` a score
    that hangs on the seed; the last run tried other seeds.
    """
    seeds = (repository.metric("audit") or {}).get("seeds", {})
    tried = [value for value in seeds.values() if value is not None]
    return [
        gate(repository, "predictions"),
        gate(repository, "stability"),
        Evidence(
            bool(tried) and len(tried) == len(seeds),
            f"metrics/audit.json has a finite score for {len(tried)} of {len(seeds)} other seeds",
            "`mlops run`; audit.seeds in params.yaml says how many",
        ),
        in_every_pull_request(repository),
    ]


def computing(repository: Repository) -> list[Evidence]:
    """The gate `budgets` bounds time and size of a prediction, a merge's image is not slower than
    the champion's, the monitor knows what a server may take, and the history keeps how long every
    run took.
    """
    kept = repository.workflow("mlops record", "workflow_run")
    return [
        measured(repository, "test"),
        gate(repository, "budgets"),
        on_merge(repository, "mlops promote smoke", "mlops promote champion"),
        on_schedule(repository, "mlops monitor"),
        Evidence(
            kept is not None,
            f"{kept.name} keeps how long every run took"
            if kept
            else "no workflow keeps how long a run took",
            "restore .github/workflows/history.yml",
        ),
        in_every_pull_request(repository),
    ]


def quality(repository: Repository) -> list[Evidence]:
    """The monitor scores what has arrived as soon as enough outcomes are known, estimates the score
    before that, and tells of a loss in an issue; tests plant such losses.
    """
    return [
        *looked_after(repository),
        machinery(repository, "tests/mlops/monitor/performance/test_measured.py", "alarm"),
    ]
