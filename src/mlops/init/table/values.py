"""The values of params.yaml that follow from the table; every other key stays as it is."""

from typing import Any

from mlops.init.table.knobs import Said
from mlops.init.table.limits import Limits
from mlops.init.table.render import linear_name
from mlops.init.table.roles import Roles
from mlops.init.table.trial import Trial

COMMENTS = {
    "learning_rate": "weight of each new tree",
    "max_iter": "trees",
    "max_leaf_nodes": "leaves of a tree",
    "min_samples_leaf": "rows in a leaf, at least",
    "l2_regularization": "pull of a leaf's value towards nothing",
    "C": "inverse strength of the L2 penalty",
    "alpha": "strength of the L2 penalty",
}
WEEK, MONTH = 7, 28  # blocks that the monitor looks at, where blocks are days
DAYS = 60  # days held out from which on the monitor looks at whole weeks


def settings(found: Roles) -> dict[str, dict[str, Any]]:
    """The parameters of each estimator; in fewer rows, smaller leaves."""
    leaf = min(max(5, len(found.kept()) // 100), 200)
    strength = {"alpha": 1.0} if found.task == "regression" else {"C": 1.0}
    trees = {"learning_rate": 0.05, "max_iter": 100, "max_leaf_nodes": 15, "min_samples_leaf": leaf}
    return {"gradient_boosting": {**trees, "l2_regularization": 1.0}, linear_name(found): strength}


def values(found: Roles, trial: Trial, bounds: Limits, name: str) -> dict[tuple[str, ...], Any]:
    """By place in params.yaml."""
    chosen = Said(trial.estimator, "one of src/problem/model.py; their parameters follow by name")
    told = {
        estimator: {key: Said(value, COMMENTS[key]) for key, value in parameters.items()}
        for estimator, parameters in settings(found).items()
    }
    daily = trial.split.rule == "time" and trial.blocks >= DAYS
    window = WEEK if daily else max(10, min(trial.blocks // 3, 200))
    decides = "from this probability on, the answer is taken to be 1"
    binary = found.task == "binary"
    looked = "here days" if found.block is None and found.time else "here " + found.block_name + "s"
    rule = "time: the newest months are held out; random: a share of all blocks is"
    return {
        ("split", "rule"): Said(trial.split.rule, rule),
        ("split", "test_months"): trial.split.test_months,
        ("split", "test_share"): trial.split.test_share,
        ("model",): {"estimator": chosen, **told},
        ("evaluate", "threshold"): Said(0.5, decides if binary else "only for binary problems"),
        ("evaluate", "minimum_slice"): bounds.minimum_slice,
        ("serving", "name"): name,
        ("gates", "floors"): bounds.floors,
        ("gates", "margins"): bounds.margins,
        ("gates", "slice_margins"): bounds.slice_margins,
        ("gates", "calibration", "error"): bounds.error,
        ("gates", "calibration", "slope"): bounds.slope,
        ("gates", "leaks", "too_good"): bounds.too_good,
        ("gates", "leaks", "alone"): bounds.alone,
        ("monitor", "window"): Said(window, f"blocks ({looked}) that are looked at together"),
        ("monitor", "reference"): MONTH if daily else 2 * window,
    }
