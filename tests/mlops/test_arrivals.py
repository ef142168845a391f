"""What has arrived since data.dvc was written."""

from pathlib import Path

import pytest

from mlops.arrivals import newer
from mlops.errors import DataError
from problem.source import PERIODS

PIN = "outs:\n- md5: {md5}.dir\n  path: data\n"


def pinned(through: str) -> None:
    meta = f"meta:\n  through: {through}\n" if through else ""
    Path("data.dvc").write_text(meta + PIN.format(md5="0" * 32))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_after_the_pinned_period_has_arrived_oldest_first() -> None:
    pinned("2013-09")

    assert newer() == ["2013-10", "2013-11", "2013-12"]


def test_nothing_has_when_the_source_ends_there() -> None:
    pinned("2013-12")

    assert newer() == []


def test_data_of_no_known_period_is_older_than_all() -> None:
    pinned("")

    assert newer() == list(PERIODS)


def test_without_a_data_dvc_it_cannot_be_told() -> None:
    with pytest.raises(DataError, match=r"data\.dvc is missing"):
        newer()
