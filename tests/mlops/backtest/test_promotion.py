"""A replayed promotion is a promotion but for what is delivered."""

import shutil
from pathlib import Path

import pytest

from mlops.backtest import promotion
from mlops.judge import verdict as verdicts
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.lineage import described
from tests.conftest import ROOT
from tests.mlops.judge.repositories import commit, git, write
from tests.mlops.promotion.conftest import KEPT, _lock, _model
from tests.mlops.report.verdicts import no_champion


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a model, an origin, and a verdict that accepts it."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("GITHUB_ACTOR", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in KEPT:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, work / name)
    _model()
    git("clone", "-q", "--bare", str(work), str(tmp_path / "origin.git"))
    git("remote", "add", "origin", str(tmp_path / "origin.git"))
    for key, value in (("user.name", "backtest"), ("user.email", "backtest@localhost")):
        git("config", key, value)
    write({".gitignore": "/artifacts/\n/.mlops/\n/reports/pull_request/\n"})
    verdicts.write(no_champion(), verdicts.FOLDER / "verdict.json")
    commit("ready")
    return work


def test_it_makes_a_version_and_the_champion(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1372651200 +0000")  # 2013-07-01 04:00

    assert promotion.promote(no_champion()) == "1.0.0"

    state = registry.read(remote=True)
    champion, assigned = state.champion, state.current
    assert champion is not None
    assert assigned is not None
    assert champion.record is not None
    assert (champion.version, champion.record.image) == ("1.0.0", None)
    assert champion.tag.at.isoformat() == "2013-07-01T04:00:00+00:00"
    assert champion.record.at == "2013-07-01T04:00:00+00:00"
    assert assigned.record is not None
    assert (assigned.record.kind, assigned.record.by) == ("promotion", "backtest")
    told = described(state, champion)
    assert (told["image"], told["verdict"]["decision"], told["differs"]) == (None, "accepted", [])


def test_the_next_number_says_what_changed(place: Path) -> None:
    promotion.promote(no_champion())
    _lock("another run")
    write({"data.dvc": "meta:\n  through: 2013-09\nouts:\n- md5: feed.dir\n  path: data\n"})
    commit("newer data")

    assert promotion.promote(no_champion()) == "1.0.1"

    state = registry.read(remote=True)
    assert [one.version for one in state.assignments] == ["1.0.0", "1.0.1"]
    newest = state.newest
    assert newest is not None
    assert newest.record is not None
    assert newest.record.why == ["data (through – → 2013-09)"]


def test_what_is_not_committed_is_no_version(place: Path) -> None:
    write({"data.dvc": "outs:\n- md5: feed.dir\n  path: data\n"})

    with pytest.raises(RegistryError, match=r"data\.dvc: not what is committed"):
        promotion.promote(no_champion())


def test_it_was_never_delivered(place: Path) -> None:
    promotion.promote(no_champion())
    champion = registry.read(remote=True).champion

    assert champion is not None
    assert champion.record is not None
    with pytest.raises(
        RegistryError, match=r"late-arrival 1\.0\.0 was never delivered as an image"
    ):
        _ = champion.record.delivered
