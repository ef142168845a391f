"""The periods of the source, one after the other: looked at, retrained with, judged, promoted."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ruamel.yaml import YAML

from mlops import params
from mlops.backtest import fielded, promotion, scratch
from mlops.backtest.diary import Diary
from mlops.backtest.fielded import Arrived, Fielded
from mlops.backtest.result import (
    Blocking,
    Judgement,
    Line,
    Look,
    Metric,
    Period,
    Result,
)
from mlops.backtest.score import NEW, OLD, Answers, Reign, by_line, by_pair, succession, together
from mlops.backtest.scratch import Scratch
from mlops.contract import Features, Model, Source, Task, load
from mlops.errors import DeclarationError
from mlops.evaluation.names import BETTER, headline
from mlops.evaluation.predict import Array, labels
from mlops.history.record import Judged, Merge
from mlops.history.record import Look as Looked
from mlops.judge import verdict as verdicts
from mlops.judge.verdict import Verdict
from mlops.monitor import result as monitor
from mlops.params import Params
from mlops.progress import console
from mlops.retraining import retrained, wording

FIRST = "the first model"
EARLIER = 3  # periods that the first model knows
JUDGED = (0, 8, 9)  # accepted, refused, inconclusive
LOOK, TRAIN, JUDGE = "monitor", "retrain", "judge"
SHORT = 2000


def periods(begin: str | None, through: str | None) -> tuple[str, list[str]]:
    """The newest period that the first model knows, and those that arrive one after the other.

    Raises DeclarationError when the source has not so many.
    """
    there = list(load(Source).PERIODS)
    if len(there) <= EARLIER:
        raise DeclarationError(
            f"src/problem/source.py: PERIODS: a backtest needs more than {EARLIER} periods that "
            f"arrive one after the other, found {len(there)}",
            file="src/problem/source.py",
        )
    begin, through = begin or there[EARLIER - 1], through or there[-1]
    for name in (begin, through):
        if name not in there:
            raise DeclarationError(
                f"the source has no period {name!r}; it has {there[0]} to {there[-1]}"
            )
    coming = there[there.index(begin) + 1 : there.index(through) + 1]
    if not coming:
        raise DeclarationError(f"no period arrives after {begin} and up to {through}")
    return begin, coming


def beginning(estimator: str | None) -> str:
    """The estimator of the first model: the problem's linear one, unless another is named.

    Raises DeclarationError when the problem has no such estimator.
    """
    problem = load(Model)
    if estimator and estimator not in problem.ESTIMATORS:
        raise DeclarationError(
            f"--first: {estimator!r} is no estimator of src/problem/model.py; it has "
            f"{', '.join(problem.ESTIMATORS)}"
        )
    return estimator or problem.LINEAR


def replay(begin: str, coming: list[str], first: str) -> Result:
    """Replay the periods `coming` in a scratch repository that begins with data through `begin`.

    The first model is of the estimator `first`; from then on it is the one that params.yaml
    chooses. Raises StoppedError when a command ends otherwise than with an answer.
    """
    year = Year(scratch.make(), params.load(), first, time.perf_counter())
    year.start(begin)
    for count, period in enumerate(coming, start=1):
        year.go_on(period)
        year.tell(count, len(coming))
    return year.result(begin)


@dataclass
class Year:
    """What has happened so far."""

    place: Scratch
    knobs: Params
    estimator: str
    """Of the first model."""
    began: float
    lines: dict[Line, Fielded] = field(default_factory=dict)
    seen: list[tuple[Period, Answers]] = field(default_factory=list)
    reigns: list[Reign] = field(default_factory=list)
    first: Judgement | None = None
    replaced: Fielded | None = None
    """The champion before the present one."""
    pulls: int = 0

    def __post_init__(self) -> None:
        self.diary = Diary(self.place.work)
        self.task = load(Features).TASK
        self.chosen = (self.here / params.PATH).read_text(encoding="utf-8")

    @property
    def here(self) -> Path:
        """Where models are trained."""
        return self.place.work.folder

    def start(self, begin: str) -> None:
        """The first model, on main; the gates that ask for no champion say whether it may serve."""
        work = self.place.work
        console.print(f"  a scratch repository in {self.here}, with data through {begin}")
        _choose(self.here / params.PATH, self.estimator)
        work.git("commit", "--quiet", "--all", "--allow-empty", "-m", "Begin with a first model")
        _, trained = work.run("retrain", "run", "--through", begin)
        self.place.at(_after(fielded.newest(self.here / fielded.FEATURES)))
        work.git("add", "--all")
        work.git("commit", "--quiet", "--message", f"The first model, with data through {begin}")
        work.git("push", "--quiet", "origin", "HEAD:main")
        self.place.at(self.place.work.now + timedelta(minutes=trained / 60))
        judged, seconds = self._judged()
        first = fielded.challenger(FIRST, self.here)
        today, rows = self.knobs.model.estimator, self.here / fielded.TRAIN
        self.lines = {
            "never": first,
            "frozen": first,
            "always": first,
            "gated": first,
            "whole": self._whole(FIRST, self.estimator),
        }
        if today != self.estimator:
            self.lines["frozen"] = fielded.fit(today, today, rows, self.knobs)
        version = self._promoted(judged) if judged.decision == "accepted" else ""
        self.first = _judgement(judged, FIRST, version)
        self._merged(judged, version, trained + seconds)
        self.keys = fielded.known(self.here)

    def go_on(self, period: str) -> None:
        """A period arrives."""
        work, watch = self.place.work, self.place.watch
        watch.git("fetch", "--quiet", "--tags", "origin")
        watch.git("reset", "--quiet", "--hard", "origin/main")
        looking = watch.start("monitor", "--through", period, "--exit-zero")
        try:
            work.git("checkout", "--quiet", "-B", wording.branch(self._model), "origin/main")
            work.run("data", "--restore")
            (self.here / params.PATH).write_text(self.chosen, encoding="utf-8")
            _, trained = work.run("retrain", "run", "--through", period)
        finally:
            _, looked = looking.wait(0, monitor.MonitorFailed.exit_code)
        classes = [] if self.task == "regression" else labels(self.lines["never"].estimator)
        rows = fielded.arrived(self.here, self.keys, classes, self.knobs.evaluate.threshold)
        self.place.at(_after(rows.blocks[-1]))
        answers = self._answers(rows)
        self._served(period, rows)
        look = monitor.read((watch.folder / monitor.FOLDER / "monitor.json").read_bytes(), period)
        self.diary.add(
            Looked.of(look, minutes=looked / 60).model_copy(update={"at": self.place.watch.now})
        )
        lines, champion = dict(self.lines), self._champion
        self.place.at(work.now + timedelta(seconds=looked))
        work.git("add", "--all")
        work.git(
            "commit",
            "--quiet",
            "--message",
            wording.title(retrained.read(self.here / retrained.FOLDER)),
        )
        judged, seconds = self._judged()
        spent = {LOOK: looked, TRAIN: trained, JUDGE: seconds}
        version = self._followed(judged, period, trained + seconds)
        found = Period(
            name=period,
            first=rows.blocks[0],
            last=rows.blocks[-1],
            rows=len(rows.rows),
            blocks=len(rows.blocks),
            serving=champion,
            trained_through={line: model.trained_through for line, model in lines.items()},
            scores=by_line(self.task, answers, list(lines)),
            differences=by_pair(self.task, answers, self.knobs),
            look=_look(look),
            judgement=_judgement(judged, champion, version),
            seconds=spent,
        )
        self.seen.append((found, answers))
        self.keys = fielded.known(self.here)

    def tell(self, count: int, of: int) -> None:
        """A line on the last period, and how long the others will take."""
        last = self.seen[-1][0]
        name = headline(self.task)
        spent = time.perf_counter() - self.began
        left = (of - count) * spent / (count + 1)  # the first model took about as long as a period
        judgement = last.judgement
        became = f", {judgement.promoted} is the champion" if judgement.promoted else ""
        blocked = ", ".join(one.gate for one in judgement.blocking)
        why = f" by {blocked}" if blocked else became
        console.print(
            f"  {last.name}: {last.serving} served, {name} {_short(last.scores['gated'][name])}; "
            f"monitor {last.look.outcome}; {judgement.decision}{why}"
            + (f"; about {left / 60:.0f} min left" if count < of else ""),
            markup=False,
        )

    def result(self, begin: str) -> Result:
        """All of it."""
        assert self.first is not None  # noqa: S101 - `start` came before
        everything = together([answers for _, answers in self.seen])
        gated = list(self.knobs.gates.margins)
        return Result(
            model=self._model,
            task=self.task,
            first_estimator=self.estimator,
            estimator=self.knobs.model.estimator,
            made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(time.perf_counter() - self.began, 1),
            begin=begin,
            first_model=self.first,
            level=self.knobs.gates.level,
            metrics=[
                Metric(name=name, better=better, drawn=name in _drawn(self.task, gated))
                for name, better in BETTER[self.task].items()
            ],
            periods=[period for period, _ in self.seen],
            overall=by_pair(self.task, everything, self.knobs),
            successions=[
                succession(self.task, reign, self.knobs) for reign in self.reigns if reign.periods
            ],
        )

    @property
    def _model(self) -> str:
        return self.knobs.serving.name

    @property
    def _champion(self) -> str:
        return self.lines["gated"].name

    def _whole(self, name: str, estimator: str) -> Fielded:
        """The estimator fitted on all that the data has now."""
        return fielded.fit(name, estimator, self.here / fielded.FEATURES, self.knobs)

    def _judged(self) -> tuple[Verdict, float]:
        """What the gates say of what the pipeline has left."""
        _, seconds = self.place.work.run("judge", allowed=JUDGED)
        left = self.here / verdicts.FOLDER / "verdict.json"
        self.place.at(self.place.work.now + timedelta(seconds=seconds))
        return verdicts.read(left.read_bytes(), str(left)), seconds

    def _answers(self, rows: Arrived) -> Answers:
        """What every line's model says of a period; one that stands in several is asked once."""
        said = {id(model): rows.says(model) for model in self.lines.values()}
        by_name: dict[str, Array] = {line: said[id(m)] for line, m in self.lines.items()}
        return Answers(rows.block, rows.truth, by_name)

    def _served(self, period: str, rows: Arrived) -> None:
        """Remember what the champion, and the one it replaced, say of a period that it serves."""
        if self.reigns and self.replaced:
            both = {NEW: rows.says(self.lines["gated"]), OLD: rows.says(self.replaced)}
            answers = Answers(rows.block, rows.truth, both)
            self.reigns[-1] = self.reigns[-1].going_on(period, answers)

    def _followed(self, judged: Verdict, period: str, seconds: float) -> str:
        """Merge and promote what was accepted; its version, empty where it was not."""
        work = self.place.work
        self.pulls += 1
        line = Judged.of(judged, work.now, pull=self.pulls, minutes=seconds / 60)
        self.diary.add(line)
        challenger = fielded.challenger(period, self.here)
        self.lines["always"] = challenger
        if judged.decision != "accepted":
            return ""
        branch = wording.branch(self._model)
        work.git("checkout", "--quiet", "-B", "main", "origin/main")
        work.git("merge", "--quiet", "--no-ff", "--message", f"Merge #{self.pulls}", branch)
        work.git("push", "--quiet", "origin", "main")
        self.replaced = self.lines["gated"]
        version = self._promoted(judged)
        self.reigns.append(Reign(version, self.replaced.name))
        self._merged(judged, version, seconds)
        return version

    def _promoted(self, judged: Verdict) -> str:
        with self.place.work.inside():
            version = promotion.promote(judged)
        challenger = fielded.challenger(version, self.here)
        self.lines["gated"] = challenger
        self.lines["whole"] = self._whole(version, judged.candidate.estimator)
        return version

    def _merged(self, judged: Verdict, version: str, seconds: float) -> None:
        work = self.place.work
        why = f"as {self._model} {version}" if version else f"by {judged.summary}"
        self.diary.add(
            Merge(
                at=work.now,
                minutes=seconds / 60,
                commit=work.git("rev-parse", "origin/main"),
                ending="promoted" if version else "refused",
                why=why[:300],
                version=version or None,
                verdict=Judged.of(judged, work.now),
            )
        )


def _choose(path: Path, estimator: str) -> None:
    """Let a params.yaml choose another estimator."""
    yaml = YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    document["model"]["estimator"] = estimator
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _after(block: str) -> datetime:
    """The morning after a block that is a day; now, where blocks are something else."""
    try:
        day = datetime.fromisoformat(block).replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)
    return day + timedelta(days=1, hours=5)


def _drawn(task: Task, gated: list[str]) -> list[str]:
    """The headline, and of the others that are gated the first that is better when lower."""
    name = headline(task)
    lower = [n for n, way in BETTER[task].items() if way == "lower" and n in gated and n != name]
    return [name, *lower[:1]]


def _judgement(judged: Verdict, champion: str, version: str) -> Judgement:
    return Judgement(
        decision=judged.decision,
        summary=judged.summary[:SHORT],
        champion=champion,
        blocking=[
            Blocking(gate=gate.name, outcome=gate.outcome, reason=gate.reason)
            for gate in judged.gates
            if gate.blocks and gate.outcome in ("fail", "inconclusive")
        ],
        promoted=version,
    )


def _look(found: monitor.Result) -> Look:
    drift = found.drift
    return Look(
        outcome=found.outcome,
        summary=found.summary[:SHORT],
        reasons=list(dict.fromkeys(reason.section for reason in found.reasons)),
        drifted=[column.name for column in (drift.columns if drift else []) if column.drifted],
    )


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
