"""What stages note of themselves, run as programs and in process."""

from pathlib import Path

import pytest

from mlops import stages
from mlops.errors import QualityError
from mlops.stages import journal
from mlops.stages.journal import Entry
from tests.conftest import Run

DONE = Entry(stage="train", seconds=4.2, code=0, error=None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_what_was_noted_is_read_in_order_until_it_is_cleared() -> None:
    broken = Entry(stage="evaluate", seconds=0.1, code=6, error='column "late":\nno – value')

    journal.add(DONE)
    journal.add(broken)

    assert journal.read() == [DONE, broken]
    assert len(journal.PATH.read_text(encoding="utf-8").splitlines()) == 2
    journal.clear()
    assert journal.read() == []
    journal.clear()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("line", ["", "half a l", "[1]", '{"stage": "train"}', "\N{EM DASH}"])
def test_a_line_that_is_none_costs_no_other(line: str) -> None:
    journal.add(DONE)
    with journal.PATH.open("a", encoding="latin-1", errors="replace") as file:
        file.write(f"{line}\n")
    journal.add(DONE)

    assert journal.read() == [DONE, DONE]


def test_a_stage_does_not_fail_because_nothing_can_be_noted(here: Path) -> None:
    (here / ".mlops").write_text("a file where a folder should be")

    with pytest.raises(SystemExit) as ended:
        stages.run(lambda: None)

    assert ended.value.code == 0


def run_here(failure: BaseException | None) -> Entry:
    """What is noted of a stage that lives in this file."""

    def main() -> None:
        if failure:
            raise failure

    with pytest.raises(SystemExit) as ended:
        stages.run(main)
    (entry,) = journal.read()
    assert ended.value.code == entry.code
    assert entry.stage == "test_journal"
    assert 0 <= entry.seconds < 5
    return entry


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("failure", "code", "error"),
    [
        (None, 0, None),
        (QualityError("data/raw/a.csv: no rows"), 4, "data/raw/a.csv: no rows"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("of mine"), 1, "ZeroDivisionError: of mine"),
    ],
)
def test_a_stage_notes_its_code_and_why_it_failed(
    failure: BaseException | None, code: int, error: str | None
) -> None:
    entry = run_here(failure)

    assert (entry.code, entry.error) == (code, error)


@pytest.mark.usefixtures("finished")
def test_a_run_notes_the_stages_that_ran_by_the_names_of_dvc_yaml(run: Run) -> None:
    assert run("git", "check-ignore", str(journal.PATH)).returncode == 0
    journal.clear()

    assert run("python", "-m", "dvc", "repro", "--force", "--single-item", "split").returncode == 0

    (entry,) = journal.read()
    assert (entry.stage, entry.code, entry.error) == ("split", 0, None)
    assert entry.seconds > 0

    assert run("mlops", "run").returncode == 0  # nothing has changed, nothing runs
    assert journal.read() == []


@pytest.mark.usefixtures("finished")
def test_the_stage_that_stops_a_run_notes_what_it_said(run: Run) -> None:
    knobs = Path("params.yaml")
    knobs.write_text(knobs.read_text().replace("test_months: 2", "test_months: 8"))
    journal.clear()

    stopped = run("mlops", "run")

    last = journal.read()[-1]
    assert (last.stage, last.code) == ("split", stopped.returncode)
    assert f"error: {last.error}\n" in stopped.stderr
