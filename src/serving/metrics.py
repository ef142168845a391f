"""What Prometheus is told: of requests, of answers, and of the values that came in."""

from collections import Counter as Counts
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from serving.inputs import Batch
from serving.manifest import Build, Manifest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
OTHER = "other"  # the label of a text that training did not have: clients do not make up labels


class Metrics:
    """The counters of one server, in a registry of its own."""

    def __init__(self, manifest: Manifest, build: Build) -> None:
        self._registry = CollectorRegistry()
        latency = Histogram(
            "serving_request_seconds",
            "From the first byte of a request to the last of its answer",
            ["address"],
            buckets=SECONDS,
            registry=self._registry,
        )
        requests = Counter(
            "serving_requests",
            "Answers by address and status",
            ["address", "status"],
            registry=self._registry,
        )
        self._latency, self._requests = latency, requests
        self._seen: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._rejected = Counter(
            "serving_rejections",
            "Requests turned away, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._flagged = Counter(
            "serving_flagged_values",
            "Values let through although they are odd",
            registry=self._registry,
        )
        self.ready = Gauge(
            "serving_ready", "1 when requests are taken, else 0", registry=self._registry
        )
        Gauge(
            "serving_model_info",
            "The model that answers",
            ["name", "version", "commit", "model"],
            registry=self._registry,
        ).labels(
            manifest.name, build.version, build.commit, manifest.files[manifest.model][:12]
        ).set(1)
        self.inputs = InputSummary(manifest)
        self._registry.register(self.inputs)

    def answered(self, address: str, status: int, seconds: float) -> None:
        """Count an answer."""
        seen = self._seen.get((address, status))
        if seen is None:
            seen = self._latency.labels(address), self._requests.labels(address, str(status))
            self._seen[address, status] = seen
        seen[0].observe(seconds)
        seen[1].inc()

    def rejected(self, reason: str) -> None:
        """Count a request that got no prediction."""
        self._rejected.labels(reason).inc()

    def predicted(self, batch: Batch, predictions: NDArray[Any]) -> None:
        """Count rows, flags, and what the values were."""
        if batch.flagged:
            self._flagged.inc(batch.flagged)
        self.inputs.add(batch, predictions)

    def text(self) -> bytes:
        """All of it, in Prometheus' format."""
        return generate_latest(self._registry)


class InputSummary(Collector):
    """Per numeric input how many values, gaps, their sum and sum of squares; per text its counts;
    of the predictions a count by tenths: what a drift check needs, with no value kept.

    Rows are set aside as they come and summed up a thousand at a time, or when someone asks.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._names = {
            kind: [i.name for i in manifest.inputs if i.kind == kind]
            for kind in dict.fromkeys(i.kind for i in manifest.inputs)
        }
        self._familiar = {i.name: set(i.known or ()) for i in manifest.inputs if i.kind == "text"}
        self._open = {i.name for i in manifest.inputs if i.kind == "text" and not i.sensitive}
        self._numeric = {k: n for k, n in self._names.items() if k != "text"}
        self._sums = {kind: np.zeros((4, len(names))) for kind, names in self._numeric.items()}
        self._texts: dict[str, Counts[str]] = {
            name: Counts() for name in self._names.get("text", [])
        }
        self._regression = manifest.output.task == "regression"
        self._tenths: NDArray[np.int64] = np.zeros(10, dtype=np.int64)
        self._rows = 0
        self._waiting: list[tuple[Batch, NDArray[Any]]] = []
        self._pending = 0

    def add(self, batch: Batch, predictions: NDArray[Any]) -> None:
        self._waiting.append((batch, predictions))
        self._pending += batch.rows
        if self._pending >= 1000:
            self.settle()

    def settle(self) -> None:
        """Sum up what waits."""
        waiting, self._waiting, self._pending = self._waiting, [], 0
        if not waiting:
            return
        self._rows += sum(batch.rows for batch, _ in waiting)
        for kind, sums in self._sums.items():
            matrix = np.concatenate([batch.feeds[kind] for batch, _ in waiting]).astype(np.float64)
            there = ~np.isnan(matrix)
            values = np.where(there, matrix, 0.0)
            sums += [there.sum(0), (~there).sum(0), values.sum(0), (values**2).sum(0)]
        if self._texts:
            texts = np.concatenate([batch.feeds["text"] for batch, _ in waiting])
            for name, column in zip(self._texts, texts.T, strict=True):
                counts, familiar = self._texts[name], self._familiar[name]
                for value, times in Counts(column.tolist()).items():
                    shown = value in familiar and name in self._open
                    counts[value if shown else OTHER] += times
        if not self._regression:
            given = np.concatenate([answers for _, answers in waiting])
            greatest = given if given.ndim == 1 else given.max(axis=1)
            tenths = np.clip((greatest * 10).astype(np.int64), 0, 9)
            self._tenths += np.bincount(tenths, minlength=10)

    def collect(self) -> list[CounterMetricFamily]:
        """Called by the registry."""
        self.settle()
        rows = CounterMetricFamily("serving_rows", "Rows predicted", value=self._rows)
        families = [rows]
        told = ("values", "gaps", "sum", "sum_of_squares")
        for at, what in enumerate(told):
            family = CounterMetricFamily(
                f"serving_input_{what}",
                f"Of each numeric input: {what.replace('_', ' ')}",
                labels=["input"],
            )
            for kind, names in self._numeric.items():
                for name, value in zip(names, self._sums[kind][at], strict=True):
                    family.add_metric([name], value)
            families.append(family)
        texts = CounterMetricFamily(
            "serving_input_texts",
            "Of each text input: how often a value came",
            labels=["input", "value"],
        )
        for name, counts in self._texts.items():
            for value, times in sorted(counts.items()):
                texts.add_metric([name, value], times)
        tenths = CounterMetricFamily(
            "serving_predictions", "Predictions by the lower end of their tenth", labels=["from"]
        )
        for at, times in enumerate(self._tenths):
            tenths.add_metric([f"{at / 10:.1f}"], int(times))
        return [*families, texts, tenths] if not self._regression else [*families, texts]
