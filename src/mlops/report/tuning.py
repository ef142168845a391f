"""What a search for parameters found: a table in the terminal, and reports/tuning.md."""

from pathlib import Path

from rich.table import Table

from mlops.files import write_text
from mlops.judge.verdict import Chart, Curve
from mlops.progress import console
from mlops.report import mermaid
from mlops.report.untrusted import code
from mlops.tune.decide import lead, ranked
from mlops.tune.result import Settings, Trial, Tuned, Value, same

BEST = 10  # trials that are shown
POINTS = 60  # of the chart


def show(tuned: Tuned) -> None:
    """Print the best trials, and what was decided."""
    search = tuned.search
    shown = Table(title=f"{search.estimator}, {_counted(tuned)}")
    for heading in (search.metric, "lead"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("with")
    for trial in _best(tuned):
        told = _differing(trial.settings, search.present) or "the present values"
        shown.add_row(f"{trial.value:.4f}", f"{_lead(tuned, trial):+.4f}", told)
    console.print(shown)
    console.print(decision(tuned), markup=False)


def write(tuned: Tuned, path: Path) -> None:
    """Write the page."""
    write_text(path, markdown(tuned))


def markdown(tuned: Tuned) -> str:
    """The page: what was decided, the best trials, and how the search went."""
    search = tuned.search
    names = list(search.space)
    heads = [search.metric, "lead", *names, ""]
    rows = [
        [f"{t.value:.4f}", f"{_lead(tuned, t):+.4f}", *_told(t.settings, names), _role(tuned, t)]
        for t in _best(tuned)
    ]
    space = [
        _row(
            [
                code(name),
                _plain(kind),
                ", ".join(map(_plain, given)),
                _plain(search.present[name]),
                _plain(tuned.best[name]),
            ]
        )
        for name, (kind, *given) in search.space.items()
    ]
    sizes = ", ".join(f"{fold.train:,} and {fold.test:,}" for fold in search.folds)
    drawn = mermaid.lines(_history(tuned))
    return "\n\n".join(
        [
            f"# Tuning of {code(search.estimator)}",
            f"{decision(tuned)}",
            f"{_counted(tuned)}. The held-out rows were not looked at: the gates do that.",
            "\n".join(
                ["| parameter | kind | space | present | best |", "|---|---|---|--:|--:|", *space]
            ),
            "## The best",
            "\n".join([_row(heads), _row(["--:"] * (len(heads) - 1) + ["---"]), *map(_row, rows)]),
            "The lead is over the present values, as a mean over the folds.",
            *(["## How it went", f"```mermaid\n{drawn}\n```"] if drawn else []),
            f"Rows to learn from and to be scored on, fold by fold: {sizes}.",
        ]
    )


def decision(tuned: Tuned) -> str:
    """What was decided, in a sentence or two."""
    search = tuned.search
    if same(tuned.best, search.present):
        return "The present values stay: nothing that was tried is better."
    beyond = f"{tuned.lead:+.4f} {search.metric}, at least {tuned.low:+.4f} at {tuned.level:.0%}"
    if not tuned.better:
        return f"The present values stay: the lead of the best may be noise ({beyond})."
    named = _differing(tuned.best, search.present)
    return f"The best takes over, better beyond noise ({beyond}): {named}."


def _counted(tuned: Tuned) -> str:
    trials = tuned.search.trials
    states = {s: sum(t.state == s for t in trials) for s in ("complete", "pruned", "failed")}
    some = [f"{count} {state}" for state, count in states.items() if count]
    return f"{len(trials)} trials ({', '.join(some)}) on {len(tuned.search.folds)} folds"


def _best(tuned: Tuned) -> list[Trial]:
    """The best, and the present values wherever they stand."""
    found = ranked(tuned.search)
    present = [trial for trial in found[BEST:] if same(trial.settings, tuned.search.present)]
    return found[:BEST] + present


def _lead(tuned: Tuned, trial: Trial) -> float:
    return lead(trial, _present(tuned), tuned.search).mean


def _present(tuned: Tuned) -> Trial:
    found = ranked(tuned.search)
    return next(trial for trial in found if same(trial.settings, tuned.search.present))


def _role(tuned: Tuned, trial: Trial) -> str:
    return "present" if same(trial.settings, tuned.search.present) else ""


def _history(tuned: Tuned) -> Chart:
    """The best so far after each trial, in the order of the search; shares took turns."""
    search = tuned.search
    better = max if search.better == "higher" else min
    best: list[float] = []
    for trial in sorted(search.trials, key=lambda t: (t.number, t.share)):
        if trial.state == "complete":
            best.append(better([*best[-1:], trial.value]))
        elif best:
            best.append(best[-1])
    kept = slice(None, None, -(-len(best) // POINTS) or 1)
    places = [float(place) for place in range(1, len(best) + 1)]
    return Chart(
        name="tuning",
        title="Best so far",
        x="trial",
        y=search.metric,
        curves=[Curve(name="best", x=places[kept], y=best[kept])],
    )


def _told(settings: Settings, names: list[str]) -> list[str]:
    return [_plain(settings[name]) for name in names]


def _differing(settings: Settings, present: Settings) -> str:
    changed = {name: value for name, value in settings.items() if value != present[name]}
    return ", ".join(f"{name} {_plain(value)}" for name, value in changed.items())


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return code(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
