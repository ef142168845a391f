"""Write the trained model as the folder that is served, and compare what the two say."""

import hashlib
from pathlib import Path
from typing import Literal

import joblib
import pandas as pd

from mlops import params
from mlops.contract import Features, Schemas, load
from mlops.errors import DeclarationError
from mlops.evaluation.predict import columns, labels
from mlops.export import convert, describe, parity, snapshot
from mlops.files import replacing, write_json
from mlops.params import Params
from mlops.progress import step
from mlops.stages import ARTIFACTS, METRICS, run
from serving import manifest
from serving.manifest import Manifest, Output, Policy, Table

MODEL = "model.onnx"


def main() -> None:
    """Write artifacts/export/ (model.onnx, manifest.json, tables/) and metrics/parity.json.

    Raises TrainingError when the model cannot be converted, and DeclarationError when an input has
    a type that no request can carry.
    """
    knobs, features, schema = params.load(), load(Features), load(Schemas).FEATURES
    trained = joblib.load(ARTIFACTS / "model.joblib")
    rows = pd.read_parquet(ARTIFACTS / "test.parquet")
    classes = [] if features.TASK == "regression" else labels(trained)
    with replacing(ARTIFACTS / "export") as folder:
        with step("converting the model to ONNX"):
            (folder / "tables").mkdir(parents=True)
            tables, files = _tables(folder, features, list(schema.columns), rows)
            known = pd.read_parquet(ARTIFACTS / "train.parquet", columns=list(schema.columns))
            inputs = describe.inputs(schema, known, {t.name: t.columns for t in tables})
            graph, tensor = convert.convert(
                trained, {i.name: i.kind for i in inputs}, knobs.serving.name
            )
            files[MODEL] = _write(folder / MODEL, graph)
            wanted = {key for table in tables for key in table.keys}
            looked_up_by = sorted(wanted - {i.name for i in inputs})
            about = Manifest(
                format=1,
                name=knobs.serving.name,
                inputs=inputs,
                keys=[manifest.Key(key, _kind(rows, key)) for key in looked_up_by],
                tables=tables,
                output=_output(features, knobs, tensor, classes),
                policy=Policy(knobs.serving.unknown, knobs.serving.outside),
                identifiers=list(dict.fromkeys([*features.KEY, features.BLOCK])),
                model=MODEL,
                files=dict(sorted(files.items())),
            )
            (folder / manifest.FILE).write_text(manifest.dump(about) + "\n", encoding="utf-8")
        with step(f"asking both models about {len(rows):,} test rows"):
            kept = pd.read_parquet(ARTIFACTS / "predictions.parquet")
            predictions = kept[columns(features.TASK, classes)].to_numpy()
            if features.TASK != "multiclass":
                predictions = predictions[:, 0]
            asked = [*about.identifiers, *looked_up_by, *schema.columns]
            found = parity.compare(folder, about, rows[list(dict.fromkeys(asked))], predictions)
    write_json(METRICS / "parity.json", found)


def _tables(
    folder: Path, features: Features, inputs: list[str], rows: pd.DataFrame
) -> tuple[list[Table], dict[str, str]]:
    """What the manifest says of each table that has inputs, and the hash of each file."""
    undeclared = sorted(set(features.CARRIED_FORWARD) - set(features.TABLES))
    if undeclared:
        raise DeclarationError(
            f"src/problem/features.py: CARRIED_FORWARD names {', '.join(undeclared)}, which TABLES "
            f"does not declare"
        )
    tables, files, since = [], dict[str, str](), snapshot.day(rows[features.BLOCK])
    for name, keys in features.TABLES.items():
        table = pd.read_parquet(ARTIFACTS / "tables" / f"{name}.parquet")
        columns = [column for column in table if column in inputs and column not in keys]
        if columns:
            forward = name in features.CARRIED_FORWARD
            about, content = snapshot.take(
                name, table, list(keys), columns, since=since, carried_forward=forward
            )
            tables.append(about)
            files[about.file] = _write(folder / about.file, content)
    return tables, files


def _output(features: Features, knobs: Params, tensor: str, classes: list[object]) -> Output:
    threshold = knobs.evaluate.threshold if features.TASK == "binary" else None
    return Output(features.TASK, features.TARGET, tensor, classes, threshold)  # type: ignore[arg-type]


def _kind(rows: pd.DataFrame, key: str) -> Literal["text", "number"]:
    return "text" if pd.api.types.is_string_dtype(rows[key].dtype) else "number"


def _write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    run(main)
