"""The champion's predictions on the rows that are judged.

Its predictions on the same data are a pipeline output that its dvc.lock names by hash: they are
taken from the cache or the remote, or its pipeline is run again. On other data it answers in its
own worktree, with its own code and its own packages, and only keyed predictions come back.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mlops import dvc, git
from mlops.data import pin
from mlops.errors import Failure
from mlops.judge import verdict
from mlops.judge.changes import LOCK, Base, digest, stage_outputs
from mlops.judge.rows import Predictions
from mlops.progress import step

PREDICTIONS = "artifacts/predictions.parquet"
MODELS = ("artifacts/model.joblib", "artifacts/baselines.joblib")
TRAINED_ON = "artifacts/train.parquet"
PACKAGES = Path("requirements/run.txt")
WORKTREE = Path(".mlops/champion")
ENVIRONMENTS = Path(".mlops/environments")


class Unable(Failure):
    """The champion cannot answer; the comparison is inconclusive, and this is why."""


@dataclass(frozen=True)
class Answer:
    """Who the champion is, and what it says of the rows that are judged."""

    champion: verdict.Champion
    predictions: Predictions | None = None
    excluded: int = 0
    """Rows left out because the champion was trained on them."""


def answer(base: Base, key: list[str]) -> Answer:
    """Ask the champion: the model of the base branch. `key` are the columns that name a row.

    Without a base, or where the pipeline never ran there, there is none. When it exists and cannot
    answer, `predictions` is None and `champion.why_not` says why.
    """
    if base.commit is None:
        return Answer(_nobody("there is no base to compare with: this is the base itself"))
    lock = base.text(LOCK)
    outputs = stage_outputs(lock)
    if PREDICTIONS not in outputs:
        return Answer(_nobody("the base has no dvc.lock with predictions: its pipeline never ran"))
    who = verdict.Champion(origin="base", commit=base.commit, lock=digest(lock))
    try:
        with step(f"asking the champion, the model of {base.commit[:7]}"):
            predictions, how, excluded = _asked(base, base.commit, outputs, key)
    except Unable as reason:
        return Answer(who.model_copy(update={"why_not": str(reason)[:2000]}))
    return Answer(who.model_copy(update={"obtained": how}), predictions, excluded)


def _nobody(why: str) -> verdict.Champion:
    return verdict.Champion(origin="none", why_not=why)


def _asked(
    base: Base, commit: str, outputs: dict[str, str], key: list[str]
) -> tuple[Predictions, str, int]:
    same_data = _pinned(base.text(pin.PATH)) == pin.read().md5
    cached = dvc.cached(outputs[PREDICTIONS])
    if same_data and cached:
        return pd.read_parquet(cached), "its predictions are in the DVC cache", 0
    with git.worktree(commit, WORKTREE) as folder:
        champion = Workplace(folder, commit)
        if same_data:
            champion.take_data()
            how = champion.restore([PREDICTIONS])
            return pd.read_parquet(folder / PREDICTIONS), how, 0
        how = champion.restore([*MODELS, TRAINED_ON])
        trained_on = pd.read_parquet(folder / TRAINED_ON)
        champion.take_data()
        champion.run("making its features of the new data", "-m", "dvc", "repro", "split")
        champion.run("predicting the new rows", "-m", "mlops.stages.evaluate")
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


class Workplace:
    """The champion's commit, checked out, with its own packages and this repository's DVC cache."""

    def __init__(self, folder: Path, commit: str) -> None:
        self.folder, self.commit = folder, commit
        self.python = sys.executable
        mine, its = (
            hashlib.sha256((at / PACKAGES).read_bytes()).hexdigest() for at in (Path(), folder)
        )
        if mine != its:
            self.python = str(_environment(its, folder / PACKAGES).absolute())
        cache = dvc.CACHE.parents[1].absolute()
        cache.mkdir(parents=True, exist_ok=True)
        (folder / ".dvc" / "cache").symlink_to(cache)
        settings = Path(".dvc/config.local")
        if settings.is_file():
            shutil.copy2(settings, folder / settings)

    def restore(self, paths: list[str]) -> str:
        """Bring these outputs back, and say how: from the cache, the remote, or run again.

        Raises Unable when it cannot be run, or gives something else than its dvc.lock says.
        """
        for how, command in (("cache", "checkout"), ("remote", "pull")):
            if command == "pull" and not dvc.remotes():
                continue
            if self._tried("-m", "dvc", command, "--quiet", *paths) is None:
                return f"its model came from the DVC {how}"
        before = (self.folder / LOCK).read_bytes()
        self.run("obtaining its data", "-m", "mlops.cli", "data")
        self.run("running its pipeline again", "-m", "dvc", "repro", _stage(paths[-1]))
        if (self.folder / LOCK).read_bytes() != before:
            raise Unable(
                f"run again, the pipeline of {self.commit[:7]} gives another dvc.lock than it has "
                f"committed, so what was judged then cannot be had back"
            )
        return "its model was not in the DVC cache and was trained again from its commit"

    def take_data(self) -> None:
        """Point it at the data of the challenger."""
        shutil.copy2(pin.PATH, self.folder / pin.PATH)
        shutil.rmtree(self.folder / pin.DATA, ignore_errors=True)
        shutil.copytree(pin.DATA, self.folder / pin.DATA, copy_function=os.link)

    def run(self, doing: str, *arguments: str) -> None:
        """Run Python there; Unable with its last words when it fails."""
        said = self._tried(*arguments)
        if said is not None:
            lines = [line for line in said.splitlines() if line.lower().startswith("error: ")]
            last = (lines or said.strip().splitlines() or ["no reason was given"])[0]
            raise Unable(
                f"{doing} failed: {last.removeprefix('error: ').removeprefix('ERROR: ')[:600]}"
            )

    def _tried(self, *arguments: str) -> str | None:
        """None when it went well, else what was said."""
        programs = Path(self.python).parent
        own = {
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(self.folder / "src"),
            "DVC_NO_ANALYTICS": "1",
            "CI": "true",
        }
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k != "GITHUB_ACTIONS"} | own,
            capture_output=True,
            text=True,
            check=False,
        )
        return None if done.returncode == 0 else done.stderr + done.stdout


def _environment(name: str, packages: Path) -> Path:
    """An environment with the champion's packages; kept, since they seldom change."""
    home = ENVIRONMENTS / name[:16]
    if not (home / "made").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
        for command in (
            ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(home)],
            ["pip", "sync", "--quiet", "--require-hashes", "--python", str(home), str(packages)],
        ):
            done = subprocess.run([uv, *command], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unable(f"its packages cannot be installed: {done.stderr.strip()[:600]}")
        (home / "made").touch()
    return home / "bin" / "python"


def _pinned(text: str | None) -> str | None:
    return pin.parse(text).md5 if text else None


def _stage(path: str) -> str:
    return {PREDICTIONS: "evaluate", TRAINED_ON: "train"}[path]
