"""Where a copy left its template, for each way there is to make a copy."""

import shutil
from pathlib import Path

import pytest

from mlops.template.errors import TemplateError
from tests.mlops.template.conftest import Repository, World, template_json

NEXT = {"Makefile": "run:\n\tmlops run --next\n"}


def parting(world: World, capsys: pytest.CaptureFixture[str], **options: str) -> str:
    return str(world.plan(capsys, **options)["base"])


def test_a_copy_begins_with_the_files_of_some_commit(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also of one between two versions, which is what "Use this template" takes."""
    world.template.write({"Makefile": "run:\n\tmlops run --draft\n"})
    between = world.template.commit("Not released")
    archive = Repository(world.copy.folder)
    shutil.rmtree(archive.folder / ".git")
    archive.write({"Makefile": "run:\n\tmlops run --draft\n"})
    archive.git("init", "-q", "-b", "main")
    archive.commit("Initial commit")
    archive.write({"own.md": "ours\n"})
    archive.commit("Ours")
    world.template.write(dict(NEXT))
    world.template.release("0.2.0")

    assert parting(world, capsys) == between


def test_a_fork_has_the_templates_commits(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = world.template.git("rev-parse", "HEAD")
    fork = Repository(world.copy.folder.parent / "fork")
    world.template.git("clone", "-q", ".", str(fork.folder))
    monkeypatch.chdir(fork.folder)
    fork.write({"own.md": "ours\n"})
    fork.commit("Ours")
    world.template.write(dict(NEXT))
    second = world.template.release("0.2.0")

    assert parting(world, capsys) == begin
    fork.git("pull", "-q", "--no-rebase", "origin", "main")  # as "Sync fork" does
    assert world.plan(capsys) == {"behind": False, "changes": []}
    world.template.write({"Makefile": "run:\n\tmlops run --third\n"})
    world.template.release("0.3.0")
    assert parting(world, capsys) == second


def test_else_the_version_that_it_records(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    released = world.template.git("rev-parse", "HEAD")
    shutil.rmtree(".git")
    world.copy.write({"own.md": "ours\n"})
    world.copy.git("init", "-q", "-b", "main")
    world.copy.commit("With something of ours from the beginning")
    world.template.write(dict(NEXT))
    world.template.release("0.2.0")

    assert parting(world, capsys) == released


def test_what_cannot_be_told_is_asked_for(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    released = world.template.git("rev-parse", "HEAD")
    shutil.rmtree(".git")
    world.copy.write({".github/template.json": template_json("0.0.9")})
    world.copy.git("init", "-q", "-b", "main")
    world.copy.commit("Of a version that has no tag")
    world.template.write(dict(NEXT))
    world.template.release("0.2.0")

    with pytest.raises(TemplateError, match=r"no tag v0\.0\.9.*--base COMMIT"):
        world.update()
    assert parting(world, capsys, base=released[:10]) == released
    assert parting(world, capsys, base="0.1.0") == released
    with pytest.raises(TemplateError, match=r"no version, branch or commit 'v7'.*v0\.1\.0, v0\.2"):
        world.update(base="v7")


def test_a_recorded_commit_that_the_template_lost_is_told_of(world: World) -> None:
    lost = template_json("0.1.0", "", "0123456789" * 4)
    world.copy.write({".github/template.json": lost})
    world.copy.commit("Lost")
    world.template.write(dict(NEXT))
    world.template.release("0.2.0")

    with pytest.raises(TemplateError, match=r"012345678901 .* no such commit any more.*--base"):
        world.update()


def test_a_shallow_clone_knows_too_little(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.copy.write({"own.md": "ours\n"})
    world.copy.commit("Ours")
    shallow = Repository(world.copy.folder.parent / "shallow")
    address = Path(world.copy.folder).as_uri()
    world.copy.git("clone", "-q", "--depth", "1", address, str(shallow.folder))
    monkeypatch.chdir(shallow.folder)
    world.template.write(dict(NEXT))
    world.template.release("0.2.0")

    with pytest.raises(TemplateError, match="git fetch --unshallow"):
        world.update()


def test_before_the_first_commit_there_is_nothing_to_merge_into(world: World) -> None:
    shutil.rmtree(".git")
    world.copy.git("init", "-q", "-b", "main")
    world.template.release("0.2.0")

    with pytest.raises(TemplateError, match="no commit here yet"):
        world.update()


def test_a_template_without_a_version_offers_its_branches(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    released = world.template.git("rev-parse", "HEAD")
    world.template.git("tag", "-d", "v0.1.0")
    world.template.write(dict(NEXT))
    world.template.commit("Next")

    with pytest.raises(TemplateError, match=r"no version yet.*--to BRANCH"):
        world.update()
    assert parting(world, capsys, to="main") == released
