"""The gates, in the order of the report. Each asks one question of the evidence.

To add one, write a function from Evidence to Gate and put it here. A gate reads numbers that others
computed, decides, and says why; it never renders.
"""

from collections.abc import Callable

from mlops.judge.evidence import Evidence
from mlops.judge.gates import absolute, comparison, conduct, delivery, fluke, run
from mlops.judge.verdict import Gate

GATES: dict[str, Callable[[Evidence], Gate]] = {
    "pipeline": run.pipeline,
    "data": run.data,
    "predictions": run.predictions,
    "same_rows": comparison.same_rows,
    "floors": absolute.floors,
    "baselines": absolute.baselines,
    "champion": comparison.champion,
    "slices": comparison.slices,
    "calibration": absolute.calibration,
    "leaks": fluke.leaks,
    "stability": fluke.stability,
    "budgets": absolute.budgets,
    "reproducible": fluke.reproducible,
    "behaviour": absolute.behaviour,
    "parity": delivery.parity,
    "protected": conduct.protected,
    "lock": conduct.lock,
}
