"""The verdict of main is kept, whatever it is."""

from pathlib import Path

import pytest

from mlops.errors import Refused
from mlops.promotion import accept
from mlops.promotion.plan import Plan
from mlops.registry.state import interpret
from tests.mlops.github.conftest import judged
from tests.mlops.promotion.world import MODEL


def test_a_refusal_says_that_there_is_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow uploads it before it looks at how the step ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    refused = judged(decision="refused", summary="floors: it is not so")
    monkeypatch.setattr("mlops.promotion.accept.github", lambda: None)
    monkeypatch.setattr("mlops.registry.state.read", lambda **_: interpret(MODEL, []))
    monkeypatch.setattr("mlops.promotion.plan.plan", lambda _: Plan("a" * 40, None, 0))
    monkeypatch.setattr("mlops.promotion.judging.judge", lambda _: refused)

    with pytest.raises(Refused):
        accept.judge()

    assert (tmp_path / "output").read_text().splitlines() == [
        "judged=true",
        "ending=refused by floors: it is not so",
    ]
