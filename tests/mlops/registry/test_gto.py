"""GTO and DVC, which know nothing of this project, read the same registry from the tags."""

import json
from pathlib import Path
from typing import Any

import gto.api
import pytest
from dvc.cli import main
from ruamel.yaml import YAML

from mlops.registry import state as registry
from tests.conftest import ROOT, execute
from tests.mlops.registry.conftest import MODEL, assign, commit, git, release

STEPS = ("1.0.0", "1.1.0", "1.0.0", "2.0.0", "1.1.0", "10.0.0", "2.0.0")


def gto_says() -> dict[str, Any]:
    """The model as GTO has it: its highest version, and the one in each stage."""
    found: dict[str, Any] = gto.api.show(".").get(MODEL, {})
    return found


def test_gto_names_the_same_champion_after_every_assignment(start: str) -> None:
    """Also when it goes back to an older version."""
    commits: dict[str, str] = {}
    for number, version in enumerate(STEPS, start=1):
        if version not in commits:
            commits[version] = commit({"a": version})
            release(version, commits[version])
        assign(number, version, commits[version])

        state = registry.read(remote=False)
        assert state.champion
        assert gto_says()["stage"]["champion"] == f"v{state.champion.version}" == f"v{version}"
        assert len(gto.api.show(".", MODEL)) == len(state.versions)


def test_gto_which_sorts_by_time_is_not_misled_by_a_clock_that_was_ahead(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "4000000000 +0000")
    for name in (f"{MODEL}@v1.0.0", f"{MODEL}#champion#1"):
        git("tag", "-a", name, "-m", "by hand")
        git("push", "-q", "origin", name)
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    second = commit({"a": "1"})
    release("1.1.0", second)
    assign(2, "1.1.0", second)

    assert gto_says()["stage"]["champion"] == "v1.1.0"


def test_gto_lists_the_versions_with_their_commits(start: str) -> None:
    release("1.0.0", start)
    release("1.1.0", second := commit({"a": "1"}))

    shown = {one["version"]: one["commit_hexsha"] for one in gto.api.show(".", MODEL)}
    assert shown == {"v1.0.0": start, "v1.1.0": second}


def test_the_command_line_of_gto_shows_it(start: str) -> None:
    release("1.0.0", start)
    assign(1, "1.0.0", start)

    shown = execute(Path.cwd(), "gto", "show", "--json")
    assert json.loads(shown.stdout)[MODEL]["stage"] == {"champion": "v1.0.0"}


def test_what_gto_makes_by_hand_is_read_and_counted_on(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gto.api.register(".", MODEL, "HEAD", "v1.0.0")
    gto.api.assign(".", MODEL, "champion", version="v1.0.0")
    git("push", "-q", "origin", "--tags")

    state = registry.read(remote=True)
    assert state.champion
    assert (state.champion.version, state.champion.record, state.number) == ("1.0.0", None, 1)
    second = commit({"a": "1"})
    release("1.1.0", second)
    assign(state.number + 1, "1.1.0", second)
    assert gto_says()["stage"]["champion"] == "v1.1.0"

    for number, version in enumerate(("v1.1.0", "v1.0.0"), start=3):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{4000000000 + number} +0000")  # surely later
        named = f"{MODEL}#champion!#{number}"  # as `gto deprecate` names it
        git("tag", "-a", named, "-m", "no more", f"{MODEL}@{version}^{{commit}}")
        state = registry.read(remote=False)
        left = f"v{state.champion.version}" if state.champion else None
        assert left == gto_says()["stage"].get("champion") == {3: "v1.0.0", 4: None}[number]
        assert state.number == number


@pytest.fixture
def delivered(start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny pipeline with this repository's `artifacts`, two versions of it in a DVC remote."""
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    dvc("init", "--quiet")
    dvc("remote", "add", "--quiet", "--default", "storage", str(tmp_path / "storage"))
    section = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())["artifacts"]
    pipeline = {
        "stages": {
            "export": {
                "cmd": "mkdir -p artifacts/export && cp params.yaml artifacts/export/model.onnx",
                "deps": ["params.yaml"],
                "outs": ["artifacts/export"],
            }
        },
        "artifacts": section,
    }
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        with Path("params.yaml").open("a") as params:
            params.write(f"# made of {version}\n")
        YAML().dump(pipeline, Path("dvc.yaml"))
        dvc("repro", "--quiet")
        dvc("push", "--quiet")
        made = commit({})
        release(version, made)
        assign(number, version, made)
    return Path.cwd()


def dvc(*arguments: str) -> None:
    assert main(list(arguments)) == 0


def test_dvc_gets_the_champion_and_any_version_by_name(
    delivered: Path, origin: Path, tmp_path: Path
) -> None:
    champion, older = tmp_path / "champion", tmp_path / "older"
    dvc("artifacts", "get", str(origin), MODEL, "--stage", "champion", "-o", str(champion))
    dvc("artifacts", "get", str(origin), MODEL, "--rev", "v1.0.0", "-o", str(older))

    assert (champion / "model.onnx").read_text().endswith("# made of 1.0.0\n# made of 1.1.0\n")
    assert (older / "model.onnx").read_text().endswith("# made of 1.0.0\n")

    first = registry.read(remote=False).find("1.0.0").tag.commit
    assign(3, "1.0.0", first, kind="rollback", reason="too slow", hold=True)
    back = tmp_path / "back"
    dvc("artifacts", "get", str(origin), MODEL, "--stage", "champion", "-o", str(back))
    assert (back / "model.onnx").read_bytes() == (older / "model.onnx").read_bytes()


def test_the_artifact_is_what_the_server_is_given() -> None:
    section = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())["artifacts"]

    assert list(section) == ["${serving.name}"]
    assert section["${serving.name}"]["path"] == "artifacts/export"
    assert section["${serving.name}"]["type"] == "model"
