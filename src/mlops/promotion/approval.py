"""Who approved what a promotion rests on: the merged pull requests, and the labels on them.

After a merge the gates of main are those that the pull request brought. What it changed of them
counts only on the word of a maintainer other than its author, given on that pull request, before
the merge or after.
"""

from dataclasses import dataclass, field

from mlops import git
from mlops.github import labels, merged
from mlops.github.api import Api
from mlops.github.merged import Merged
from mlops.judge import changes
from mlops.judge.changes import Base
from mlops.judge.gates.answers import listed
from mlops.judge.verdict import Override, Verdict
from mlops.registry.record import Approval

GATES, OPEN = labels.LABELS
NEWEST = 20  # merges that the lineage of a version names
UNASKED = "GitHub was not asked who approved it"
ASK = "set GITHUB_REPOSITORY and GITHUB_TOKEN, or log in with `gh auth login`, and promote again"


@dataclass
class Approved:
    """The labels that count, by pull request; else what is lacking, and what to do about it."""

    by_pull: dict[int, Override] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    remedies: list[str] = field(default_factory=list)

    @property
    def override(self) -> Override | None:
        """All of them as one; None while anything is lacking."""
        if self.lacking or not self.by_pull:
            return None
        words = list(self.by_pull.values())
        return Override(
            label=words[0].label,
            by=", ".join(dict.fromkeys(word.by for word in words))[:200],
            reason="; ".join(f"#{n}: {word.reason}" for n, word in self.by_pull.items())[:2000],
        )

    def lacks(self, what: str, remedy: str) -> None:
        """Something keeps it from being approved."""
        self.lacking.append(what)
        self.remedies.append(remedy)


def of_gates(api: Api | None, champion: str, through: str) -> Approved:
    """Who approved what judges a model now, and did not at the champion's commit.

    Every commit of the default branch since then that changes something protected must have come by
    a pull request on which a label `gates-approved` is honoured. What was taken back needs none:
    commits count from the newest one on that has all of it as the champion's has. Raises
    GitHubError when GitHub refuses.
    """
    found = Approved()
    changing = _changing(champion, through)
    if api is None:
        for commit, what in changing.items():
            found.lacks(f"{commit[:12]} changes {listed(what, 3)}, and {UNASKED}", ASK)
        return found
    changed: dict[int, list[str]] = {}
    pulls: dict[int, Merged] = {}
    for commit, what in changing.items():
        if pull := _pull(api, commit):
            pulls[pull.number] = pull
            changed.setdefault(pull.number, []).extend(what)
        else:
            found.lacks(
                f"{commit[:12]}, pushed without a pull request, changes {listed(what, 3)}",
                f"nobody can approve a push: revert {commit[:12]} and bring it by a pull request",
            )
    for number, pull in pulls.items():
        told = listed(list(dict.fromkeys(changed[number])), 3)
        _look_up(api, pull, GATES, f"#{number} changes {told}", found)
    return found


def of_open(api: Api | None, commit: str) -> Approved:
    """Who accepted, on the pull request that brought `commit`, what cannot be told of its model.

    Raises GitHubError when GitHub refuses.
    """
    found = Approved()
    pull = _pull(api, commit) if api else None
    if api is None:
        found.lacks(UNASKED, ASK)
    elif pull is None:
        found.lacks(f"{commit[:12]} was pushed without a pull request", "nobody can approve a push")
    else:
        _look_up(api, pull, OPEN, f"#{pull.number} brought a model that is open", found)
    return found


def approvals(api: Api | None, judged: Verdict) -> list[Approval]:
    """Whose word a judged candidate rests on, for its lineage; nobody's without GitHub.

    Who merged the pull requests since the champion's commit, the newest of them if they are many,
    and whose labels the verdict counts on. Raises GitHubError when GitHub refuses.
    """
    commit, champion = judged.candidate.commit, judged.candidate.base
    if api is None or commit is None:
        return []
    since = git.first_parents(champion, commit) if champion else [commit]
    pulls = {pull.number: pull for c in since[-NEWEST:] if (pull := _pull(api, c))}
    found = [Approval(by=(p.merged_by or "?")[:200], on=f"merged #{n}") for n, p in pulls.items()]
    counted = {gate.override.label for gate in judged.gates if gate.override}
    if GATES in counted and champion:
        found += _given(of_gates(api, champion, commit))
    if OPEN in counted:
        found += _given(of_open(api, commit))
    return found


def _given(approved: Approved) -> list[Approval]:
    return [
        Approval(by=word.by, on=f"{word.label} on #{number}: {word.reason}"[:2000])
        for number, word in approved.by_pull.items()
    ]


def _changing(champion: str, through: str) -> dict[str, list[str]]:
    """The commits that change something protected and have not been taken back; what, by commit."""
    base, since = Base(champion), []
    for commit in reversed(git.first_parents(champion, through)):
        if not changes.protected(base, commit):
            break
        since.append(commit)
    told = {commit: changes.protected(Base(f"{commit}^1"), commit) for commit in reversed(since)}
    return {commit: what for commit, what in told.items() if what}


def _pull(api: Api, commit: str) -> Merged | None:
    return merged.pull_of(api, commit, git.default_branch())


def _look_up(api: Api, pull: Merged, label: str, what: str, found: Approved) -> None:
    counting, refused = labels.honoured(api, pull.number)
    words = [word for word in counting if word.label == label]
    if words:
        found.by_pull[pull.number] = words[0]
        return
    why = [sentence for sentence in refused if f" {label} " in sentence]
    found.lacks(
        f"{what}, and {why[0] if why else f'lacks the label {label}'}",
        f"somebody with write access other than {pull.author} comments `/reason {label}: why` on "
        f"#{pull.number} and then sets the label there",
    )
