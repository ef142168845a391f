"""The stage `card`, and what all of the stages' outputs keep quiet about."""

import hashlib
import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlops.errors import DeclarationError
from mlops.stages import card
from tests.mlops.stages.knobs import turn

CARD = Path("reports/model_card.md")
DATA_CARD = Path("reports/data_card.md")


def read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


@pytest.mark.usefixtures("finished")
def test_the_card_names_its_data_and_parameters_by_hash() -> None:
    text = CARD.read_text(encoding="utf-8")

    values = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    del values["monitor"], values["retrain"]  # what comes after the model
    budgets = values["gates"]["budgets"]
    budgets |= {name: float(limit) for name, limit in budgets.items()}  # 50 is 50.0
    params = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    data = re.search(r"md5: (\S+)", Path("data.dvc").read_text(encoding="utf-8"))
    assert f"| params.yaml | `{params[:16]}` |" in text
    assert data
    assert f"| data | `{data[1]}` |" in text


@pytest.mark.usefixtures("finished")
def test_the_card_follows_the_metrics_and_the_parameters() -> None:
    path = Path("metrics/test.json")
    metrics = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(metrics | {"roc_auc": 0.123456}), encoding="utf-8")
    before = CARD.read_text(encoding="utf-8")
    turn("threshold: 0.3", "threshold: 0.35")

    card.main()

    after = CARD.read_text(encoding="utf-8")
    assert "| roc_auc | higher | **0.123** |" in after
    assert "at the threshold 0.35" in after
    changed = [a for a, b in zip(after.split("\n"), before.split("\n"), strict=True) if a != b]
    assert len(changed) == 3  # the score, the threshold, the hash of params.yaml


@pytest.mark.usefixtures("finished")
def test_the_data_card_follows_the_facts() -> None:
    columns, split = (read(f"metrics/{name}.json") for name in ("columns", "split"))
    columns["planes"]["seats"] |= {"smallest": 4, "largest": 853}
    split["months"]["2013-03"]["outcome"]["rate"] = 0.987654
    for name, content in (("columns", columns), ("split", split)):
        Path(f"metrics/{name}.json").write_text(json.dumps(content), encoding="utf-8")

    card.main()

    text = DATA_CARD.read_text(encoding="utf-8")
    assert "| seats | int64 | between 1 and 900 | no | none | 4 to 853 |" in text
    assert f"| 2013-03 | training | {split['months']['2013-03']['rows']:,} | 0.988 |" in text
    assert read("metrics/data.json")["md5"] in text


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize(("name", "card"), [("card.md", CARD), ("data_card.md", DATA_CARD)])
def test_a_card_says_what_the_problem_says(name: str, card: Path) -> None:
    prose = Path("src/problem", name).read_text(encoding="utf-8").strip()

    assert prose in card.read_text(encoding="utf-8")


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("name", ["card.md", "data_card.md"])
def test_a_problem_without_a_card_is_told_what_belongs_there(name: str) -> None:
    Path("src/problem", name).unlink()

    with pytest.raises(DeclarationError, match=rf"src/problem/{name} is missing: it says"):
        card.main()


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("roc_auc: 0.66", "roc_acu: 0.66", r"key gates\.floors\.roc_acu: unknown key.*'roc_auc'"),
        ("brier: 0.015", "r2: 0.015", r"key gates\.slice_margins\.r2: unknown key"),
        ("roc_auc: 0.02", "f1: 0.02", r"key gates\.margins: expected also roc_auc, the headline"),
    ],
)
def test_a_gate_on_a_metric_that_does_not_fit_names_the_line(old: str, new: str, told: str) -> None:
    turn(old, new)

    with pytest.raises(DeclarationError, match=rf"params\.yaml, line \d+, {told}"):
        card.main()


def written_by_stages(folder: Path) -> list[Path]:
    files = [p for part in ("metrics", "reports", "artifacts") for p in folder.glob(f"{part}/**/*")]
    return [path for path in files if path.is_file()]


def test_no_output_names_a_date_of_today_a_commit_a_version_or_a_machine(finished: Path) -> None:
    """A file in a commit cannot name the commit, and must be the same on every machine."""
    head = subprocess.run(
        ["git", "log", "--format=%H"], capture_output=True, text=True, check=True
    ).stdout.split()
    today = datetime.now(UTC)
    forbidden = [
        *(commit[:10] for commit in head),
        today.strftime("%Y-%m-%d"),
        today.strftime("%d %B %Y"),
        'version = "',
        "mlops-template",
        platform.node(),
        str(Path.home()),
        str(finished.parent.parent.parent),
        os.environ.get("VIRTUAL_ENV", str(Path(os.__file__).parents[2])),
    ]

    outputs = written_by_stages(finished)

    assert len(outputs) > 20
    for path in outputs:
        content = path.read_bytes()
        found = [text for text in forbidden if len(text) > 3 and text.encode() in content]
        assert not found, path


def test_what_git_keeps_of_a_run_is_small(finished: Path) -> None:
    kept = [path for path in written_by_stages(finished) if "artifacts" not in path.parts]

    assert sum(path.stat().st_size for path in kept) < 500_000


def test_json_holds_numbers_of_at_most_six_decimals_and_no_nan(finished: Path) -> None:
    for path in (finished / "metrics").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\d\.\d{7,}", text), path
        assert not re.search(r"NaN|Infinity|-0\.0\b(?!\d)", text), path
        assert text.endswith("}\n")
