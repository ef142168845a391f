"""The data card (Gebru et al., 2021), from what the raw files hold and the problem's own words."""

from typing import Any

from mlops.contract import Task
from mlops.report.card import cell, template
from mlops.report.untrusted import code, prose


def render(
    *,
    task: Task,
    target: str,
    words: str,
    data: dict[str, Any],
    columns: dict[str, dict[str, dict[str, Any]]],
    split: dict[str, Any],
) -> str:
    """The card as Markdown; it names the data by hash, as the model card does.

    words: the problem's. data, columns, split: metrics/data.json, columns.json and split.json.
    """
    return template("data_card.md.j2").render(
        task=task,
        target=target,
        words=words,
        data=data,
        columns=columns,
        split=split,
        allowed=allowed,
        observed=observed,
    )


def allowed(column: dict[str, Any]) -> str:
    """A column's rules in words, and its pattern, as a cell; a dash for none."""
    rules = [str(prose(", ".join(column["rules"])))] if column["rules"] else []
    pattern = [f"matching `{cell(column['pattern'])}`"] if column["pattern"] else []
    return ", ".join(rules + pattern) or "–"


def observed(column: dict[str, Any]) -> str:
    """The range of a column's numbers, or how many values it has and the most frequent, as a cell.

    Of a sensitive column, no value.
    """
    if "smallest" in column:
        smallest, largest = column["smallest"], column["largest"]
        return "–" if smallest is None else f"{smallest:.10g} to {largest:.10g}"
    if "distinct" not in column:
        return "not told"
    values = f"{column['distinct']:,} value{'' if column['distinct'] == 1 else 's'}"
    if "most_frequent" not in column:
        return values
    return f"{values}, {code(column['most_frequent'])} in {column['times']:,} rows"
