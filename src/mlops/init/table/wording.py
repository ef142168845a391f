"""What was found, in sentences: for the terminal, for the cards, for behaviour.py."""

from collections.abc import Iterable, Sequence

from mlops.evaluation.names import headline
from mlops.init.table.columns import Column
from mlops.init.table.csvfile import SEPARATORS, File
from mlops.init.table.limits import Limits, tells
from mlops.init.table.render import in_words, negative
from mlops.init.table.roles import Roles
from mlops.init.table.sanity import Direction
from mlops.init.table.trial import Trial

MOST = 12  # names in a line


def findings(
    file: File, found: Roles, trial: Trial, bounds: Limits, telling: dict[str, float]
) -> list[str]:
    """Lines for a person who made a problem of a table: what was inferred, and why."""
    renamed = [c for c in found.columns if c.header != c.name]
    return [
        f"table: {_table(file)}",
        *([f"renamed: {_listed(_renaming(c) for c in renamed)}"] if renamed else []),
        f"task: {_task(found)}",
        f"key: {_key(found)}",
        f"block: {_block(found)}",
        *_date(found),
        f"split: {_split(trial)}",
        f"inputs: {_listed(found.inputs)}",
        *[f"left out: {name} {why}" for name, why in found.left_out.items() if name not in telling],
        *[_warning(found, trial, name, value) for name, value in telling.items()],
        *_rows_left_out(found),
        f"estimator: {_estimator(trial)}",
        f"floors: {_floors(bounds)}",
        *_hopeless(trial),
        *_separable(trial, bounds),
        *_personal(found),
    ]


def sentences(found: Roles, directions: Sequence[Direction]) -> list[str]:
    """What each expectation says."""
    told = []
    for direction in directions:
        label = found.positive if direction.label is None else str(direction.label)
        what = "value" if found.task == "regression" else f"probability of {in_words(label)}"
        if direction.kind == "invariant":
            told.append(f"a trifle more {direction.name} changes the {what} next to nothing")
        else:
            verb = {"rises": "raises", "falls": "lowers"}[direction.kind]
            told.append(f"more {direction.name} {verb} the {what}")
    return told


def use(found: Roles) -> str:
    """The first sentence of the model card."""
    name = found.target.name
    if found.task == "binary":
        no = in_words(negative(found))
        return (
            f"Tell how likely `{name}` is {in_words(found.positive)} (and not {no}), from "
            f"{len(found.inputs)} other columns of the same row."
        )
    if found.task == "multiclass":
        classes = _listed(map(in_words, found.classes))
        return f"Tell which `{name}` a row has ({classes}), from {len(found.inputs)} other columns."
    return f"Estimate `{name}` from {len(found.inputs)} other columns of the same row."


def limitations(found: Roles, telling: dict[str, float]) -> list[str]:
    """What the model card admits."""
    lines = [f"{len(found.kept()):,} examples: see the widths of the intervals."]
    if not (found.block or found.time):
        lines.append(
            "Rows are taken to be independent. If several are of one person, machine or day, the "
            "intervals are too narrow, and the test is too easy: set BLOCK in "
            "`src/problem/features.py`."
        )
    if found.rare:
        lines.append(f"It never answers {_listed(map(in_words, found.rare))}: too few rows.")
    lines += [f"`{name}` is no input: it alone tells the answer. See below." for name in telling]
    return lines


def problems(found: Roles, telling: dict[str, float]) -> list[str]:
    """What the data card admits."""
    lines = []
    if gaps := [c for c in found.columns if c.gaps and c.kind != "empty"]:
        told = _listed(f"`{c.name}` in {c.gaps:,} rows" for c in gaps)
        lines.append(f"There are gaps: {told}.")
    lines += [f"`{name}` {why}." for name, why in found.left_out.items() if name not in telling]
    lines += [
        f"`{name}` alone tells the target; it is left out until somebody says that it is known "
        f"when a prediction is wanted."
        for name in telling
    ]
    return lines


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - MOST} more" if len(every) > MOST else ""
    return ", ".join(every[:MOST]) + more


def _renaming(column: Column) -> str:
    return f"{column.header!r} is {column.name}" if column.header else f"no name is {column.name}"


def _table(file: File) -> str:
    separated = f"separated by {SEPARATORS[file.separator]}"
    return f"{len(file.rows):,} rows, {len(file.header)} columns, {separated}"


def _task(found: Roles) -> str:
    name = found.target.name
    if found.task == "binary":
        share = found.target.counts[found.positive] / found.target.filled
        return (
            f"binary, since {name} has two values; 1 is {found.positive!r} ({share:.0%} of the "
            f"rows), 0 is {negative(found)!r}"
        )
    if found.task == "multiclass":
        return (
            f"multiclass, since {name} has {len(found.classes)} classes: {_listed(found.classes)}"
        )
    return f"regression, since {name} has {len(found.target.counts):,} different numbers"


def _key(found: Roles) -> str:
    if found.key:
        return f"{found.key.name}, which has another value in each row"
    return f"{found.row}, the number of the row, since no column names the rows"


def _block(found: Roles) -> str:
    if found.block:
        return f"{found.block.name}: its rows stay together, in the split and in the intervals"
    if found.time:
        return f"{found.day}, the day of {found.time.name}: rows of one day rise and fall together"
    return f"{found.block_name}: rows are taken to be independent. If they are not, name --block"


def _date(found: Roles) -> list[str]:
    if not found.time:
        return []
    parts = f"; inputs made of it: {_listed(found.parts)}" if found.parts else ""
    guess = " (day or month first? by the order of the rows)" if found.time.ambiguous else ""
    return [f"time: {found.time.name}, read as {found.time.format}{guess}{parts}"]


def _split(trial: Trial) -> str:
    if trial.split.rule == "time":
        months = trial.split.test_months
        newest = "newest month is" if months == 1 else f"newest {months} months are"
        return f"time; the {newest} held out: {trial.rows:,} rows in {trial.blocks:,} blocks"
    return f"random; {trial.rows:,} rows in {trial.blocks:,} blocks are held out"


def _warning(found: Roles, trial: Trial, name: str, value: float) -> str:
    number = any(column.numeric for column in found.columns if column.name == name)
    where = "NUMBERS of model.py" if number else "CATEGORIES of features.py and model.py"
    return (
        f"WARNING: {name} alone tells {found.target.name} ({headline(trial.task)} {value:.3f}), as "
        f"what is known only afterwards does. It is no input. If it is known beforehand, put it "
        f"back: into FEATURES of schema.py and {where} in src/problem/, and raise "
        f"gates.leaks.alone in params.yaml"
    )


def _rows_left_out(found: Roles) -> list[str]:
    lines = []
    if found.target.gaps:
        lines.append(
            f"rows left out: {found.target.gaps:,} of {len(found.target.cells):,}, which have no "
            f"{found.target.name}"
        )
    if found.rare:
        rows = sum(found.target.counts[label] for label in found.rare)
        lines.append(
            f"rows left out: {rows:,} of the classes {_listed(found.rare)}, too few to learn"
        )
    return lines


def _estimator(trial: Trial) -> str:
    metric = headline(trial.task)
    reached = {role: trial.scores(role, [metric])[metric] for role in trial.said}
    linear, boosted = reached[trial.linear], reached["gradient_boosting"]
    beside = f"{metric} {linear:.3f} linear, {boosted:.3f} boosted, on training rows held back"
    if trial.estimator == trial.linear:
        return f"{trial.estimator}, since boosting is not surely better ({beside})"
    return f"gradient_boosting, since it is surely better than {trial.linear} ({beside})"


def _floors(bounds: Limits) -> str:
    told = ", ".join(f"{name} {value:g}" for name, value in bounds.floors.items())
    return f"{told}: halfway from a constant to what training rows held back gave, or less"


def _hopeless(trial: Trial) -> list[str]:
    if tells(trial):
        return []
    line = (
        "WARNING: the inputs tell nothing of the target that a constant would not, so that the "
        "gates will refuse the model. Look for columns that say more, or for more rows"
    )
    return [line]


def _separable(trial: Trial, bounds: Limits) -> list[str]:
    if bounds.too_good <= 1 and bounds.alone <= 1:
        return []
    metric = headline(trial.task)
    line = (
        f"WARNING: {metric} is all but perfect already, so that no score is too good for the gate "
        f"`leaks`. If the problem is not that easy, an input is known only afterwards"
    )
    return [line]


def _personal(found: Roles) -> list[str]:
    if not found.sensitive:
        return []
    return [f"personal, by their names: {_listed(found.sensitive)}; reports tell no value of them"]
