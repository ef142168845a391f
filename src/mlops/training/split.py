"""Which rows are held out for the test."""

import hashlib

import pandas as pd

from mlops.errors import TrainingError
from mlops.params import Split


def held_out(blocks: pd.Series, split: Split) -> pd.Series:
    """A boolean per row: whether its block belongs to the test.

    Rule `time` takes the newest `test_months` months of blocks that read YYYY-MM-DD. Rule `random`
    takes each block by the hash of its name, so that new blocks leave the old ones where they were.

    Raises TrainingError when blocks are to be dates and are not, and when there are not more
    months than are to be held out.
    """
    names = pd.Series(blocks.unique(), dtype="str")
    if split.rule == "time":
        undated = names[~names.str.fullmatch(r"\d{4}-\d\d-\d\d")]
        if len(undated):
            raise TrainingError(
                f"params.yaml, key split.rule: time wants blocks that read YYYY-MM-DD, found "
                f"{undated.iloc[0]!r}. Choose the rule random, or another BLOCK in "
                f"src/problem/features.py"
            )
        months = sorted(names.str[:7].unique())
        if len(months) <= split.test_months:
            raise TrainingError(
                f"params.yaml, key split.test_months: expected fewer than the {len(months)} months "
                f"that the data has, found {split.test_months}; training needs at least one"
            )
        chosen = names[names.str[:7] >= months[-split.test_months]]
    else:
        chosen = names[names.map(_position) < split.test_share]
    return blocks.astype("str").isin(set(chosen))


def _position(block: str) -> float:
    """A block's place in [0, 1), uniform over names."""
    return int.from_bytes(hashlib.sha256(block.encode()).digest()[:8], "big") / 2**64
