"""Every point can be lost: each piece of evidence, taken away, takes its point with it."""

import re

import pytest

from mlops.score.evidence import points
from mlops.score.repository import Repository
from mlops.score.rubric import SECTIONS, Criterion
from tests.conftest import ROOT
from tests.mlops.score.conftest import Fresh
from tests.mlops.score.plants import PLANTS

TESTS = {test.name: test for tests in SECTIONS.values() for test in tests}


@pytest.mark.parametrize("test", TESTS.values(), ids=lambda test: test.name)
def test_each_piece_of_evidence_can_be_lost_and_its_point_with_it(
    test: Criterion, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh()
    before = test.look(Repository())
    assert points(before) == 1, [e for e in before if not e.holds]
    lost = {place for place, one in enumerate(before) if not one.holds}

    for lack, (plant, left) in PLANTS[test.name].items():
        with monkeypatch.context() as patch:
            plant(fresh(), patch)
            after = test.look(Repository())
        assert points(after) == left, f"{lack}: {after}"
        assert all(one.remedy for one in after if not one.holds), f"{lack}: no remedy"
        lost |= {place for place, one in enumerate(after) if not one.holds}

    assert lost == set(range(len(before))), "evidence that nothing can take away is none"


def test_there_are_four_sections_of_seven_tests() -> None:
    assert [len(tests) for tests in SECTIONS.values()] == [7, 7, 7, 7]
    assert [name.split()[1] for name in TESTS] == [*"1234567"] * 4


def test_the_page_says_what_counts_as_the_code_does() -> None:
    page = (ROOT / "docs/score.md").read_text()

    rows = re.findall(
        r"^\| ((?:Data|Model|Infra|Monitor) \d) \| (.+?) \| (.+?) \|$", page, re.MULTILINE
    )

    assert rows == [(test.name, test.asks, test.counts) for test in TESTS.values()]
