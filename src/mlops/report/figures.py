"""The curves of reports/plots/ as pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops.errors import DataError
from mlops.files import replacing
from mlops.stages import REPORTS

TOP = 20  # importances shown


def draw(folder: Path) -> list[Path]:
    """Write a PNG per CSV of reports/plots/ into `folder`; DataError when there is none."""
    sources = sorted((REPORTS / "plots").glob("*.csv"))
    if not sources:
        raise DataError(f"{REPORTS / 'plots'}/ has no curves; run `make run` first")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    written = []
    for source in sources:
        figure = Figure(figsize=(6, 5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.set_title(source.stem.replace("_", " "))
        frame = pd.read_csv(source, keep_default_na=False, na_values=[""])  # a class may be NA
        _DRAWN.get(source.stem, _line)(axes, frame)
        if source.stem in ("roc", "calibration"):
            _diagonal(axes, frame)
        path = folder / f"{source.stem}.png"
        with replacing(path) as scratch:
            figure.savefig(scratch, dpi=120, format="png")
        written.append(path)
    return written


def _line(axes: Any, frame: pd.DataFrame) -> None:
    x, y, *_ = frame.columns
    several = "label" in frame
    for name, part in frame.groupby("label") if several else [("", frame)]:
        axes.plot(part[x], part[y], marker="o" if len(part) < 30 else None, label=name)
    if several:
        axes.legend()
    _name(axes, x, y)


def _bars(axes: Any, frame: pd.DataFrame) -> None:
    top = frame.head(TOP)[::-1]
    axes.barh(top["feature"], top["loss"])
    axes.set_xlabel("loss in score when shuffled")


def _points(axes: Any, frame: pd.DataFrame) -> None:
    x, y = frame.columns
    axes.scatter(frame[x], frame[y], s=8)
    axes.axhline(0, color="grey", linewidth=0.8)
    _name(axes, x, y)


def _matrix(axes: Any, frame: pd.DataFrame) -> None:
    shares = pd.crosstab(frame["actual"], frame["predicted"], normalize="index")
    values = shares.to_numpy()
    axes.imshow(values, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(shares.shape[1]), shares.columns)
    axes.set_yticks(range(shares.shape[0]), shares.index)
    for (row, column), share in np.ndenumerate(values):
        ink = "white" if share > 0.5 else "black"
        axes.text(column, row, f"{share:.0%}", ha="center", va="center", color=ink)
    _name(axes, "predicted", "actual")


def _diagonal(axes: Any, frame: pd.DataFrame) -> None:
    drawn = frame.iloc[:, :2]
    ends = [float(drawn.min().min()), float(drawn.max().max())]
    axes.plot(ends, ends, color="grey", linewidth=0.8, linestyle="--")


def _name(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x.replace("_", " "))
    axes.set_ylabel(y.replace("_", " "))


_DRAWN: dict[str, Callable[[Any, pd.DataFrame], None]] = {
    "importance": _bars,
    "confusion": _matrix,
    "residuals": _points,
}
