"""Hold the test rows out: the newest months, or a share of the blocks."""

import pandas as pd

from mlops import params
from mlops.contract import Features, load
from mlops.errors import DeclarationError, TrainingError
from mlops.files import replacing, write_json
from mlops.progress import step
from mlops.stages import ARTIFACTS, METRICS, run
from mlops.training.outcomes import outcomes
from mlops.training.split import held_out


def main() -> None:
    """Write artifacts/train.parquet, artifacts/test.parquet and metrics/split.json.

    Raises TrainingError when one of them has no rows, or a target without variety, and
    DeclarationError when the target of a binary problem has more than two values.
    """
    knobs, problem = params.load(), load(Features)
    with step("splitting"):
        features = pd.read_parquet(ARTIFACTS / "features.parquet")
        labels = sorted(features[problem.TARGET].dropna().unique(), key=str)
        if problem.TASK == "binary" and len(labels) > 2:
            raise DeclarationError(
                f"src/problem/features.py: TASK is binary, but {problem.TARGET} has {len(labels)} "
                f"values: {', '.join(map(str, labels[:5]))} …"
            )
        test = held_out(features[problem.BLOCK], knobs.split)
        parts = {"train": features[~test], "test": features[test]}
    for name, part in parts.items():
        values = part[problem.TARGET].nunique()
        if values < 2:
            what = f"only the value {part[problem.TARGET].iloc[0]}" if values else "no rows"
            raise TrainingError(
                f"artifacts/{name}.parquet, column {problem.TARGET}: expected at least two values "
                f"of the target, found {what}. Change `split` in params.yaml, or the target in "
                f"src/problem/features.py"
            )
    for name, part in parts.items():
        with replacing(ARTIFACTS / f"{name}.parquet") as path:
            part.to_parquet(path, index=False)
    write_json(METRICS / "split.json", outcomes(problem, parts, dated=knobs.split.rule == "time"))


if __name__ == "__main__":
    run(main)
