"""The rules of src/problem/schema.py, applied to the raw tables."""

import pandas as pd

from mlops.contract import Schema, Schemas
from mlops.data.findings import Finding, examples
from mlops.data.read import RawTable, located
from mlops.data.rules import failures

UNIQUE = "multiple_fields_uniqueness"  # what pandera calls it


def check(
    tables: dict[str, RawTable], schemas: Schemas, periods: list[str], through: str
) -> list[Finding]:
    """Everything that breaks a rule: values, uniqueness, periods, references.

    `periods` are all of the source's; those up to `through` must be there. Of a table with
    mistyped columns, a finding of read() already, only the rules of its other columns are asked:
    those of rows and periods may rely on the types.
    """
    findings: list[Finding] = []
    for name, table in tables.items():
        findings += _values(table, schemas.RAW[name])
        if any(table.periods):
            findings += _coverage(name, table, periods, through)
            findings += _misfiled(table, schemas) if not table.mistyped else []
    for (column, target), allowed in schemas.REFERENCES.items():
        findings += _references(tables, column, target, allowed)
    return findings


def _values(table: RawTable, schema: Schema) -> list[Finding]:
    findings: list[Finding] = []
    cases = failures(table.frame, schema)
    if cases.empty:
        return findings
    of_rows = cases["schema_context"] == "DataFrameSchema"  # repeated for each of their columns
    if table.mistyped:
        cases = cases[~of_rows & ~cases["column"].isin(table.mistyped)]
    columns = cases["column"].mask(of_rows, "")
    for (name, check), group in cases.groupby([columns, "check"], sort=False):
        column = str(name) if name in table.frame else ""
        expected = _in_words(str(check), schema)
        rows = group["index"].dropna().astype(int).unique().tolist()
        if rows:
            key = _keys(table, schema) if check == UNIQUE else None
            findings += located(table, column, expected, rows, key)
        else:
            share = (f"{table.frame[column].isna().mean():.1%} missing",) if column else ()
            findings.append(Finding(_files(table), column, expected, samples=share))
    return findings


def _in_words(check: str, schema: Schema) -> str:
    if check == "not_nullable":
        return "a value"
    if check == UNIQUE:
        return f"({', '.join(schema.unique or [])}) only once"
    return check


def _keys(table: RawTable, schema: Schema) -> pd.Series:
    """What must be unique, in one text per row."""
    first, *others = (table.frame[name].astype("str") for name in schema.unique or [])
    for other in others:
        first = first + " " + other
    return first


def _files(table: RawTable) -> str:
    first, last = table.files[0], table.files[-1]
    return str(first) if first == last else f"{first} … {last.name}"


def _coverage(name: str, table: RawTable, periods: list[str], through: str) -> list[Finding]:
    expected = periods[: periods.index(through) + 1] if through in periods else [through]
    folder = table.files[0].parent
    last = f"data.dvc says that {through} is the last period"
    return [
        Finding(str(folder / f"{name}-{period}.csv"), "", f"{what}: {last}")
        for what, wrong in (
            ("the file, which is missing", [p for p in expected if p not in table.periods]),
            ("no such file", [p for p in table.periods if p not in expected]),
        )
        for period in wrong
    ]


def _misfiled(table: RawTable, schemas: Schemas) -> list[Finding]:
    """Rows that stand in the file of another period."""
    findings: list[Finding] = []
    found = schemas.period(table.frame)
    ends = [*table.starts[1:], len(table.frame)]
    for start, end, period in zip(table.starts, ends, table.periods, strict=True):
        here = found.iloc[start:end]
        rows = here.index[here != period].tolist()
        findings += located(table, "", f"rows of {period}", rows, found)
    return findings


def _references(
    tables: dict[str, RawTable], refers: str, target: str, allowed: float
) -> list[Finding]:
    (table, name), (other, key) = refers.split("."), target.split(".")
    if table not in tables or other not in tables:
        return []  # the table could not be read, which is a finding already
    column = tables[table].frame[name]
    rows = column.value_counts(sort=False)  # by distinct value: they are few, the rows are many
    known = pd.Index(tables[other].frame[key].unique())
    unknown = rows[known.get_indexer(rows.index) < 0]
    count = int(unknown.sum())
    share = count / len(column)
    if share <= allowed:
        return []
    check = f"at most {allowed:.1%} of rows without a match in {target}"
    found = f"{share:.1%} without, such as {', '.join(examples(unknown.index))}"
    return [Finding(_files(tables[table]), name, check, count, samples=(found,))]
