"""What one step leaves for the next is that step's, of this commit, and whole."""

from pathlib import Path

import pytest

from mlops.promotion import candidate, steps
from mlops.promotion.candidate import FOLDER, image_tag
from mlops.registry.errors import RegistryError
from tests.mlops.judge.repositories import git
from tests.mlops.promotion.world import World


def test_the_image_of_the_same_candidate_has_the_same_tag() -> None:
    tag = image_tag("c" * 40, "d" * 64, "1.2.0")

    assert tag == image_tag("c" * 40, "d" * 64, "1.2.0")
    others = {
        image_tag("e" * 40, "d" * 64, "1.2.0"),
        image_tag("c" * 40, "e" * 64, "1.2.0"),
        image_tag("c" * 40, "d" * 64, "1.2.1"),
    }
    assert tag not in others
    assert len(others) == 3


def test_a_candidate_of_another_commit_is_refused(inside: World) -> None:
    git("commit", "-q", "--allow-empty", "-m", "later")

    with pytest.raises(RegistryError, match=r"is of commit .*mlops promote judge"):
        steps.package()


def test_without_the_step_before_it_is_named(inside: World) -> None:
    with pytest.raises(
        RegistryError, match=r"image\.json is missing; it comes from `mlops promote"
    ):
        steps.release()

    (FOLDER / "candidate.json").unlink()
    with pytest.raises(RegistryError, match="it comes from `mlops promote judge`"):
        steps.package()


def test_a_broken_file_says_where_and_how_to_make_it_again(inside: World) -> None:
    path = Path(FOLDER / "candidate.json")
    path.write_text(path.read_text().replace('"after": 0', '"after": "first"'))

    with pytest.raises(RegistryError, match=r"candidate\.json: after: .*make it again"):
        candidate.read()
