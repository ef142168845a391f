"""Export folders are served for the while of a replay, and a server that cannot start is told."""

from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.replay import result, sides
from mlops.replay.rehearse import Options, replay
from tests.conftest import Run
from tests.mlops.replay.conftest import limit


def test_a_folder_that_was_altered_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")

    with pytest.raises(DeclarationError, match=r"not a readable manifest\.json"):
        sides.manifest(str(tmp_path))


@pytest.mark.slow
def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(sides.StartError, match="the server did not start: "),
        sides.running(str(tmp_path), "challenger"),
    ):
        pass


@pytest.mark.slow
def test_two_real_servers_are_compared_by_what_the_pipeline_left(finished: Path, run: Run) -> None:
    limit(minimum=100, latency_slack_ms=1000.0)  # a machine that tests is busy
    export = "artifacts/export"

    done = run("mlops", "replay", export, export, "--requests", "250")

    assert done.returncode == 0, done.stdout + done.stderr
    same = result.read((result.FOLDER / "replay.json").read_bytes(), "replay.json")
    assert same.challenger.answered == 250
    assert same.agreement
    assert (same.agreement.equal, same.agreement.largest) == (1, 0)
    assert {endpoint.status for endpoint in same.challenger.endpoints} == {200}
    assert "replay of 250 requests, shadow" in done.stdout


@pytest.mark.slow
def test_what_a_real_server_recorded_comes_out_again(finished: Path) -> None:
    limit(minimum=50)
    seen = Path("seen.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        start = sides.OPTIONS
        patch.setattr(sides, "OPTIONS", (*start, "--capture", str(seen), "--capture-rows", "5000"))
        alone = replay(Options("artifacts/export", requests=100))

    again = replay(Options("artifacts/export", recorded=seen, requests=100))

    for found in (alone, again):
        recorded = next(check for check in found.checks if check.name == "recorded")
        assert (recorded.outcome, recorded.value) == ("pass", 1), found.summary
    assert again.traffic.origin == "seen.jsonl"
