"""The curves as pictures: a PNG for each table, with something on it."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from mlops.contract import Task
from mlops.errors import DataError
from mlops.evaluation.curves import curves
from mlops.evaluation.metrics import Truth
from mlops.report import figures
from mlops.report.figures import draw

TASKS: list[Task] = ["binary", "multiclass", "regression"]
PLOTS = Path("reports/plots")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    PLOTS.mkdir(parents=True)
    return tmp_path


def write(task: Task, classes: list[Any]) -> list[str]:
    """The tables of a task, as the stage `evaluate` writes them."""
    rng = np.random.default_rng(0)
    count = len(classes)
    y = rng.integers(0, count, 300).astype(np.float64) if classes else rng.normal(size=300)
    p: Any = y + rng.normal(size=300)
    if classes:
        p = 0.6 * np.eye(count)[y.astype(int)] + 0.4 * rng.dirichlet(np.ones(count), 300)
    p = p[:, 1] if task == "binary" else p
    found = curves(task, Truth(y, count, 0.5), p, classes)
    found["importance"] = pd.DataFrame({"feature": ["temp", "wind"], "loss": [0.1, -0.001]})
    for name, plot in found.items():
        plot.to_csv(PLOTS / f"{name}.csv", index=False)
    return sorted(found)


def ink(path: Path) -> float:
    """The share of the picture that is not its background."""
    picture = imread(path)[..., :3]
    return float((np.abs(picture - picture[0, 0]).max(axis=2) > 0.05).mean())


@pytest.mark.parametrize(
    ("task", "classes"),
    [("binary", [0, 1]), ("multiclass", ["ash", "oak", "yew"]), ("regression", [])],
)
def test_every_table_becomes_a_picture(here: Path, task: Task, classes: list[Any]) -> None:
    names = write(task, classes)

    written = draw(here / "png")

    assert [path.name for path in written] == [f"{name}.png" for name in names]
    for path in written:
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", content[16:24])
        assert (width, height) == (720, 600)
        assert ink(path) > 0.01


@pytest.mark.usefixtures("here")
def test_nothing_else_is_left_in_the_folder(here: Path) -> None:
    names = write("binary", [0, 1])

    draw(here / "png")
    draw(here / "png")

    assert sorted(path.name for path in (here / "png").iterdir()) == [f"{n}.png" for n in names]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The axes of every picture, by title."""
    kept: dict[str, Any] = {}
    honest = Figure.savefig

    def keep(figure: Figure, *arguments: Any, **options: Any) -> None:
        axes = figure.axes[0]
        kept[axes.get_title()] = axes
        honest(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return kept


def test_a_curve_is_drawn_through_its_points_beside_the_diagonal(
    here: Path, drawn: dict[str, Any]
) -> None:
    write("binary", [0, 1])

    draw(here)

    curve, diagonal = drawn["roc"].lines
    table = pd.read_csv(PLOTS / "roc.csv")
    assert np.allclose(curve.get_xydata(), table.to_numpy())
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert (drawn["roc"].get_xlabel(), drawn["roc"].get_ylabel()) == (
        "false positive rate",
        "true positive rate",
    )
    assert len(drawn["precision recall"].lines) == 1


def test_the_confusion_shows_what_became_of_each_class(here: Path, drawn: dict[str, Any]) -> None:
    rows = [("ash", "ash")] * 3 + [("ash", "oak")] + [("oak", "oak")] * 2
    pd.DataFrame(rows, columns=["actual", "predicted"]).to_csv(PLOTS / "confusion.csv", index=False)

    draw(here)

    assert [text.get_text() for text in drawn["confusion"].texts] == ["75%", "25%", "0%", "100%"]
    assert [tick.get_text() for tick in drawn["confusion"].get_yticklabels()] == ["ash", "oak"]


def test_a_class_named_na_is_a_class(here: Path, drawn: dict[str, Any]) -> None:
    rows = [("NA", "NA")] * 3 + [("EU", "NA")]
    pd.DataFrame(rows, columns=["actual", "predicted"]).to_csv(PLOTS / "confusion.csv", index=False)

    draw(here)

    assert [tick.get_text() for tick in drawn["confusion"].get_yticklabels()] == ["EU", "NA"]


def test_several_classes_have_a_curve_and_a_legend_each(here: Path, drawn: dict[str, Any]) -> None:
    write("multiclass", ["ash", "oak", "yew"])

    draw(here)

    legend = drawn["roc"].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["ash", "oak", "yew"]
    assert len(drawn["roc"].lines) == 3 + 1


def test_the_most_important_twenty_inputs_are_shown_the_first_on_top(
    here: Path, drawn: dict[str, Any]
) -> None:
    table = pd.DataFrame({"feature": [f"x{n}" for n in range(30)], "loss": np.linspace(1, 0, 30)})
    table.to_csv(PLOTS / "importance.csv", index=False)

    draw(here)

    bars = drawn["importance"].patches
    assert len(bars) == figures.TOP
    assert bars[-1].get_width() == 1
    assert bars[-1].get_y() > bars[0].get_y()


def test_without_curves_there_is_nothing_to_draw(here: Path) -> None:
    with pytest.raises(DataError, match=r"reports/plots/ has no curves; run `make run` first"):
        draw(here / "png")


@pytest.mark.usefixtures("finished")
def test_the_curves_of_a_run_are_drawn_and_stay_small() -> None:
    written = draw(Path("reports/png"))

    assert {path.stem for path in written} == {path.stem for path in PLOTS.glob("*.csv")}
    assert all(ink(path) > 0.01 for path in written)
    total = sum(path.stat().st_size for path in Path("reports").rglob("*") if path.is_file())
    assert total < 500_000
