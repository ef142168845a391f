"""`mlops dashboard`: the folder of pages, whole or not at all."""

import shutil
from pathlib import Path

from rich.text import Text

from mlops.backtest import result
from mlops.dashboard.facts import gather
from mlops.errors import DeclarationError
from mlops.files import replacing, write_json, write_text
from mlops.progress import console, step
from mlops.report.dashboard.pages import BACKTEST, render
from mlops.report.untrusted import clean

FOLDER = Path("reports/dashboard")
DATA = "site.json"
TOLD = result.FOLDER / BACKTEST  # what `mlops backtest` leaves in the work tree


def write(folder: Path = FOLDER) -> None:
    """Write every page and site.json into `folder`, and say where.

    What was in it is replaced. Raises DeclarationError when that is something else than a
    dashboard, RegistryError when there is no commit to read.
    """
    _refuse_foreign(folder)
    with step("reading tags, ledger and commits"):
        facts, doubt = gather()
    if doubt:
        told = f"not up to date, only what is known here: {clean(doubt)}"
        console.print(Text(told, style="yellow"))
    with step("drawing the pages"), replacing(folder) as scratch:
        for name, page in render(facts, backtest=TOLD.is_file()).items():
            write_text(scratch / name, page)
        write_json(scratch / DATA, facts.model_dump(mode="json"))
        if TOLD.is_file():
            shutil.copy(TOLD, scratch / BACKTEST)
    console.print(str(folder / "index.html"), markup=False)


def _refuse_foreign(folder: Path) -> None:
    is_dashboard = (folder / DATA).is_file() or (folder.is_dir() and not any(folder.iterdir()))
    if folder.exists() and not is_dashboard:
        raise DeclarationError(
            f"{folder} holds something that is no dashboard and would be replaced; name a new or "
            f"an empty folder with --output"
        )
