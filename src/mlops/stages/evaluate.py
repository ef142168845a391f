"""Score the model and its baselines on the held-out rows, and draw what suits the task."""

import joblib
import pandas as pd

from mlops import params
from mlops.contract import Behaviour, Features, Schemas, Slices, Task, load
from mlops.evaluation import bootstrap, slices
from mlops.evaluation.behaviour import behaviour
from mlops.evaluation.curves import curves
from mlops.evaluation.fairness import fairness
from mlops.evaluation.importance import importances
from mlops.evaluation.metrics import scores
from mlops.evaluation.predict import Array, columns, labels, predict
from mlops.evaluation.predictions import check
from mlops.evaluation.truth import encode
from mlops.files import DECIMALS, replacing, write_json
from mlops.progress import step
from mlops.stages import ARTIFACTS, METRICS, REPORTS, run


def main() -> None:
    """Write artifacts/predictions.parquet, reports/plots/ and, in metrics/, test.json,
    baselines.json, slices.json, fairness.json and behaviour.json.

    Raises TrainingError when a prediction is not finite or the target has an unknown label, and
    DeclarationError when a slice or an expectation of the problem does not fit its features.
    """
    knobs, features = params.load(), load(Features)
    task = features.TASK
    inputs = list(load(Schemas).FEATURES.columns)
    rows = pd.read_parquet(ARTIFACTS / "test.parquet")
    models = {"model": joblib.load(ARTIFACTS / "model.joblib")}
    models |= joblib.load(ARTIFACTS / "baselines.joblib")
    classes = [] if task == "regression" else labels(models["model"])
    truth = encode(rows[features.TARGET], classes, knobs.evaluate.threshold)
    with step(f"predicting {len(rows):,} test rows with {', '.join(models)}"):
        predicted = {role: predict(model, rows[inputs], task) for role, model in models.items()}
    kept = _table(rows, features, predicted, columns(task, classes))
    check(kept, task, columns(task, classes), features.KEY)

    groups = slices.labels(load(Slices), rows)
    minimum, level = knobs.evaluate.minimum_slice, knobs.evaluate.level
    with step(f"{knobs.evaluate.resamples:,} resamples of whole blocks"):
        codes, blocks = pd.factorize(rows[features.BLOCK], sort=True)
        sample = bootstrap.Sample(truth, predicted["model"], codes, len(blocks))
        counts = bootstrap.draw(sample.blocks, knobs.evaluate.resamples, knobs.seed)
        intervals = _intervals(task, sample, counts, level)
        between = fairness(task, sample, counts, groups, minimum=minimum, level=level)
    with step("slices, behaviour, importances, curves"):
        per_slice = slices.by_slice(task, truth, predicted["model"], groups, minimum)
        met = behaviour(load(Behaviour), models["model"], rows[inputs], task, knobs.seed)
        plots = curves(task, truth, predicted["model"], classes)
        plots["importance"] = importances(
            models["model"],
            rows[inputs],
            truth,
            task,
            sample=knobs.evaluate.importance_rows,
            seed=knobs.seed,
        )

    sizes = {"rows": len(rows), "blocks": sample.blocks}
    write_json(METRICS / "test.json", scores(task, truth, predicted["model"]) | intervals | sizes)
    others = {role: scores(task, truth, p) for role, p in predicted.items() if role != "model"}
    write_json(METRICS / "baselines.json", others)
    write_json(METRICS / "slices.json", per_slice)
    write_json(METRICS / "fairness.json", between)
    write_json(METRICS / "behaviour.json", met)
    with replacing(ARTIFACTS / "predictions.parquet") as path:
        kept.to_parquet(path, index=False)
    with replacing(REPORTS / "plots") as folder:
        folder.mkdir()
        for name, plot in plots.items():
            plot.round(DECIMALS).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def _table(
    rows: pd.DataFrame, features: Features, predicted: dict[str, Array], names: list[str]
) -> pd.DataFrame:
    """Keys, block and target, with the predictions of the model and, by role, of its baselines."""
    keys = list(dict.fromkeys([*features.KEY, features.BLOCK, features.TARGET]))
    table = rows[keys].reset_index(drop=True)
    for role, p in predicted.items():
        prefix = "" if role == "model" else f"{role}_"
        for name, column in zip(names, p.reshape(len(rows), -1).T, strict=True):
            table[prefix + name] = column
    return table


def _intervals(
    task: Task, sample: bootstrap.Sample, counts: bootstrap.Counts, level: float
) -> dict[str, dict[str, dict[str, float]]]:
    found = bootstrap.distributions(task, sample, counts)
    ends = {name: bootstrap.interval(d, level) for name, d in found.items()}
    return {"interval": {name: {"low": low, "high": high} for name, (low, high) in ends.items()}}


if __name__ == "__main__":
    run(main)
