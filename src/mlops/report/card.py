"""The model card (Mitchell et al., 2019), from the metrics of a run and the problem's own words."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mlops.contract import Task
from mlops.evaluation.names import BETTER
from mlops.params import Params


def render(
    *, task: Task, params: Params, params_hash: str, prose: str, metrics: dict[str, Any]
) -> str:
    """The card as Markdown.

    It names data and parameters by hash, never a commit, a version or a date: a file in a commit
    cannot name it. Those are stamped on the copy that is released.
    """
    wanted = BETTER[task]
    return template("model_card.md.j2").render(
        task=task,
        params=params,
        params_hash=params_hash,
        prose=prose,
        wanted=wanted,
        settings=params.model.settings(params.model.estimator),
        **metrics,
    )


def template(name: str) -> Template:
    """A template of this package that is Markdown; it has the filters `cell` and `number`."""
    environment = Environment(
        loader=PackageLoader("mlops.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown, from the repository's own files
    )
    environment.filters |= {"cell": cell, "number": number}
    return environment.get_template(name)


def cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table, whatever the data calls its groups."""
    return " ".join(text.split()).replace("|", "\\|")


def number(value: float | None) -> str:
    """Three decimals for a score, a dash for none."""
    return "–" if value is None else f"{value:.3f}"
