"""What the source has, and data.dvc has not yet."""

from mlops.contract import Source, load
from mlops.data import pin


def newer() -> list[str]:
    """The periods that have arrived since the one that data.dvc names, oldest first.

    Empty where the source does not come in periods, too. Raises DataError without a data.dvc.
    """
    periods, through = load(Source).PERIODS, pin.read().through
    return periods[periods.index(through) + 1 :] if through in periods else list(periods)
