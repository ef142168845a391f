"""The rates of all servers as one picture."""

from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from servers import EMPTY, OURS

from mlops.files import replacing

STRONG, PLAIN, FAINT, TEXT = "#1a7f5a", "#8c959f", "#d8dee4", "#24292f"


def draw(servers: dict[str, dict[str, Any]], load: str, path: Path) -> None:
    """A bar a server, the fastest on top, on a logarithmic scale; `load` is the one drawn."""
    rates = {name: of["loads"][load]["rate"] for name, of in servers.items()}
    ordered = sorted(rates, key=lambda name: rates[name])
    colours = {OURS: STRONG, EMPTY: FAINT}
    figure = Figure(figsize=(8, 0.42 * len(ordered) + 1.1), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    bars = axes.barh(
        [name if name != EMPTY else f"{name} (limit)" for name in ordered],
        [rates[name] for name in ordered],
        color=[colours.get(name, PLAIN) for name in ordered],
        height=0.7,
    )
    axes.bar_label(bars, [f"{rates[name]:,.0f}" for name in ordered], padding=4, color=TEXT)
    axes.set_xscale("log")
    axes.set_xlim(10, 2.5 * max(rates.values()))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_title(f"Predictions per second: {load}", loc="left", fontsize=11, color=TEXT)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, which="both", labelcolor=TEXT)
    axes.spines[:].set_visible(False)
    for label, name in zip(axes.get_yticklabels(), ordered, strict=True):
        label.set_fontweight("bold" if name == OURS else "normal")
    with replacing(path) as scratch:
        figure.savefig(scratch, dpi=120, format="png")
