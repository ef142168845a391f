"""The winner's pull request, made once and then kept up to date.

This runs with a token that can write. Of what the search left it takes results by name, and from
the record, which must fit a schema, the values: it is main's params.yaml that they are set in.
"""

from pathlib import Path

from mlops import git, params
from mlops.errors import DataError
from mlops.files import write_text
from mlops.github import issues
from mlops.github.api import Api
from mlops.judge.adopt import TAKEN
from mlops.report import tuning as report
from mlops.report import untrusted
from mlops.retraining import commit, retrained
from mlops.retraining.propose import NOTHING, Proposal, Proposed, offer, told
from mlops.tune import result, values
from mlops.tune.result import Tuned

FOLDER = Path(".mlops/tuned")
RECORD = "reports/tuning.json"
FILES = (RECORD, *TAKEN)
TRAILER = "Tuned"
KIND = "mlops-tune"
PAGE = "docs/retrain.md"


def main(api: Api, folder: Path = FOLDER, *, reason: str = "") -> Proposed:
    """Propose what `mlops tune merge --run` left in `folder`, on the branch `tune/MODEL`.

    As `mlops retrain propose` does: one pull request, or an issue where the token may open none.
    Raises DataError when `folder` holds no winner or something else, RegistryError when origin
    refuses, GitHubError when GitHub does.
    """
    return told(propose(api, folder, reason=reason))


def propose(api: Api, folder: Path, *, reason: str) -> Proposed:
    """As `main`, without a word to the workflow."""
    needed = (Path(RECORD), Path("dvc.lock"))
    names = retrained.files(folder, FILES, needed, "mlops tune merge --run")
    tuned = result.read(folder / RECORD, Tuned)
    changed = values.changes(tuned)
    if not changed:
        raise DataError(f"{folder / RECORD} has no winner; there is nothing to propose")
    estimator, model = tuned.search.estimator, params.load().serving.name
    path = params.PATH
    text = (git.content(git.fetch_main(), path) or b"").decode("utf-8")
    write_text(folder / path, values.set_in(text, estimator, changed))
    title = f"Tune {estimator}"
    message = f"{title}\n\n{TRAILER}: {estimator}\n"
    patterns = (str(path), *FILES)
    made = commit.make(folder, [path, *names], patterns, message)
    if made is None:
        return NOTHING
    mark = issues.mark(KIND, model)
    why = f"Why: {untrusted.prose(reason, 300)}\n\n" if reason else ""
    said = f"{mark}\n{why}{report.markdown(tuned)}"
    proposal = Proposal(
        api=api,
        branch=f"tune/{model}",
        trailer=TRAILER,
        by_hand="mlops tune",
        mark=mark,
        title=title,
        body=lambda waits: said + (f"\n\n{_click()}" if waits else "") + "\n",
        fallback=lambda link: (
            f"{mark}\nGitHub does not let this workflow open pull requests, so somebody has to:\n\n"
            f"**[Open the pull request]({link})**\n\n{why}{report.markdown(tuned)}\n"
        ),
    )
    return offer(proposal, made)


def _click() -> str:
    return (
        "> [!IMPORTANT]\n"
        "> **One click is needed.** GitHub's own token opened this pull request, so its checks "
        f"wait: press *Approve workflows to run* below. With an App's token they start by "
        f"themselves: {PAGE}#app-token."
    )
