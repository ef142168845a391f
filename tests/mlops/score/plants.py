"""For each test of the rubric, what takes its evidence away, piece by piece, and what is left."""

import csv
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pandera.pandas import Check, Column, DataFrameSchema
from ruamel.yaml import YAML

from mlops.judge.gates import GATES
from tests.mlops.score.study import AGAIN
from tests.planted.change import Change, edit, parameters

Plant = Callable[[Path, pytest.MonkeyPatch], object]


def files(change: Change) -> Plant:
    return lambda folder, _: change(folder)


def gone(*paths: str) -> Plant:
    """Files or folders that are deleted."""

    def plant(folder: Path, _: pytest.MonkeyPatch) -> None:
        for path in paths:
            target = folder / path
            shutil.rmtree(target) if target.is_dir() else target.unlink()

    return plant


def declared(name: str, value: object) -> Plant:
    """Another declaration in src/problem/, such as `slices.SLICES`."""
    return lambda _, patch: patch.setattr(f"problem.{name}", value)


def unasked(gate: str) -> Plant:
    """A gate that is taken out of the list."""
    return lambda _, patch: patch.delitem(GATES, gate)


def document(path: str, change: Callable[[Any], object]) -> Plant:
    """A YAML file with something else in it."""

    def plant(folder: Path, _: pytest.MonkeyPatch) -> None:
        yaml = YAML()
        content = yaml.load(folder / path)
        change(content)
        yaml.dump(content, folder / path)

    return plant


def workflow(name: str, change: Callable[[Any], object]) -> Plant:
    return document(f".github/workflows/{name}.yml", change)


def unscheduled(name: str) -> Plant:
    return workflow(name, lambda content: content["on"].pop("schedule"))


def stated(path: str, change: Callable[[Any], object]) -> Plant:
    """A JSON file that says something else, and that dvc.lock, where it has it, vouches for."""

    def plant(folder: Path, _: pytest.MonkeyPatch) -> None:
        file, lock = folder / path, folder / "dvc.lock"
        before = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content))
        after = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        lock.write_text(lock.read_text().replace(before, after))

    return plant


def rewritten(path: str, old: str, new: str) -> Plant:
    """A text with every `old` made `new`."""

    def plant(folder: Path, _: pytest.MonkeyPatch) -> None:
        text = (folder / path).read_text()
        assert old in text, f"{path} no longer has {old}"
        (folder / path).write_text(text.replace(old, new))

    return plant


def marked(path: str, mark: str) -> Plant:
    """A file of tests with a mark on all of them."""
    return lambda folder, _: (folder / path).write_text(
        f"{(folder / path).read_text()}\n\npytestmark = pytest.mark.{mark}\n"
    )


def _useless(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """An input that adds nothing, whichever way it is measured."""
    path = folder / "reports/plots/importance.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    kept = [[name, "-0.1" if name == "temp" else loss] for name, loss in rows]
    path.write_text("\n".join(map(",".join, kept)) + "\n")
    stated("metrics/audit.json", lambda audit: audit["alone"].update(temp=0.5))(folder, patch)


def _out_of_git(path: str) -> Plant:
    """A file that is here, and in no commit any more."""

    def plant(folder: Path, _: pytest.MonkeyPatch) -> None:
        for words in (["rm", "-q", "--cached", path], ["commit", "-qm", "out"]):
            name = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
            subprocess.run(["git", *name, *words], cwd=folder, check=True)

    return plant


def _fewer(tuned: Any) -> None:
    del tuned["search"]["trials"][3:]


def _alone(content: Any) -> None:
    """Groups that are listed and have no score."""
    for groups in content.values():
        for group in groups.values():
            rows = group["rows"]
            group.clear()
            group["rows"] = rows


def _without_intervals(content: Any) -> None:
    for of_slice in content.values():
        for difference in of_slice["differences"].values():
            difference.update(low=None, high=None)


def _no_gain(content: Any) -> None:
    for gain in content["overall"]["gated over never"].values():
        gain.update(low=None, high=None)


BARE = DataFrameSchema({"distance": Column(float), "origin": Column(str, Check.isin(["JFK"]))})
REPLAY = "benchmarks/results/backtest.json"
FEATURES, MODEL = "tests/problem/test_features.py", "tests/problem/test_model.py"
EXPLAIN, SMOKE = "tests/mlops/explain/test_explain.py", "tests/mlops/promotion/test_smoke.py"
LIFECYCLE, INPUTS = "tests/mlops/promotion/test_lifecycle.py", "tests/serving/test_inputs.py"
MEASURED = "tests/mlops/monitor/performance/test_measured.py"
ORIGIN = ".github/template.json"

no_pull_request = gone(".github/workflows/pull-request.yml")
no_history = gone(".github/workflows/history.yml")
untested = workflow(
    "pull-request",
    lambda content: content["jobs"]["checks"].update(
        steps=[s for s in content["jobs"]["checks"]["steps"] if "make test" not in s.get("run", "")]
    ),
)
careless = workflow("promote", lambda content: content["jobs"]["release"].pop("needs"))
unjudged = workflow("promote", lambda content: content["jobs"]["package"].pop("needs"))
unmeasured = gone("metrics/test.json")
still = declared("source.PERIODS", ())
untold = workflow("monitor", lambda content: content["jobs"]["alert"].pop("needs"))
unruled = declared("schema.FEATURES", BARE)
ruleless = declared("schema.RAW", {"flights": DataFrameSchema({"year": Column(int)})})

PLANTS: dict[str, dict[str, tuple[Plant, float]]] = {
    "Data 1": {
        "an input without a rule": (unruled, 0),
        "a raw table without a rule": (ruleless, 0),
        "a metric that was written over": (rewritten("metrics/data.json", "224910", "224911"), 0),
        "no gate": (unasked("data"), 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Data 2": {
        "no importances": (gone("reports/plots/importance.csv"), 0),
        "an input that adds nothing": (_useless, 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Data 3": {
        "no result": (unmeasured, 0),
        "no gate": (unasked("budgets"), 0),
        "a release that does not wait for the smoke test": (careless, 0.5),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Data 4": {
        "the target as an input": (declared("features.TARGET", "carrier"), 0),
        "an input that was not tried": (
            stated("metrics/audit.json", lambda audit: audit["alone"].pop("temp")),
            0,
        ),
        "no gate": (unasked("leaks"), 0),
        "limits that nothing reaches": (
            files(parameters({"gates.leaks.alone": 1.1, "gates.leaks.too_good": 1.1})),
            0,
        ),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Data 5": {
        "nothing told": (
            files(edit("src/problem/data_card.md", ("## Personal data", "## Persons"))),
            0,
        ),
        "personal data that is not marked": (
            files(edit("src/problem/data_card.md", ("\nNone. Tail", "\nNames. Tail"))),
            0,
        ),
        "nothing tests what is recorded": (marked("tests/serving/test_capture.py", "skip"), 0),
        "tests that nobody runs": (untested, 0.5),
    },
    "Data 6": {
        "features without a test": (gone(FEATURES), 0),
        "a champion by hand": (gone(".github/workflows/promote.yml"), 0.5),
        "nobody knows how long it takes": (no_history, 0.5),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Data 7": {
        "tests that are skipped": (marked(FEATURES, "skip"), 0),
        "features that the tests leave out": (rewritten(FEATURES, "features.rows", "known"), 0),
        "tests that nobody runs": (untested, 0.5),
    },
    "Model 1": {
        "a model that is not in git": (_out_of_git("src/problem/model.py"), 0),
        "no review": (gone(".github/rulesets"), 0.5),
    },
    "Model 2": {
        "no replay": (gone(REPLAY), 0),
        "promotions that proved worse": (
            stated(REPLAY, lambda content: content["mistakes"].update({"1.0.2": ["brier"]})),
            0,
        ),
        "the replay of another problem": (declared("source.PERIODS", ("2024-01", "2024-02")), 0),
        "a monitor that does not look by itself": (unscheduled("monitor"), 0.5),
        "nothing is kept": (no_history, 0.5),
    },
    "Model 3": {
        "no study": (gone("reports/tuning.json"), 0),
        "a handful of trials": (stated("reports/tuning.json", _fewer), 0),
        "a study that only its author has": (_out_of_git("reports/tuning.json"), 0),
        "a parameter that nobody tuned": (
            stated("reports/tuning.json", lambda tuned: tuned["search"]["space"].pop("max_iter")),
            0,
        ),
        "other values than it chose": (
            files(parameters({"model.gradient_boosting.max_iter": 151})),
            0,
        ),
        "tuned once and for all": (gone(AGAIN, ".github/workflows/tune.yml"), 0.5),
    },
    "Model 4": {
        "no replay": (gone(REPLAY), 0),
        "a gain that nobody can be sure of": (stated(REPLAY, _no_gain), 0),
        "no gate": (unasked("champion"), 0),
        "retrained by hand": (unscheduled("retrain"), 0.5),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Model 5": {
        "no baselines": (gone("metrics/baselines.json"), 0),
        "no gate": (unasked("baselines"), 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Model 6": {
        "no slices": (declared("slices.SLICES", ()), 0),
        "slices that are all too small": (stated("metrics/slices.json", _alone), 0),
        "no gate": (unasked("slices"), 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Model 7": {
        "no slices": (declared("slices.SLICES", ()), 0),
        "groups that cannot be compared": (stated("metrics/fairness.json", _without_intervals), 0),
        "a card that allows everything": (
            files(edit("src/problem/card.md", ("## Not intended for", "## Intended for, too"))),
            0,
        ),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Infra 1": {
        "a pipeline that never ran": (gone("dvc.lock"), 0),
        "a package without its hash": (
            rewritten("requirements/run.txt", "--hash=sha256:", "--no-hash="),
            0,
        ),
        "no gate": (unasked("reproducible"), 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Infra 2": {
        "tests that are too slow to be run": (marked(MODEL, "slow"), 0),
        "tests of something else": (rewritten(MODEL, "ESTIMATORS", "OTHERS"), 0),
        "tests that nobody runs": (untested, 0.5),
    },
    "Infra 3": {
        "a pipeline that exports nothing": (
            document("dvc.yaml", lambda content: content["stages"].pop("export")),
            0,
        ),
        "no result": (gone("metrics/test.json"), 0),
        "no gate for its end": (unasked("pipeline"), 0),
        "no gate for its predictions": (unasked("predictions"), 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Infra 4": {
        "no result": (unmeasured, 0),
        "no floors": (files(parameters({"gates.floors": {}})), 0),
        "no comparison": (unasked("champion"), 0),
        "packages that were not judged": (unjudged, 0.5),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Infra 5": {
        "nothing tests it, and no template vouches for it": (gone(EXPLAIN, ORIGIN), 0),
        "nothing compared": (gone("metrics/parity.json"), 0),
        "tests that nobody runs": (untested, 0.5),
    },
    "Infra 6": {
        "nothing tests it, and no template vouches for it": (gone(SMOKE, ORIGIN), 0),
        "a release that does not wait for it": (careless, 0),
    },
    "Infra 7": {
        "no way back": (gone(".github/workflows/rollback.yml"), 0),
        "never rehearsed": (gone(LIFECYCLE, ORIGIN), 0),
    },
    "Monitor 1": {
        "packages that nobody follows": (
            document(
                ".github/dependabot.yml",
                lambda content: content["updates"].remove(
                    next(one for one in content["updates"] if one["package-ecosystem"] == "pip")
                ),
            ),
            0,
        ),
        "a monitor that does not look by itself": (unscheduled("monitor"), 0),
        "a monitor that tells nobody": (untold, 0),
    },
    "Monitor 2": {
        "an input without a rule": (unruled, 0),
        "a raw table without a rule": (ruleless, 0),
        "no gate": (unasked("data"), 0),
        "a server that nobody tests": (marked(INPUTS, "skip"), 0),
        "a monitor that does not look by itself": (unscheduled("monitor"), 0),
        "a monitor that tells nobody": (untold, 0),
        "no model": (unmeasured, 0),
        "rows that never arrive": (still, 0),
    },
    "Monitor 3": {
        "nothing compared": (gone("metrics/parity.json"), 0),
        "a row that is served otherwise": (
            stated("metrics/parity.json", lambda content: content.update(flipped=1)),
            0,
        ),
        "no gate": (unasked("parity"), 0),
        "a release that does not wait for the smoke test": (careless, 0.5),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Monitor 4": {
        "retrained by hand": (unscheduled("retrain"), 0),
        "a monitor that does not look by itself": (unscheduled("monitor"), 0),
        "a monitor that tells nobody": (untold, 0),
        "no model": (unmeasured, 0),
        "rows that never arrive": (still, 0),
        "schedules that stop unseen": (unscheduled("heartbeat"), 0),
    },
    "Monitor 5": {
        "no gate for predictions": (unasked("predictions"), 0),
        "no gate for seeds": (unasked("stability"), 0),
        "a seed without a score": (
            stated("metrics/audit.json", lambda audit: audit["seeds"].update({"2014": None})),
            0,
        ),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Monitor 6": {
        "no result": (unmeasured, 0),
        "no gate": (unasked("budgets"), 0),
        "a release that does not wait for the smoke test": (careless, 0),
        "a monitor that does not look by itself": (unscheduled("monitor"), 0),
        "nothing is kept": (no_history, 0),
        "no pull requests": (no_pull_request, 0.5),
    },
    "Monitor 7": {
        "a monitor that does not look by itself": (unscheduled("monitor"), 0),
        "a monitor that tells nobody": (untold, 0),
        "no model": (unmeasured, 0),
        "rows that never arrive": (still, 0),
        "losses that nobody plants": (marked(MEASURED, "skip"), 0),
    },
}
