"""Make the feature table: the problem's rows, joined with its table features."""

import pandas as pd

from mlops.contract import Features, Schemas, load
from mlops.data import pin, rules
from mlops.data.findings import examples
from mlops.data.read import frames, read
from mlops.errors import DeclarationError, QualityError
from mlops.files import replacing
from mlops.progress import step
from mlops.stages import ARTIFACTS, run

FILE = "src/problem/features.py"


def main() -> None:
    """Write artifacts/tables/NAME.parquet, one row per key, and artifacts/features.parquet.

    Raises DeclarationError when the problem's functions do not return what they declare, and
    QualityError when the features break the schema.
    """
    problem, schemas = load(Features), load(Schemas)
    with step("reading the raw files"):
        raw, findings = read(pin.RAW, schemas.RAW)
    if findings:
        raise QualityError(findings[0].sentence())
    with step("making features"):
        tables = problem.tables(frames(raw))
        features = join(problem, problem.rows(frames(raw)), tables)
        inputs = list(schemas.FEATURES.columns)
        features = features[_columns(problem, inputs, features)]
        kinds = {name: str(column.dtype) for name, column in schemas.FEATURES.columns.items()}
        features = _typed(features, {n: k for n, k in kinds.items() if k not in ("str", "None")})
    with step(f"checking {len(features):,} rows of features"):
        check_rows(features, problem)
        check_features(features, inputs, schemas)
    with step("writing features"):
        with replacing(ARTIFACTS / "tables") as folder:
            folder.mkdir()
            for name, table in tables.items():
                table.to_parquet(folder / f"{name}.parquet", index=False)
        with replacing(ARTIFACTS / "features.parquet") as path:
            features.to_parquet(path, index=False)


def join(problem: Features, rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Look every table feature up by its key; a key that is not there gives gaps.

    Raises DeclarationError when something else than tables is given, or a table is undeclared,
    lacks its key or has a key twice.
    """
    _must_be(rows, pd.DataFrame, "rows()")
    _must_be(tables, dict, "tables()")
    if set(tables) != set(problem.TABLES):
        raise DeclarationError(
            f"{FILE}: tables() returned {sorted(tables)}, TABLES declares {sorted(problem.TABLES)}"
        )
    for name, key in problem.TABLES.items():
        _must_be(tables[name], pd.DataFrame, f"table {name!r}")
        lacking = [c for c in key if c not in tables[name] or c not in rows]
        if lacking:
            raise DeclarationError(
                f"{FILE}: table {name!r} is looked up by {', '.join(key)}, but "
                f"{', '.join(lacking)} is not a column of both the table and rows()"
            )
        if tables[name].duplicated(list(key)).any():
            raise DeclarationError(f"{FILE}: table {name!r} has a key ({', '.join(key)}) twice")
        rows = rows.merge(tables[name], on=list(key), how="left", validate="m:1")
    return rows


def _must_be(value: object, kind: type, what: str) -> None:
    if not isinstance(value, kind):
        raise DeclarationError(
            f"{FILE}: {what} must be a {kind.__name__}, found {type(value).__name__}"
        )


def _typed(features: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    try:
        for name, kind in kinds.items():
            features = features.astype({name: kind})
    except (ValueError, TypeError) as reason:
        raise QualityError(
            f"feature {name}: expected {kind}, found {features[name].dtype} that cannot become it: "
            f"{reason}. See how {FILE} makes it, or FEATURES of src/problem/schema.py"
        ) from None
    return features


def _columns(problem: Features, inputs: list[str], features: pd.DataFrame) -> list[str]:
    if problem.TARGET in inputs:
        raise DeclarationError(
            f"src/problem/schema.py: FEATURES has {problem.TARGET}, the target: a model must not "
            f"be given what it is to predict"
        )
    looked_up_by = [column for key in problem.TABLES.values() for column in key]
    wanted = list(
        dict.fromkeys([*problem.KEY, problem.BLOCK, problem.TARGET, *looked_up_by, *inputs])
    )
    lacking = [name for name in wanted if name not in features]
    if lacking:
        raise DeclarationError(
            f"{FILE}: {', '.join(lacking)} is declared, but neither rows() nor a table has it"
        )
    return wanted


def check_rows(features: pd.DataFrame, problem: Features) -> None:
    """QualityError unless every row has a key of its own, a block and a target."""
    for name in dict.fromkeys([*problem.KEY, problem.BLOCK, problem.TARGET]):
        if gaps := int(features[name].isna().sum()):
            raise QualityError(
                f"column {name}: expected a value in every row, {gaps:,} have none. See rows() in "
                f"{FILE}"
            )
    twice = features.duplicated(problem.KEY)
    if twice.any():
        first = features[twice][problem.KEY].iloc[0]
        raise QualityError(
            f"key ({', '.join(problem.KEY)}): expected once, {int(twice.sum()):,} rows repeat one, "
            f"the first {', '.join(map(str, first))}. See KEY and rows() in {FILE}"
        )


def check_features(features: pd.DataFrame, inputs: list[str], schemas: Schemas) -> None:
    """QualityError for the first thing wrong with the feature table."""
    for name in inputs:
        if features[name].isna().all():
            raise QualityError(
                f"feature {name}: expected values, all {len(features):,} rows are missing. See how "
                f"{FILE} makes it, or drop it from FEATURES in src/problem/schema.py"
            )
    failures = rules.failures(features[inputs], schemas.FEATURES)
    if not failures.empty:
        first = failures.iloc[0]
        name, rule = first["column"], first["check"]
        same = failures[(failures["column"] == name) & (failures["check"] == rule)]
        found = f"{', '.join(examples(same['failure_case']))} in {len(same):,} rows"
        if same["index"].isna().all():
            found = f"{features[name].isna().mean():.1%} missing"
        raise QualityError(
            f"feature {name}: expected {rule}; found {found}. See how {FILE} makes it, or the rule "
            f"in FEATURES of src/problem/schema.py"
        )


if __name__ == "__main__":
    run(main)
