"""The champion answers from the cache, from its own worktree, or says why it cannot."""

import os
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlops import git
from mlops.data import pin
from mlops.judge.champion import Answer, answer
from mlops.judge.changes import Base
from mlops.judge.incumbent import incumbent
from mlops.judge.workplace import Fetch, Workplace
from mlops.registry import outputs
from mlops.registry.errors import RegistryError
from mlops.registry.outputs import PREDICTIONS
from problem import source
from tests.conftest import THINNING, execute
from tests.mlops.judge.repositories import commit
from tests.mlops.judge.repositories import git as run

KEY = ["time_hour", "carrier", "flight"]


@pytest.fixture
def base(finished: Path) -> Base:
    """The sample repository after a run, all committed."""
    return Base(git.head())


def ask(base: Base, fetch: Fetch | None = None) -> Answer:
    return answer(incumbent(base), KEY, fetch)


def promote(base: Base) -> None:
    """Make the model of the base version 1.2.0, and the champion."""
    for tag in ("late-arrival@v1.2.0", "late-arrival#champion#1"):
        run("tag", "-a", "-m", "by hand", tag, str(base.commit))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the champion was told to do, and did not: it says again what it said before."""
    doings: list[str] = []

    def run(workplace: Workplace, doing: str, *_: str) -> None:
        doings.append(doing)
        shutil.copy2(PREDICTIONS, workplace.folder / PREDICTIONS)

    monkeypatch.setattr(Workplace, "run", run)
    return doings


def same(found: Answer, expected: pd.DataFrame) -> None:
    assert found.predictions is not None
    pd.testing.assert_frame_equal(found.predictions, expected)


def own() -> pd.DataFrame:
    return pd.read_parquet(PREDICTIONS)


def periods(through: str) -> None:
    """Data up to a month, thinned as the sample is, pinned."""
    shutil.rmtree(pin.DATA)
    pin.RAW.mkdir(parents=True)
    source.materialise(pin.RAW, through)
    for path in pin.RAW.glob("flights-*.csv"):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(header + b"".join(lines[::THINNING]))
    pin.write(pin.digest(pin.DATA), through)


def test_on_the_same_data_its_predictions_are_in_the_cache(base: Base) -> None:
    Path("docs/pipeline.md").write_text("words\n")

    found = ask(base)

    assert found.champion.origin == "base"
    assert found.champion.commit == base.commit
    assert "in the DVC cache" in found.champion.obtained
    same(found, own())


@pytest.mark.slow
def test_without_its_cache_it_is_trained_again_and_says_the_same(base: Base) -> None:
    expected = own()
    shutil.rmtree(".dvc/cache")

    found = ask(base)

    assert "trained again" in found.champion.obtained
    same(found, expected)
    assert not Path(".mlops/champion").exists()


@pytest.mark.slow
@pytest.mark.parametrize("by", ["a variable", "settings"])
def test_a_remote_is_asked_before_it_is_trained_again(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Its worktree lies elsewhere, and a path means the same there."""
    expected = own()
    if by == "a variable":
        monkeypatch.setenv("MLOPS_REMOTE", "../store")
    else:
        settings = ("dvc", "remote", "add", "--local", "-d", "store", str(tmp_path / "store"))
        assert execute(Path.cwd(), *settings).returncode == 0
    pushed = execute(Path.cwd(), "mlops", "push")
    assert pushed.returncode == 0, pushed.stderr
    shutil.rmtree(".dvc/cache")

    found = ask(base)

    assert "came from the DVC remote" in found.champion.obtained
    same(found, expected)


def test_a_promoted_one_comes_from_its_release(base: Base, tmp_path: Path) -> None:
    expected = own()
    promote(base)
    archive = outputs.pack(tmp_path).read_bytes()
    shutil.rmtree(".dvc/cache")
    asked = []

    def fetch(tag: str) -> bytes:
        asked.append(tag)
        return archive

    found = ask(Base(None), fetch)

    assert asked == ["late-arrival@v1.2.0"]
    assert found.champion.version == "1.2.0"
    assert found.champion.obtained == "its model came from its release late-arrival@v1.2.0"
    same(found, expected)
    assert not Path(".mlops/champion").exists()


def test_a_release_that_cannot_be_had_is_noted_and_it_is_trained_again(
    base: Base, told: list[str]
) -> None:
    expected = own()
    promote(base)
    shutil.rmtree(".dvc/cache")

    def fetch(tag: str) -> bytes:
        raise RegistryError("GitHub did not answer")

    found = ask(base, fetch)

    assert told == ["obtaining its data", "running its pipeline again"]
    assert "trained again" in found.champion.obtained
    assert "late-arrival@v1.2.0 did not give it: GitHub did not ans" in found.champion.obtained
    same(found, expected)


@pytest.mark.slow
def test_from_its_release_it_answers_on_a_new_month(base: Base, tmp_path: Path) -> None:
    promote(base)
    archive = outputs.pack(tmp_path).read_bytes()
    shutil.rmtree(".dvc/cache")
    periods("2013-09")

    found = ask(base, lambda _: archive)

    assert "came from its release late-arrival@v1.2.0, and answered" in found.champion.obtained
    assert found.predictions is not None
    assert sorted(found.predictions["date"].str[:7].unique()) == ["2013-08", "2013-09"]


@pytest.mark.slow
def test_on_a_new_month_it_answers_with_its_own_code_and_model(base: Base) -> None:
    before = own()
    periods("2013-09")
    Path("src/problem/features.py").write_text("raise SystemExit('the challenger is broken')\n")

    found = ask(base)

    assert "answered on the new data" in found.champion.obtained
    assert found.predictions is not None
    assert sorted(found.predictions["date"].str[:7].unique()) == ["2013-08", "2013-09"]
    assert found.excluded == 0
    august = before[before["date"] >= "2013-08"].merge(found.predictions, on=KEY)
    assert len(august) > 1000
    pd.testing.assert_series_equal(
        august["prediction_x"], august["prediction_y"], check_names=False, atol=1e-9
    )


@pytest.mark.slow
def test_rows_that_it_was_trained_on_are_left_out_and_counted(base: Base) -> None:
    """Without July, June is held out, which the champion learned from."""
    june = pd.read_parquet("artifacts/train.parquet")["date"].str.startswith("2013-06").sum()
    periods("2013-07")

    found = ask(base)

    assert found.excluded == june > 1000
    assert found.predictions is not None
    assert set(found.predictions["date"].str[:7]) == {"2013-07"}


@pytest.mark.slow
def test_new_data_that_its_own_rules_refuse_leaves_it_without_an_answer(base: Base) -> None:
    path = pin.RAW / "planes.csv"
    path.write_text(path.read_text().replace("seats", "places", 1))
    pin.write(pin.digest(pin.DATA), "2013-08")

    found = ask(base)

    assert found.predictions is None
    assert "making its features of the new data failed" in found.champion.why_not
    assert "seats" in found.champion.why_not


@pytest.mark.slow
def test_a_pipeline_that_gives_something_else_than_it_committed_is_not_believed(
    base: Base,
) -> None:
    lock = Path("dvc.lock")
    model = next(line for line in lock.read_text().splitlines() if "model.joblib" in line)
    text = lock.read_text()
    place = text.index("md5:", text.index(model)) + len("md5: ")
    lock.write_text(text[:place] + "a" * 32 + text[place + 32 :])
    wrong = Base(commit("a forged lock"))
    shutil.rmtree(".dvc/cache")

    found = ask(wrong)

    assert found.predictions is None
    assert "another dvc.lock" in found.champion.why_not


def test_where_the_pipeline_never_ran_there_is_no_champion(base: Base) -> None:
    Path("dvc.lock").unlink()

    found = ask(Base(commit("no lock")))

    assert found.champion.origin == "none"
    assert "never ran" in found.champion.why_not


def test_without_a_base_there_is_no_champion() -> None:
    assert ask(Base(None)).champion.origin == "none"


def test_rows_named_by_other_columns_cannot_be_laid_on_each_other(
    base: Base, told: list[str]
) -> None:
    periods("2013-07")

    found = answer(incumbent(base), ["row_id"])

    assert told == ["making its features of the new data", "predicting the new rows"]
    assert found.predictions is None
    assert "not named by row_id" in found.champion.why_not


@pytest.mark.slow
def test_its_packages_are_its_own_when_they_differ(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is in the environment is uv's matter; here, that it is asked for, and used."""
    asked = []
    mine = tmp_path / "bin" / "python"
    mine.parent.mkdir()
    mine.symlink_to(os.path.realpath(sys.executable))

    def environment(name: str, packages: Path) -> Path:
        asked.append(packages.read_text())
        return mine

    monkeypatch.setattr("mlops.judge.workplace._environment", environment)
    theirs = Path("requirements/run.txt").read_text()
    Path("requirements/run.txt").write_text(f"{theirs}# a new package\n")
    periods("2013-07")

    ask(base)

    assert asked == [theirs]
