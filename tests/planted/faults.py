"""The catalogue of bad pull requests."""

from dataclasses import dataclass
from typing import Literal

from mlops.judge.verdict import Outcome
from tests.planted.change import (
    MODEL,
    Change,
    data_through,
    edit,
    every,
    line_after,
    new_version_of,
    parameters,
    without_file,
    wrapped_model,
)

FEATURES = "src/problem/features.py"
SCHEMA = "src/problem/schema.py"
GATES = "src/mlops/judge/gates/__init__.py"
AUGUST = "flights-2013-08.csv"
LATE = '    frame["late"] = (flights["arr_delay"] >= LATE).astype("int8")\n'
ARRIVED = '    flights = flights[flights["arr_delay"].notna()]\n'


@dataclass(frozen=True)
class Fault:
    """A bad pull request, and what must become of it."""

    name: str
    what: str
    """What its author did."""
    change: Change
    gate: str
    """That is meant for it."""
    cause: str
    """What that gate must say of it."""
    outcome: Outcome = "fail"
    """Of that gate."""
    also: tuple[str, ...] = ()
    """Other gates that fail with it, since one fault has many symptoms."""
    open: tuple[str, ...] = ()
    """Gates that it leaves inconclusive."""
    commits: Literal["nothing", "its edits", "its results, too"] = "nothing"
    """Before it is judged; nothing is what `make pr` is for, results are what it is to bring."""


def renamed(old: str, new: str) -> Change:
    return new_version_of(AUGUST, lambda lines: [lines[0].replace(old, new), *lines[1:]])


def cell(column: str, value: str) -> Change:
    """Set a cell in the last line."""

    def version(lines: list[str]) -> list[str]:
        cells = dict(zip(lines[0].split(","), lines[-1].split(","), strict=True))
        return [*lines[:-1], ",".join((cells | {column: value}).values())]

    return new_version_of(AUGUST, version)


DATA = (
    Fault(
        name="renamed column",
        what="A new version of the data calls a column by another name.",
        change=renamed("distance", "distnce"),
        gate="data",
        cause="distance: expected this column; distnce is there instead",
        also=("pipeline",),
    ),
    Fault(
        name="wrong type",
        what="A new version of the data has text where numbers were.",
        change=cell("distance", "far"),
        gate="data",
        cause="distance: expected a whole number; not so in 1 row, such as far",
        also=("pipeline",),
    ),
    Fault(
        name="duplicated rows",
        what="A hundred flights were appended a second time.",
        change=new_version_of(AUGUST, lambda lines: [*lines, *lines[-100:]]),
        gate="data",
        cause="(time_hour, carrier, flight) only once",
        also=("pipeline",),
    ),
    Fault(
        name="dropped month",
        what="The file of a month in the middle is gone.",
        change=without_file("flights-2013-04.csv"),
        gate="data",
        cause="flights-2013-04.csv: expected the file, which is missing",
        also=("pipeline",),
    ),
    Fault(
        name="month taken back",
        what="The newest month is taken back, in good order, since the model does badly on it.",
        change=data_through("2013-07"),
        gate="data",
        cause="periods that the base has are gone: flights 2013-08; weather 2013-08",
        open=("champion", "slices"),
    ),
)

LEAKS = (
    Fault(
        name="label leak",
        what="An input is known only after the departure.",
        change=every(
            edit(FEATURES, ('"distance")', '"distance", "dep_delay")')),
            edit(
                SCHEMA,
                line_after(
                    '        "distance": number(1, 6000, kind="float32"),',
                    '        "dep_delay": number(-120, 2880, kind="float32"),',
                ),
            ),
        ),
        gate="leaks",
        cause="roc_auc of dep_delay alone",
        also=("behaviour",),
    ),
    Fault(
        name="random split",
        what="Days are held out at random, so that the model is trained on days after its test.",
        change=parameters({"split.rule": "random"}),
        gate="leaks",
        cause="training blocks not before the first test block",
        also=("same_rows", "protected"),
        open=("champion", "slices"),
    ),
    Fault(
        name="test rows in training",
        what="The split holds rows out, and trains on them as well.",
        change=edit("src/mlops/stages/split.py", ('"train": features[~test]', '"train": features')),
        gate="leaks",
        cause="rows both in training and test; blocks both in training and test",
        also=("protected",),
    ),
)

MODELS = (
    Fault(
        name="shuffled target",
        what="The target comes to stand in other rows than its own.",
        change=edit(FEATURES, (LATE, f"{LATE[:-1]}.sample(frac=1.0, random_state=0).to_numpy()\n")),
        gate="floors",
        cause="short of the floor: roc_auc",
        also=("calibration", "behaviour"),
        open=("same_rows", "baselines", "slices"),
    ),
    Fault(
        name="shuffled labels in training",
        what="The model, and it alone, is fitted on labels of other rows.",
        change=wrapped_model(fit="self.inner.fit(X, rng.permutation(y))"),
        gate="baselines",
        cause="it loses: roc_auc against the linear model",
        also=("floors", "champion", "slices", "behaviour"),
    ),
    Fault(
        name="noise",
        what="The model answers with random numbers.",
        change=wrapped_model(predict="p = rng.uniform(size=len(p))"),
        gate="baselines",
        cause="roc_auc against the linear model",
        also=("floors", "champion", "slices", "calibration", "parity", "behaviour"),
    ),
    Fault(
        name="one carrier let down",
        what="Of one carrier the model knows nothing; the average hardly suffers.",
        change=wrapped_model(
            predict='p = np.where(X["carrier"] == "US", rng.uniform(0.1, 0.3, len(p)), p)'
        ),
        gate="slices",
        cause="carrier: US, roc_auc",
        also=("parity",),
    ),
    Fault(
        name="over-confident",
        what="Every logit is tripled: the same ranking, with far too much certainty.",
        change=wrapped_model(predict="p = p**3 / (p**3 + (1 - p) ** 3)"),
        gate="calibration",
        cause="over-confident, slope 0.",
        also=("floors", "champion", "parity"),
        open=("slices",),
    ),
    Fault(
        name="missing predictions",
        what="The model has no answer where a gust was measured.",
        change=wrapped_model(predict='p = np.where(X["wind_gust"] > 30, np.nan, p)'),
        gate="predictions",
        cause="column prediction: expected finite, found nan",
        also=("pipeline",),
    ),
    Fault(
        name="another model is served",
        what="The model rounds its answers; what is exported of it does not.",
        change=wrapped_model(predict="p = np.round(p, 2)"),
        gate="parity",
        cause="the two differ: largest difference",
    ),
    Fault(
        name="slow",
        what="A prediction waits for something.",
        change=every(
            edit(MODEL, ("import numpy as np\n", "import time\n\nimport numpy as np\n")),
            wrapped_model(predict="time.sleep(0.06)"),
        ),
        gate="budgets",
        cause="over budget: milliseconds for one row",
    ),
    Fault(
        name="oversized",
        what="The model carries 30 MB with it.",
        change=wrapped_model(fit="self.ballast = rng.bytes(30_000_000); self.inner.fit(X, y)"),
        gate="budgets",
        cause="over budget: megabytes on disk",
    ),
    Fault(
        name="not reproducible",
        what="Trees draw their inputs with random numbers that nobody can draw again.",
        change=every(
            parameters({"model.gradient_boosting.max_features": 0.5}),
            edit(MODEL, ("        random_state=seed,\n", "        random_state=None,\n")),
        ),
        gate="reproducible",
        cause="trained again, model.joblib has another hash",
    ),
    Fault(
        name="lucky seed",
        what="The model is left half its inputs, drawn by a seed that was searched for.",
        change=every(
            parameters({"seed": 2016}),
            wrapped_model(
                fit="self.out = list(rng.choice(X.columns[3:], 13, replace=False)); "
                "self.inner.fit(X.assign(**dict.fromkeys(self.out, 0.0)), y)",
                predict="p = self.inner.predict_proba("
                "X.assign(**dict.fromkeys(self.out, 0.0)))[:, 1]",
            ),
        ),
        gate="stability",
        cause="the chosen seed is the luckiest",
    ),
)

JUDGES = (
    Fault(
        name="loosened threshold",
        what="A floor is lowered to where the model is, in good order.",
        change=parameters({"gates.floors.roc_auc": 0.5}),
        gate="protected",
        cause="params.yaml: gates.floors.roc_auc, ",
        commits="its results, too",
    ),
    Fault(
        name="deleted gate",
        what="A gate is taken off the list, so that nobody asks any more.",
        change=edit(GATES, ('    "leaks": fluke.leaks,\n', "")),
        gate="protected",
        cause="changes how it is judged itself: src/mlops/judge/gates/__init__.py",
    ),
    Fault(
        name="emptied slices",
        what="No slice is declared any more.",
        change=edit(
            "src/problem/slices.py",
            ('SLICES = ("carrier", "origin", "time_of_day", "distance_band")', "SLICES = ()"),
        ),
        gate="slices",
        cause="vanished: carrier; origin; time_of_day; distance_band",
        also=("protected",),
    ),
)

CONDUCT = (
    Fault(
        name="stale lock",
        what="A parameter is changed and committed, and the results are those of before.",
        change=parameters({"serving.outside": "flag"}),
        gate="lock",
        cause="committed, but not what this run gives: dvc.lock",
        commits="its edits",
    ),
    Fault(
        name="dropped rows",
        what="Days on which it rained are left out, everywhere: they are hard to predict.",
        change=edit(
            FEATURES,
            (
                ARRIVED,
                ARRIVED + '    wet = raw["weather"].query("precip > 0.05")["time_hour"].str[:10]\n'
                '    flights = flights[~flights["time_hour"].str[:10].isin(set(wet))]\n',
            ),
        ),
        gate="same_rows",
        cause="rows that the champion is judged on are not among the challenger's",
    ),
    Fault(
        name="another target",
        what="Late is from half an hour on: another question than the champion answers.",
        change=edit(FEATURES, ("LATE = 15", "LATE = 30")),
        gate="same_rows",
        outcome="inconclusive",
        cause="two answers to different questions cannot be compared",
    ),
)

FAULTS = (*DATA, *LEAKS, *MODELS, *JUDGES, *CONDUCT)
