"""The 28 tests, with their names in the paper, and the functions that look for their evidence.

What counts as evidence stands in the docstring of each function; docs/score.md shows it.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from mlops.score import features_and_data as data
from mlops.score import infrastructure as infra
from mlops.score import model_development as model
from mlops.score import monitoring as monitor
from mlops.score.evidence import Evidence
from mlops.score.repository import Repository


@dataclass(frozen=True)
class Criterion:
    """One of the tests."""

    name: str
    asks: str
    look: Callable[[Repository], list[Evidence]]

    @property
    def counts(self) -> str:
        """What counts as evidence, on one line."""
        return " ".join((inspect.getdoc(self.look) or "").split())


SECTIONS: dict[str, list[Criterion]] = {
    "Features and data": [
        Criterion("Data 1", "Feature expectations are captured in a schema", data.schema),
        Criterion("Data 2", "All features are beneficial", data.beneficial),
        Criterion("Data 3", "No feature's cost is too much", data.cheap),
        Criterion("Data 4", "Features adhere to meta-level requirements", data.permitted),
        Criterion("Data 5", "The data pipeline has appropriate privacy controls", data.private),
        Criterion("Data 6", "New features can be added quickly", data.quick),
        Criterion("Data 7", "All input feature code is tested", data.features_tested),
    ],
    "Model development": [
        Criterion("Model 1", "Model specs are reviewed and submitted", model.reviewed),
        Criterion("Model 2", "Offline and online metrics correlate", model.correlated),
        Criterion("Model 3", "All hyperparameters have been tuned", model.hyperparameters),
        Criterion("Model 4", "The impact of model staleness is known", model.staleness),
        Criterion("Model 5", "A simpler model is not better", model.simpler),
        Criterion(
            "Model 6", "Model quality is sufficient on important data slices", model.in_slices
        ),
        Criterion(
            "Model 7", "The model is tested for considerations of inclusion", model.inclusion
        ),
    ],
    "Infrastructure": [
        Criterion("Infra 1", "Training is reproducible", infra.reproducible),
        Criterion("Infra 2", "Model specs are unit tested", infra.specification_tested),
        Criterion("Infra 3", "The ML pipeline is integration tested", infra.integrated),
        Criterion("Infra 4", "Model quality is validated before serving", infra.validated),
        Criterion("Infra 5", "The model is debuggable", infra.debugged),
        Criterion("Infra 6", "Models are canaried before serving", infra.canary),
        Criterion("Infra 7", "Serving models can be rolled back", infra.rolled_back),
    ],
    "Monitoring": [
        Criterion("Monitor 1", "Dependency changes result in notification", monitor.dependencies),
        Criterion("Monitor 2", "Data invariants hold for inputs", monitor.invariants),
        Criterion("Monitor 3", "Training and serving are not skewed", monitor.skew),
        Criterion("Monitor 4", "Models are not too stale", monitor.fresh),
        Criterion("Monitor 5", "Models are numerically stable", monitor.stable),
        Criterion("Monitor 6", "Computing performance has not regressed", monitor.computing),
        Criterion("Monitor 7", "Prediction quality has not regressed", monitor.quality),
    ],
}
