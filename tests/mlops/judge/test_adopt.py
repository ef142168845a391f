"""Taking over a run's results: what is on the list, whole, and nothing else."""

from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.judge.adopt import LARGEST, adopt


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with results of its own."""
    folder = tmp_path / "here"
    fill(folder, {"dvc.lock": "old", "metrics/test.json": "{}", "reports/plots/gone.csv": "x\n"})
    fill(folder, {"params.yaml": "seed: 1\n", "src/mlops/errors.py": "ours\n"})
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """What a run left."""
    folder = tmp_path / "run"
    results = {
        "dvc.lock": "new",
        "metrics/test.json": '{"roc_auc": 0.7}',
        "reports/card.md": "# Card",
    }
    return fill(folder, results)


def fill(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_results_are_taken_and_those_the_run_has_not_are_removed(run: Path) -> None:
    taken = adopt(run)

    assert taken == [Path("dvc.lock"), Path("metrics/test.json"), Path("reports/card.md")]
    assert Path("dvc.lock").read_text() == "new"
    assert Path("metrics/test.json").read_text() == '{"roc_auc": 0.7}'
    assert not Path("reports/plots/gone.csv").exists()


def test_nothing_else_is_taken(run: Path) -> None:
    code = {"params.yaml": "seed: 666\n", "src/mlops/errors.py": "theirs\n"}
    fill(run, code | {"metrics/x.sh": "rm\n"})
    fill(run, {"reports/plots/deep/er.csv": "x\n", ".github/workflows/evil.yml": "on: push\n"})

    adopt(run)

    assert Path("params.yaml").read_text() == "seed: 1\n"
    assert Path("src/mlops/errors.py").read_text() == "ours\n"
    assert not Path("metrics/x.sh").exists()
    assert not Path("reports/plots/deep").exists()
    assert not Path(".github").exists()


def test_a_link_is_refused_and_nothing_is_copied(run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    (run / "metrics/leak.json").symlink_to(secret)

    with pytest.raises(DataError, match=r"leak\.json is a link"):
        adopt(run)
    assert Path("dvc.lock").read_text() == "old"


def test_a_linked_folder_is_refused(run: Path, tmp_path: Path) -> None:
    outside = fill(tmp_path / "outside", {"secret.csv": "token\n"})
    (run / "reports/plots").symlink_to(outside)

    with pytest.raises(DataError, match="is a link"):
        adopt(run)


def test_a_file_too_large_is_refused(run: Path) -> None:
    (run / "metrics/large.json").write_bytes(b"0" * (LARGEST + 1))

    with pytest.raises(DataError, match=r"large\.json has 5,000,001 bytes"):
        adopt(run)
    assert Path("dvc.lock").read_text() == "old"


def test_a_folder_without_a_lock_holds_no_results(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no dvc\.lock"):
        adopt(tmp_path)
