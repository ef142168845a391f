"""What stands on the trial: slices, behaviour, cards, and the tests of all of it."""

from typing import Any

from mlops.evaluation.names import headline
from mlops.init.table.csvfile import File
from mlops.init.table.groups import Groups, groups
from mlops.init.table.render import facts, rendered
from mlops.init.table.roles import Roles
from mlops.init.table.sanity import directions
from mlops.init.table.trial import Trial
from mlops.init.table.values import settings
from mlops.init.table.wording import limitations, problems, sentences, use
from mlops.init.table.workbench import Bench

TESTS = (
    "conftest",
    "test_source",
    "test_tuning",
    "test_schema",
    "test_features",
    "test_model",
    "test_slices",
)
BROKEN = 6  # rules that the tests break by hand


def papers(
    file: File,
    found: Roles,
    bench: Bench,
    trial: Trial,
    *,
    telling: dict[str, float],
    smallest: int,
) -> dict[str, str]:
    """By path: slices.py, behaviour.py, both cards, and tests/problem/.

    telling: inputs that were left out because they tell the target. smallest: rows of a slice that
    is scored.
    """
    seen = directions(bench, trial.train, settings(found))
    kinds = groups(found, trial, smallest)
    about = {
        **facts(file, found),
        **_of_groups(found, kinds),
        **_of_tests(found, bench, trial),
        "directions": seen,
        "sentences": sentences(found, seen),
        "use": use(found),
        "limits": limitations(found, telling),
        "origin": "" if file.separator == "," else " with commas between the cells",
        "rows": len(file.rows),
        "columns": len(found.columns),
        "examples": len(found.kept()),
        "unit": "",
        "problems": problems(found, telling),
        "sensitive": found.sensitive,
    }
    names = {
        **{f"src/problem/{name}": f"problem/{name}.j2" for name in ("slices.py", "behaviour.py")},
        **{f"src/problem/{name}": f"problem/{name}.j2" for name in ("card.md", "data_card.md")},
        **{f"tests/problem/{name}.py": f"tests/{name}.py.j2" for name in TESTS},
    }
    if seen:
        names["tests/problem/test_behaviour.py"] = "tests/test_behaviour.py.j2"
    return {path: rendered(template, **about) for path, template in names.items()} | {
        "tests/problem/__init__.py": ""
    }


def _of_groups(found: Roles, kinds: Groups) -> dict[str, Any]:
    return {
        "slices": [*kinds.categories, *kinds.edges],
        "grouped": kinds.categories,
        "edges": kinds.edges,
        "gapped": [name for name in kinds.categories if found.column(name).gaps],
    }


def _of_tests(found: Roles, bench: Bench, trial: Trial) -> dict[str, Any]:
    metric, constant = headline(trial.task), 0.0 if trial.task == "regression" else 0.5
    reached = min(trial.scores(role, [metric])[metric] for role in bench.model.ESTIMATORS)
    gapped = [name for name in found.categories if found.column(name).gaps]
    whole = [c.name for c in found.columns if not c.gaps and c.kind == "text"]
    return {
        "names": [column.name for column in found.columns],
        "broken": _broken(found, bench),
        "gapless": next(iter(whole), ""),
        "rare_labels": found.rare,
        "positive_label": found.positive,
        "numeric_target": found.target.numeric,
        "gapped_category": next(iter(gapped), ""),
        "gapped_numbers": [name for name in found.numbers if found.column(name).gaps],
        "learns": round(max(constant, (constant + reached) / 2), 3),
    }


def _broken(found: Roles, bench: Bench) -> list[tuple[str, Any, str]]:
    """Columns with a value that their rules forbid, and how the broken rule begins."""
    broken: list[tuple[str, Any, str]] = []
    for name, declared in bench.schemas.RAW["table"].columns.items():
        for check in declared.checks:
            rule = check.statistics or {}
            if "max_value" in rule:
                beyond = 10 * abs(rule["max_value"]) + 1
                whole = found.column(name).kind == "whole" and not found.column(name).gaps
                broken.append((name, int(beyond) if whole else float(beyond), "between "))
            elif "allowed_values" in rule:
                broken.append((name, "never heard of", "one of "))
    return broken[:BROKEN]
