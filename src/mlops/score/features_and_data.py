"""The tests of features and data."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from mlops.evaluation.names import headline
from mlops.judge.gates.answers import listed
from mlops.score.evidence import Evidence
from mlops.score.found import (
    RUN,
    gate,
    in_every_pull_request,
    machinery,
    measured,
    on_merge,
    tested,
)
from mlops.score.repository import PROBLEM, Repository

IMPORTANCE = Path("reports/plots/importance.csv")
CARD = Path("src/problem/data_card.md")


def schema(repository: Repository) -> list[Evidence]:
    """Every input in `FEATURES`, and every raw table, has rules beyond its type; the last run held
    all rows to them, and the gate `data` refuses rows that break one.
    """
    return [
        *ruled(repository),
        measured(repository, "data"),
        gate(repository, "data"),
        in_every_pull_request(repository),
    ]


def ruled(repository: Repository) -> list[Evidence]:
    """Whether the schema says something of every input and of every raw table."""
    inputs, raw = repository.schemas.FEATURES.columns, repository.schemas.RAW
    bare = [name for name, column in inputs.items() if not column.checks]
    empty = [name for name, table in raw.items() if not any(_rules(table))]
    file = f"{PROBLEM}/schema.py"
    return [
        Evidence(
            bool(inputs) and not bare,
            f"{file} has no range, pattern or list of values for {listed(bare, 5)}"
            if bare
            else f"{file} has a rule for each of {len(inputs)} inputs",
            f"give every column of FEATURES in {file} a range, a pattern or its values",
        ),
        Evidence(
            bool(raw) and not empty,
            f"{file} has no rule for the raw table {listed(empty, 5)}"
            if empty
            else f"{file} has rules for each of {len(raw)} raw tables",
            f"give every table of RAW in {file} rules",
        ),
    ]


def _rules(table: Any) -> list[Any]:
    return [check for column in table.columns.values() for check in column.checks]


def beneficial(repository: Repository) -> list[Evidence]:
    """The last run measured what every input adds: what the score loses when it is shuffled, and
    how far it goes alone. None adds nothing both ways.
    """
    inputs = list(repository.schemas.FEATURES.columns)
    loss, alone = _importance(), (repository.metric("audit") or {}).get("alone", {})
    baselines = repository.metric("baselines") or {}
    constant = baselines.get("dummy", {}).get(headline(repository.features.TASK)) or 0.0
    unknown = [name for name in inputs if name not in loss or name not in alone]
    useless = [
        name
        for name in inputs
        if name not in unknown and loss[name] <= 0 and (alone[name] or 0.0) <= constant
    ]
    return [
        Evidence(
            not unknown,
            f"{IMPORTANCE} and metrics/audit.json do not say what {listed(unknown, 5)} adds"
            if unknown
            else f"{IMPORTANCE} and metrics/audit.json say what each of {len(inputs)} inputs adds",
            RUN,
        ),
        Evidence(
            not useless,
            f"adding nothing, shuffled or alone: {listed(useless, 5)}"
            if useless
            else "no input adds nothing both shuffled and alone",
            f"leave it out of FEATURES in {PROBLEM}/schema.py and of {PROBLEM}/features.py",
        ),
        in_every_pull_request(repository),
    ]


def _importance() -> dict[str, float]:
    if not IMPORTANCE.is_file():
        return {}
    table = pd.read_csv(IMPORTANCE)
    return dict(zip(table["feature"], table["loss"], strict=True))


def cheap(repository: Repository) -> list[Evidence]:
    """All inputs together keep to the gate `budgets`: the time of a prediction, and the size of the
    model. Before a merge is delivered, its image is asked beside the champion's: latency as well.
    """
    return [
        measured(repository, "test"),
        gate(repository, "budgets"),
        on_merge(repository, "mlops promote smoke", "mlops promote champion", repeats=True),
        in_every_pull_request(repository),
    ]


def permitted(repository: Repository) -> list[Evidence]:
    """The target is no input, the last run tried every input for what it cannot have known, and the
    gate `leaks` is on, with a limit that can be reached.
    """
    inputs = set(repository.schemas.FEATURES.columns)
    forbidden = inputs & {repository.features.TARGET}
    audit, limits = repository.metric("audit") or {}, repository.knobs.gates.leaks
    untried = sorted(inputs - set(audit.get("alone", {})))
    return [
        Evidence(
            not forbidden,
            f"{listed(sorted(forbidden), 5)} is an input"
            if forbidden
            else "the target is no input",
            f"leave it out of FEATURES in {PROBLEM}/schema.py",
        ),
        Evidence(
            not untried,
            f"metrics/audit.json did not try {listed(untried, 5)} alone"
            if untried
            else f"metrics/audit.json tried each of {len(inputs)} inputs alone",
            RUN,
        ),
        gate(repository, "leaks", on=min(limits.alone, limits.too_good) < 1, knob="gates.leaks"),
        in_every_pull_request(repository),
    ]


def private(repository: Repository) -> list[Evidence]:
    """`data_card.md` says which personal data there is. Unless there is none, the schema marks its
    columns as sensitive; no value of such a column is recorded.
    """
    told = _section("Personal data")
    columns = [
        name
        for table in (*repository.schemas.RAW.values(), repository.schemas.FEATURES)
        for name, column in table.columns.items()
        if (column.metadata or {}).get("sensitive")
    ]
    nothing = told.lower().startswith("none")
    marked = f"{len(columns)} columns are marked as sensitive"
    return [
        Evidence(
            bool(told),
            f"{CARD} tells of personal data"
            if told
            else f"{CARD} says nothing under `## Personal data`",
            f"say there which personal data there is, or `None.`: {CARD}",
        ),
        Evidence(
            nothing or bool(columns),
            marked
            if columns
            else f"{CARD} says that there is none"
            if nothing
            else "there is personal data, and no column is marked as sensitive",
            f'mark it in {PROBLEM}/schema.py: Column(…, metadata={{"sensitive": True}})',
        ),
        machinery(repository, "tests/serving/test_capture.py", "sensitive"),
        in_every_pull_request(repository, "make test"),
    ]


def _section(heading: str) -> str:
    """What stands under a heading of the data card, without the space around it."""
    text = CARD.read_text(encoding="utf-8") if CARD.is_file() else ""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return found[1].strip() if found else ""


def quick(repository: Repository) -> list[Evidence]:
    """From an idea to production without a hand: a pull request is judged, a merge delivered, and
    how long that took is recorded for the dashboard.
    """
    recorded = repository.workflow("mlops record", "workflow_run")
    merges = [merge for merge in repository.history.merges if merge.ending == "promoted"]
    delivered = f"; {len(merges)} merges promoted so far" if merges else ""
    return [
        tested(repository, "tests/problem/test_features.py"),
        on_merge(repository, "mlops promote judge", "mlops promote champion", repeats=True),
        Evidence(
            recorded is not None,
            f"{recorded.name} records every merge{delivered}"
            if recorded
            else "no workflow records how long a merge took",
            "restore .github/workflows/history.yml",
            repeats=True,
        ),
        in_every_pull_request(repository),
    ]


def features_tested(repository: Repository) -> list[Evidence]:
    """`tests/problem/test_features.py` asks both `rows` and `tables` of `features.py`, in tests
    that `make test` runs and that can fail.
    """
    uses = ["problem.features.rows"]
    uses += ["problem.features.tables"] if repository.features.TABLES else []
    return [
        tested(repository, "tests/problem/test_features.py", *uses),
        in_every_pull_request(repository, "make test"),
    ]
