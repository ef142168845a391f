"""The Makefile documents itself, and its lock files pin all that pyproject.toml asks for."""

import re
import subprocess
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT


def pins(name: str) -> dict[str, set[str]]:
    """Package → versions (several where they depend on the Python version) of a lock file."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)==([^ ;]+)", line):
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


def wanted(group: str) -> list[Requirement]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = (
        declared["project"]["dependencies"] if not group else declared["dependency-groups"][group]
    )
    return [Requirement(entry) for entry in listed if isinstance(entry, str)]


def test_make_alone_lists_every_target() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: ((?:.+\\\n)*.+)$", makefile, flags=re.MULTILINE)
    assert phony is not None
    listed = {
        line.split()[1]: line.split(maxsplit=2)[2]
        for line in shown.splitlines()
        if line.startswith("  make ")
    }
    assert set(listed) == set(phony[1].replace("\\", "").split())


def test_every_dependency_is_pinned_as_pyproject_allows() -> None:
    for lock, groups in (
        ("run.txt", ["", "problem"]),
        ("serve.txt", ["serving"]),
        ("dev.txt", ["", "problem", "serving", "explain", "dashboard", "dev"]),
    ):
        pinned = pins(lock)
        for requirement in (r for group in groups for r in wanted(group)):
            versions = pinned[canonicalize_name(requirement.name)]
            assert all(v in requirement.specifier for v in versions), f"{requirement}: `make lock`"


def test_what_runs_the_pipeline_is_part_of_what_tests_it() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")

    assert run.items() <= dev.items()
    assert "pytest" not in run


def test_lock_files_carry_hashes_and_name_no_index() -> None:
    for lock in ("run.txt", "serve.txt", "dev.txt", "uv.txt"):
        text = (ROOT / "requirements" / lock).read_text()
        assert "://" not in text
        entries = re.split(r"\n(?=[a-z0-9])", text.split("\n", 2)[2])
        assert all("--hash=sha256:" in entry for entry in entries)


def test_what_is_served_is_what_is_tested_and_nothing_that_trains() -> None:
    serve, dev = pins("serve.txt"), pins("dev.txt")

    assert all(serve[name] <= dev[name] for name in serve)
    assert not serve.keys() & {"pandas", "scikit-learn", "mlflow-skinny", "joblib", "pyarrow"}
