"""What a job tells GitHub Actions."""

import pytest

from mlops.github.job import SUMMARY, output, say, summarise
from tests.mlops.github.conftest import Job


def test_a_summary_grows_and_is_cut_before_github_drops_it(job: Job) -> None:
    summarise("first")
    summarise("é" * SUMMARY)

    assert job.summary.startswith("first\né")
    assert len(job.summary.encode()) <= 1 << 20


def test_an_output_is_one_line(job: Job) -> None:
    output("use", "value")

    with pytest.raises(ValueError, match="must be one line"):
        output("use", "value\nother=forged")

    assert job.output == "use=value\n"


def test_outside_github_actions_it_is_only_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)

    summarise("summary")
    output("use", "value")
    say("it is [so]")

    assert capsys.readouterr().out == "it is [so]\n"
