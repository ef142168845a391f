"""What is said of a model and its data at a commit: cards, importances, fairness."""

import csv
import io
from collections.abc import Iterator
from math import isfinite

from pydantic import Field, ValidationError

from mlops import git
from mlops.dashboard.releases import read_json
from mlops.history.record import Line
from mlops.judge.verdict import Number
from mlops.registry.record import Part

MODEL = "reports/model_card.md"
DATA = ("reports/data_card.md", "reports/data_quality.md")
IMPORTANCE = "reports/plots/importance.csv"
FAIRNESS = "metrics/fairness.json"


class Document(Part):
    """A Markdown file."""

    path: str
    text: str


class Importance(Part):
    """What shuffling an input costs in score."""

    feature: str
    loss: float


class Difference(Line):
    """Between the groups with the largest and the smallest value, with its interval."""

    value: Number
    low: Number = None
    high: Number = None
    largest: str = ""
    smallest: str = ""


class Groups(Line):
    """The groups of a slice, measure by measure."""

    groups: dict[str, dict[str, Number]]
    differences: dict[str, Difference] = Field(default_factory=dict)


class Cards(Part):
    """Of one commit; what it lacks, or what cannot be read, is None or empty."""

    version: str
    """Empty before the first promotion: then it is the default branch."""
    commit: str
    model: Document | None
    data: list[Document]
    """The data card, and the report on data quality."""
    importance: list[Importance]
    fairness: dict[str, Groups]


def cards(commit: str, version: str) -> Cards:
    """What the files of a commit say."""
    return Cards(
        version=version,
        commit=commit,
        model=_document(commit, MODEL),
        data=list(filter(None, (_document(commit, path) for path in DATA))),
        importance=list(_importance(commit)),
        fairness=_fairness(commit),
    )


def _document(commit: str, path: str) -> Document | None:
    found = git.content(commit, path)
    return None if found is None else Document(path=path, text=found.decode(errors="replace"))


def _importance(commit: str) -> Iterator[Importance]:
    text = (git.content(commit, IMPORTANCE) or b"").decode("utf-8", errors="replace")
    for row in csv.DictReader(io.StringIO(text)):
        try:
            loss = float(row["loss"])
        except (KeyError, TypeError, ValueError):
            continue
        if row.get("feature") and isfinite(loss):
            yield Importance(feature=row["feature"], loss=loss)


def _fairness(commit: str) -> dict[str, Groups]:
    """By slice, those that read as groups with their measures."""
    found = {}
    for name, groups in read_json(commit, FAIRNESS).items():
        try:
            found[name] = Groups.model_validate(groups)
        except ValidationError:
            continue
    return found
