"""The stage `audit` on the sample: honest as shipped, and what planted leaks look like."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlops import params
from mlops.errors import DeclarationError, TrainingError
from mlops.stages import audit
from problem.model import ESTIMATORS
from problem.schema import FEATURES
from tests.mlops.stages.knobs import hurry, turn

AUDIT = Path("metrics/audit.json")
TRAIN, TEST = Path("artifacts/train.parquet"), Path("artifacts/test.parquet")
INPUTS = list(FEATURES.columns)


def written() -> Any:
    return json.loads(AUDIT.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("finished")
def test_the_shipped_problem_shows_no_leak() -> None:
    found, leaks = written(), params.load().gates.leaks
    test = json.loads(Path("metrics/test.json").read_text(encoding="utf-8"))

    assert found["metric"] == "roc_auc"
    assert list(found["alone"]) == INPUTS
    assert max(found["alone"].values()) < leaks.alone < leaks.too_good
    assert max(found["alone"].values()) < test["roc_auc"] < leaks.too_good
    assert found["alone"]["sched_dep_time"] > 0.6  # delays pile up over the day
    assert found["overlap"] == {
        "rows": 0,
        "blocks": 0,
        "twins": 0,
        "later_blocks": 0,
        "last_train_block": "2013-06-30",
        "first_test_block": "2013-07-01",
    }


@pytest.mark.usefixtures("finished")
def test_the_scores_by_seed_are_those_of_pipelines_fitted_by_hand() -> None:
    hurry()
    turn("min_samples_leaf: 200 # flights in a leaf, at least", "max_features: 0.3")
    turn("seeds: 1 ", "seeds: 2 ")
    train, test = pd.read_parquet(TRAIN), pd.read_parquet(TEST)

    audit.main()

    found = written()["seeds"]
    assert list(found) == ["2014", "2015"]
    for seed, score in found.items():
        model = ESTIMATORS["gradient_boosting"](
            int(seed),
            learning_rate=0.05,
            max_iter=5,
            max_leaf_nodes=15,
            l2_regularization=10.0,
            max_features=0.3,
        ).fit(train[INPUTS], train["late"])
        expected = roc_auc_score(test["late"], model.predict_proba(test[INPUTS])[:, 1])
        assert score == pytest.approx(expected, abs=1.01e-6)
    assert found["2014"] != found["2015"]


@pytest.mark.usefixtures("finished")
def test_an_input_that_is_nearly_the_answer_stands_out_from_all_others() -> None:
    """As the delay at departure would, which is known only after the fact."""
    hurry()
    rng = np.random.default_rng(0)
    for path in (TRAIN, TEST):
        rows = pd.read_parquet(path)
        delay = rows["late"] + rng.normal(0, 0.5, len(rows))
        rows.assign(temp=delay.astype("float32")).to_parquet(path)

    audit.main()

    scores = written()["alone"]
    leaky = [name for name, score in scores.items() if score > params.load().gates.leaks.alone]
    assert leaky == ["temp"]


@pytest.mark.usefixtures("finished")
def test_rows_that_are_in_both_are_counted() -> None:
    hurry()
    test = pd.read_parquet(TEST)
    days = sorted(test["date"].unique())[:2]
    copied = test[test["date"].isin(days)]
    pd.concat([pd.read_parquet(TRAIN), copied]).to_parquet(TRAIN)

    audit.main()

    assert written()["overlap"] == {
        "rows": len(copied),
        "blocks": 2,
        "twins": len(copied),
        "later_blocks": 2,
        "last_train_block": days[1],
        "first_test_block": days[0],
    }


@pytest.mark.usefixtures("finished")
def test_a_second_audit_writes_the_same_bytes() -> None:
    hurry()

    audit.main()
    once = AUDIT.read_bytes()
    audit.main()

    assert AUDIT.read_bytes() == once


@pytest.mark.usefixtures("finished")
def test_a_label_that_training_never_saw_is_named_and_the_old_audit_stays() -> None:
    test, before = pd.read_parquet(TEST), AUDIT.read_bytes()
    test.assign(late=test["late"].where(test.index != test.index[5], 2)).to_parquet(TEST)

    with pytest.raises(TrainingError, match=r"column late: expected .*\(0, 1\), found also 2"):
        audit.main()

    assert AUDIT.read_bytes() == before


@pytest.mark.usefixtures("finished")
def test_a_wrong_parameter_is_named_before_anything_is_read() -> None:
    TRAIN.unlink()
    turn("max_leaf_nodes: 15", "max_leaves: 15")

    with pytest.raises(DeclarationError, match="max_leaves: unknown key"):
        audit.main()
