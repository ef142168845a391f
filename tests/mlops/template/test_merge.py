"""What becomes of a file that one side or both have changed, moved or deleted."""

from pathlib import Path

import pytest

from mlops.template.errors import TemplateError
from mlops.template.store import Store
from tests.mlops.template.conftest import CODE, World, kinds, template_json


def told(plan: dict[str, list[dict[str, str]]], path: str) -> str:
    (change,) = [c for c in plan["changes"] if c["path"] == path]
    return f"{change['kind']}: {change['told']}"


def test_what_the_copy_moved_gets_what_the_template_changed(world: World) -> None:
    world.template.edit("src/mlops/score.py", "line_2 = 2\n", "line_2 = 'two'\n")
    world.template.release("0.2.0")
    world.copy.git("mv", "src/mlops/score.py", "src/mlops/points.py")
    world.copy.commit("Points")
    world.update()

    assert "line_2 = 'two'" in world.copy.read("src/mlops/points.py")
    assert not (world.copy.folder / "src/mlops/score.py").exists()


def test_new_files_go_into_a_folder_that_is_still_there(world: World) -> None:
    world.template.write({"benchmarks/memory.py": "memory = 1\n", "deploy/run.yml": "run: 1\n"})
    world.template.release("0.2.0")
    world.copy.write({"benchmarks/size.py": None})
    world.copy.commit("Size is not measured")
    world.update()

    assert (world.copy.folder / "benchmarks/memory.py").exists()
    assert (world.copy.folder / "deploy/run.yml").exists()


def test_a_file_that_the_copy_deleted_does_not_come_back_under_another_name(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.template.git("mv", "benchmarks/speed.py", "src/mlops/speed.py")
    world.template.release("0.2.0")
    world.copy.write({"benchmarks/speed.py": None})
    world.copy.commit("Speed is not measured")

    plan = world.plan(capsys)
    assert told(plan, "src/mlops/speed.py") == "left out: benchmarks/speed.py is deleted here"


def test_under_that_name_a_file_of_ones_own_is_kept(world: World) -> None:
    world.template.git("mv", "benchmarks/speed.py", "src/mlops/speed.py")
    world.template.release("0.2.0")
    world.copy.write({"benchmarks/speed.py": None, "src/mlops/speed.py": "ours = 1\n"})
    world.copy.commit("Speed of our own")

    with pytest.raises(TemplateError, match=r"\n  src/mlops/speed\.py\n"):
        world.update()
    assert (
        "<<<<<<< yours\nours = 1\n=======\nspeed_0 = 0\n" in Path("src/mlops/speed.py").read_text()
    )


def test_own_files_stay_where_they_are_when_the_template_moves_a_folder(world: World) -> None:
    world.template.git("mv", "src/mlops", "src/machinery")
    world.template.release("0.2.0")
    world.copy.write({"src/mlops/mine.py": "mine = 1\n"})
    world.copy.commit("Mine")
    world.update()

    assert world.copy.read("src/mlops/mine.py") == "mine = 1\n"
    assert world.copy.read("src/machinery/score.py") == CODE


def test_what_the_template_removed_and_the_copy_changed_is_asked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.template.write({"src/mlops/old.py": None})
    world.template.release("0.2.0")
    world.copy.write({"src/mlops/old.py": "old = 'needed'\n"})
    world.copy.commit("Needed")

    assert told(world.plan(capsys), "src/mlops/old.py") == "conflict: modify/delete"
    with pytest.raises(TemplateError, match=r"src/mlops/old\.py"):
        world.update()
    assert world.copy.read("src/mlops/old.py") == "old = 'needed'\n"


def test_a_folder_that_is_yours_is_not_part_of_the_merge_at_all(world: World) -> None:
    world.template.git("mv", "src/problem/model.py", "src/problem/estimator.py")
    world.template.write({"tests/problem/test_model.py": None, "src/problem/more.py": "more = 1\n"})
    world.template.release("0.2.0")
    world.update()

    assert sorted(p.name for p in Path("src/problem").iterdir()) == ["model.py"]
    assert Path("tests/problem/test_model.py").exists()


def test_a_knob_below_one_that_was_turned_is_no_conflict(world: World) -> None:
    world.template.edit(
        "params.yaml", "  depth: 6 # of a tree\n", "  depth: 6 # of a tree\n  n: 9\n"
    )
    world.template.release("0.2.0")
    world.copy.edit("params.yaml", "depth: 6 ", "depth: 8 ")
    world.copy.commit("Deeper")
    world.update()

    assert "  depth: 8 # of a tree\n  n: 9\ngates:\n" in world.copy.read("params.yaml")
    assert world.copy.git("ls-files", "--unmerged") == ""


def test_a_knob_that_both_turned_is_one(world: World) -> None:
    for repository, depth in ((world.template, 7), (world.copy, 8)):
        repository.edit("params.yaml", "depth: 6 ", f"depth: {depth} ")
    world.template.release("0.2.0")
    world.copy.commit("Deeper")

    with pytest.raises(TemplateError, match=r"\n  params\.yaml\n"):
        world.update()
    text = world.copy.read("params.yaml")
    assert "depth: 7" in text
    assert "depth: 8" in text


PINS = "".join(f"{name}==1.0 \\\n    --hash=sha256:{name}1\n" for name in ("a", "b", "c", "d"))


def newer(name: str) -> tuple[str, str]:
    return (
        f"{name}==1.0 \\\n    --hash=sha256:{name}1\n",
        f"{name}==2.0 \\\n    --hash=sha256:{name}2\n",
    )


@pytest.fixture
def locked(world: World) -> World:
    """Both sides have a lock of four packages, of which the next release has another `d`."""
    for repository in (world.template, world.copy):
        repository.write({"requirements/dev.txt": PINS})
        repository.commit("Four packages")
    world.copy.write({".github/template.json": template_json("0.2.0")})
    world.template.release("0.2.0")
    world.copy.commit("Recorded")
    world.template.edit("requirements/dev.txt", *newer("d"))
    world.template.release("0.3.0")
    return world


def test_a_lock_is_the_templates_where_the_packages_are(
    locked: World, capsys: pytest.CaptureFixture[str]
) -> None:
    locked.copy.edit("pyproject.toml", "mlops-template", "wine")
    locked.copy.commit("A name")

    plan = locked.plan(capsys, base="0.2.0")
    assert (plan["locks"], kinds(plan)["requirements/dev.txt"]) == (False, "changed")


def test_with_other_packages_a_lock_is_merged_and_to_be_made_anew(
    locked: World, capsys: pytest.CaptureFixture[str]
) -> None:
    locked.copy.edit("requirements/dev.txt", newer("a")[0], "")  # as `mlops init` does
    locked.copy.edit("pyproject.toml", "[tool.ruff]", "[dependency-groups]\nx = []\n\n[tool.ruff]")
    locked.copy.commit("Without a")
    locked.update(base="0.2.0")

    assert locked.copy.read("requirements/dev.txt") == PINS.replace(*newer("d")).replace(
        newer("a")[0], ""
    )
    assert "`make lock` makes requirements/ anew" in capsys.readouterr().out


def test_a_conflict_in_a_lock_is_nothing_to_resolve(
    locked: World, capsys: pytest.CaptureFixture[str]
) -> None:
    locked.copy.edit("requirements/dev.txt", "d==1.0", "d==1.5")
    locked.copy.commit("Another d")
    own = locked.copy.read("requirements/dev.txt")

    plan = locked.plan(capsys, base="0.2.0")
    assert told(plan, "requirements/dev.txt") == "lock: both sides changed it; yours stays"
    locked.update(base="0.2.0")
    assert locked.copy.read("requirements/dev.txt") == own
    assert "`make lock` makes requirements/ anew" in capsys.readouterr().out


def test_many_files_that_are_gone_are_told_as_one(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"benchmarks/more/{name}.py" for name in "abcde"]
    world.template.write(dict.fromkeys(names, "new = 1\n"))
    world.template.release("0.2.0")
    world.copy.git("rm", "-q", "-r", "benchmarks")
    world.copy.commit("No benchmarks")

    assert {path for path, kind in kinds(world.plan(capsys)).items() if kind == "left out"} == {
        *names
    }
    world.update(dry_run=True)
    shown = capsys.readouterr().out
    assert "added 5 files" in shown
    assert names[0] not in shown


def test_names_and_bytes_of_any_kind_survive(world: World) -> None:
    odd = "docs/a “picture” of\tit.png"
    world.template.folder.joinpath("docs").mkdir()
    world.template.folder.joinpath(odd).write_bytes(bytes(range(256)))
    script = world.template.folder / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    world.template.folder.joinpath("link").symlink_to("run.sh")
    world.template.release("0.2.0")
    world.update()

    assert Path(odd).read_bytes() == bytes(range(256))
    assert Path("run.sh").stat().st_mode & 0o111
    assert Path("link").readlink() == Path("run.sh")


def test_a_file_where_the_template_has_a_folder_moves_aside(world: World) -> None:
    world.template.write({"Makefile": None})
    world.template.write({"Makefile/run.mk": "run:\n"})
    world.template.release("0.2.0")
    world.copy.write({"Makefile": "ours:\n"})
    world.copy.commit("Ours")

    with pytest.raises(TemplateError, match=r"\n  Makefile~yours\n"):
        world.update()
    assert Path("Makefile~yours").read_text() == "ours:\n"
    assert Path("Makefile/run.mk").read_text() == "run:\n"


def test_an_old_git_is_told_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.template.release("0.2.0")
    run = Store.run

    def old(self: Store, *arguments: str, **options: object) -> object:
        unknown = "merge-tree" in arguments
        return run(self, *(("merge-tree",) if unknown else arguments), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "run", old)
    with pytest.raises(TemplateError, match=r"git version .+ 2\.38 or newer"):
        world.update()
