"""What a promotion adds: how it is told from what it could not do without."""

import pytest

from tests.conftest import ROOT

SAID = """\
  data: rebuilding it from its source, through 2013-08 …
  data: rebuilding it from its source, through 2013-08: 5.2 s
accepted as late-arrival 1.0.0: the first version
  building 127.0.0.1:5000/owner/name:candidate with podman: 41.0 s
promoted as late-arrival 1.0.0
"""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


def test_what_a_promotion_needs_anyway_is_taken_off() -> None:
    from promotion import bench

    found = {
        "promotions": {
            bench.FIRST: {"judge": 100.0, "package": 60.0, "champion": 5.0},
            bench.REMOTE: {"judge": 40.0, "package": 60.0, "push": 2.5},
        },
        "alone": {bench.PIPELINE: 70.0, bench.IMAGE: 40.0},
    }

    goals = bench.judged(found)

    assert goals == {
        "first: seconds beyond cold pipeline and image build": {
            "goal": 60.0,
            "bound": "at most",
            "measured": 55.0,
            "holds": True,
        },
        "against a champion, with a DVC remote: seconds beyond image build": {
            "goal": 60.0,
            "bound": "at most",
            "measured": 62.5,
            "holds": False,
        },
    }


def test_the_commands_own_words_are_read() -> None:
    from promotion import bench

    assert bench.ending(SAID) == "promoted as late-arrival 1.0.0"
    assert bench.ending("superseded by late-arrival#champion#4\n") == ""
    assert bench.reported(SAID) == {
        "data: rebuilding it from its source, through 2013-08": 5.2,
        "building 127.0.0.1:5000/owner/name:candidate with podman": 41.0,
    }
