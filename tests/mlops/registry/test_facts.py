"""What a candidate is made of, and that it is what is committed."""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mlops.data import pin
from mlops.errors import DataError
from mlops.package.errors import PackagingError
from mlops.registry.errors import RegistryError
from mlops.registry.facts import committed, facts, of
from mlops.registry.record import Facts
from tests.conftest import ROOT
from tests.mlops.judge.repositories import write
from tests.mlops.registry.conftest import git

EXPORT = Path("artifacts/export")
MANIFEST: dict[str, Any] = {
    "format": 1,
    "name": "late-arrival",
    "inputs": [
        {"name": "carrier", "kind": "text", "pattern": "^[A-Z]+$", "known": ["AA", "UA"]},
        {"name": "distance", "kind": "float32", "low": 1.0, "high": 6000.0},
        {"name": "temp", "kind": "float32", "nullable": True, "table": "weather"},
    ],
    "output": {
        "task": "binary",
        "target": "late",
        "tensor": "probabilities",
        "classes": [0, 1],
        "threshold": 0.3,
    },
    "policy": {"unknown": "flag", "outside": "reject"},
    "files": {"model.onnx": hashlib.sha256(b"graph").hexdigest()},
    "identifiers": ["flight"],
    "keys": [{"name": "date", "kind": "text"}],
}
FILES = {
    "params.yaml": (ROOT / "params.yaml").read_text(),
    "data.dvc": "meta:\n  through: 2013-08\nouts:\n- md5: 0123456789abcdef.dir\n  path: data\n",
    "dvc.yaml": "stages: {}\n",
    "src/problem/features.py": "features = 1\n",
    "src/problem/deep/er.py": "er = 1\n",
    "src/serving/app.py": "app = 1\n",
    "requirements/run.txt": "pandas==3.1\n",
    "requirements/serve.txt": "numpy==2.3\n",
    "Dockerfile": "FROM scratch\n",
    ".gitignore": "/artifacts\n__pycache__\n",
}


def exported(**given: Any) -> str:
    """The exported model, and the dvc.lock that records it."""
    EXPORT.mkdir(parents=True, exist_ok=True)
    (EXPORT / "model.onnx").write_bytes(b"graph")
    (EXPORT / "manifest.json").write_text(json.dumps(MANIFEST | given))
    md5 = pin.digest(EXPORT).md5
    return f"stages:\n  export:\n    outs:\n    - path: artifacts/export\n      md5: {md5}\n"


def commit(files: dict[str, str]) -> None:
    write(files)
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "more")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed repository whose pipeline has run; copied by `candidate`."""
    folder = tmp_path_factory.mktemp("facts") / "repository"
    git("init", "-q", "-b", "main", str(folder))
    git("config", "user.name", "Ann", at=folder)
    git("config", "user.email", "ann@example.invalid", at=folder)
    with contextlib.chdir(folder):
        commit(FILES | {"dvc.lock": exported()})
    return folder


@pytest.fixture(autouse=True)
def candidate(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Facts:
    """The current directory is one of the test's own; its facts."""
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "candidate"))
    return facts()


def changed(before: Facts) -> set[str]:
    """Which facts are others now."""
    now = facts()
    return {name for name in Facts.model_fields if getattr(before, name) != getattr(now, name)}


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_hashes_are_those_that_anybody_can_compute(candidate: Facts) -> None:
    assert candidate.lock == sha256("dvc.lock")
    assert candidate.params == sha256("params.yaml")
    assert candidate.packages == sha256("requirements/run.txt")
    assert (candidate.data, candidate.through) == ("0123456789abcdef.dir", "2013-08")
    assert candidate.export == pin.digest(EXPORT).md5


def test_they_are_the_same_in_another_clone_and_at_a_later_commit(candidate: Facts) -> None:
    made = git("rev-parse", "HEAD")
    commit({"README.md": "words", "tests/test_a.py": "pass", "src/mlops/a.py": "a = 1"})

    assert facts() == candidate
    commit({"src/problem/features.py": "features = 2\n"})
    assert of(made) == candidate.model_dump(exclude={"interface"})


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("params.yaml", {"params"}),
        ("src/problem/features.py", {"code"}),
        ("src/problem/new.py", {"code"}),
        ("src/serving/app.py", {"server"}),
        ("Dockerfile", {"server"}),
        ("requirements/serve.txt", {"server"}),
        ("requirements/run.txt", {"packages"}),
        ("dvc.yaml", set()),
    ],
)
def test_a_file_decides_its_fact(candidate: Facts, file: str, expected: set[str]) -> None:
    before = Path(file).read_text() if Path(file).exists() else ""
    commit({file: f"{before}# more\n"})

    assert changed(candidate) == expected


def test_a_file_that_moves_is_other_code(candidate: Facts) -> None:
    git("mv", "src/problem/features.py", "src/problem/renamed.py")
    commit({})

    assert changed(candidate) == {"code"}


def test_new_data_is_another_fact(candidate: Facts) -> None:
    commit({"data.dvc": FILES["data.dvc"].replace("2013-08", "2013-09").replace("0123", "9999")})

    assert changed(candidate) == {"data", "through"}


def inputs(place: int, **given: Any) -> dict[str, Any]:
    found = [dict(one) for one in MANIFEST["inputs"]]
    found[place] |= given
    return {"inputs": found}


@pytest.mark.parametrize(
    "given",
    [
        inputs(0, name="airline"),
        inputs(0, pattern="^[A-Z0-9]+$"),
        inputs(0, values=["AA"]),
        inputs(0, nullable=True),
        inputs(1, kind="float64"),
        inputs(1, high=9000.0),
        inputs(1, low=0.0),
        inputs(2, table="climate"),
        {"inputs": MANIFEST["inputs"][:2]},
        {"keys": []},
        {"output": MANIFEST["output"] | {"target": "delayed"}},
        {"output": MANIFEST["output"] | {"classes": [0, 1, 2]}},
    ],
)
def test_what_a_client_sees_is_the_interface(candidate: Facts, given: dict[str, Any]) -> None:
    commit({"dvc.lock": exported(**given)})

    assert changed(candidate) == {"lock", "export", "interface"}


@pytest.mark.parametrize(
    "given",
    [
        inputs(0, known=["AA", "UA", "WN"]),
        {"output": MANIFEST["output"] | {"threshold": 0.4}},
        {"policy": {"unknown": "reject", "outside": "reject"}},
        {"identifiers": ["flight", "date"]},
    ],
)
def test_what_training_decides_is_not(candidate: Facts, given: dict[str, Any]) -> None:
    commit({"dvc.lock": exported(**given)})

    assert changed(candidate) == {"lock", "export"}


@pytest.mark.parametrize(
    "file",
    ["dvc.lock", "data.dvc", "params.yaml", "dvc.yaml", "Dockerfile", "requirements/run.txt",
     "requirements/serve.txt", "src/problem/features.py", "src/problem/new.py", "src/serving/x.py"],
)  # fmt: skip
def test_what_is_not_committed_is_refused(file: str) -> None:
    with Path(file).open("a") as changed_file:
        changed_file.write("# not committed\n")

    with pytest.raises(RegistryError, match=f"{file}: not what is committed") as refused:
        facts()
    assert refused.value.file == file


def test_what_is_staged_is_not_committed() -> None:
    Path("Dockerfile").write_text("FROM elsewhere\n")
    git("add", "Dockerfile")

    with pytest.raises(RegistryError, match="Dockerfile: not what is committed"):
        committed()


def test_other_files_may_differ(candidate: Facts) -> None:
    Path("notes.md").write_text("mine")
    Path("src/problem/__pycache__").mkdir()
    Path("src/problem/__pycache__/features.pyc").write_bytes(b"\0")

    assert facts() == candidate


def test_another_export_than_the_recorded_one_is_refused() -> None:
    exported(identifiers=["another"])

    with pytest.raises(PackagingError, match=r"not what dvc\.lock records"):
        facts()


def test_all_but_the_interface_is_known_without_the_export(candidate: Facts) -> None:
    for file in EXPORT.iterdir():
        file.unlink()
    EXPORT.rmdir()

    assert committed() == candidate.model_dump(exclude={"interface"})
    with pytest.raises(PackagingError, match="mlops run"):
        facts()


def test_a_pipeline_that_did_not_reach_its_end_is_told() -> None:
    commit({"dvc.lock": "stages:\n  train:\n    outs: []\n"})

    with pytest.raises(RegistryError, match="records no artifacts/export"):
        facts()


def test_a_file_that_is_missing_is_named() -> None:
    git("rm", "-q", "requirements/run.txt")
    commit({})

    with pytest.raises(RegistryError, match=r"requirements/run\.txt is not in commit"):
        facts()


def test_a_broken_pin_is_named() -> None:
    commit({"data.dvc": "outs: []\n"})

    with pytest.raises(DataError, match=r"data\.dvc"):
        facts()


def test_without_a_commit_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare").mkdir()
    monkeypatch.chdir(tmp_path / "bare")

    with pytest.raises(RegistryError, match="commit first"):
        facts()
