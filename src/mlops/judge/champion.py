"""The champion's predictions on the rows that are judged.

Its predictions on the same data are a pipeline output that its dvc.lock names by hash: they are
taken from the cache, the remote or its release, or its pipeline is run again. On other data it
answers in its own worktree, with its own code and its own packages, and only keyed predictions come
back.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mlops import dvc, git
from mlops.data import pin
from mlops.judge import verdict
from mlops.judge.changes import LOCK, Base, stage_outputs
from mlops.judge.incumbent import Incumbent
from mlops.judge.rows import Predictions
from mlops.judge.workplace import Fetch, Unable, Workplace
from mlops.progress import step
from mlops.registry.outputs import MODELS, PREDICTIONS, TRAINED_ON

WORKTREE = Path(".mlops/champion")


@dataclass(frozen=True)
class Answer:
    """Who the champion is, and what it says of the rows that are judged."""

    champion: verdict.Champion
    predictions: Predictions | None = None
    excluded: int = 0
    """Rows left out because the champion was trained on them."""


def answer(champion: Incumbent, key: list[str], fetch: Fetch | None = None) -> Answer:
    """Ask the champion. `key` are the columns that name a row; `fetch` gets what its release holds.

    When it exists and cannot answer, `predictions` is None and `champion.why_not` says why.
    """
    who, commit = champion.who, champion.state.commit
    if who.why_not or commit is None:
        return Answer(who)
    name = f"{who.version} of {commit[:7]}" if who.version else f"the model of {commit[:7]}"
    try:
        with step(f"asking the champion, {name}"):
            predictions, how, excluded = _asked(champion, commit, key, fetch)
    except Unable as reason:
        return Answer(who.model_copy(update={"why_not": str(reason)[:2000]}))
    return Answer(who.model_copy(update={"obtained": how[:2000]}), predictions, excluded)


def _asked(
    champion: Incumbent, commit: str, key: list[str], fetch: Fetch | None
) -> tuple[Predictions, str, int]:
    same_data = _data(champion.state) == pin.read().md5
    cached = dvc.cached(stage_outputs(champion.state.text(LOCK))[PREDICTIONS])
    if same_data and cached:
        return pd.read_parquet(cached), "its predictions are in the DVC cache", 0
    with git.worktree(commit, WORKTREE) as folder:
        # Meanwhile the challenger is trained once more.
        there = Workplace(folder, commit, champion.tag, fetch, commands=2)
        if same_data:
            there.take_data()
            how = there.restore([PREDICTIONS])
            return pd.read_parquet(folder / PREDICTIONS), how, 0
        how = there.restore([*MODELS, TRAINED_ON])
        trained_on = pd.read_parquet(folder / TRAINED_ON)
        there.take_data()
        there.run("making its features of the new data", "-m", "dvc", "repro", "split")
        there.run("predicting the new rows", "-m", "mlops.stages.evaluate")
        found = pd.read_parquet(folder / PREDICTIONS)
    if not set(key) <= set(found) & set(trained_on):
        raise Unable(f"its rows are not named by {', '.join(key)}, as the challenger's are")
    rows, known = (pd.MultiIndex.from_frame(table[key]) for table in (found, trained_on))
    seen = rows.isin(known)
    return (
        found[~seen].reset_index(drop=True),
        f"{how}, and answered on the new data",
        int(seen.sum()),
    )


def _data(state: Base) -> str | None:
    text = state.text(pin.PATH)
    return pin.parse(text).md5 if text else None
