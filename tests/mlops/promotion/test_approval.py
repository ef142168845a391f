"""What changes how a model is judged needs a maintainer's word on each pull request that did."""

from pathlib import Path

import pytest

from mlops.github.api import Api, GitHubError
from mlops.judge.gates.answers import gate
from mlops.judge.verdict import Override, Verdict
from mlops.promotion import approval
from mlops.registry.record import Approval
from tests.mlops.github.conftest import judged
from tests.mlops.github.server import GitHub
from tests.mlops.judge.repositories import git
from tests.mlops.promotion.merges import GATES, OPEN, approve, merge, push

LEVEL = "src/mlops/judge/level.py"


@pytest.fixture
def champion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commit of the champion, on main of a repository in the current directory."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    git("init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    made = push({LEVEL: "LEVEL = 0.95\n", "params.yaml": "gates: {level: 0.95}\n"})
    git("remote", "add", "origin", str(tmp_path / "origin.git"))
    git("push", "-q", "origin", "main")
    return made


def head() -> str:
    return git("rev-parse", "HEAD")


def test_what_changes_no_gate_needs_nobody(github: GitHub, api: Api, champion: str) -> None:
    merge(github, 1, {"docs/page.md": "words\n"})

    found = approval.of_gates(api, champion, head())

    assert (found.override, found.lacking) == (None, [])
    assert github.calls == []


def test_a_label_set_after_the_merge_counts(github: GitHub, api: Api, champion: str) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES)

    found = approval.of_gates(api, champion, head())

    assert found.override == Override(label=GATES, by="maintainer", reason="#7: look at #7")


def test_without_a_label_it_says_which_pull_request_lacks_what_and_what_to_do(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"})

    found = approval.of_gates(api, champion, head())

    assert found.override is None
    assert found.lacking == [f"#7 changes {LEVEL}, and lacks the label gates-approved"]
    (remedy,) = found.remedies
    assert remedy == (
        "somebody with write access other than author comments `/reason gates-approved: why` on "
        "#7 and then sets the label there"
    )


def test_every_one_of_them_must_be_approved(github: GitHub, api: Api, champion: str) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES)
    merge(github, 8, {"docs/page.md": "words\n"})
    merge(github, 9, {"params.yaml": "gates: {level: 0.8}\n"})

    found = approval.of_gates(api, champion, head())
    assert found.override is None
    assert [text[:42] for text in found.lacking] == ["#9 changes params.yaml: gates.level, 0.95 "]

    approve(github, 9, [GATES])

    found = approval.of_gates(api, champion, head())
    assert found.override is not None
    assert found.override.reason == "#7: look at #7; #9: look at #9"
    assert found.override.by == "maintainer"


def test_the_authors_own_label_does_not_count_and_is_told(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES, maintainer="author")

    (lacking,) = approval.of_gates(api, champion, head()).lacking

    assert "the label gates-approved does not count: author opened the pull request" in lacking


def test_another_label_is_not_enough(github: GitHub, api: Api, champion: str) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, OPEN)

    assert approval.of_gates(api, champion, head()).override is None


def test_a_push_without_a_pull_request_is_named_and_nobody_can_approve_it(
    github: GitHub, api: Api, champion: str
) -> None:
    pushed = push({LEVEL: "LEVEL = 0.5\n"})
    merge(github, 7, {"Makefile": "pr:\n"}, GATES)

    found = approval.of_gates(api, champion, head())

    assert found.override is None
    assert found.lacking == [f"{pushed[:12]}, pushed without a pull request, changes {LEVEL}"]
    assert found.remedies[0].startswith(f"nobody can approve a push: revert {pushed[:12]}")


def test_what_was_taken_back_needs_nobody_when_it_comes_again_by_a_pull_request(
    github: GitHub, api: Api, champion: str
) -> None:
    push({LEVEL: "LEVEL = 0.5\n"})
    git("revert", "--no-edit", "HEAD")
    assert approval.of_gates(api, champion, head()).lacking == []

    merge(github, 7, {LEVEL: "LEVEL = 0.5\n"}, GATES)

    found = approval.of_gates(api, champion, head())
    assert found.override is not None
    assert list(found.by_pull) == [7]


def test_a_rebased_pull_request_is_told_once(github: GitHub, api: Api, champion: str) -> None:
    first = push({LEVEL: "LEVEL = 0.9\n"})
    second = push({"Makefile": "pr:\n"})
    github.open_pull(7)
    github.merge_pull(7, second, brought=[first])

    found = approval.of_gates(api, champion, head())

    assert found.lacking == [f"#7 changes {LEVEL}; Makefile, and lacks the label gates-approved"]


def test_without_github_nobody_has_approved(champion: str) -> None:
    pushed = push({LEVEL: "LEVEL = 0.9\n"})

    found = approval.of_gates(None, champion, head())

    assert found.override is None
    assert found.lacking == [f"{pushed[:12]} changes {LEVEL}, and {approval.UNASKED}"]
    assert "GITHUB_TOKEN" in found.remedies[0]


def test_when_github_refuses_to_answer_nothing_is_concluded(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES)
    github.permissions = {}

    with pytest.raises(GitHubError, match="403"):
        approval.of_gates(api, champion, head())


def test_what_is_open_is_accepted_on_the_pull_request_that_was_merged(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 7, {"params.yaml": "seed: 2\n"}, OPEN)
    assert approval.of_open(api, head()).override == Override(
        label=OPEN, by="maintainer", reason="#7: look at #7"
    )

    merge(github, 8, {"params.yaml": "seed: 3\n"})  # another's approval is not its own

    found = approval.of_open(api, head())
    assert found.override is None
    assert found.lacking == [
        "#8 brought a model that is open, and lacks the label inconclusive-approved"
    ]


def test_what_is_open_stays_so_without_a_pull_request_or_github(api: Api, champion: str) -> None:
    assert approval.of_open(api, champion).lacking == [
        f"{champion[:12]} was pushed without a pull request"
    ]
    assert approval.of_open(None, champion).lacking == [approval.UNASKED]


def verdict(base: str | None, *labels: str) -> Verdict:
    """A verdict on HEAD that counts on these labels."""
    words = [Override(label=label, by="maintainer", reason="as agreed") for label in labels]
    gates = [
        gate("protected", "Is it so?", "fail", "it is not").model_copy(update={"override": word})
        for word in words
    ]
    plain = judged(gates=gates or [gate("floors", "Is it so?", "pass", "it is so")])
    of = plain.candidate.model_copy(update={"commit": head(), "base": base})
    return plain.model_copy(update={"candidate": of})


def test_the_lineage_names_who_merged_and_whose_label_counted(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 6, {"docs/page.md": "words\n"})
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"}, GATES)
    push({"docs/page.md": "more words\n"})
    merge(github, 8, {"params.yaml": "gates: {level: 0.8}\n"}, GATES, OPEN)

    assert approval.approvals(api, verdict(champion, GATES, OPEN)) == [
        Approval(by="merger", on="merged #6"),
        Approval(by="merger", on="merged #7"),
        Approval(by="merger", on="merged #8"),
        Approval(by="maintainer", on="gates-approved on #7: look at #7"),
        Approval(by="maintainer", on="gates-approved on #8: look at #8"),
        Approval(by="maintainer", on="inconclusive-approved on #8: look at #8"),
    ]


def test_labels_that_no_gate_needed_are_not_in_the_lineage(
    github: GitHub, api: Api, champion: str
) -> None:
    merge(github, 7, {"docs/page.md": "words\n"}, GATES, OPEN)

    assert approval.approvals(api, verdict(champion)) == [Approval(by="merger", on="merged #7")]


def test_the_first_version_names_its_own_merge(github: GitHub, api: Api, champion: str) -> None:
    merge(github, 6, {"docs/page.md": "words\n"})
    merge(github, 7, {LEVEL: "LEVEL = 0.9\n"})

    assert approval.approvals(api, verdict(None)) == [Approval(by="merger", on="merged #7")]
    assert approval.approvals(None, verdict(None)) == []


def test_of_many_merges_the_newest_are_named(
    github: GitHub, api: Api, champion: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "NEWEST", 2)
    for number in (6, 7, 8):
        merge(github, number, {"docs/page.md": f"{number}\n"})

    named = [given.on for given in approval.approvals(api, verdict(champion))]
    assert named == ["merged #7", "merged #8"]
