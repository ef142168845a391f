"""A pull request, judged whole: what ran, what stopped it, who accepts what."""

import json
from pathlib import Path

import pytest

from mlops import git
from mlops.errors import DeclarationError, Refused, Undecided
from mlops.judge import uses
from mlops.judge.champion import Answer
from mlops.judge.pull_request import ending, judge
from mlops.judge.verdict import Champion, Gate, Override, Verdict, latest
from tests.conftest import execute
from tests.mlops.judge.repositories import commit
from tests.mlops.judge.repositories import git as run

CARD = "src/problem/card.md"  # the last stage reads it, and no other


def gate(verdict: Verdict, name: str) -> Gate:
    return next(gate for gate in verdict.gates if gate.name == name)


def states(verdict: Verdict) -> dict[str, str]:
    return {stage.name: stage.state for stage in verdict.stages}


def submitted(main: str) -> Verdict:
    """The verdict of `mlops pr` as a program, with the code of this repository."""
    execute(Path.cwd(), "mlops", "pr", "--base", main)
    return latest()


@pytest.fixture
def main(finished: Path) -> str:
    """The sample repository after a run, all committed: the name of its branch."""
    return run("rev-parse", "--abbrev-ref", "HEAD")


def further(page: str) -> None:
    """One more line in a file."""
    with Path(page).open("a") as file:
        file.write("One thing more.\n")


def branch_with(files: dict[str, tuple[str, str]]) -> None:
    """A branch on which texts are replaced, by file, all committed."""
    run("checkout", "-q", "-b", "feature")
    for name, (old, new) in files.items():
        text = Path(name).read_text()
        assert old in text, (name, old)
        Path(name).write_text(text.replace(old, new))
    commit("change")


def test_the_untouched_template_is_accepted_without_a_champion(main: str) -> None:
    judged = judge(main)

    assert judged.decision == "accepted"
    assert judged.champion.origin == "none"
    outcomes = {g.name: g.outcome for g in judged.gates}
    for name in ("same_rows", "champion", "slices", "protected"):
        assert outcomes.pop(name) == "not applicable"
    assert set(outcomes.values()) == {"pass"}
    assert set(states(judged).values()) == {"cached"}
    ending(judged)


def test_a_page_runs_nothing_and_ties_with_the_champion_exactly(
    main: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_with({"docs/data.md": ("data", "datum")})
    monkeypatch.setenv("MLOPS_HEAD_SHA", "a" * 40)  # of the pull request; a merge is checked out

    judged = judge(main)

    assert judged.decision == "accepted"
    assert judged.candidate.commit == "a" * 40
    assert judged.files == ["docs/data.md"]
    assert judged.candidate.lock == judged.champion.lock
    assert set(states(judged).values()) == {"cached"}
    assert all(m.difference == m.low == m.high == 0 for m in judged.metrics)
    assert gate(judged, "reproducible").reason.startswith("training and its result are as at")
    assert not uses.HERE.exists()  # the champion itself is no new decision


def test_its_changes_are_those_since_the_base_and_its_model_meets_the_champion(
    main: str,
) -> None:
    """The champion is two commits of main behind; one of them changed what judges a model."""
    champion = git.head()
    for tag in ("late-arrival@v1.2.0", "late-arrival#champion#4"):
        run("tag", "-a", "-m", "by hand", tag)
    Path("docs/data.md").write_text("words\n")
    commit("a page")
    Path("Makefile").write_text(Path("Makefile").read_text() + "# a word\n")
    base = commit("a comment")
    branch_with({"docs/pipeline.md": ("Pipeline", "Pipe-line")})

    judged = judge(main)

    assert judged.champion.model_dump(include={"origin", "version", "commit"}) == {
        "origin": "promoted",
        "version": "1.2.0",
        "commit": champion,
    }
    assert judged.candidate.base == base
    assert judged.files == ["docs/pipeline.md"]
    assert gate(judged, "protected").outcome == "pass"
    assert judged.decision == "accepted"
    assert "against the champion 1.2.0 (" in judged.summary


@pytest.mark.slow
def test_a_worse_model_with_its_stale_lock_is_trained_judged_and_refused(main: str) -> None:
    branch_with({"params.yaml": ("max_iter: 150", "max_iter: 2")})
    head = git.head()

    judged = judge(main)

    assert judged.decision == "refused"
    assert gate(judged, "champion").outcome == "fail"
    assert gate(judged, "lock").outcome == "fail"
    assert "dvc.lock" in gate(judged, "lock").reason
    assert judged.candidate.commit == head
    assert [(c.name, c.old, c.new) for c in judged.params] == [
        ("model.gradient_boosting.max_iter", "150", "2")
    ]
    ran = {name for name, state in states(judged).items() if state == "ran"}
    assert ran == {"train", "evaluate", "export", "audit", "card"}
    auc = next(metric for metric in judged.metrics if metric.name == "roc_auc")
    written = json.loads(Path("metrics/test.json").read_text())
    assert auc.value == pytest.approx(written["roc_auc"], abs=1e-6)
    assert auc.high is not None
    assert auc.high < 0
    with pytest.raises(Refused, match=r"refused by .*champion"):
        ending(judged)

    _it_counts_as_one_use(judged, main)


def _it_counts_as_one_use(judged: Verdict, main: str) -> None:
    assert judged.holdout is not None
    assert judged.holdout.uses == 1
    again = judge(main)
    assert again.holdout == judged.holdout
    further(CARD)  # another lock, another candidate
    other = judge(main).holdout
    assert other is not None
    assert (other.hash, other.uses) == (judged.holdout.hash, 2)
    assert other.level > judged.holdout.level


@pytest.mark.slow
def test_results_that_wait_to_be_committed_with_the_change_are_not_stale(main: str) -> None:
    run("checkout", "-q", "-b", "feature")
    further(CARD)

    judged = judge(main)

    assert states(judged)["card"] == "ran"
    assert gate(judged, "lock").outcome == "pass"
    assert "commit them" in gate(judged, "lock").reason


@pytest.mark.slow
def test_data_that_breaks_a_rule_stops_the_pipeline_and_fails_the_gate_of_the_data(
    main: str,
) -> None:
    branch_with({"src/problem/schema.py": ('"distance":', '"distances":')})

    judged = submitted(main)

    assert judged.decision == "refused"
    assert gate(judged, "pipeline").outcome == gate(judged, "data").outcome == "fail"
    assert "distance" in gate(judged, "data").reason
    assert gate(judged, "champion").outcome == "not applicable"
    assert states(judged)["validate"] == "failed"
    assert states(judged)["train"] == "not reached"
    assert judged.candidate.lock is None
    assert judged.metrics == []


@pytest.mark.slow
def test_parameters_that_are_not_valid_are_judged_by_those_of_the_base(main: str) -> None:
    branch_with({"params.yaml": ("max_iter: 150", "max_iter: many")})
    Path("params.yaml").write_text(Path("params.yaml").read_text().replace("seed:", "sead:"))

    judged = judge(main)

    assert judged.decision == "refused"
    assert "params.yaml stopped with exit code 5" in gate(judged, "pipeline").reason
    assert set(states(judged).values()) == {"not reached"}


def test_without_valid_parameters_anywhere_there_is_nothing_to_judge_by(main: str) -> None:
    Path("params.yaml").write_text("seed: many\n")
    commit("broken from the start")

    with pytest.raises(DeclarationError, match="key"):
        judge(None)


@pytest.mark.slow
def test_labels_accept_what_they_are_for_and_nothing_else(main: str) -> None:
    branch_with({"params.yaml": ("roc_auc: 0.66", "roc_auc: 0.65")})
    run("checkout", "-q", "-b", "labelled")
    approved = Override(label="gates-approved", by="maintainer", reason="the market changed")
    other = Override(label="inconclusive-approved", by="maintainer", reason="a holiday")

    refused = judge(main, [other])
    assert [g.name for g in refused.gates if g.blocks] == ["protected", "lock"]

    commit("the results of that run")
    accepted = judge(main, [approved, other])
    assert accepted.decision == "accepted"
    assert gate(accepted, "protected").override == approved
    assert gate(accepted, "protected").outcome == "fail"


def test_what_cannot_be_told_blocks_until_somebody_decides(
    main: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_with({"docs/data.md": ("data", "datum")})
    mute = Champion(origin="base", commit=git.head(), why_not="its packages are gone")
    monkeypatch.setattr("mlops.judge.pull_request.answer", lambda *_: Answer(mute))

    judged = judge(main)

    blocking = {g.name: g.outcome for g in judged.gates if g.blocks}
    assert blocking == dict.fromkeys(["same_rows", "champion", "slices"], "inconclusive")
    assert "its packages are gone" in gate(judged, "champion").reason
    assert judged.decision == "inconclusive"
    with pytest.raises(Undecided, match="inconclusive by same_rows"):
        ending(judged)

    approved = Override(label="inconclusive-approved", by="maintainer", reason="as agreed")
    assert judge(main, [approved], run=False).decision == "accepted"


def test_exit_codes_are_documented() -> None:
    page = Path("docs/troubleshooting.md").read_text()
    for kind in (Refused, Undecided):
        assert f"| {kind.exit_code} |" in page
