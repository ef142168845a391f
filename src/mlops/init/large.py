"""A table too large for git: the DVC remote keeps it, the source says so, the tests have a part."""

import runpy
import tempfile
from pathlib import Path

from mlops import dvc
from mlops.data import pin
from mlops.errors import DataError
from mlops.files import replacing
from mlops.promotion.push import push

LARGE = 10_000_000
"""Bytes of a table up to which git keeps it."""
SAMPLE = 5_000  # rows that the tests of the problem have, at most
SOURCE = "src/problem/source.py"
TESTS = "tests/problem"
SAYS_WHERE = '''\
"""Where the raw file comes from: the DVC remote, which has what data.dvc pins, and nothing else."""

from pathlib import Path

PERIODS = ()
"""The table does not arrive in parts."""


def materialise(directory: Path, through: str) -> None:
    """Raises ValueError: the table is too large for git, and stands nowhere else."""
    raise ValueError(
        "the table is in the DVC remote alone; name that by MLOPS_REMOTE, or by "
        "`dvc remote add -d NAME URL` (docs/remotes.md), and again"
    )
'''
SAYS_WHERE_TESTED = '''\
"""The raw file is at the remote, and who lacks it is told."""

from pathlib import Path

import pytest

from problem import source


def test_the_remote_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="MLOPS_REMOTE"):
        source.materialise(tmp_path, "")
'''
DOES = '    source.materialise(folder, "")\n'
DOES_INSTEAD = '    shutil.copy(Path(__file__).with_name("table.csv"), folder)\n'


def without_table(files: dict[str, bytes], table: str) -> tuple[dict[str, bytes], bytes]:
    """The files of a problem that does without `table`, one of them; and the raw file made of it.

    Raises DataError when the table cannot be made a raw file, or the tests are none that are known.
    """
    raw = _raw(files, table)
    header, *rows = raw.split(b"\n")
    sample = [header, *rows[: -1 : max(1, -(-len(rows) // SAMPLE))], b""]
    kept = {path: content for path, content in files.items() if path != table}
    return kept | {
        SOURCE: SAYS_WHERE.encode(),
        f"{TESTS}/table.csv": b"\n".join(sample),
        f"{TESTS}/conftest.py": _from_the_sample(files[f"{TESTS}/conftest.py"].decode()).encode(),
        f"{TESTS}/test_source.py": SAYS_WHERE_TESTED.encode(),
    }, raw


def keep(raw: bytes) -> None:
    """Make data/ of the raw file, pin it, and push it to the remote.

    Raises DataError when data/ holds somebody's changes, or the remote does not take it.
    """
    if pin.DATA.exists() and pin.digest(pin.DATA).md5 != pin.read().md5:
        raise DataError(
            f"{pin.DATA}/ is not what {pin.PATH} pins, so it is not replaced; `mlops data "
            f"--restore` goes back to what is pinned"
        )
    with replacing(pin.DATA) as scratch:
        folder = scratch / pin.RAW.name
        folder.mkdir(parents=True)
        (folder / "table.csv").write_bytes(raw)
        content = pin.digest(scratch)
    pin.write(content, "")
    dvc.commit(str(pin.PATH))
    push()


def _raw(files: dict[str, bytes], table: str) -> bytes:
    """What the problem's own source makes of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        beside, raw = Path(scratch) / "problem", Path(scratch) / "raw"
        for folder in (beside, raw):
            folder.mkdir()
        for path in (SOURCE, table):
            (beside / Path(path).name).write_bytes(files[path])
        try:
            runpy.run_path(str(beside / "source.py"))["materialise"](raw, "")
        except ValueError as reason:
            raise DataError(f"the table cannot be read: {reason}") from reason
        (made,) = raw.iterdir()
        return made.read_bytes()


def _from_the_sample(fixtures: str) -> str:
    """The tests' conftest.py, with the sample instead of what the source would write."""
    for old, new in (
        (DOES, DOES_INSTEAD),
        ("as the source writes it", "with as many rows as git keeps"),
        ("import features, source\n", "import features\n"),
        ("from collections.abc", "import shutil\nfrom collections.abc"),
    ):
        if fixtures.count(old) != 1:
            raise DataError(f"{TESTS}/conftest.py: expected {old.strip()!r} once")
        fixtures = fixtures.replace(old, new)
    return fixtures
