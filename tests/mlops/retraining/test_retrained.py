"""What is taken of a run: files by name, plain and small; retrained.json as its schema says."""

from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.judge.adopt import LARGEST
from mlops.retraining import retrained
from mlops.retraining.retrained import FOLDER, MOST, NAME, files, read
from tests.mlops.judge.repositories import write
from tests.mlops.retraining.conftest import World, left, pinned


@pytest.fixture(autouse=True)
def here(world: World) -> World:
    left()
    return world


def test_what_was_written_is_read_again() -> None:
    found = read()

    assert (found.through, found.before) == ("2013-09", "2013-08")
    assert [metric.name for metric in found.metrics] == ["roc_auc", "brier"]


def test_results_are_taken_by_name_and_nothing_else() -> None:
    names = (".github/workflows/x.yml", "src/mlops/errors.py")
    write({f"{FOLDER}/{name}": "evil" for name in names})
    write({f"{FOLDER}/params.yaml": "seed: 666\n", f"{FOLDER}/metrics/deep/x.json": "{}"})

    assert [str(name) for name in files()] == [
        "data.dvc",
        "dvc.lock",
        "metrics/test.json",
        "reports/model_card.md",
        "reports/plots/new.csv",
    ]


@pytest.mark.parametrize("name", ["data.dvc", "dvc.lock"])
def test_without_data_or_lock_there_are_no_results(name: str) -> None:
    (FOLDER / name).unlink()

    with pytest.raises(DataError, match=f"has no {name}; it comes from `mlops retrain run`"):
        files()


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token")
    (FOLDER / "metrics/leak.json").symlink_to(tmp_path / "secret")

    with pytest.raises(DataError, match=r"leak\.json is a link"):
        files()


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    write({str(tmp_path / "outside/secret.md"): "token"})
    (FOLDER / "reports").rename(tmp_path / "reports")
    (FOLDER / "reports").symlink_to(tmp_path / "outside")

    with pytest.raises(DataError, match="is a link"):
        files()


def test_what_is_too_large_or_no_file_or_oddly_named_is_refused() -> None:
    large = FOLDER / "metrics/large.json"
    large.write_bytes(b"0" * (LARGEST + 1))
    with pytest.raises(DataError, match="5,000,001 bytes"):
        files()
    large.unlink()

    large.mkdir()
    with pytest.raises(DataError, match="no plain file"):
        files()
    large.rmdir()

    (FOLDER / "metrics/a\nb.json").write_text("{}")
    with pytest.raises(DataError, match="no name of a result"):
        files()


def test_too_many_are_refused() -> None:
    write({f"{FOLDER}/metrics/{number}.json": "{}" for number in range(MOST)})

    with pytest.raises(DataError, match="105 files to propose, more than 100"):
        files()


def test_a_run_that_left_nothing() -> None:
    (FOLDER / NAME).unlink()

    with pytest.raises(DataError, match=r"retrained\.json is missing"):
        read()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "the whole file"),
        ("{}", "through: Field required"),
        ('{"through": "@somebody closes #1"}', "through: String should match"),
        ('{"through": "2013-09", "before": "", "base": "main", "metrics": []}', "base: "),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(text: str, told: str) -> None:
    (FOLDER / NAME).write_text(text)

    with pytest.raises(DataError, match=told):
        read()


def test_a_data_dvc_of_another_period_is_refused() -> None:
    (FOLDER / "data.dvc").write_text(pinned("2013-12"))

    with pytest.raises(DataError, match=r"'2013-09', and data\.dvc beside it says '2013-12'"):
        retrained.read()
