"""Only the model that dvc.lock records becomes an image."""

import shutil
from pathlib import Path

import pytest

from mlops.package import exported
from mlops.package.errors import PackagingError
from tests.mlops.package.conftest import EXPORT, MODEL

pytestmark = pytest.mark.usefixtures("repository")


def test_the_model_that_the_run_left_is_read() -> None:
    assert exported.read().name == MODEL


def test_without_a_run_it_says_what_makes_a_model() -> None:
    shutil.rmtree(EXPORT)

    with pytest.raises(PackagingError, match="make it with `mlops run`"):
        exported.read()


def test_an_altered_model_is_refused() -> None:
    (EXPORT / "model.onnx").write_text("another model")

    with pytest.raises(PackagingError, match=r"model\.onnx was altered"):
        exported.read()


def test_a_model_of_another_run_is_refused() -> None:
    """Its hashes are right, but dvc.lock speaks of another: the commit would not be its source."""
    Path("dvc.lock").write_text(Path("dvc.lock").read_text().replace(".dir", "0.dir"))

    with pytest.raises(PackagingError, match=r"not what dvc\.lock records.*`mlops run`"):
        exported.read()


@pytest.mark.parametrize("lock", [None, "stages: {}\n"])
def test_a_model_that_no_run_recorded_is_refused(lock: str | None) -> None:
    Path("dvc.lock").unlink()
    if lock is not None:
        Path("dvc.lock").write_text(lock)

    with pytest.raises(PackagingError, match="expected one"):
        exported.read()
