"""Shares merged decide as one search with all their trials would."""

import json
import random
from pathlib import Path

import pytest

from mlops.errors import DataError, DeclarationError
from mlops.tune import result, shares
from mlops.tune.decide import decide, ranked
from mlops.tune.run import SHARES
from tests.mlops.tune.conftest import searched, trial

PRESENT = (0.40, 0.50, 0.30)
ONE = searched(
    trial(1.0, *PRESENT),
    trial(2.0, 0.41, 0.51, 0.32, number=1),
    trial(3.0, 0.2, number=2, state="pruned"),
)
TWO = searched(
    trial(1.0, *PRESENT, share=2),
    trial(4.0, 0.45, 0.56, 0.35, share=2, number=1),
    trial(3.0, 0.2, 0.3, 0.2, share=2, number=2),
)
WHOLE = searched(*ONE.trials, *TWO.trials)


def test_they_are_the_best_of_their_union() -> None:
    merged = shares.together([ONE, TWO])

    assert ranked(merged)[0].settings == {"alpha": 4.0}
    assert ranked(merged)[0].value == max(t.value for t in WHOLE.trials if t.state == "complete")
    one_search = decide(WHOLE)
    tuned = decide(merged)
    assert (tuned.best, tuned.lead, tuned.low) == (one_search.best, one_search.lead, one_search.low)
    assert tuned.better


def test_a_setting_counts_once_and_scored_rather_than_given_up() -> None:
    merged = shares.together([ONE, TWO])

    assert [(t.settings["alpha"], t.state) for t in merged.trials] == [
        (1.0, "complete"),
        (2.0, "complete"),
        (4.0, "complete"),
        (3.0, "complete"),
    ]


def test_their_order_means_nothing() -> None:
    parts = [ONE, TWO, searched(trial(1.0, *PRESENT, share=3), trial(0.1, 0.1, 0.2, 0.3, share=3))]
    expected = decide(shares.together(parts))
    rng = random.Random(3)

    for _ in range(6):
        rng.shuffle(parts)
        assert decide(shares.together(parts)) == expected


def test_a_share_of_other_data_is_refused() -> None:
    with pytest.raises(DataError, match="the shares are of different searches"):
        shares.together([ONE, TWO.model_copy(update={"study": "c" * 64})])


def test_shares_that_disagree_on_a_setting_are_refused() -> None:
    other = searched(trial(1.0, 0.4, 0.5, 0.4, share=2))

    with pytest.raises(DataError, match=r'\{"alpha": 1\.0\} has other scores in share 1 than in '):
        shares.together([ONE, other])


def test_a_folder_of_shares_is_merged_into_params_and_record(
    diabetes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, share in enumerate((ONE, TWO)):  # as the workflow unpacks them
        result.write(share, SHARES / f"share-{number}" / f"share-{number + 1}.json")
    before = (diabetes / "params.yaml").read_text()

    shares.merge(dry_run=True)
    assert (diabetes / "params.yaml").read_text() == before
    shares.merge()

    assert (diabetes / "params.yaml").read_text() == before.replace("alpha: 10.0 #", "alpha: 4.0 #")
    record = json.loads((diabetes / "reports/tuning.json").read_text())
    assert record["best"] == {"alpha": 4.0}
    assert "takes over" in capsys.readouterr().out


@pytest.mark.usefixtures("diabetes")
def test_without_shares_it_says_where_they_come_from() -> None:
    with pytest.raises(DataError, match=r"has no shares; `mlops tune --share I/N` leaves them"):
        shares.merge()


@pytest.mark.usefixtures("diabetes")
def test_a_plan_is_a_matrix_of_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))

    assert json.loads(shares.plan(3)) == [1, 2, 3]
    assert (tmp_path / "output").read_text() == "shares=[1, 2, 3]\n"
    with pytest.raises(DeclarationError, match=r"SPACE\.forest"):
        shares.plan(3, "forest")
