"""params.yaml: what a person is told who got it wrong."""

from pathlib import Path

import pytest

from mlops import params
from mlops.errors import DeclarationError
from tests.conftest import ROOT

GOOD = """\
seed: 1
split:
  rule: random
  test_months: 1
  test_share: 0.25
model:
  estimator: ridge
  ridge:
    alpha: 2.0
evaluate:
  threshold: 0.5
  resamples: 100
  level: 0.9
  importance_rows: 10
  minimum_slice: 1
shift:
  psi: 0.25
audit:
  seeds: 2
  rows: 100
serving:
  name: progression
  unknown: flag
  outside: reject
gates:
  level: 0.95
  resamples: 2000
  floors:
    r2: 0.3
  margins:
    r2: 0.05
  slice_margins:
    r2: 0.2
  calibration:
    error: 0.1
    slope: [0.5, 2.0]
  leaks:
    too_good: 0.9
    alone: 0.6
  stability: 0.02
  parity: 1.0e-5
  budgets:
    row_ms: 50
    thousand_rows_ms: 200
    model_mb: 5
replay:
  requests: 100
  batch_share: 0.1
  minimum: 50
  resamples: 200
  level: 0.95
  errors: 0.0
  agreement: 0.8
  tolerance: 0.1
  same: 0.99
  psi: 0.25
  latency_ratio: 1.5
  latency_slack_ms: 1.0
monitor:
  window: 7
  windows: 2
  reference: 28
  alpha: 0.05
  effect: 0.1
  mature: 0.9
  serving: {errors: 0.01, rejected: 0.05, flagged: 0.05, p99_ms: 100}
  heartbeat_days: 15
retrain: {cooldown_days: 7, most: 4}
"""


def load(folder: Path, content: str) -> params.Params:
    path = folder / "params.yaml"
    path.write_text(content)
    return params.load(path)


def refusal(folder: Path, before: str, after: str) -> DeclarationError:
    """What is said of GOOD with `before` replaced by `after`."""
    assert before in GOOD
    with pytest.raises(DeclarationError) as refused:
        load(folder, GOOD.replace(before, after))
    assert refused.value.file == str(folder / "params.yaml")
    return refused.value


def test_the_shipped_file_is_read() -> None:
    shipped = params.load(ROOT / "params.yaml")

    assert shipped.model.settings(shipped.model.estimator)


def test_values_arrive_as_they_were_written(tmp_path: Path) -> None:
    knobs = load(tmp_path, GOOD)

    assert knobs.seed == 1
    assert knobs.split.test_share == 0.25
    assert knobs.model.settings("ridge") == {"alpha": 2.0}
    assert knobs.gates.floors == {"r2": 0.3}


@pytest.mark.parametrize("written", ["", "  ridge:\n", "  ridge: {}\n"])
def test_an_estimator_without_settings_has_none(tmp_path: Path, written: str) -> None:
    knobs = load(tmp_path, GOOD.replace("  ridge:\n    alpha: 2.0\n", written))

    assert knobs.model.settings("ridge") == {}


@pytest.mark.parametrize(
    ("right", "wrong", "line", "place"),
    [
        ("seed:", "sede:", 1, "sede"),
        ("  rule:", "  rulee:", 3, "split.rulee"),
        ("  resamples:", "  resample:", 12, "evaluate.resample"),
        ("  floors:", "  flors:", 28, "gates.flors"),
        ("  seeds:", "  seed:", 19, "audit.seed"),
        ("    row_ms:", "    row:", 43, "gates.budgets.row"),
    ],
)
def test_a_mistyped_key_is_told_its_line_and_the_closest_key(
    tmp_path: Path, right: str, wrong: str, line: int, place: str
) -> None:
    refused = refusal(tmp_path, right, wrong)

    assert refused.line == line
    assert f"params.yaml, line {line}, key {place}: unknown key." in str(refused)
    assert f"Did you mean {right.strip(' :')!r}?" in str(refused)


def test_a_key_like_no_other_is_told_which_there_are(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "shift:\n", "shift:\n  quorum: 3\n")

    assert str(refused).endswith("key shift.quorum: unknown key. Known here: psi")


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("seed: 1", "seed: one", 1, "key seed: expected a valid integer, found 'one'"),
        ("seed: 1", "seed: true", 1, "key seed: expected a valid integer, found True"),
        ("seed: 1", "seed: -1", 1, "expected greater than or equal to 0, found -1"),
        ("rule: random", "rule: tim", 3, "expected 'time' or 'random', found 'tim'"),
        ("test_months: 1", "test_months: 1.5", 4, "expected a valid integer, found 1.5"),
        ("test_share: 0.25", "test_share: 25", 5, "expected less than 1, found 25"),
        ("test_share: 0.25", "test_share: 25%", 5, "expected a valid number, found '25%'"),
        ("estimator: ridge", "estimator: 3", 7, "expected a valid string, found 3"),
        ("r2: 0.3", "r2: high", 29, "key gates.floors.r2: expected a valid number, found 'high'"),
        ("r2: 0.05", "r2: 0", 31, "key gates.margins.r2: expected greater than 0, found 0"),
        ("seeds: 2", "seeds: 0", 19, "expected greater than or equal to 1, found 0"),
        (
            "resamples: 2000",
            "resamples: 500",
            27,
            "expected greater than or equal to 2000, found 500",
        ),
        ("stability: 0.02", "stability: -1", 40, "key gates.stability: expected greater than 0"),
        ("\n    alpha: 2.0", " 2.0", 8, "key model.ridge: expected keys with values below it"),
        ("\n  psi: 0.25", " 0.25", 16, "key shift: expected keys with values below it, found 0.25"),
        ("\n  psi: 0.25", "", 16, "key shift: expected keys with values below it, found None"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, said: str
) -> None:
    refused = refusal(tmp_path, right, wrong)

    assert said in str(refused)
    assert refused.line == line


def test_a_missing_key_is_placed_in_its_section(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "  threshold: 0.5\n", "")

    assert str(refused).endswith("line 10, key evaluate.threshold: required, and missing")


@pytest.mark.parametrize("content", ["", "- a\n- list\n", "a sentence\n"])
def test_a_file_that_holds_something_else_lacks_its_first_key(tmp_path: Path, content: str) -> None:
    with pytest.raises(DeclarationError, match=r"key seed: required, and missing$"):
        load(tmp_path, content)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("shift:", "seed: 2\nshift:", 16, 'found duplicate key "seed"'),
        ("  psi: 0.25", "  psi: 0.25\n  psi: 0.3", 18, 'found duplicate key "psi"'),
        ("split:", "split", 3, "could not find expected ':'"),
        ("  rule:", "\trule:", 3, "that cannot start any token"),
        ("seed: 1", "seed: [1", 2, "expected ',' or ']'"),
    ],
)
def test_broken_yaml_is_told_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, said: str
) -> None:
    refused = refusal(tmp_path, right, wrong)

    assert f"params.yaml, line {line}: not valid YAML (" in str(refused)
    assert said in str(refused)
    assert refused.line == line


def test_a_file_that_is_not_text_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(DeclarationError, match=r"not valid YAML \('utf-8' codec can't decode"):
        params.load(path)


def test_a_missing_file_is_told_how_to_get_it_back(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="is missing; restore it with `git checkout"):
        params.load(tmp_path / "params.yaml")
