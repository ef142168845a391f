"""A table that git cannot keep: the source says where it is, and the tests have a part of it."""

import runpy
from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.init.large import SAMPLE, SOURCE, TESTS, without_table

TABLE = "src/problem/table.csv"
SOURCE_OF_A_SMALL_ONE = """
import shutil
from pathlib import Path

def materialise(directory, through):
    shutil.copy(Path(__file__).with_name("table.csv"), directory / "table.csv")
"""
FIXTURES = '''"""The table, as the source writes it."""

from collections.abc import Iterator

from problem import features, source


def raw(folder: object) -> None:
    source.materialise(folder, "")
'''


def files(rows: int) -> dict[str, bytes]:
    table = "a,y\n" + "".join(f"{row},{row % 2}\n" for row in range(rows))
    return {
        TABLE: table.encode(),
        SOURCE: SOURCE_OF_A_SMALL_ONE.encode(),
        f"{TESTS}/conftest.py": FIXTURES.encode(),
    }


@pytest.mark.parametrize("rows", [10, SAMPLE, 3 * SAMPLE + 1])
def test_git_gets_a_part_of_it_and_the_remote_all(rows: int) -> None:
    given = files(rows)

    kept, raw = without_table(given, TABLE)

    assert TABLE not in kept
    assert raw == given[TABLE]
    header, *sample = kept[f"{TESTS}/table.csv"].decode().splitlines()
    assert header == "a,y"
    assert min(rows, SAMPLE // 2) <= len(sample) <= SAMPLE
    assert set(sample) <= set(raw.decode().splitlines())


def test_who_lacks_it_is_told_where_it_is(tmp_path: Path) -> None:
    kept, _ = without_table(files(10), TABLE)
    (tmp_path / "source.py").write_bytes(kept[SOURCE])

    with pytest.raises(ValueError, match="MLOPS_REMOTE"):
        runpy.run_path(str(tmp_path / "source.py"))["materialise"](tmp_path, "")


def test_its_tests_take_the_part() -> None:
    kept, _ = without_table(files(10), TABLE)

    fixtures = kept[f"{TESTS}/conftest.py"].decode()
    compile(fixtures, "conftest.py", "exec")
    assert "source" not in fixtures
    assert 'with_name("table.csv")' in fixtures


def test_a_source_that_cannot_read_it_is_told() -> None:
    broken = files(10) | {
        SOURCE: b"def materialise(directory, through):\n    raise ValueError('why')\n"
    }

    with pytest.raises(DataError, match="the table cannot be read: why"):
        without_table(broken, TABLE)


def test_tests_of_another_kind_are_told() -> None:
    other = files(10) | {f"{TESTS}/conftest.py": b'"""Nothing."""\n'}

    with pytest.raises(DataError, match=r"conftest\.py: expected"):
        without_table(other, TABLE)
