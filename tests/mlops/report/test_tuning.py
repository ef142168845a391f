"""What the page and the table of a search say."""

import pytest

from mlops.progress import console
from mlops.report import tuning
from mlops.tune.decide import decide
from tests.mlops.tune.conftest import searched, trial

PRESENT = trial(1.0, 0.40, 0.50)


def test_many_trials_are_a_short_page() -> None:
    worse = [trial(2.0 + n, 0.3, 0.4 - n / 1000, number=n + 1) for n in range(150)]
    page = tuning.markdown(decide(searched(PRESENT, *worse)))

    assert "151 trials (151 complete) on 2 folds" in page
    assert page.count("| +0.") + page.count("| -0.") == tuning.BEST
    assert "| 0.4500 | +0.0000 | 1 | present |" in page
    assert "The present values stay: nothing that was tried is better." in page
    (drawn,) = [line for line in page.splitlines() if "line [" in line]
    assert drawn.count(",") <= tuning.POINTS


def test_the_present_values_are_shown_wherever_they_stand() -> None:
    better = [trial(2.0 + n, 0.5, 0.6 + n / 1000, number=n + 1) for n in range(20)]
    page = tuning.markdown(decide(searched(PRESENT, *better)))

    assert page.count(" present |\n") == 1
    assert "| 21 | " in page
    assert "takes over" in page


def test_a_lead_that_is_noise_is_called_so() -> None:
    noisy = trial(2.0, 0.6, 0.31, number=1)

    assert "may be noise (+0.0050 r2, at least" in tuning.decision(decide(searched(PRESENT, noisy)))


def test_a_value_of_text_cannot_write_markdown() -> None:
    settings = {"alpha": "|<img src=x> @team"}
    present = trial(1.0, 0.4, 0.5, settings=settings)
    search = searched(present, present=settings, space={"alpha": ["choice", *settings.values(), 1]})
    page = tuning.markdown(decide(search))

    assert "|<img" not in page
    assert "@team" not in page


def test_the_table_has_the_best_first(capsys: pytest.CaptureFixture[str]) -> None:
    console.width = 100
    tuning.show(decide(searched(PRESENT, trial(3.0, 0.5, 0.6, number=1))))

    shown = capsys.readouterr().out
    assert shown.index("0.5500") < shown.index("0.4500")
    assert "alpha 3." in shown
