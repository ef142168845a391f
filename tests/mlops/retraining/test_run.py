"""Newer data, the pipeline, and the results that a proposal takes; both stand-ins are small."""

import json
from pathlib import Path

import pytest

from mlops import pipeline
from mlops.data import obtain
from mlops.errors import DeclarationError, QualityError
from mlops.retraining import retrained
from mlops.retraining.run import here, main, run
from problem import source
from tests.mlops.judge.repositories import git, write
from tests.mlops.retraining.conftest import World, pinned


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The periods that data were asked for; data and pipeline do what this says."""
    periods: list[str | None] = []

    def advance(through: str | None) -> None:
        periods.append(through)
        write({"data.dvc": pinned(through or "")})

    def reproduce(arguments: list[str]) -> None:
        assert arguments == []
        write(
            {
                "dvc.lock": f"made of {Path('data.dvc').read_text()}",
                "metrics/test.json": json.dumps({"roc_auc": 0.76, "brier": None, "rows": 5}),
                "reports/model_card.md": "# Of September\n",
            }
        )

    monkeypatch.setattr(obtain, "advance", advance)
    monkeypatch.setattr(pipeline, "reproduce", reproduce)
    monkeypatch.setattr(pipeline, "run", reproduce)
    monkeypatch.setattr(source, "PERIODS", ("2013-08", "2013-09", "2013-10"))
    return periods


def test_results_are_left_with_what_they_were_before(
    world: World, asked: list[str | None], tmp_path: Path
) -> None:
    folder = main("2013-09")

    assert asked == ["2013-09"]
    found = retrained.read(folder)
    assert (found.through, found.before) == ("2013-09", "2013-08")
    assert found.base == git("rev-parse", "HEAD")
    metrics = {
        metric.name: (metric.better, metric.before, metric.after) for metric in found.metrics
    }
    assert metrics == {"roc_auc": ("higher", 0.74, 0.76), "brier": ("lower", None, None)}
    assert [str(name) for name in retrained.files(folder)] == [
        "data.dvc",
        "dvc.lock",
        "metrics/test.json",
        "reports/model_card.md",
        "reports/plots/gone.csv",
    ]
    assert (folder / "dvc.lock").read_text() == Path("dvc.lock").read_text()
    assert (tmp_path / "output").read_text() == "changed=true\n"


@pytest.mark.usefixtures("asked")
def test_the_same_lock_is_said_and_leaves_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main("2013-09")
    (tmp_path / "output").write_text("")

    folder = main("2013-09")

    assert not folder.exists()
    assert (tmp_path / "output").read_text() == "changed=false\n"
    assert "nothing changed: the pipeline gives the same dvc.lock" in capsys.readouterr().out


def test_data_without_periods_are_asked_for_all(asked: list[str | None]) -> None:
    assert retrained.read(run()).through == ""
    assert asked == [None]


@pytest.mark.usefixtures("asked")
def test_a_pipeline_that_stops_leaves_nothing_to_propose(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run("2013-09")

    def broken(_: list[str]) -> None:
        raise QualityError("dest is missing")

    monkeypatch.setattr(pipeline, "reproduce", broken)

    with pytest.raises(QualityError):
        run("2013-10")
    assert not folder.exists()


@pytest.mark.usefixtures("world")
def test_on_one_s_own_machine_the_next_period_is_brought_to_look_at(
    asked: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    here()
    here("2013-10")
    here()

    assert asked == ["2013-09", "2013-10"]
    assert not retrained.FOLDER.exists()
    told = capsys.readouterr().out
    assert told.count("now commit data.dvc, dvc.lock, metrics/ and reports/") == 2
    assert "nothing newer: data.dvc has all that the source has, through 2013-10" in told


def test_a_repository_without_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DeclarationError, match="no commit to start from"):
        run("2013-09")
