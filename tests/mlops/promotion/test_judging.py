"""What is merged is judged again on main: against the promoted model, by what was approved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mlops.errors import Refused
from mlops.github.api import Api
from mlops.judge import champion, verdict
from mlops.judge.changes import Base
from mlops.judge.evidence import Cost, Evidence
from mlops.judge.gates.answers import gate
from mlops.judge.gates.conduct import lock, protected
from mlops.judge.pull_request import ending
from mlops.judge.verdict import Gate, Verdict
from mlops.params import Params
from mlops.promotion import judging
from mlops.promotion.candidate import VERDICT
from mlops.registry.errors import RegistryError
from tests.conftest import ROOT
from tests.mlops.github.server import GitHub
from tests.mlops.judge.repositories import commit, git
from tests.mlops.promotion.merges import GATES, OPEN, approve, merge, push

LEVEL = "src/mlops/judge/level.py"


def origin(folder: Path) -> None:
    """An origin of the current directory, which has its branch main."""
    git("init", "-q", "--bare", "-b", "main", str(folder))
    git("remote", "add", "origin", str(folder))
    git("push", "-q", "origin", "HEAD:main")


def promote(version: str, number: int) -> None:
    """Make what is checked out a version and the champion, on origin."""
    for tag in (f"late-arrival@v{version}", f"late-arrival#champion#{number}"):
        git("tag", "-a", "-m", "by hand", tag)
    git("push", "-q", "origin", "--tags")


def of(judged: Verdict, name: str) -> Gate:
    return next(found for found in judged.gates if found.name == name)


@pytest.fixture
def main(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The sample repository on its main, which its origin has; the commit of its run."""
    monkeypatch.setattr("mlops.judge.pull_request.measure", lambda: Cost(1.0, 2.0, 1000))
    git("branch", "-m", "main")
    origin(tmp_path / "origin.git")
    return git("rev-parse", "HEAD")


@pytest.mark.slow
def test_the_first_model_is_judged_by_the_gates_that_ask_for_no_champion(
    main: str, api: Api, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    judged = judging.judge(api)

    assert judged.decision == "accepted", judged.summary
    assert (judged.champion.origin, judged.candidate.base) == ("none", None)
    assert of(judged, "protected").outcome == "not applicable"
    assert judged.candidate.commit == main
    left = verdict.read(VERDICT.read_bytes(), "verdict.json")
    assert (left.summary, left.gates[0]) == (judged.summary, judged.gates[0])
    assert "Accepted" in (tmp_path / "summary.md").read_text()
    assert github.calls == []  # there was nothing to ask


@pytest.mark.slow
def test_a_lowered_threshold_is_refused_until_its_pull_request_is_approved(
    main: str, api: Api, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    promote("1.0.0", 1)
    text = Path("params.yaml").read_text().replace("roc_auc: 0.66", "roc_auc: 0.65")
    merge(github, 7, {"params.yaml": text})

    judged = judging.judge(api)

    assert [g.name for g in judged.gates if g.blocks] == ["protected", "lock"]
    assert (judged.champion.version, judged.champion.commit) == ("1.0.0", main)
    assert "`make run` brings them up to date" in of(judged, "lock").remedy
    commit("the results of that run")  # of the same pull request, had it been a better one
    merge(github, 8, {"docs/data.md": "words\n"})
    judged = judging.judge(api)
    assert "#7 changes params.yaml: gates.floors.roc_auc, 0.66 → 0.65, and lacks the" in (
        judged.summary
    )
    assert "on #7 and then sets the label there; then run the workflow promote" in judged.summary
    with pytest.raises(Refused, match="refused by protected: not all of it is approved: #7"):
        ending(judged)
    summary = (tmp_path / "summary.md").read_text()
    assert "block" in summary
    assert "this promotion" in summary
    assert "Self-reported" not in summary

    approve(github, 7, [GATES])

    accepted = judging.judge(api)
    assert accepted.decision == "accepted"
    assert of(accepted, "protected").override is not None
    assert "against the champion 1.0.0 (" in accepted.summary
    again = judging.judge(api)
    assert [(g.name, g.outcome) for g in again.gates] == [
        (g.name, g.outcome) for g in accepted.gates
    ]
    assert again.holdout == accepted.holdout
    assert again.metrics == accepted.metrics


@pytest.fixture
def since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commit of the champion, on main of a small repository; others come on top."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = push({LEVEL: "LEVEL = 0.95\n", "params.yaml": (ROOT / "params.yaml").read_text()})
    origin(tmp_path / "origin.git")
    return made


@pytest.fixture
def evidence(since: str) -> Callable[..., Evidence]:
    """That LEVEL is another than at the champion, and a model that cannot be told from it."""
    who = verdict.Champion(origin="promoted", version="1.2.0", commit=since)

    def make(**given: object) -> Evidence:
        plain = Evidence(
            knobs=Params.model_validate(Base(since).yaml("params.yaml")),
            task="binary",
            base=Base(since),
            answer=champion.Answer(who, pd.DataFrame()),
            level=0.95,
            protected=[LEVEL],
        )
        return replace(plain, **given)  # type: ignore[arg-type]

    return make


STAYS = gate("champion", "Is it so?", "inconclusive", "it cannot be told", "wait, or decide")


def test_an_approved_change_of_the_gates_is_told_with_its_version(
    github: GitHub, api: Api, evidence: Callable[..., Evidence]
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES)

    (told,), (word,) = judging._approved(api, evidence(), [protected(evidence())])

    assert told.reason == f"since 1.2.0, main changes how it judges: {LEVEL}"
    assert (told.outcome, told.remedy) == ("fail", "")
    assert (word.label, word.by, word.reason) == (GATES, "maintainer", "#7: look at #7")


def test_one_message_says_all_that_is_lacking_and_what_to_do(
    github: GitHub, api: Api, evidence: Callable[..., Evidence]
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"})
    pushed = push({"Makefile": "pr:\n"})

    (told,), words = judging._approved(api, evidence(), [protected(evidence())])

    assert words == []
    assert f"#7 changes {LEVEL}, and lacks the label gates-approved" in told.reason
    assert f"{pushed[:12]}, pushed without a pull request, changes Makefile" in told.reason
    assert "comments `/reason gates-approved: why` on #7 and then sets the label" in told.remedy
    assert f"revert {pushed[:12]} and bring it by a pull request" in told.remedy
    assert told.remedy.endswith("then run the workflow promote again by hand")


def test_what_cannot_be_told_is_decided_on_the_pull_request_that_was_merged(
    github: GitHub, api: Api, evidence: Callable[..., Evidence]
) -> None:
    merge(github, 7, {"params.yaml": "seed: 2\n"})

    (told,), words = judging._approved(api, evidence(), [STAYS])
    assert words == []
    assert "on #7 and then sets the label there; then run the workflow promote" in told.remedy

    approve(github, 7, [OPEN])

    (told,), (word,) = judging._approved(api, evidence(), [STAYS])
    assert told == STAYS
    assert (word.label, word.by) == (OPEN, "maintainer")


def test_a_stale_lock_is_refused_and_never_committed_over(
    api: Api, evidence: Callable[..., Evidence]
) -> None:
    shown = evidence(stale=["dvc.lock"])

    (told,), words = judging._approved(api, shown, [lock(shown)])

    assert (told.outcome, words) == ("fail", [])
    assert "`make run` brings them up to date" in told.remedy
    assert told.remedy.endswith("in a pull request: nothing is committed to main itself")


def test_when_all_passes_github_is_not_asked(
    github: GitHub, api: Api, evidence: Callable[..., Evidence]
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"})
    passed = gate("floors", "Is it so?", "pass", "it is so")

    assert judging._approved(api, evidence(), [passed]) == ([passed], [])
    assert github.calls == []


def test_a_champion_whose_version_is_gone_is_nobody_to_judge_against(since: str) -> None:
    git("tag", "-a", "-m", "by hand", "late-arrival#champion#1")
    git("push", "-q", "origin", "--tags")

    with pytest.raises(RegistryError, match="late-arrival#champion#1"):
        judging.judge(None)


def test_without_an_origin_nothing_is_judged(since: str) -> None:
    git("remote", "remove", "origin")

    with pytest.raises(RegistryError, match="origin"):
        judging.judge(None)
