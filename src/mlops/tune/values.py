"""The winner's values, written into params.yaml in place: comments and lines stay."""

import io
from typing import Any

from ruamel.yaml import YAML

from mlops.files import write_text
from mlops.params import PATH
from mlops.tune.result import Settings, Tuned


def changes(tuned: Tuned) -> Settings:
    """What the winner sets otherwise than the present values; empty when those stay."""
    present = tuned.search.present
    if not tuned.better:
        return {}
    return {k: v for k, v in tuned.best.items() if v != present.get(k) or k not in present}


def set_in(text: str, estimator: str, settings: Settings) -> str:
    """The text of params.yaml with these parameters of an estimator; nothing else changes.

    What a block lacks is added at its end, and a block that is missing at the end of `model`.
    """
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 4096, True
    document: Any = yaml.load(text)
    block = document["model"].get(estimator)
    if block is None:
        document["model"][estimator] = dict(settings)
    else:
        block.update(settings)
        for name in settings.keys() & block.ca.items.keys():
            if block.ca.items[name][2]:
                block.ca.items[name][2].start_mark.column = 0  # else it keeps its old place
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def write(tuned: Tuned) -> None:
    """Write what changes into params.yaml here."""
    changed = changes(tuned)
    if changed:
        text = PATH.read_text(encoding="utf-8")
        write_text(PATH, set_in(text, tuned.search.estimator, changed))
