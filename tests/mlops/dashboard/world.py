"""Histories of a model, made of git objects alone: merges, tags, and the lines of the ledger.

Nothing is pushed or pulled while one is made, so that a long one takes a second.
"""

import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from mlops.history import ledger
from mlops.history.record import Ending, Event, Judged, Look, Merge, Score
from mlops.registry.record import Approval, Assignment, Image, Judgement
from tests.conftest import ROOT, once
from tests.mlops.registry.conftest import MODEL, facts, version

START = datetime(2013, 9, 2, 8, tzinfo=UTC)
RUN = "https://github.com/acme/flights/actions/runs/{}"
GATES = ("data", "metrics", "slices", "calibration", "budgets", "protected")
CARD = """# Model card

| | |
|---|---|
| estimator | `gradient_boosting` |

## Intended use

Rank the flights of the coming hours. More in [data_quality.md](data_quality.md).

| metric | model | interval |
|---|--:|---|
| roc_auc | **0.744** | 0.717 to 0.770 |
"""
FAIRNESS = {
    "carrier": {
        "groups": {
            "UA": {"rows": 10056, "outcome_rate": 0.271, "forecast": 0.262, "selection_rate": 0.41},
            "B6": {"rows": 9843, "outcome_rate": 0.331, "forecast": 0.341, "selection_rate": 0.52},
            "AS": {"rows": 124, "outcome_rate": None, "forecast": None, "selection_rate": 0.2},
        },
        "differences": {
            "selection_rate": {
                "value": 0.11,
                "low": 0.06,
                "high": 0.17,
                "largest": "B6",
                "smallest": "UA",
            },
            "forecast": {"value": 0.079, "low": None, "high": None, "largest": "B6"},
        },
    }
}


HELD_OUT = {"held_out": {"roc_auc": 0.744}}


class World:
    """A repository in the current directory, and the time there."""

    def __init__(self) -> None:
        self.at = START
        self.tip = ""
        self.numbers = 0
        self.lines: dict[str, list[str]] = {
            ledger.PULLS: [],
            ledger.MERGES: [],
            ledger.LOOKS: [],
        }
        self.runs = 0
        git("init", "-q", "-b", "main")
        git("config", "user.name", "Ann")
        git("config", "user.email", "ann@example.invalid")

    def later(self, **passed: float) -> None:
        """Some time passes."""
        self.at += timedelta(**passed)

    def merge(self, through: str, roc_auc: float, **files: str) -> str:
        """A merge commit on main with a model trained on data `through` this month."""
        write(content(through, roc_auc) | files)
        git("add", "-A")
        tree = git("write-tree")
        parents = ["-p", self.tip] if self.tip else []
        branch = self._commit(tree, parents, timedelta(hours=3))
        both = [*parents, "-p", branch] if parents else []
        self.tip = self._commit(tree, both, timedelta()) if both else branch
        git("update-ref", "refs/heads/main", self.tip)
        return self.tip

    def release(self, number: str, **given: Any) -> None:
        """The tag of a version on the newest commit."""
        pinned = Path("data.dvc").read_text().split("md5: ")[1].split()[0]
        through = Path("data.dvc").read_text().split("through: ")[1].split()[0]
        image = Image(
            name="ghcr.io/acme/flights",
            digest=f"sha256:{number.replace('.', '') * 64:.64}",
            base="python:3.11-slim",
            attested=True,
        )
        judged = Judgement(
            decision="accepted",
            summary="every gate passed",
            sha256=f"{int(number.replace('.', '')):064x}",
            champion=None,
        )
        record = version(
            number,
            self.tip,
            **{
                "facts": facts(data=pinned, through=through),
                "image": image,
                "verdict": judged,
                "run": self.run(),
                "approvals": [],
                "at": self.at.isoformat(),
            }
            | given,
        )
        self.tag(f"{MODEL}@v{number}", self.tip, record.message(f"{MODEL} {number}"))

    def assign(
        self,
        number: str,
        kind: Literal["promotion", "rollback", "hold released"] = "promotion",
        by: str = "Ben",
        reason: str = "every gate passed",
        *,
        hold: bool = False,
    ) -> None:
        """The next tag of the stage, for a version that is there."""
        self.numbers += 1
        record = Assignment(
            name=MODEL,
            version=number,
            number=self.numbers,
            kind=kind,
            reason=reason,
            hold=hold,
            by=by,
            run=self.run(),
            at=self.at.isoformat(),
        )
        commit = git("rev-parse", f"{MODEL}@v{number}^{{commit}}")
        self.tag(f"{MODEL}#champion#{self.numbers}", commit, record.message(number))

    def by_hand(self, number: str, message: str, *, withdrawn: bool = False) -> None:
        """The next tag of the stage as `gto` makes it, with a message and no record."""
        self.numbers += 1
        commit = git("rev-parse", f"{MODEL}@v{number}^{{commit}}")
        self.tag(f"{MODEL}#champion{'!' if withdrawn else ''}#{self.numbers}", commit, message)

    def tag(self, name: str, commit: str, message: str) -> None:
        git("tag", "-a", name, commit, "-F", "-", given=message, at=self.at)

    def pull(self, number: int | None, **given: Any) -> None:
        """The line of a judged pull request."""
        self._line(ledger.PULLS, self.judged(pull=number, **given))

    def judged(self, **given: Any) -> Judged:
        said = {
            "at": self.at,
            "run": self.run(),
            "minutes": 11.5,
            "commit": self.tip or None,
            "lock": "9e8b44d2" * 8,
            "data": "0123456789abcdef0123456789abcdef.dir",
            "estimator": "gradient_boosting",
            "champion": None,
            "decision": "accepted",
            "summary": "every gate passed",
            "gates": dict.fromkeys(GATES, "pass"),
            "metrics": {"roc_auc": Score(value=0.74)},
        }
        return Judged.model_validate(said | given)

    def ended(self, ending: Ending, why: str, **given: Any) -> None:
        """The line of a merge: of the newest commit, unless another is given."""
        said = {"at": self.at, "run": self.run(), "minutes": 19.25, "commit": self.tip}
        self._line(
            ledger.MERGES, Merge.model_validate(said | {"ending": ending, "why": why} | given)
        )

    def look(self, outcome: str, *drifted: str, **given: Any) -> None:
        """The line of a look."""
        said = {
            "at": self.at,
            "run": self.run(),
            "minutes": 4.0,
            "outcome": outcome,
            "summary": f"{', '.join(drifted)} drifted" if drifted else f"the look was {outcome}",
            "drifted": drifted,
            "reasons": ["drift"] if drifted else [],
        }
        self._line(ledger.LOOKS, Look.model_validate(said | given))

    def run(self) -> str:
        self.runs += 1
        return RUN.format(self.runs)

    def keep(self) -> None:
        """Commit the lines to the branch `history`, with one that nobody can read."""
        blobs = {
            name: git("hash-object", "-w", "--stdin", given="".join([*lines, "{\n"]))
            for name, lines in self.lines.items()
        }
        tree = git(
            "mktree", given="".join(f"100644 blob {sha}\t{name}\n" for name, sha in blobs.items())
        )
        git("update-ref", f"refs/heads/{ledger.BRANCH}", self._commit(tree, [], timedelta()))
        git("reset", "-q", "--hard", "main")

    def _line(self, file: str, event: Event) -> None:
        self.lines[file].append(ledger.encode(event))

    def _commit(self, tree: str, parents: list[str], before: timedelta) -> str:
        return git("commit-tree", tree, *parents, "-m", "commit", at=self.at - before)


def git(*arguments: str, given: str = "", at: datetime | None = None) -> str:
    """What git printed; what it makes is of the time `at`."""
    when = (
        {f"GIT_{who}_DATE": f"{at.timestamp():.0f} +0000" for who in ("AUTHOR", "COMMITTER")}
        if at
        else {}
    )
    done = subprocess.run(
        ["git", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | when,
    )
    return done.stdout.strip()


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def content(through: str, roc_auc: float) -> dict[str, str]:
    """The files of a commit that the dashboard reads."""
    values = {"roc_auc": roc_auc, "average_precision": roc_auc - 0.2, "brier": 0.91 - roc_auc}
    values |= {"recall": 0.66}
    interval = {name: {"low": v - 0.026, "high": v + 0.0255} for name, v in values.items()}
    md5 = f"{through.replace('-', '') * 6:.32}.dir"
    return {
        "params.yaml": (ROOT / "params.yaml").read_text(),
        "dvc.yaml": "stages: {}\n",
        "data.dvc": f"meta:\n  through: {through}\nouts:\n- md5: {md5}\n  path: data\n",
        "metrics/test.json": json.dumps(values | {"interval": interval, "rows": 57049}),
        "metrics/fairness.json": json.dumps(FAIRNESS),
        "reports/model_card.md": CARD,
        "reports/data_quality.md": "# Data quality\n\n**All checks passed.**\n",
        "reports/plots/importance.csv": "feature,loss\nsched_dep_time,0.134572\npressure,0.0161\n",
    }


def years(world: World) -> None:
    """Half a year: promotions, refusals, an override, a rollback with a hold, drift, its end."""
    begin(world)
    age(world)
    renew(world)
    go_back(world)
    go_on(world)


def begin(world: World) -> None:
    """The first champion, and a pull request that takes three attempts."""
    world.merge("2013-06", 0.731, **{"reports/data_card.md": "# Data card\n\nEvery flight.\n"})
    world.later(hours=1)
    world.release(
        "1.0.0",
        why=["the first version"],
        approvals=[Approval(by="Maintainer", on="merged #1")],
    )
    world.later(minutes=2)
    world.assign("1.0.0", reason="the first version")
    world.later(minutes=1)
    world.ended("promoted", "to 1.0.0", version="1.0.0", verdict=world.judged())
    world.later(days=3)
    world.look("steady", champion="1.0.0", first="2013-07-01", last="2013-07-31", rows=28000)
    world.later(days=1)
    world.pull(2, decision="refused", gates=dict.fromkeys(GATES, "pass") | {"metrics": "fail"})
    world.later(hours=5)
    world.pull(2, decision="inconclusive", gates={"metrics": "inconclusive", "slices": "fail"})
    world.later(days=2)
    world.pull(2, champion="1.0.0")
    world.later(hours=2)
    world.merge("2013-06", 0.7389)
    world.later(minutes=52)
    world.release(
        "1.1.0",
        why=["parameters (params.yaml)"],
        approvals=[Approval(by="Maintainer", on="merged #2")],
    )
    world.later(seconds=40)
    world.assign("1.1.0")
    again = world.run()
    world.ended("stopped", "in package", run=again, minutes=9)
    world.later(minutes=20)
    verdict = world.judged(champion="1.0.0")
    world.ended("promoted", "to 1.1.0", version="1.1.0", verdict=verdict, run=again)


def age(world: World) -> None:
    """Looks: steady, nothing there, an alarm, a look that failed, an alarm again."""
    world.later(days=4)
    world.look("steady", champion="1.1.0", rows=6500, metrics={"roc_auc": 0.741}, **HELD_OUT)
    world.later(days=7)
    world.look("no data", minutes=None)
    world.later(days=7)
    world.look("alarm", "temp", "carrier", champion="1.1.0", metrics={"roc_auc": 0.712}, **HELD_OUT)
    world.later(days=7)
    world.look("failed")
    world.later(days=7)
    world.look(
        "alarm", "temp", champion="1.1.0", metrics={"roc_auc": 0.7}, retrain=True, **HELD_OUT
    )


def renew(world: World) -> None:
    """A new model by an overridden gate, and its first steady look."""
    world.later(hours=4)
    overridden = {"overridden": {"protected": "Maintainer"}}
    world.pull(
        7,
        gates=dict.fromkeys(GATES, "pass") | {"protected": "fail"},
        reasons={"protected": "the floor follows the season"},
        **overridden,
    )
    world.later(hours=1)
    world.merge("2013-08", 0.7445)
    world.later(hours=2, minutes=10)
    world.release(
        "1.1.1",
        why=["data (through 2013-06 → 2013-08)"],
        approvals=[
            Approval(by="Maintainer", on="merged #7"),
            Approval(by="Maintainer", on="gates-approved on #7: the floor follows the season"),
        ],
    )
    world.later(minutes=3)
    world.assign("1.1.1", by="Cleo")
    world.ended(
        "promoted",
        "to 1.1.1",
        version="1.1.1",
        verdict=world.judged(
            gates={"protected": "fail"},
            reasons={"protected": "the floor follows the season"},
            **overridden,
        ),
    )
    world.later(days=6)
    world.look("steady", champion="1.1.1", metrics={"roc_auc": 0.746}, **HELD_OUT)


def go_back(world: World) -> None:
    """Merges that deliver nothing, one that is rolled back, and the hold."""
    world.later(days=3)
    world.merge("2013-08", 0.7511, **{"docs/page.md": "a page"})
    world.ended("unchanged", "it delivers what the champion delivers", minutes=2)
    world.merge("2013-08", 0.7512)
    world.ended("superseded", "by a later commit")
    world.later(minutes=30)
    world.merge("2013-09", 0.7533)
    world.later(hours=1)
    world.release("1.2.0", image=None, why=["the problem's code (src/problem)"])
    world.later(minutes=2)
    world.assign("1.2.0", reason="better <b>by far</b>")
    world.ended("promoted", "to 1.2.0", version="1.2.0", minutes=31)
    world.later(days=1, hours=7)
    world.assign("1.1.1", "rollback", "Eve", "predictions of one carrier are off", hold=True)
    world.later(hours=3)
    world.merge("2013-09", 0.7528)
    world.ended("held", "at 1.1.1")
    world.later(days=2)
    world.assign("1.1.1", "hold released", "Eve", "#41 is reverted")


def go_on(world: World) -> None:
    """Refusals, the next champion, and an alarm that is open."""
    world.later(days=5)
    world.pull(None, decision="refused", gates={"data": "fail"}, run="", minutes=None)
    world.merge("2013-10", 0.7466)
    world.ended(
        "refused",
        "by metrics: roc_auc is worse",
        verdict=world.judged(decision="refused", gates={"metrics": "fail"}),
    )
    world.later(days=40)
    world.pull(12, gates=dict.fromkeys(GATES, "pass"), champion="1.1.1")
    world.merge("2013-12", 0.7571)
    world.later(hours=1, minutes=20)
    world.release("1.2.1", approvals=[Approval(by="Maintainer", on="merged #12")])
    world.later(minutes=1)
    world.assign("1.2.1")
    world.ended("promoted", "to 1.2.1", version="1.2.1", verdict=world.judged(champion="1.1.1"))
    world.later(days=9)
    world.look("alarm", "pressure", champion="1.2.1", metrics={"roc_auc": 0.72}, **HELD_OUT)
    world.later(days=2)
    world.merge("2013-12", 0.7571, **{"docs/page.md": "another"})
    world.ended("unchanged", "it delivers what the champion delivers", minutes=2)


def short(world: World) -> None:
    """One commit, and nothing else."""
    world.merge("2013-08", 0.7445)


def chance(seed: int) -> Callable[[World], None]:
    """Whatever may happen, in any order."""

    def happen(world: World) -> None:
        dice, made = random.Random(seed), ["1.0.0"]
        _promote(world, dice, made)
        for _ in range(50):
            world.later(minutes=dice.choice([0, 7, 90, 3000, 30000]))
            dice.choice([_merge, _promote, _promote, _move, _move, _pull, _end, _look])(
                world, dice, made
            )

    return happen


def _merge(world: World, dice: random.Random, made: list[str]) -> None:
    world.merge(f"2013-{dice.randint(1, 12):02}", round(dice.uniform(0.6, 0.8), 4))


def _promote(world: World, dice: random.Random, made: list[str]) -> None:
    _merge(world, dice, made)
    world.later(minutes=dice.randint(1, 200))
    words = [Approval(by=by, on="merged #1") for by in dice.sample(["Ann", "Ben"], 2)]
    world.release(made[-1], approvals=words[: dice.randint(0, 2)])
    world.later(seconds=dice.randint(1, 200))
    world.assign(made[-1])
    if dice.random() < 0.7:
        world.later(seconds=dice.randint(0, 200))
        world.ended("promoted", "so", version=made[-1], minutes=_minutes(dice))
    made.append(f"1.{len(made)}.0")


def _move(world: World, dice: random.Random, made: list[str]) -> None:
    """The stage, without a new version."""
    there = made[:-1]
    moves: list[Callable[[], None]] = [
        lambda: world.assign(dice.choice(there), reason="again"),
        lambda: world.assign(dice.choice(there), "rollback", "Eve", "why not", hold=True),
        lambda: world.assign(there[-1], "hold released", "Eve", "enough"),
        lambda: world.by_hand(dice.choice(there), "by hand", withdrawn=dice.random() < 0.6),
    ]
    dice.choice(moves)()


def _pull(world: World, dice: random.Random, made: list[str]) -> None:
    said = dice.choice(["accepted", "refused", "inconclusive"])
    word = {"overridden": {"data": "Eve"}} if dice.random() < 0.3 else {}
    number = dice.choice([None, 1, 2, 3, 4])
    world.pull(number, decision=said, minutes=_minutes(dice), **word)


def _end(world: World, dice: random.Random, made: list[str]) -> None:
    endings: list[Ending] = ["unchanged", "superseded", "held", "refused", "stopped"]
    world.ended(dice.choice(endings), "so", minutes=_minutes(dice))


def _look(world: World, dice: random.Random, made: list[str]) -> None:
    outcome = dice.choice(["steady", "alarm", "alarm", "no data", "failed"])
    drifted = dice.sample(["temp", "dewp", "carrier"], dice.randint(0, 2))
    seen = dice.choice([{}, {"roc_auc": round(dice.uniform(0.6, 0.8), 4)}])
    told = drifted if outcome == "alarm" else []
    world.look(outcome, *told, minutes=_minutes(dice), metrics=seen)


def _minutes(dice: random.Random) -> float | None:
    return dice.choice([None, 3.0, 11.5, 40.25])


def build(folder: Path, happen: Callable[[World], None]) -> None:
    """Make a repository in `folder`, in which all of this has happened."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        world = World()
        happen(world)
        if any(world.lines.values()):
            world.keep()
        else:
            git("reset", "-q", "--hard", "main")
    finally:
        os.chdir(here)


def half_a_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with that history, made by the first worker that wants it; read only."""
    return once(tmp_path_factory, "half_a_year", lambda folder: build(folder, years))
