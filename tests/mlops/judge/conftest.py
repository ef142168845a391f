"""Evidence to show the gates, made by hand: forty days of fifty flights each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from mlops import params
from mlops.evaluation.metrics import Truth
from mlops.judge import verdict
from mlops.judge.champion import Answer
from mlops.judge.changes import Base
from mlops.judge.evidence import Evidence
from mlops.judge.rows import Match, Rows
from mlops.params import Gates, Params
from tests.conftest import ROOT

DAYS, A_DAY = 40, 50
Make = Callable[..., Evidence]


@dataclass(frozen=True)
class At(Base):
    """A base whose files are given."""

    contents: dict[str, str] = field(default_factory=dict)

    def text(self, path: str | Path) -> str | None:
        return self.contents.get(str(path))


@pytest.fixture(scope="session")
def knobs() -> Params:
    """Thresholds of the tests' own."""
    gates = Gates.model_validate(
        {
            "level": 0.95,
            "resamples": 2000,
            "floors": {"roc_auc": 0.6, "brier": 0.25},
            "margins": {"roc_auc": 0.02, "brier": 0.01},
            "slice_margins": {"roc_auc": 0.1, "brier": 0.05},
            "calibration": {"error": 0.1, "slope": [0.6, 1.7]},
            "leaks": {"too_good": 0.9, "alone": 0.7},
            "stability": 0.01,
            "parity": 1e-5,
            "budgets": {"row_ms": 10, "thousand_rows_ms": 100, "model_mb": 2},
        }
    )
    whole = params.load(ROOT / "params.yaml")
    few = whole.evaluate.model_copy(update={"minimum_slice": 100})
    return whole.model_copy(update={"gates": gates, "evaluate": few, "seed": 7})


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Two models that are one: champion and challenger say the same, and are calibrated."""
    rng = np.random.default_rng(17)
    n = DAYS * A_DAY
    score = rng.normal(size=n)
    p = expit(-1 + 1.3 * score)
    y = (rng.random(n) < p).astype(np.float64)
    said = {
        "challenger": p,
        "champion": p,
        "linear": expit(-1 + score + rng.normal(size=n) / 2),
        "dummy": np.full(n, y.mean()),
    }
    days = [f"2013-07-{day:02d}" for day in range(1, DAYS + 1)]
    groups = pd.DataFrame({"origin": np.where(np.arange(n) % 5 < 2, "JFK", "EWR")})
    block = pd.Series(np.repeat(days, A_DAY))
    return Rows("binary", Truth(y, 2, 0.5), block, groups, said)


@pytest.fixture
def evidence(knobs: Params, rows: Rows) -> Make:
    """Evidence with nothing wrong in it, but for what a test gives; `rows` are shared, too."""

    def make(**given: Any) -> Evidence:
        who = verdict.Champion(origin="base", commit="0" * 40)
        shown = given.get("rows", rows)
        whole: dict[str, Any] = {
            "knobs": knobs,
            "task": "binary",
            "base": At("0" * 40),
            "answer": Answer(who, pd.DataFrame()),
            "level": 0.95,
            "rows": rows,
            "match": Match(shown, 0, 0, "") if shown is not None else None,
        }
        return Evidence(**(whole | given))

    return make


@pytest.fixture
def alone(evidence: Make) -> Make:
    """Evidence without a champion: there is no base."""
    nobody = verdict.Champion(origin="none", why_not="there is no base to compare with")
    return lambda **given: evidence(
        **({"answer": Answer(nobody), "match": None, "base": At(None)} | given)
    )


@pytest.fixture
def unable(evidence: Make) -> Make:
    """Evidence with a champion that cannot answer."""
    mute = verdict.Champion(origin="base", commit="0" * 40, why_not="its packages are gone")
    return lambda **given: evidence(**({"answer": Answer(mute), "match": None} | given))


@pytest.fixture
def halted(evidence: Make) -> Make:
    """Evidence of a pipeline that stopped before it scored anything."""
    return lambda **given: evidence(**({"rows": None, "match": None} | given))
