"""Commands that run side by side share the cores."""

import os

import pytest

from mlops.threads import side_by_side


@pytest.mark.parametrize(("cores", "fair"), [(1, "1"), (2, "1"), (4, "2"), (7, "3")])
def test_two_commands_have_half_of_the_cores_each(
    cores: int, fair: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    assert side_by_side(2) == {"OMP_NUM_THREADS": fair}


def test_a_number_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "6")

    assert side_by_side(2) == {"OMP_NUM_THREADS": "6"}
