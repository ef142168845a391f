"""What Prometheus is told, read back by Prometheus' own parser."""

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.inputs import Batch
from serving.manifest import Build, Manifest
from serving.metrics import Metrics


@pytest.fixture
def metrics(flights_like: Manifest) -> Metrics:
    flights_like.files["model.onnx"] = "0123456789abcdef"
    return Metrics(flights_like, Build(version="1.2.0", commit="abc"))


def told(metrics: Metrics) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_answers_are_counted_and_timed(metrics: Metrics) -> None:
    for seconds in (0.0004, 0.003):
        metrics.answered("/invocations", 200, seconds)
    metrics.answered("/invocations", 400, 0.001)

    found = told(metrics)

    assert found["serving_requests_total", "/invocations", "200"] == 2
    assert found["serving_requests_total", "/invocations", "400"] == 1
    assert found["serving_request_seconds_count", "/invocations"] == 3
    assert found["serving_request_seconds_bucket", "/invocations", "0.0005"] == 1
    assert found["serving_request_seconds_sum", "/invocations"] == pytest.approx(0.0044)


def test_the_model_is_told(metrics: Metrics) -> None:
    (found,) = [set(key[1:]) for key in told(metrics) if key[0] == "serving_model_info"]

    assert found == {"late-arrival", "1.2.0", "abc", "0123456789ab"}


def test_values_are_summed_up_and_none_is_kept(metrics: Metrics) -> None:
    rng = np.random.default_rng(5)
    numbers = rng.normal(50, 20, (2500, 3)).astype(np.float32)
    numbers[rng.random((2500, 3)) < 0.2] = np.nan
    texts = rng.choice(["UA", "AA", "ZZ"], (2500, 2)).astype(object)
    p = rng.random(2500)

    for part in np.array_split(np.arange(2500), 40):
        metrics.predicted(
            Batch(len(part), {"text": texts[part], "float32": numbers[part]}), p[part]
        )

    found = told(metrics)
    assert found["serving_rows_total",] == 2500
    for at, name in enumerate(["distance", "temp", "carrier_late_7d"]):
        column = numbers[:, at].astype(np.float64)
        assert found["serving_input_values_total", name] == np.isfinite(column).sum()
        assert found["serving_input_gaps_total", name] == np.isnan(column).sum()
        assert found["serving_input_sum_total", name] == pytest.approx(np.nansum(column))
        assert found["serving_input_sum_of_squares_total", name] == pytest.approx(
            np.nansum(column**2)
        )
    assert found["serving_input_texts_total", "carrier", "UA"] == (texts[:, 0] == "UA").sum()
    assert found["serving_input_texts_total", "carrier", "other"] == (texts[:, 0] == "ZZ").sum()
    counts, _ = np.histogram(p, bins=np.linspace(0, 1, 11))
    assert [found["serving_predictions_total", f"0.{i}"] for i in range(10)] == counts.tolist()


def test_a_client_cannot_make_up_labels(metrics: Metrics) -> None:
    for n in range(50):
        row = {
            "text": np.array([[f"x{n}", ""]], dtype=object),
            "float32": np.zeros((1, 3), dtype=np.float32),
        }
        metrics.predicted(Batch(1, row), np.array([0.5]))

    carriers = [key for key in told(metrics) if key[:2] == ("serving_input_texts_total", "carrier")]
    assert carriers == [("serving_input_texts_total", "carrier", "other")]


def test_a_regression_has_no_tenths(diabetes_like: Manifest) -> None:
    diabetes_like.files["model.onnx"] = "0"
    metrics = Metrics(diabetes_like, Build())
    feeds = {"float64": np.array([[0.5]]), "int64": np.array([[30]]), "bool": np.array([[True]])}
    metrics.predicted(Batch(1, feeds), np.array([151.5]))

    found = told(metrics)

    assert found["serving_rows_total",] == 1
    assert found["serving_input_sum_total", "age"] == 30
    assert not [key for key in found if key[0].startswith("serving_predictions")]
