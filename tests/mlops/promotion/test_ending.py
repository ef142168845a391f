"""What a step tells of how a promotion ended."""

from pathlib import Path

import pytest

from mlops.errors import Refused
from mlops.promotion.ending import STATES, Ending, ended


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    places = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for name, path in places.items():
        path.touch()
        monkeypatch.setenv(name, str(path))
    return places


def test_an_ending_goes_to_the_log_the_summary_and_the_output(
    told: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    ended(Ending("promoted", "as late-arrival 1.2.0"))

    assert "promoted as late-arrival 1.2.0" in " ".join(capsys.readouterr().out.split())
    assert told["GITHUB_OUTPUT"].read_text() == "ending=promoted as late-arrival 1.2.0\n"
    assert told["GITHUB_STEP_SUMMARY"].read_text() == "**Promoted** as late-arrival 1.2.0\n\n"


def test_one_that_is_no_success_ends_the_command(told: dict[str, Path]) -> None:
    with pytest.raises(Refused, match=r"held at late-arrival 1\.0\.0") as refused:
        ended(Ending("held", "at late-arrival 1.0.0:\nthe evening"))

    assert refused.value.exit_code == 8
    assert told["GITHUB_OUTPUT"].read_text() == "ending=held at late-arrival 1.0.0: the evening\n"


def test_what_delivers_nothing_new_and_needs_nobody_is_a_success() -> None:
    assert {kind for kind, state in STATES.items() if state == "success"} == {
        "promoted",
        "unchanged",
        "superseded",
        "undelivered",
    }
