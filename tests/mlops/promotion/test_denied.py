"""What a token may not do: a setting's matter before the first version, a failure after it."""

from pathlib import Path

import pytest

from mlops.errors import Denied, Failure
from mlops.github.api import Api
from mlops.promotion import rollback, steps
from mlops.promotion.candidate import Candidate
from mlops.registry.errors import PushDeniedError
from tests.mlops.github.server import REPOSITORY, TOKEN
from tests.mlops.registry.conftest import commit, origin, own_machine, release, start

__all__ = ["origin", "own_machine", "start"]  # fixtures


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Denied:
    """A step that a job's token may not do."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    reason = PushDeniedError("Permission to owner/name.git denied to github-actions[bot].")

    def denied() -> Candidate:
        raise reason

    monkeypatch.setattr("mlops.promotion.candidate.read", denied)
    return reason


@pytest.mark.usefixtures("start", "refused")
@pytest.mark.parametrize(
    ("step", "what"), [(steps.package, "packages"), (steps.release, "contents")]
)
def test_before_the_first_version_it_is_told_and_nothing_is_called_promoted(
    step: object, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))

    ending = step()  # type: ignore[operator]

    told = f"undelivered and so not promoted, since the token may not write {what}: Settings, "
    assert str(ending).startswith(told)
    assert (tmp_path / "GITHUB_OUTPUT").read_text().startswith(f"ending={told}")
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text().startswith("**Undelivered**")


def test_once_there_is_a_version_it_is_a_failure(start: str, refused: Denied) -> None:
    release("1.0.0", start)

    with pytest.raises(Denied) as raised:
        steps.package()
    assert raised.value is refused


@pytest.mark.usefixtures("start")
def test_on_a_persons_machine_it_is_a_failure(
    refused: Denied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")

    with pytest.raises(Denied) as raised:
        steps.release()
    assert raised.value is refused


@pytest.mark.usefixtures("start")
def test_before_anything_was_promoted_there_is_nothing_to_go_back_from() -> None:
    api = Api(REPOSITORY, TOKEN, "http://127.0.0.1:9")

    assert "nothing of late-arrival was ever promoted" in rollback.rollback(api, None, "a try")
    with pytest.raises(Failure, match="is no version of late-arrival"):
        rollback.rollback(api, "1.0.0", "a try")
    release("1.0.0", commit({"more": "words"}))
    with pytest.raises(Failure, match="nothing to go back to"):
        rollback.rollback(api, None, "a try")
