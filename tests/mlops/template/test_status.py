"""How far a copy is behind, asked without fetching anything."""

import json
import socket
from pathlib import Path

import pytest

from mlops.github.api import Api
from mlops.template import remote
from mlops.template.errors import UnreachableError
from mlops.template.status import Status, status
from tests.conftest import ROOT, Run
from tests.mlops.github.server import GitHub
from tests.mlops.template.conftest import World, template_json


@pytest.fixture
def known(world: World) -> World:
    """The copy records where its template is."""
    path = Path(".github/template.json")
    path.write_text(template_json("0.1.0", str(world.template.folder)))
    return world


def test_a_copy_of_the_newest_version_is_not_behind(known: World) -> None:
    known.template.git("tag", "late-arrival@v7.0.0")  # a version of a model, not of the template
    known.template.git("tag", "v9.0.0-rc1")
    found = status(None)

    assert (found.version, found.newest, found.behind) == ("0.1.0", "0.1.0", False)
    assert found.told() == "version 0.1.0 of the template, which is the newest"


def test_a_newer_version_is_found_and_nothing_is_fetched(known: World) -> None:
    before = known.copy.state()
    for version in ("0.9.0", "0.10.0"):
        known.template.git("tag", f"v{version}")
    found = status(None)

    assert (found.newest, found.behind) == ("0.10.0", True)
    assert "`mlops template update --dry-run`" in found.told()
    assert known.copy.state() == before


def test_a_copy_of_something_not_released_yet_is_ahead(known: World) -> None:
    Path(".github/template.json").write_text(template_json("0.2.0", str(known.template.folder)))

    assert not status(None).behind


def test_github_knows_a_template_and_a_forks_parent(world: World, github: GitHub, api: Api) -> None:
    assert status(api) == Status("", "0.1.0", "", None)
    address = {"clone_url": str(world.template.folder)}
    for relation in ("parent", "template_repository"):
        github.relations = {relation: address}
        assert status(api).newest == "0.1.0"
    github.faults = {"GET ": 403}
    assert status(api).address == ""


def test_a_template_that_never_answers_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/template.git"
        Path(".github/template.json").write_text(template_json("0.1.0", address))

        with pytest.raises(UnreachableError, match=r"did not answer within 0\.5 s"):
            status(None)


def test_a_template_that_is_gone_is_told_of(known: World) -> None:
    known.template.folder.rename("elsewhere")

    with pytest.raises(UnreachableError, match="cannot be read"):
        status(None)


def test_without_an_address_it_says_where_to_write_it(world: World) -> None:
    found = status(None)

    assert not found.behind
    assert '"address" of .github/template.json' in found.told()


def test_the_command_says_it_to_people_and_to_programs(known: World, run: Run) -> None:
    known.template.git("tag", "v0.2.0")

    shown = run("mlops", "template", "status", PYTHONPATH=str(ROOT / "src"))
    assert "the template is at v0.2.0, and this copy at v0.1.0" in shown.stdout
    shown = run("mlops", "template", "status", "--json", PYTHONPATH=str(ROOT / "src"))
    assert json.loads(shown.stdout) == {
        "address": str(known.template.folder),
        "version": "0.1.0",
        "commit": "",
        "newest": "0.2.0",
        "behind": True,
    }
