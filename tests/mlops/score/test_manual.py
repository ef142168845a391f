"""What was done by hand is worth half a point, for half a year, where others can read of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.score import manual
from mlops.score.repository import Repository
from mlops.score.score import Score, score

KNOWN = ["Model 1", "Model 2", "Infra 7"]
DONE = """Model 2:
  what: "the share of missed connections fell with the Brier score"
  when: {when}
  who: R. Lee
  link: {link}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def declare(when: str = "2026-10-01", link: str = "https://example.org/pilot") -> None:
    manual.PATH.write_text(DONE.format(when=when, link=link))


def test_without_the_file_nothing_was_done_by_hand() -> None:
    assert manual.read(KNOWN) == {}


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 3, 30), True),
        (date(2027, 3, 31), False),
    ],
)
def test_it_counts_from_its_day_for_half_a_year(today: date, holds: bool) -> None:
    declare()

    declared = manual.read(KNOWN)["Model 2"]

    assert declared.holds(today) is holds
    assert declared.who == "R. Lee"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DONE.format(when="2026-10-01", link="docs/pilot.md"), "line 5, key Model 2.link"),
        (DONE.format(when="last week", link="https://a.org"), "line 3, key Model 2.when"),
        (DONE.replace("Model 2", "Model 8").format(when="2026-10-01", link="https://a.org"), "Did"),
        (DONE.replace("who", "by").format(when="2026-10-01", link="https://a.org"), "Known here:"),
        ("Model 2: done", "line 1, key Model 2"),
        ("[Model 2]", "score.yaml"),
        ("Model 2: {", "score.yaml, line 1"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str) -> None:
    manual.PATH.write_text(text)

    with pytest.raises(DeclarationError) as told:
        manual.read(KNOWN)

    assert said in str(told.value)
    assert told.value.file == "score.yaml"


def test_a_file_of_the_repository_is_as_good_as_an_address() -> None:
    Path("pilot.md").write_text("what came out")
    declare(link="pilot.md")

    assert manual.read(KNOWN)["Model 2"].link == "pilot.md"


def of(found: Score, test: str) -> tuple[float, str]:
    points = (point for section in found.sections.values() for point in section)
    return next((p.points, p.how) for p in points if p.test.name == test)


def test_it_gives_half_a_point_where_there_is_no_evidence_and_takes_none(copy: Path) -> None:
    (copy / "benchmarks/results/backtest.json").unlink()
    assert of(score(), "Model 2") == (0, "no")
    today = Repository().now.date()

    declare(str(today))
    assert of(score(), "Model 2") == (0.5, "manual")

    declare(str(today - timedelta(days=181)))
    assert of(score(), "Model 2") == (0, "no")


def test_it_adds_nothing_to_a_whole_point(copy: Path) -> None:
    assert copy.is_dir()
    declare(str(datetime.now(UTC).date()))

    assert of(score(), "Model 2") == (1, "automated")
