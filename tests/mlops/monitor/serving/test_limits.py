"""What servers counted, as they tell it themselves."""

from pathlib import Path

import numpy as np
import pytest

from mlops.monitor.result import Check, Serving
from mlops.monitor.serving.limits import serving
from serving.inputs import Batch
from serving.manifest import Build
from serving.metrics import Metrics
from tests.mlops.monitor import flights
from tests.serving.conftest import binary

PROBLEM = flights.problem()
ASKED = "/invocations"


def counted() -> Metrics:
    about = binary()
    about.files["model.onnx"] = "0123456789abcdef"
    return Metrics(about, Build(version="1.2.0", commit="abc"))


def answer(metrics: Metrics, status: int, times: int, ms: float, address: str = ASKED) -> None:
    for _ in range(times):
        metrics.answered(address, status, ms / 1000)


def predict(metrics: Metrics, rows: int, flagged: int = 0) -> None:
    feeds = {"text": np.full((rows, 2), "UA", object), "float32": np.zeros((rows, 3), np.float32)}
    metrics.predicted(Batch(rows, feeds, flagged=flagged), np.full(rows, 0.5))


def written(metrics: Metrics, path: Path) -> str:
    path.write_bytes(metrics.text())
    return str(path)


def checks(found: Serving) -> dict[str, Check]:
    return {check.name: check for check in found.checks}


@pytest.fixture
def calm() -> Metrics:
    """A thousand requests in about 2 ms, of two rows each."""
    metrics = counted()
    answer(metrics, 200, 1000, 2)
    predict(metrics, 2000)
    return metrics


def test_without_metrics_nothing_is_told() -> None:
    found = serving(PROBLEM, [])

    assert (found.state, found.why_not) == ("untold", "no metrics were given")


def test_a_server_that_does_well_is_steady(calm: Metrics, tmp_path: Path) -> None:
    found = serving(PROBLEM, [written(calm, tmp_path / "metrics.txt")])

    assert (found.state, found.source) == ("steady", "metrics.txt")
    assert (found.requests, found.rows) == (1000, 2000)
    assert [c.name for c in found.checks] == ["errors", "rejected", "flagged", "p50_ms", "p99_ms"]
    assert {name: c.value for name, c in checks(found).items() if name[0] != "p"} == {
        "errors": 0,
        "rejected": 0,
        "flagged": 0,
    }


def test_errors_beyond_the_limit_alarm(calm: Metrics, tmp_path: Path) -> None:
    answer(calm, 500, 30, 2)
    calm.rejected("error")

    found = serving(PROBLEM, [written(calm, tmp_path / "metrics.txt")])

    assert found.state == "alarm"
    assert checks(found)["errors"].state == "alarm"
    assert checks(found)["errors"].value == pytest.approx(30 / 1030)
    assert checks(found)["errors"].limit == 0.01


def test_rejections_are_told_with_their_reasons(calm: Metrics, tmp_path: Path) -> None:
    answer(calm, 400, 100, 1)
    for reason, times in {"range": 20, "type": 79, "key": 1}.items():
        for _ in range(times):
            calm.rejected(reason)

    rejected = checks(serving(PROBLEM, [written(calm, tmp_path / "metrics.txt")]))["rejected"]

    assert rejected.state == "alarm"
    assert rejected.value == pytest.approx(100 / 1100)
    assert rejected.note == "by reason: type 79, range 20, key 1"


def test_odd_values_are_counted_by_row(calm: Metrics, tmp_path: Path) -> None:
    predict(calm, 2000, flagged=300)

    flagged = checks(serving(PROBLEM, [written(calm, tmp_path / "metrics.txt")]))["flagged"]

    assert (flagged.state, flagged.value) == ("alarm", 300 / 4000)


def test_one_error_of_a_few_requests_is_no_alarm(tmp_path: Path) -> None:
    # With one fault in a hundred, three of 50 are seen in 1.4 % of the cases, and two in 8.9 %.
    metrics = counted()
    answer(metrics, 200, 48, 2)
    answer(metrics, 500, 2, 2)
    some = serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")])
    answer(metrics, 500, 1, 2)
    more = serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")])

    assert (some.state, more.state) == ("steady", "alarm")


def test_probes_and_strangers_are_no_requests_of_the_model(calm: Metrics, tmp_path: Path) -> None:
    answer(calm, 503, 5000, 1, "/health")
    answer(calm, 404, 5000, 9000, "other")
    answer(calm, 200, 10, 2, "/v2/models/late-arrival/infer")

    found = serving(PROBLEM, [written(calm, tmp_path / "metrics.txt")])

    assert (found.state, found.requests) == ("steady", 1010)
    assert checks(found)["rejected"].value == 0


def test_latency_is_interpolated_within_its_bucket(tmp_path: Path) -> None:
    # 90 answers between 1 and 2.5 ms, 10 between 50 and 100: the 50th is 50/90 of the way.
    metrics = counted()
    answer(metrics, 200, 90, 2)
    answer(metrics, 200, 10, 70)

    found = checks(serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")]))

    assert found["p50_ms"].value == pytest.approx(1 + 1.5 * 50 / 90)
    assert found["p99_ms"].value == pytest.approx(50 + 50 * 9 / 10)
    assert (found["p99_ms"].limit, found["p99_ms"].state) == (100, "steady")
    assert found["p50_ms"].limit is None


def test_slow_answers_alarm_when_they_are_more_than_chance(tmp_path: Path) -> None:
    metrics = counted()
    answer(metrics, 200, 48, 2)
    answer(metrics, 200, 1, 300)
    one = serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")])
    answer(metrics, 200, 5, 300)
    several = serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")])

    assert checks(one)["p99_ms"].value == pytest.approx(250 + 250 * 0.51)
    assert (one.state, several.state) == ("steady", "alarm")


def test_answers_slower_than_any_bucket_are_said_to_be_so(tmp_path: Path) -> None:
    metrics = counted()
    answer(metrics, 200, 100, 9000)

    found = checks(serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")]))

    assert (found["p50_ms"].value, found["p50_ms"].note) == (5000, "over 5 s")
    assert (found["p99_ms"].state, found["p99_ms"].note) == ("alarm", "over 5 s")


def test_without_latencies_there_is_no_check_of_them(calm: Metrics, tmp_path: Path) -> None:
    path = Path(written(calm, tmp_path / "metrics.txt"))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "serving_request_seconds" not in line))

    found = serving(PROBLEM, [str(path)])

    assert [check.name for check in found.checks] == ["errors", "rejected", "flagged"]


def test_a_server_that_nobody_asks_tells_nothing(tmp_path: Path) -> None:
    found = serving(PROBLEM, [written(counted(), tmp_path / "metrics.txt")])

    assert (found.state, found.why_not) == (
        "untold",
        "the servers have not been asked for a prediction",
    )


def test_requests_of_which_none_was_answered(tmp_path: Path) -> None:
    metrics = counted()
    answer(metrics, 500, 20, 2)

    found = serving(PROBLEM, [written(metrics, tmp_path / "metrics.txt")])

    assert (found.state, found.rows) == ("alarm", 0)
    assert checks(found)["flagged"].state == "untold"


def test_the_counts_of_several_servers_are_added_up(calm: Metrics, tmp_path: Path) -> None:
    other = counted()
    answer(other, 500, 100, 2)
    predict(other, 1)

    sources = [written(calm, tmp_path / "a.txt"), written(other, tmp_path / "b.txt")]
    found = serving(PROBLEM, sources)

    assert (found.requests, found.rows, found.source) == (1100, 2001, "a.txt, b.txt")
    assert checks(found)["errors"].value == pytest.approx(100 / 1100)
