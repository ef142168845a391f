"""A repository to break: a copy of this one, with every tenth flight of the real data."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # a worker a core: more threads would fight over them

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from mlops.data import pin
from problem import source

ROOT = Path(__file__).parents[1]
THINNING = 10
FEWER = {"importance_rows: 4000 ": "importance_rows: 100 ", "seeds: 2 ": "seeds: 1 "}
"""In params.yaml: what takes a run its time, and makes no difference to what is tested."""
LONG = ("benchmarks", "stranger", "test_documentation.py", "test_other_problems.py", "workflows")
Run = Callable[..., subprocess.CompletedProcess[str]]


def copy_of_the_repository(target: Path) -> None:
    """Copy what git would give a stranger: tracked files and new ones, nothing ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def execute(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a repository as a person would, with that repository's own code."""
    programs = str(Path(sys.executable).parent)
    own = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "src"),
        "DVC_NO_ANALYTICS": "1",
        "CI": "true",
    }
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command,
        cwd=folder,
        env=inherited | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def commit(folder: Path) -> None:
    """Make the folder a git repository with one commit of all it holds."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "copy"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def repin(folder: Path) -> None:
    """Accept what lies in data/ as the pinned data, as `dvc add data` would."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        pin.write(pin.digest(pin.DATA), pin.read().through)
    finally:
        os.chdir(here)


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, made by the first worker that wants it; read only."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with FileLock(shared / f"{name}.lock"):
        folder, done = shared / name, shared / f"{name}.done"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # half made by one who failed
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes a minute and more, or one worker ends with it while another waits."""
    items.sort(key=lambda item: not set(LONG).intersection(item.path.parts))


@pytest.fixture(scope="session")
def sample_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """data/raw with every tenth flight; read only."""

    def make(folder: Path) -> None:
        source.materialise(folder, "2013-08")
        for path in folder.glob("flights-*.csv"):
            header, *lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(header + b"".join(lines[::THINNING]))

    return once(tmp_path_factory, "sample", make)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, sample_raw: Path) -> Path:
    """The sample repository, committed, before any run; copied by `repository`."""

    def make(folder: Path) -> None:
        copy_of_the_repository(folder)
        knobs = (folder / "params.yaml").read_text()
        for usual, fewer in FEWER.items():
            assert knobs.count(usual) == 1
            knobs = knobs.replace(usual, fewer)
        (folder / "params.yaml").write_text(knobs)
        shutil.copytree(sample_raw, folder / "data" / "raw")
        repin(folder)
        commit(folder)

    return once(tmp_path_factory, "pristine", make)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory, pristine: Path) -> Path:
    """The sample repository after `mlops run`; copied by `finished`."""

    def make(folder: Path) -> None:
        shutil.copytree(pristine, folder, dirs_exist_ok=True)
        done = execute(folder, "mlops", "run")
        assert done.returncode == 0, done.stdout + done.stderr
        commit(folder)

    return once(tmp_path_factory, "ran", make)


@pytest.fixture
def repository(tmp_path: Path, pristine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample repository of the test's own, current directory, before any run."""
    folder = tmp_path / "repository"
    shutil.copytree(pristine, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def finished(tmp_path: Path, ran: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample repository of the test's own, current directory, after a whole run."""
    folder = tmp_path / "repository"
    shutil.copytree(ran, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Run a command in the current directory: `run("mlops", "run")`."""
    return lambda *command, **environment: execute(Path.cwd(), *command, **environment)
