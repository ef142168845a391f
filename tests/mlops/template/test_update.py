"""From one release to the next, with edits on both sides: what merges, and what stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.github.api import Api
from mlops.template import apply, origin
from mlops.template.errors import TemplateError, UnreachableError
from mlops.template.plan import Wanted
from mlops.template.rooms import yours
from mlops.template.store import plain
from mlops.template.update import update
from tests.conftest import ROOT
from tests.mlops.github.server import GitHub
from tests.mlops.template.conftest import WORKFLOW, World, kinds, template_json


def test_what_both_sides_did_is_in_the_copy_afterwards(
    apart: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = apart.copy.files()
    apart.update()
    after = apart.copy.files()

    assert after["src/mlops/score.py"].splitlines()[2] == "line_2 = 'two'"
    assert "trials: 20 # at most" in after["params.yaml"]
    assert "depth: 9 # of a tree" in after["params.yaml"]
    assert ".github/workflows/new.yml" in after
    assert "src/mlops/old.py" not in after
    assert "src/mlops/called.py" not in after
    assert "called_9 = 'nine'" in after["src/mlops/renamed.py"]
    own = {path for path in before if yours(path)} - {".github/template.json"}
    assert {path: after[path] for path in own} == {path: before[path] for path in own}
    assert after["notes/own.md"] == "ours\n"
    assert 'name = "wine"' in after["pyproject.toml"]
    assert not {path for path in after if path.startswith(("benchmarks/", "tests/planted/"))}
    assert "merged, and staged on the branch template/v0.2.0" in capsys.readouterr().out


def test_it_is_staged_on_a_branch_of_its_own_to_be_committed_or_undone(apart: World) -> None:
    copy, before = apart.copy, apart.copy.files()
    apart.update()

    assert copy.git("symbolic-ref", "--short", "HEAD") == "template/v0.2.0"
    assert copy.git("ls-files", "--unmerged") == ""
    assert copy.git("diff", "--name-only") == ""  # all of it is staged
    assert copy.git("rev-parse", "HEAD") == copy.git("rev-parse", "main")
    copy.git("-c", "core.editor=true", "commit", "-q")
    assert copy.git("show", "-s", "--format=%s").startswith("Template v0.2.0")
    assert copy.git("tag") == ""  # tags are the registry of models
    copy.git("switch", "-q", "-")
    copy.git("branch", "-D", "template/v0.2.0")
    assert copy.git("symbolic-ref", "--short", "HEAD") == "main"
    assert copy.files() == before


def test_the_command_that_goes_back_goes_back(
    apart: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = apart.copy.files()
    apart.update()
    command = capsys.readouterr().out.partition("To go back: ")[2].strip()
    assert apart.copy.files() != before

    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert apart.copy.files() == before
    assert apart.copy.git("branch", "--format=%(refname:short)") == "main"


def test_where_it_came_from_is_recorded(apart: World) -> None:
    apart.update()

    wanted = template_json(
        "0.2.0", str(apart.template.folder), apart.template.git("rev-parse", "v0.2.0^{}")
    )
    assert apart.copy.read(".github/template.json") == wanted


def test_a_dry_run_says_it_all_and_writes_nothing(
    apart: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = apart.copy.state()
    apart.update(dry_run=True)
    told = capsys.readouterr().out

    assert apart.copy.state() == before
    assert "nothing was written; no files would be in conflict" in told
    assert kinds(apart.plan(capsys)) == {
        ".github/template.json": "changed",
        ".github/workflows/new.yml": "added",
        "README.md": "yours",
        "benchmarks/memory.py": "left out",
        "benchmarks/speed.py": "left out",
        "dvc.lock": "yours",
        "params.yaml": "changed",
        "src/mlops/old.py": "removed",
        "src/mlops/renamed.py": "renamed",
        "src/mlops/score.py": "changed",
        "src/problem/model.py": "yours",
        "tests/planted/test_bad.py": "left out",
    }
    assert apart.copy.state() == before


@pytest.fixture
def clashing(apart: World) -> World:
    """Both sides moved the same schedule."""
    apart.template.edit(".github/workflows/retrain.yml", "41 6", "17 6")
    apart.template.release("0.3.0")
    apart.copy.edit(".github/workflows/retrain.yml", "41 6", "11 6")
    apart.copy.commit("Eleven past")
    return apart


def test_a_conflict_is_gits_own_and_loses_nothing(clashing: World) -> None:
    copy, path = clashing.copy, ".github/workflows/retrain.yml"
    with pytest.raises(TemplateError, match=rf"(?s)conflicts to resolve in\n  {path}\n.*go back"):
        clashing.update()

    text = copy.read(path)
    assert '<<<<<<< yours\n    - cron: "11 6 3 * *"\n=======\n    - cron: "17 6 3 * *"\n' in text
    assert ">>>>>>> template v0.3.0\n" in text
    assert copy.git("status", "--porcelain", path) == f"UU {path}"
    assert "line_2 = 'two'" in copy.read("src/mlops/score.py")  # the rest is merged
    shown = [copy.git("show", f":{stage}:{path}") for stage in (1, 2, 3)]
    assert shown == [WORKFLOW.replace("41", time).strip() for time in ("41", "11", "17")]
    seen = copy.git("diff", "refs/template/base", "refs/template/new", "--", path)
    assert '+    - cron: "17 6 3 * *"' in seen
    assert copy.git("fsck", "--no-dangling") == ""


def test_conflicts_are_resolved_as_in_any_merge(clashing: World) -> None:
    copy, path = clashing.copy, ".github/workflows/retrain.yml"
    with pytest.raises(TemplateError):
        clashing.update()

    copy.git("checkout", "--theirs", path)
    copy.git("add", path)
    copy.git("-c", "core.editor=true", "commit", "-q")
    assert "17 6" in copy.git("show", f"HEAD:{path}")
    assert copy.git("status", "--porcelain") == ""


def test_a_conflict_is_undone_whole(clashing: World) -> None:
    before = clashing.copy.files()
    with pytest.raises(TemplateError, match=r"To go back: (.+)$") as told:
        clashing.update()

    command = str(told.value).rpartition("To go back: ")[2]
    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert clashing.copy.files() == before
    assert clashing.copy.git("status", "--porcelain") == ""


def test_a_second_time_there_is_nothing_to_do(
    apart: World, capsys: pytest.CaptureFixture[str]
) -> None:
    apart.update()
    apart.copy.commit("Template v0.2.0")
    before = apart.copy.state()
    apart.update()

    assert "up to date" in capsys.readouterr().out
    assert apart.copy.state()[:3] == before[:3]
    assert apart.plan(capsys) == {"behind": False, "changes": []}


def test_the_next_update_begins_where_the_last_one_ended(
    apart: World, capsys: pytest.CaptureFixture[str]
) -> None:
    apart.update()
    second = apart.template.git("rev-parse", "HEAD")
    apart.copy.edit("src/mlops/score.py", "line_2 = 'two'\n", "line_2 = 'ours'\n")
    apart.copy.commit("Template v0.2.0, and a change of what it brought")
    apart.template.edit("src/mlops/score.py", "line_9 = 9\n", "line_9 = 'nine'\n")
    apart.template.release("0.10.0")

    plan = apart.plan(capsys)
    assert (plan["base"], plan["version"]) == (second, "0.10.0")  # which comes after 0.2.0
    update(Wanted(), None, dry_run=False)  # the address is known by now
    lines = apart.copy.read("src/mlops/score.py").splitlines()
    assert (lines[2], lines[9]) == ("line_2 = 'ours'", "line_9 = 'nine'")


def test_what_is_not_committed_is_not_put_at_risk(apart: World) -> None:
    apart.copy.write({"params.yaml": "mine: 1\n"})
    before = apart.copy.state()

    with pytest.raises(TemplateError, match=r"^params.yaml changed and not committed"):
        apart.update()
    assert apart.copy.state() == before


def test_a_file_that_git_does_not_know_is_not_overwritten(apart: World) -> None:
    apart.copy.write({".github/workflows/new.yml": "mine\n"})
    before = apart.copy.state()[:3]

    with pytest.raises(TemplateError, match="would be overwritten"):
        apart.update()
    assert apart.copy.state()[:3] == before


def test_a_branch_of_an_earlier_time_is_not_taken(apart: World) -> None:
    apart.copy.git("branch", "template/v0.2.0")

    with pytest.raises(TemplateError, match=r"template/v0.2.0 is there already: `git switch"):
        apart.update()
    apart.copy.git("switch", "-q", "template/v0.2.0")
    apart.update()
    assert "line_2 = 'two'" in apart.copy.read("src/mlops/score.py")


def test_stopped_in_the_middle_it_leaves_the_copy_as_it_was(
    apart: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = apart.copy.state()[:3]
    write = apply._write

    def interrupted(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(apply, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        apart.update()
    refs = [line for line in apart.copy.git("for-each-ref").splitlines() if "refs/t" not in line]
    assert (apart.copy.state()[0], refs, apart.copy.state()[2]) == (
        before[0],
        before[1].splitlines(),
        before[2],
    )


KILLED = """
import os, sys
from mlops.template import plan, store, update
from mlops.template.plan import Wanted
ask, wanted = store.Store.run, int(sys.argv[2])
calls = 0
def run(self, *arguments, **options):
    global calls
    calls += arguments[0] in ("read-tree", "checkout-index", "update-index", "update-ref", "branch")
    if calls > wanted:
        os._exit(9)
    return ask(self, *arguments, **options)
made = plan.make
def make(*arguments):
    global calls
    done = made(*arguments)
    calls = 0
    return done
plan.make = make
store.Store.run = run
update.update(Wanted(sys.argv[1]), None, dry_run=False)
"""


@pytest.mark.parametrize("after", [2, 3, 4], ids=["index", "files", "conflicts"])
def test_killed_after_any_step_a_reset_brings_everything_back(clashing: World, after: int) -> None:
    before = clashing.copy.files()
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(clashing.template.folder), str(after)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        check=False,
    )

    assert run.returncode == 9
    clashing.copy.git("reset", "-q", "--hard")
    assert clashing.copy.files() == before
    assert clashing.copy.git("status", "--porcelain") == ""


def test_a_version_can_be_chosen(clashing: World) -> None:
    clashing.update(to="v0.2.0")

    assert json.loads(clashing.copy.read(".github/template.json"))["version"] == "0.2.0"


def test_a_branch_can_be_merged_as_well(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.template.edit("Makefile", "mlops run", "mlops run --force")
    tip = world.template.commit("Not released")

    assert world.plan(capsys) == {"behind": False, "changes": []}
    plan = world.plan(capsys, to="main")
    assert (plan["commit"], plan["version"], kinds(plan)["Makefile"]) == (tip, "0.1.0", "changed")


def test_without_an_address_it_says_where_to_write_it(world: World) -> None:
    with pytest.raises(TemplateError, match=r'"address" of \.github/template\.json'):
        world.update(address="")


def test_github_knows_the_template_of_a_copy(
    apart: World, github: GitHub, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    github.relations = {"template_repository": {"clone_url": str(apart.template.folder)}}
    update(Wanted(), api, dry_run=True)

    assert "template v0.1.0 → v0.2.0" in capsys.readouterr().out


def test_a_template_that_cannot_be_read_is_named_without_its_password(world: World) -> None:
    with pytest.raises(UnreachableError, match=r"\(http://127\.0\.0\.1:9/t\.git\)") as refused:
        world.update(address="http://somebody:secret@127.0.0.1:9/t.git")
    assert "secret" not in str(refused.value)
    with pytest.raises(TemplateError, match="is no address"):
        world.update(address="--upload-pack=true")


def test_a_password_is_neither_shown_nor_recorded() -> None:
    assert plain("https://me:secret@host/t.git") == "https://host/t.git"
    assert plain("https://token@host/t.git") == "https://host/t.git"
    assert plain("ssh://git@host/t.git") == "ssh://git@host/t.git"
    assert plain("ssh://git:secret@host/t.git") == "ssh://git@host/t.git"
    assert plain("git@host:team/t.git") == "git@host:team/t.git"


def test_a_copy_inside_another_repository_is_not_merged_into(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("src")

    with pytest.raises(TemplateError, match="a folder of another repository"):
        world.update()


def test_this_repository_says_which_version_it_is() -> None:
    assert origin.read(ROOT / origin.PATH).version


def test_the_file_is_asked_for_what_it_must_say(world: World) -> None:
    world.copy.write({".github/template.json": '{"address": "", "version": "new", "commit": ""}\n'})
    world.copy.commit("Not a version")
    with pytest.raises(DeclarationError, match=r"^\.github/template\.json: version: "):
        world.update()
    Path(".github/template.json").unlink()
    world.copy.commit("Gone")
    with pytest.raises(DeclarationError, match="is missing"):
        world.update()
