"""What the parts of a split hold: how many rows and blocks, and what happened in them."""

from typing import Any

import pandas as pd

from mlops.contract import Features, Task


def outcomes(problem: Features, parts: dict[str, pd.DataFrame], *, dated: bool) -> dict[str, Any]:
    """`parts` by name with their `rows`, `blocks` and `outcome`, and `months`.

    An outcome is the `rate` of the greater label (binary), the share of each label (multi-class),
    or the `mean` (regression). Where blocks are `dated`, and so read YYYY-MM-DD, a part also has
    its `first` and its `last`, and each month has its `part`, `rows` and `outcome`.
    """
    labels = sorted(pd.concat([part[problem.TARGET] for part in parts.values()]).unique())

    def told(rows: pd.DataFrame, **more: Any) -> dict[str, Any]:
        outcome = _outcome(rows[problem.TARGET], problem.TASK, labels)
        return {"rows": len(rows), **more, "outcome": outcome}

    found: dict[str, Any] = {}
    months: dict[str, Any] = {}
    for name, rows in parts.items():
        block = rows[problem.BLOCK]
        ends = {"first": block.min(), "last": block.max()} if dated else {}
        found[name] = told(rows, blocks=block.nunique(), **ends)
        if dated:
            for month, some in rows.groupby(block.astype("str").str[:7]):
                months[str(month)] = told(some, part=name)
    return {"parts": found, "months": months}


def _outcome(values: pd.Series, task: Task, labels: list[Any]) -> dict[str, float]:
    if task == "regression":
        return {"mean": float(values.mean())}
    if task == "binary":
        return {"rate": float((values == labels[-1]).mean())}
    return {str(label): float((values == label).mean()) for label in labels}
