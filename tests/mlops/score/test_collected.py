"""A test counts when `make test` runs it, and when it can fail."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlops.score.collected import Collected, read

WHOLE = """
from problem import features
from problem.model import ESTIMATORS as made

def helper():
    assert True

def test_rows():
    assert features.rows({}) is not None
"""


def collected(folder: Path, text: str) -> Collected:
    (folder / "test_it.py").write_text(text)
    return read(folder / "test_it.py")


def test_functions_and_methods_that_assert_are_tests(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        WHOLE
        + "class TestMore:\n    def test_raises(self):\n"
        + "        with pytest.raises(ValueError):\n            int('x')\n"
        + "    def test_frames(self):\n        pd.testing.assert_frame_equal(a, b)\n",
    )

    assert found.names == ["test_rows", "test_raises", "test_frames"]
    assert found.about("raises") == ["test_raises"]


def test_what_a_file_uses_is_known_by_where_it_comes_from(tmp_path: Path) -> None:
    used = collected(tmp_path, WHOLE).uses

    assert {"problem.features", "problem.features.rows", "problem.model.ESTIMATORS"} <= used
    assert "problem.features.tables" not in used


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def test_a():\n    pass\n", id="asserts nothing"),
        pytest.param("def test_a():\n    rows()\n", id="only calls"),
        pytest.param("def check_a():\n    assert 1\n", id="another name"),
        pytest.param("@pytest.mark.skip\ndef test_a():\n    assert 1\n", id="skipped"),
        pytest.param("@pytest.mark.skipif(1, reason='')\ndef test_a():\n    assert 1\n", id="if"),
        pytest.param("@pytest.mark.xfail\ndef test_a():\n    assert 1\n", id="may fail"),
        pytest.param("@pytest.mark.slow\ndef test_a():\n    assert 1\n", id="slow"),
        pytest.param("def test_a():\n    pytest.skip('')\n    assert 1\n", id="skips itself"),
        pytest.param("pytestmark = pytest.mark.slow\ndef test_a():\n    assert 1\n", id="all slow"),
        pytest.param("pytest.importorskip('x')\ndef test_a():\n    assert 1\n", id="needs x"),
        pytest.param("class Rows:\n    def test_a(self):\n        assert 1\n", id="no test class"),
        pytest.param("def test_a(:\n", id="no Python"),
    ],
)
def test_what_is_not_run_or_cannot_fail_does_not_count(tmp_path: Path, text: str) -> None:
    assert collected(tmp_path, text).names == []


def test_only_files_that_pytest_looks_into_count(tmp_path: Path) -> None:
    (tmp_path / "check_it.py").write_text(WHOLE)

    assert read(tmp_path / "check_it.py").names == []
    assert read(tmp_path / "test_missing.py").names == []


MIXED = """
import pytest

def test_plain():
    assert True

@pytest.mark.skip
def test_skipped():
    assert True

@pytest.mark.skipif(True, reason="today")
def test_skipped_today():
    assert True

@pytest.mark.slow
def test_slow():
    assert True

@pytest.mark.parametrize("n", [1])
def test_each(n):
    assert n

def test_skips_itself():
    pytest.skip("here")
    assert True

class TestClass:
    def test_method(self):
        assert True

class Other:
    def test_nobody_collects(self):
        assert True

def helper():
    assert True
"""


def test_pytest_itself_runs_the_same(tmp_path: Path) -> None:
    known = collected(tmp_path, MIXED)

    command = [sys.executable, "-m", "pytest", "-q", "-rp", "-m", "not slow", "test_it.py"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    passed = re.findall(r"^PASSED .*::(\w+)", shown.stdout, flags=re.MULTILINE)
    assert sorted(known.names) == sorted(passed), shown.stdout
