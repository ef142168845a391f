"""The commit of a proposal: on top of main, of the files that were given; and its branch."""

from pathlib import Path

import pytest

from mlops.registry.errors import RegistryError
from mlops.retraining import commit
from mlops.retraining.commit import BOT, ForeignError, make, push
from mlops.retraining.retrained import FILES, FOLDER, files
from tests.mlops.judge.repositories import git, write
from tests.mlops.retraining.conftest import BRANCH, World, left, pinned

MESSAGE = "Retrain\n\nRetrained: 2013-09\n"


def made() -> str:
    found = make(FOLDER, files(), FILES, MESSAGE)
    assert found is not None
    return found


def test_it_has_the_files_of_the_run_and_else_those_of_main(world: World) -> None:
    left()
    found = made()

    changes = git("diff-tree", "-r", "--no-renames", "--name-status", "main", found).split()
    assert dict(zip(changes[1::2], changes[::2], strict=True)) == {
        "data.dvc": "M",
        "dvc.lock": "M",
        "metrics/test.json": "M",
        "reports/model_card.md": "M",
        "reports/plots/gone.csv": "D",
        "reports/plots/new.csv": "A",
    }
    assert git("show", f"{found}:dvc.lock") == "of September"
    assert (
        git("show", "-s", "--format=%an %ce %P", found) == f"{BOT[0]} {BOT[1]} {world.tip('main')}"
    )


def test_work_tree_and_index_are_left_alone(world: World) -> None:
    write({"README.md": "my own words\n"})
    git("add", "README.md")
    left()
    before = git("status", "--porcelain")

    made()

    assert git("status", "--porcelain") == before
    assert git("rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_it_stands_on_main_as_origin_has_it(world: World) -> None:
    left()
    world.merge(**{"README.md": "# Newer\n"})

    assert git("show", f"{made()}:README.md") == "# Newer"


def test_what_is_on_main_already_is_no_commit(world: World) -> None:
    left()
    push(made(), BRANCH)
    git("-C", str(world.origin), "update-ref", "refs/heads/main", world.tip())

    assert make(FOLDER, files(), FILES, MESSAGE) is None


def test_attributes_of_the_repository_change_no_byte(world: World) -> None:
    write({".gitattributes": "*.csv text eol=crlf\n*.json filter=evil\n"})
    git("config", "filter.evil.clean", f"touch {world.repository}/ran; cat")
    left()
    (FOLDER / "reports/plots/new.csv").write_bytes(b"x\r\n2\r\n")

    found = made()

    blob = git("rev-parse", f"{found}:reports/plots/new.csv")
    assert git("cat-file", "-s", blob) == "6"
    assert not Path("ran").exists()


def test_the_branch_is_made_moved_on_and_else_left(world: World) -> None:
    left()
    first = made()
    assert push(first, BRANCH)
    assert world.tip() == first
    assert not push(made(), BRANCH)

    left("2013-10", lock="of October\n")
    second = made()
    assert push(second, BRANCH)
    assert world.tip() == second


@pytest.mark.parametrize("options", [(), ("--amend",)], ids=["on top", "amended"])
def test_somebody_s_commit_is_left_alone(world: World, options: tuple[str, ...]) -> None:
    left()
    push(made(), BRANCH)
    theirs = world.person_pushes(MESSAGE, *options)

    left("2013-10", lock="of October\n")
    with pytest.raises(ForeignError, match=f"ends in {theirs[:12]}, which somebody else made"):
        push(made(), BRANCH)
    assert world.tip() == theirs


def test_a_branch_that_moves_meanwhile_is_not_overwritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left()
    push(made(), BRANCH)
    left("2013-10", lock="of October\n")
    found, seen = made(), commit._is_ours

    def meanwhile(tip: str, trailer: str) -> bool:
        answer = seen(tip, trailer)
        world.person_pushes()
        return answer

    monkeypatch.setattr(commit, "_is_ours", meanwhile)

    with pytest.raises(RegistryError, match="stale info"):
        push(found, BRANCH)
    assert world.at_origin("notes.md") == "by hand"


def test_what_git_refuses_is_told(world: World) -> None:
    left()

    with pytest.raises(RegistryError, match="`git hash-object` failed"):
        make(FOLDER, [Path("missing.json")], FILES, MESSAGE)


def test_data_that_do_not_come_in_periods(world: World) -> None:
    left("")

    assert git("show", f"{made()}:data.dvc") == pinned("", "fedcba9876543210").strip()
