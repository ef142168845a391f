"""What the held-out rows share with the training rows."""

from typing import Any

import pandas as pd

from mlops.contract import Features


def overlap(
    train: pd.DataFrame, test: pd.DataFrame, features: Features, inputs: list[str]
) -> dict[str, Any]:
    """Counts, and the blocks between which the split lies.

    `rows`: test rows whose key is also in training. `blocks`: blocks that have rows in both.
    `twins`: test rows with the inputs and the target of a training row, whatever their keys; where
    inputs are few and coarse, some are chance. `later_blocks`: training blocks that do not lie
    before `first_test_block` in the order of their names, which is that of time when they are dates
    and means nothing under the split rule `random`.
    """
    blocks = {
        name: sorted(part[features.BLOCK].astype("str").unique())
        for name, part in (("train", train), ("test", test))
    }
    first = blocks["test"][0]
    return {
        "rows": _also_in(train, test, features.KEY),
        "blocks": len(set(blocks["train"]) & set(blocks["test"])),
        "twins": _also_in(train, test, [*inputs, features.TARGET]),
        "later_blocks": sum(block >= first for block in blocks["train"]),
        "last_train_block": blocks["train"][-1],
        "first_test_block": first,
    }


def _also_in(train: pd.DataFrame, test: pd.DataFrame, columns: list[str]) -> int:
    """How many test rows equal a training row in these columns, by 64-bit hash; a gap is equal."""
    known, asked = (pd.util.hash_pandas_object(p[columns], index=False) for p in (train, test))
    return int(asked.isin(known).sum())
