"""GitHub on loopback, for whoever asks it."""

from collections.abc import Iterator

import pytest

from mlops.github import api as github_api
from mlops.github.api import Api
from tests.mlops.github.server import REPOSITORY, TOKEN, GitHub, serving


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as running:
        yield running


@pytest.fixture
def api(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Asked once: nothing is out of order for a moment only."""
    monkeypatch.setattr(github_api, "PATIENCE", ())
    return Api(REPOSITORY, TOKEN, github.url)
