"""The facts of half a year, gathered once."""

import os
from pathlib import Path

import pytest

from mlops.dashboard.facts import Facts, gather
from tests.mlops.dashboard.world import half_a_year


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    here = Path.cwd()
    os.chdir(half_a_year(tmp_path_factory))
    try:
        return gather()[0]
    finally:
        os.chdir(here)
