"""`mlops backtest`: replay, write reports/backtest/, show."""

from pathlib import Path

from mlops.backtest import result as results
from mlops.backtest import year
from mlops.backtest.result import FOLDER, Result
from mlops.progress import console
from mlops.report.backtest import told


def main(
    begin: str | None, through: str | None, first: str | None, folder: Path = FOLDER
) -> Result:
    """Replay the periods of the source, from those that the first model knows `through` the last.

    Without `begin`, the first model knows three periods; without `first`, it is the problem's
    linear one. Raises DeclarationError when the source
    has too few, StoppedError when a command ends otherwise than with an answer.
    """
    known, coming = year.periods(begin, through)
    console.print(f"replaying {len(coming)} periods, {coming[0]} to {coming[-1]}")
    found = year.replay(known, coming, year.beginning(first))
    results.write(found, folder / "backtest.json")
    told.write(found, folder)
    told.show(found)
    console.print(f"{folder / 'backtest.html'} has all of it")
    return found
