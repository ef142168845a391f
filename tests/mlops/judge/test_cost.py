"""What a prediction costs, measured on a machine that does other things, too."""

import time
from pathlib import Path

import pandas as pd
import pytest

from mlops.evaluation.predict import predict as real
from mlops.judge import cost


def test_a_busy_machine_makes_no_model_slower() -> None:
    waits = [0.3, 0.2, 0.001, 0.2, 0.2]  # seconds; the first is the warm-up's

    def predict(_: int) -> None:
        time.sleep(waits.pop(0))

    assert 1 <= cost.fastest(predict, 4) < 200
    assert not waits


def test_a_slow_model_is_slow_however_often_it_is_asked() -> None:
    assert cost.fastest(lambda _: time.sleep(0.01), 5) >= 10


def test_the_trained_model_is_timed_and_weighed(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ran)
    asked: list[int] = []

    def noted(estimator: object, rows: pd.DataFrame, task: object) -> object:
        asked.append(len(rows))
        return real(estimator, rows, task)  # type: ignore[arg-type]

    monkeypatch.setattr(cost, "predict", noted)

    found = cost.measure()

    assert asked == [1] * (cost.SINGLE + 1) + [1000] * (cost.MANY + 1)
    assert found.size == Path("artifacts/model.joblib").stat().st_size
    assert 0 < found.row_ms < found.thousand_rows_ms
