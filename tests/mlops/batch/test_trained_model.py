"""The example's export on the example's test rows says what the trained pipeline says."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from mlops.batch.score import score


@pytest.mark.slow
@pytest.mark.parametrize("given", [".csv", ".parquet"])
def test_a_file_gets_the_predictions_of_the_trained_pipeline(
    tmp_path: Path, ran: Path, given: str
) -> None:
    rows = pd.read_parquet(ran / "artifacts" / "test.parquet")
    trained = joblib.load(ran / "artifacts" / "model.joblib")
    expected = trained.predict_proba(rows[list(trained.feature_names_in_)])[:, 1]
    if given == ".csv":
        rows.to_csv(tmp_path / "rows.csv", index=False)
    else:
        rows.to_parquet(tmp_path / "rows.parquet")

    score(tmp_path / f"rows{given}", tmp_path / "scored.csv", ran / "artifacts" / "export")

    found = pd.read_csv(tmp_path / "scored.csv")
    np.testing.assert_allclose(found["probability"], expected, atol=1e-5)
    assert list(found["late"]) == list((expected >= 0.3).astype(int))
    assert list(found["flight"]) == list(rows["flight"])
