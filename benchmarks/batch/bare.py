"""The same work with the libraries alone: read, stack, predict, write. No checks, no way back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is imported
import onnxruntime

ROWS = 50_000


def bare(file: Path, output: Path, model: Path) -> None:
    """As one would first write it, for a binary model with inputs of the kinds text and float32."""
    about = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    texts, numbers = (
        [i["name"] for i in about["inputs"] if (i["kind"] == "text") == is_text]
        for is_text in (True, False)
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        (model / about["model"]).read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    threshold = about["output"]["threshold"]
    classes = pa.array(about["output"]["classes"])
    names = [*about["identifiers"], about["output"]["target"], "probability"]
    writer = None
    for batch in batches(file, texts, numbers, about["identifiers"]):
        feeds = {
            "text": columns(batch, texts).astype(object),
            "float32": columns(batch, numbers).astype(np.float32),
        }
        p = session.run([about["output"]["tensor"]], feeds)[0][:, 1]
        label = classes.take(pa.array((p.astype(np.float64) >= threshold).astype(np.int64)))
        copied = [batch.column(name) for name in about["identifiers"]]
        said = pa.RecordBatch.from_arrays([*copied, label, pa.array(p)], names)
        if writer is None:
            kind = csv.CSVWriter if output.suffix == ".csv" else parquet.ParquetWriter
            writer = kind(output, said.schema)
        writer.write_batch(said)
    if writer is not None:
        writer.close()


def columns(batch: pa.RecordBatch, names: list[str]) -> np.ndarray:
    return np.column_stack([batch.column(n).to_numpy(zero_copy_only=False) for n in names])


def batches(
    file: Path, texts: list[str], numbers: list[str], identifiers: list[str]
) -> Iterator[pa.RecordBatch]:
    wanted = list(dict.fromkeys([*identifiers, *texts, *numbers]))
    if file.suffix == ".parquet":
        return parquet.ParquetFile(file).iter_batches(ROWS, columns=wanted)
    types = {n: pa.float64() if n in numbers else pa.string() for n in wanted}
    return csv.open_csv(
        file,
        convert_options=csv.ConvertOptions(column_types=types, include_columns=wanted),
    )
