"""The files of a problem, from templates that read as a person would have written them.

Names and values of the table enter code as Python literals alone, so that none of them can be code.
"""

import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mlops.init.table.columns import FEW, Column
from mlops.init.table.csvfile import File
from mlops.init.table.roles import Roles

SLACK = 0.5  # of the observed range, on either side
MODULES = ("__init__", "source", "schema", "features", "model", "tuning")
PART_RANGES = {"day_of_week": (0, 6), "hour": (0, 23), "month": (1, 12)}

_TEMPLATES = Environment(
    loader=PackageLoader("mlops.init.table"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 - Python and Markdown; literals come through the filter `code`
)
_TEMPLATES.filters |= {"code": repr, "tuple": tuple}


def rendered(template: str, **about: Any) -> str:
    """A template of this package with these facts."""
    return _TEMPLATES.get_template(template).render(**about)


def tidy(folder: Path) -> None:
    """Lay the Python files under `folder` out as `make check` wants them."""
    ruff = [sys.executable, "-m", "ruff"]
    flags = ["--isolated", "--quiet", "--no-cache"]
    ours = ["--config", 'lint.isort.known-first-party = ["mlops", "problem", "tests"]']
    style = ["--config", "line-length = 100"]
    for verb in (["check", "--fix", "--select", "I"], ["format"]):
        subprocess.run(
            [*ruff, *verb, *flags, *style, *ours, str(folder)], check=True, capture_output=True
        )


def modules(file: File, found: Roles) -> dict[str, str]:
    """The code of src/problem/ that says where the data is, what it is, and how it is learned."""
    told = facts(file, found)
    return {f"{name}.py": rendered(f"problem/{name.strip('_')}.py.j2", **told) for name in MODULES}


def facts(file: File, found: Roles) -> dict[str, Any]:
    """What the templates ask about the table and the parts of its columns."""
    columns = found.columns
    needed = [c.name for c in (found.target, found.time, found.block) if c and c.gaps]
    listed = {
        c.name: sorted(c.counts) for c in columns if c.kind == "text" and len(c.counts) <= FEW
    }
    listed = {name: values for name, values in listed.items() if max(map(len, values)) <= 60}
    personal = bool(found.sensitive)
    return {
        "goal": goal(found),
        "separator": file.separator,
        "renamed": {c.header: c.name for c in columns if c.header and c.header != c.name},
        "empty_header": {place: c.name for place, c in enumerate(columns, start=1) if not c.header},
        "words": sorted({cell for row in file.rows for cell in row} & _gap_words(file, columns)),
        "commas": [c.name for c in columns if c.decimal_comma],
        "lists": {list_name(name): values for name, values in listed.items()},
        "texts": any(c.kind in ("text", "empty") and c.name not in listed for c in columns),
        "categories_used": bool(set(found.categories) - set(listed)),
        "dates": any(c.kind == "date" for c in columns),
        "sensitive_argument": ", sensitive: bool = False" if personal else "",
        "sensitive_metadata": ', metadata={"sensitive": sensitive}' if personal else "",
        "raw": {c.name: _raw_column(c, found, listed) for c in columns},
        "features": _feature_columns(found, listed),
        "key": found.key_name,
        "numbered": found.key is None,
        "block": found.block_name,
        "block_is_day": found.block is None and found.time is not None,
        "block_is_key": found.block_name == found.key_name,
        "task": found.task,
        "target": found.target.name,
        "positive": literal(found.positive, found.target) if found.positive else "",
        "positive_words": in_words(found.positive),
        "negative_words": in_words(negative(found)),
        "rare": "(" + "".join(f"{literal(label, found.target)}, " for label in found.rare) + ")"
        if found.rare
        else "",
        "needed": needed,
        "needed_words": "a target" if needed == [found.target.name] else "all of what it needs",
        "time": found.time.name if found.time and (found.parts or not found.block) else "",
        "format": found.time.format if found.time else "",
        "parts": found.parts,
        "whole_target": found.task == "multiclass"
        and found.target.kind == "whole"
        and found.target.gaps > 0,
        "categories": found.categories,
        "numbers": [*found.numbers, *found.parts],
        "imputed": any(found.column(name).gaps for name in found.numbers),
        "linear": linear_name(found),
    }


def goal(found: Roles) -> str:
    """The question in a sentence."""
    name = found.target.name
    if found.task == "binary":
        return f"is {name} {in_words(found.positive)}, as the other columns tell?"
    if found.task == "multiclass":
        return f"which of {len(found.classes)} values has {name}, as the other columns tell?"
    return f"how much is {name}, as the other columns tell?"


def linear_name(found: Roles) -> str:
    return "ridge" if found.task == "regression" else "logistic_regression"


def list_name(column: str) -> str:
    return f"{column.upper()}_VALUES"


def in_words(label: str) -> str:
    """A label as prose may show it, in code and in Markdown: a short one of plain characters."""
    plain = "".join(c for c in label if c.isalnum() or c in " .-+_")[:40]
    return plain if plain == label else f"a value such as {plain}" if plain.strip() else "one value"


def negative(found: Roles) -> str:
    """The label that is 0."""
    return next((label for label in found.classes if label != found.positive), "")


def literal(label: str, target: Column) -> str:
    """A label as Python has it once the column is read."""
    if target.kind == "whole":
        return repr(int(label))
    return repr(float(label)) if target.numeric else repr(label)


def _gap_words(file: File, columns: list[Column]) -> set[str]:
    """Cells of the file that became gaps."""
    return {
        row[at]
        for at, column in enumerate(columns)
        for row, cell in zip(file.rows, column.cells, strict=True)
        if row[at] and not cell
    }


def _raw_column(column: Column, found: Roles, listed: Mapping[str, list[str]]) -> str:
    missing = _share(column.gaps, len(column.cells))
    more = [f"missing={missing}"] if column.gaps else []
    if column.name in found.sensitive:
        more.append("sensitive=True")
    if column.numeric:
        whole = column.kind == "whole" and not column.gaps
        bounds = _bounds([float(cell) for cell in column.counts])
        return _call("number", *map(_number, bounds), *more, *(["kind=int"] if whole else []))
    if column.kind == "date":
        return _call("date", repr(column.format), *(m for m in more if "sensitive" not in m))
    if column.name in listed:
        return _call("one_of", list_name(column.name), *more)
    return _call("text", *more)


def _feature_columns(found: Roles, listed: Mapping[str, list[str]]) -> dict[str, str]:
    inputs: dict[str, str] = {}
    for name in found.numbers:
        column = found.column(name)
        more = [f"missing={_share(column.gaps, len(column.cells))}"] if column.gaps else []
        inputs[name] = _call(
            "number", *map(_number, _bounds([float(cell) for cell in column.counts])), *more
        )
    for name, part in found.parts.items():
        inputs[name] = _call("number", *map(_number, PART_RANGES[part]))
    for name in found.categories:
        column = found.column(name)
        more = [f"missing={_share(column.gaps, len(column.cells))}"] if column.gaps else []
        values = list_name(name) if not column.gaps else f'(*{list_name(name)}, "")'
        inputs[name] = _call("one_of", values, *more) if name in listed else _call("text", *more)
    for name in set(inputs) & set(found.sensitive):
        inputs[name] = inputs[name].removesuffix(")") + ", sensitive=True)"
    return inputs


def _call(function: str, *arguments: str) -> str:
    return f"{function}({', '.join(arguments)})"


def _share(gaps: int, rows: int) -> float:
    """The share of gaps to allow: half as many again, and a hundredth."""
    return min(1.0, math.ceil(100 * (1.5 * gaps / rows + 0.01)) / 100) if gaps else 0.0


def _bounds(values: list[float]) -> tuple[float, float]:
    """The observed range and slack; what is never negative stays so, and 0 to 1 stays 0 to 1."""
    low, high = min(values), max(values)
    if low >= 0 and high <= 1 and (low == 0 or high == 1):
        return 0.0, 1.0
    span = (high - low) or abs(high) or 1.0
    unit = 10.0 ** (math.floor(math.log10(span)) - 1)
    below = _rounded(math.floor((low - SLACK * span) / unit) * unit)
    above = _rounded(math.ceil((high + SLACK * span) / unit) * unit)
    return max(below, 0.0) if low >= 0 else below, min(above, 0.0) if high <= 0 else above


def _rounded(value: float) -> float:
    """Without the last digits, which say how it was computed."""
    return float(f"{value:.10g}")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
