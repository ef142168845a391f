"""Write the model card: what the model is for, how good it is, and for whom it is less good."""

import hashlib
from pathlib import Path

from mlops import params
from mlops.contract import SHIPPED, Features, load
from mlops.errors import DeclarationError
from mlops.files import read_json, write_text
from mlops.report.card import render
from mlops.stages import METRICS, REPORTS, run


def main() -> None:
    """Write reports/model_card.md from the metrics; DeclarationError without card.md."""
    prose = SHIPPED / "card.md"
    if not prose.is_file():
        raise DeclarationError(
            f"{prose} is missing: it says what the model is meant for, and for what it is not",
            file=str(prose),
        )
    knobs = params.load()
    card = render(
        task=load(Features).TASK,
        params=knobs,
        params_hash=hashlib.sha256(Path(params.PATH).read_bytes()).hexdigest(),
        prose=prose.read_text(encoding="utf-8").strip(),
        metrics={
            name: read_json(METRICS / f"{name}.json")
            for name in ("data", "test", "baselines", "slices", "behaviour")
        },
    )
    write_text(REPORTS / "model_card.md", card)


if __name__ == "__main__":
    run(main)
