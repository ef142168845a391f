"""A remote is believed when it took a file, gave it back, and is as before."""

from pathlib import Path

import pytest

from mlops.doctor import storage
from mlops.remote import ADDRESS
from tests.mlops.doctor.conftest import Git, levels, told


@pytest.fixture
def tracked(git: Git, folder: Path) -> Path:
    """A repository of DVC."""
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").touch()
    return folder


def test_without_a_remote_it_is_said_what_that_means(tracked: Path) -> None:
    (seen,) = storage.remote()

    assert seen.level == "note"
    assert ADDRESS in seen.remedy


def test_a_remote_that_works_is_left_as_it_was(
    tracked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    (tmp_path / "store/file").write_text("there before")

    assert told(storage.remote()) == [
        ("ok", f"{tmp_path / 'store'} takes a file and gives it back")
    ]
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["file"]


def test_one_that_takes_nothing_can_still_be_read(
    tracked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(ADDRESS, str(tmp_path / "file/store"))

    ((level, text),) = told(storage.remote())

    assert level == "note"
    assert "can be read, and not written: NotADirectoryError" in text


def test_one_that_cannot_be_reached_is_a_warning(
    tracked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, "nosuchscheme://bucket/folder")

    ((level, text),) = told(storage.remote())

    assert level == "warning"
    assert "cannot be reached" in text


def test_one_that_does_not_answer_is_not_waited_for(
    tracked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, str(tmp_path / "store"))
    monkeypatch.setattr(storage, "PATIENCE", 0.05)

    ((level, text),) = told(storage.remote())

    assert level == "warning"
    assert "does not answer" in text


def test_a_large_cache_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(storage.cache()) == [("ok", "0.0 GB in .dvc/cache")]

    (folder / ".dvc/cache").mkdir(parents=True)
    (folder / ".dvc/cache/file").write_bytes(b"0" * 1000)
    monkeypatch.setattr(storage, "LARGE", 1e-7)
    assert levels(storage.cache()) == ["note"]
