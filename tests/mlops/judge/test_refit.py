"""Training once more gives the same bytes, or is told apart."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops.judge.changes import LOCK, Base
from mlops.judge.refit import AGAIN, refitting
from tests.mlops.judge.repositories import git

NOWHERE = Base(None)


@pytest.mark.usefixtures("finished")
def test_the_same_code_on_the_same_rows_gives_the_same_bytes() -> None:
    with refitting(NOWHERE) as refitted:
        found = refitted()

    assert (found.outcome, found.detail) == ("same", "trained again, every model has the same hash")
    assert not AGAIN.exists()


@pytest.mark.usefixtures("finished")
def test_a_model_that_comes_out_otherwise_is_named() -> None:
    lines = LOCK.read_text().splitlines()
    at = lines.index("    - path: artifacts/model.joblib")
    assert "md5: " in lines[at + 2]
    lines[at + 2] = f"      md5: {'0' * 32}"
    LOCK.write_text("\n".join(lines))

    with refitting(NOWHERE) as refitted:
        found = refitted()

    assert found.outcome == "different"
    assert found.detail == "trained again, model.joblib has another hash"


@pytest.mark.usefixtures("finished")
def test_training_that_fails_the_second_time_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path("src/problem/model.py")
    model.write_text(f"{model.read_text()}\nraise RuntimeError('not today')\n")
    monkeypatch.setenv("PYTHONPATH", str(Path("src").absolute()))

    with refitting(NOWHERE) as refitted:
        found = refitted()

    assert found.outcome == "failed"
    assert "not today" in found.detail


@pytest.mark.usefixtures("finished")
def test_it_is_not_tried_where_training_is_as_at_the_base() -> None:
    with refitting(Base(git("rev-parse", "HEAD"))) as refitted:
        assert not AGAIN.exists()
        assert refitted().outcome == "unchanged"


@pytest.mark.usefixtures("finished")
def test_it_is_stopped_when_what_it_ran_beside_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    popen: Any = subprocess.Popen

    def start(*arguments: Any, **settings: Any) -> Any:
        started.append(popen(*arguments, **settings))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)

    with pytest.raises(KeyboardInterrupt), refitting(NOWHERE):
        raise KeyboardInterrupt

    assert started[-1].returncode == -9
    assert not AGAIN.exists()
