"""What the champion knows, by its own code: its rows, what it said of them, and a new period."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mlops import git, params
from mlops.contract import Features, Schemas, Slices, load
from mlops.files import read_json
from mlops.judge.changes import Base
from mlops.judge.incumbent import Incumbent, incumbent, of_base
from mlops.judge.rows import prediction_columns
from mlops.judge.workplace import Fetch, Unable, Workplace
from mlops.monitor import result
from mlops.monitor.result import MonitorFailed
from mlops.monitor.rows import Batch, Problem, Reference
from mlops.progress import step
from mlops.registry.outputs import MODELS, PREDICTIONS, TRAINED_ON

WORKTREE = Path(".mlops/monitored")
FEATURES = "artifacts/features.parquet"
EXPORT = "artifacts/export"
OFFERED = (*MODELS, TRAINED_ON, PREDICTIONS)  # the last one is what running it again is for


@dataclass(frozen=True)
class Seat:
    """The champion's commit, checked out, with its model."""

    place: Workplace
    who: Incumbent
    trained_on: pd.DataFrame
    tried_on: pd.DataFrame
    """The rows that it was tried on, with its predictions."""

    @property
    def problem(self) -> Problem:
        """The problem as declared here, with the labels that the champion predicts."""
        names = prediction_columns(self.tried_on)
        classes = [n.removeprefix("prediction_") for n in names if n != "prediction"]
        return Problem(load(Features), load(Schemas), load(Slices), params.load(), classes)

    def reference(self) -> Reference:
        """Its rows with their features. Raises Unable when its pipeline does not give them."""
        self.place.run("obtaining its data", "-m", "mlops.cli", "data")
        self.place.run("making its features", "-m", "dvc", "repro", "--quiet", "split")
        return self._split(self._features())[0]

    def arrived(self, period: str) -> tuple[Reference | None, Batch]:
        """Its rows, and those of a period that it has not seen, with its predictions of them.

        Where the new raw files break its rules there are findings instead, and no rows. Raises
        Unable when the period cannot be had, or its pipeline stops for another reason.
        """
        here = self.place
        here.run(f"bringing {period}", "-m", "mlops.cli", "data", "--through", period)
        try:
            here.run("making features of the new rows", "-m", "dvc", "repro", "--quiet", "split")
        except Unable:
            checked = read_json(here.folder / "metrics/data.json")
            if not checked["failed_checks"]:
                raise
            return None, Batch(period, pd.DataFrame(), period, tuple(checked["findings"]))
        here.run("predicting the new rows", "-m", "mlops.stages.evaluate")
        reference, new = self._split(self._features())
        said = pd.read_parquet(here.folder / PREDICTIONS)
        columns = [*load(Features).KEY, *prediction_columns(said)]
        rows = new.merge(said[columns], on=load(Features).KEY, how="inner", validate="1:1")
        return reference, Batch(period, rows, period)

    def export(self) -> Path:
        """The folder of its model as it is served. Raises Unable when it cannot be made."""
        self.place.run("exporting its model", "-m", "dvc", "repro", "--quiet", "export")
        return self.place.folder / EXPORT

    def about(self, reference: Reference) -> result.Champion:
        """Who it is, and what it knows."""
        block = load(Features).BLOCK
        blocks = reference.rows[block].astype("str")
        return result.Champion(
            version=self.who.who.version or "",
            commit=self.who.who.commit or "",
            lock=self.who.who.lock or "",
            first=blocks.min(),
            last=blocks.max(),
            held_out=self.tried_on[block].astype("str").min(),
            rows=len(blocks),
            blocks=blocks.nunique(),
        )

    def _features(self) -> pd.DataFrame:
        return pd.read_parquet(self.place.folder / FEATURES)

    def _split(self, features: pd.DataFrame) -> tuple[Reference, pd.DataFrame]:
        """The rows that it knows, and the others."""
        key = load(Features).KEY
        known = pd.MultiIndex.from_frame(
            pd.concat([self.trained_on[key], self.tried_on[key]], ignore_index=True)
        )
        seen = pd.MultiIndex.from_frame(features[key]).isin(known)
        return Reference(features[seen], self.tried_on), features[~seen]


@contextmanager
def champion(fetch: Fetch | None) -> Iterator[Seat]:
    """The promoted champion, or, before anything was promoted, the model of this commit.

    `fetch` gets what its release holds. Raises MonitorFailed when there is none, or it cannot be
    had back.
    """
    who = incumbent(Base(git.head()))
    if who.who.origin == "none":
        who = of_base(Base(git.head()))
    if who.who.why_not or who.state.commit is None:
        raise MonitorFailed(f"there is no model to look after: {who.who.why_not or 'no commit'}")
    called = who.who.version or f"the model of {who.state.commit[:7]}"
    with git.worktree(who.state.commit, WORKTREE) as folder:
        place = Workplace(folder, who.state.commit, who.tag, fetch)
        with step(f"bringing back the champion, {called}"):
            place.restore([*OFFERED])
        tried_on = pd.read_parquet(folder / PREDICTIONS)
        yield Seat(place, who, pd.read_parquet(folder / TRAINED_ON), tried_on)
