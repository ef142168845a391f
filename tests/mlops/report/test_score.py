"""What is missing is told first, with what to do; a table stays one, whatever is in it."""

from datetime import date

import pytest

from mlops.report.score import markdown, show
from mlops.score.evidence import Evidence
from mlops.score.manual import Declaration
from mlops.score.rubric import SECTIONS, Criterion
from mlops.score.score import Point, Score

DONE = Declaration(
    what="the pilot | its first month", when=date(2026, 10, 1), who="R. Lee", link="docs/pilot.md"
)


@pytest.fixture
def found() -> Score:
    asked = Criterion("Data 1", "it is so", lambda _: [])
    evidence = [Evidence(True, "a rule"), Evidence(False, "no `a | b`", "write one")]
    return Score(
        dict.fromkeys(SECTIONS, [Point(asked, evidence)] * 6 + [Point(asked, evidence, DONE)])
    )


def test_what_is_missing_comes_first_with_its_remedy(
    found: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    show(found)

    shown = capsys.readouterr().out
    assert shown.index("– no `a | b` → write one") < shown.index("+ a rule")
    assert "+ R. Lee, 2026-10-01: the pilot | its first month (docs/pilot.md)" in shown
    assert "ML Test Score 0.5 of 7, that of features and data" in shown


def test_a_page_has_four_cells_in_every_row(found: Score) -> None:
    rows = [line for line in markdown(found).splitlines() if line.startswith("| Data 1")]

    assert len(rows) == 28
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)
    assert "0.5, manual" in rows[6]
    assert "counts until 2027-03-30" in rows[6]
