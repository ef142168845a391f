"""The generated modules at work in a folder of their own: what is tried is what is written."""

import runpy
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandera.dtypes import String

from mlops.contract import Features, Model, Schemas
from mlops.data.checks import check
from mlops.data.read import frames, read
from mlops.errors import DataError, Failure
from mlops.init.table.render import tidy
from mlops.stages.features import check_features, check_rows

PROBLEM = "src/problem"


@dataclass(frozen=True)
class Bench:
    """The problem as the pipeline has it. `frame` is its feature table."""

    features: Features
    model: Model
    schemas: Schemas
    frame: pd.DataFrame

    @property
    def inputs(self) -> list[str]:
        return list(self.schemas.FEATURES.columns)


def at_work(name: str, files: dict[str, bytes]) -> Bench:
    """Run source, schema, features and model of `files`, by path, on the table among them.

    Raises DataError, about the table `name`, when its rows break the rules made for it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / PROBLEM
        for path, content in files.items():
            (Path(scratch) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / path).write_bytes(content)
        source, schema, features, model = (
            runpy.run_path(str(folder / f"{module}.py"))
            for module in ("source", "schema", "features", "model")
        )
        raw = Path(scratch) / "raw"
        raw.mkdir()
        source["materialise"](raw, "")
        schemas = Schemas.model_validate(schema)
        tables, findings = read(raw, schemas.RAW)
    findings += check(tables, schemas, [], "")
    if findings:
        raise DataError(f"{name}: {findings[0].sentence()}", file=name)
    problem = Features.model_validate(features)
    inputs = list(schemas.FEATURES.columns)
    names = dict.fromkeys([*problem.KEY, problem.BLOCK, problem.TARGET, *inputs])
    frame = problem.rows(frames(tables))[list(names)]
    declared = schemas.FEATURES.columns
    numbers = [column for column in inputs if not isinstance(declared[column].dtype, String)]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    try:
        check_rows(frame, problem)
        check_features(frame, inputs, schemas)
    except Failure as wrong:
        raise DataError(f"{name}: {wrong}", file=name) from None
    return Bench(problem, Model.model_validate(model), schemas, frame)


def tidied(files: dict[str, str]) -> dict[str, bytes]:
    """The files, by path, with Python laid out and ending in one newline."""
    with tempfile.TemporaryDirectory() as scratch:
        for path, text in files.items():
            (Path(scratch) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / path).write_text(text.strip("\n") + "\n", encoding="utf-8")
        tidy(Path(scratch))
        return {path: (Path(scratch) / path).read_bytes() for path in files}
