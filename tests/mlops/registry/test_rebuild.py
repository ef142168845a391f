"""A version made again from its tag is what its tag says, or the parts that differ are named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops import git
from mlops.data import pin
from mlops.judge.changes import stage_outputs
from mlops.judge.workplace import Workplace
from mlops.package.builders import Builder
from mlops.registry import rebuild
from mlops.registry.errors import RegistryError
from mlops.registry.facts import facts
from mlops.registry.record import Facts, Image
from mlops.registry.state import Released, read
from tests.conftest import Run
from tests.mlops.registry.conftest import version

LOCK = Path("dvc.lock")
DIGEST = f"sha256:{'d' * 64}"
IMAGE = Image(name="127.0.0.1:5000/owner/name", digest=DIGEST, base="python:3.11", attested=False)


def head() -> str:
    found = git.head()
    assert found
    return found


def release(**different: str) -> Released:
    """Tag HEAD as 1.0.0, with its own facts but for those that are given."""
    made_of = Facts(**facts().model_dump() | different)
    record = version("1.0.0", head(), facts=made_of, image=IMAGE)
    tag(record.message("late-arrival 1.0.0: the first"))
    return read(remote=False).find("1.0.0")


def tag(message: str) -> None:
    identity = ["-c", "user.name=Author", "-c", "user.email=author@example.invalid"]
    command = ["tag", "-a", "-m", message, "late-arrival@v1.0.0"]
    subprocess.run(["git", *identity, *command], check=True)


def differing(found: list[rebuild.Part]) -> list[str]:
    return [part.name for part in found if not part.same]


def test_every_fact_and_every_output_of_a_stage_is_a_part(finished: Path) -> None:
    found = rebuild.parts(finished, head(), facts())

    names = [part.name for part in found]
    assert names[:9] == list(Facts.model_fields)
    assert {"artifacts/model.joblib", "artifacts/export", "metrics/test.json"} < set(names)
    assert differing(found) == []


def test_facts_that_are_not_the_commits_are_named(finished: Path) -> None:
    wrong = ["params", "code", "interface", "packages", "server"]
    told = facts().model_copy(update=dict.fromkeys(wrong, "0" * 64))

    assert differing(rebuild.parts(finished, head(), told)) == wrong


def test_other_data_are_named(finished: Path) -> None:
    recorded = facts()
    (finished / "data" / "raw" / "more.csv").write_text("x\n1\n")

    (part,) = (p for p in rebuild.parts(finished, head(), recorded) if not p.same)
    assert (part.name, part.recorded) == ("data", recorded.data)
    assert part.rebuilt == pin.digest(Path("data")).md5


def test_an_output_that_came_out_differently_is_named_and_so_is_the_lock(finished: Path) -> None:
    recorded, commit = facts(), head()
    model = stage_outputs(LOCK.read_text())["artifacts/model.joblib"]
    LOCK.write_text(LOCK.read_text().replace(model, "f" * 32))

    found = rebuild.parts(finished, commit, recorded)

    assert differing(found) == ["lock", "artifacts/model.joblib"]
    (part,) = (p for p in found if p.name == "artifacts/model.joblib")
    assert (part.recorded, part.rebuilt) == (model, "f" * 32)


def test_the_parts_that_differ_end_it(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released = release(params="0" * 64)
    assert released.record
    found = rebuild.parts(finished, head(), released.record.facts)

    with pytest.raises(RegistryError, match=r"^late-arrival@v1\.0\.0, made again .* in params$"):
        rebuild.conclude(released, found)

    shown = capsys.readouterr().out
    assert "0000000000000000" in shown
    assert shown.count(" no ") == 1


@pytest.mark.usefixtures("finished")
def test_a_version_that_is_not_there_is_told_with_those_that_are() -> None:
    release()

    with pytest.raises(RegistryError, match=r"2\.0\.0.*1\.0\.0"):
        rebuild.verify("2.0.0")


@pytest.mark.usefixtures("finished")
def test_a_tag_made_by_hand_has_nothing_to_compare_with() -> None:
    tag("by hand")

    with pytest.raises(RegistryError, match="made by hand"):
        rebuild.verify("1.0.0")


def test_a_version_whose_data_are_gone_says_so(finished: Path) -> None:
    release()
    shutil.rmtree(finished / ".dvc" / "cache")

    with pytest.raises(RegistryError, match=r"v1\.0\.0 cannot be made again .* obtaining its data"):
        rebuild.verify("1.0.0")
    assert not rebuild.WORKTREE.exists()


@pytest.mark.slow
def test_a_version_is_made_again_from_nothing_but_its_tag_and_its_data(
    finished: Path, run: Run
) -> None:
    release()
    cache = finished / ".dvc" / "cache" / "files" / "md5"
    data = {pin.read().md5, *pin.digest(Path("data")).files.values()}
    for file in cache.rglob("*"):
        if file.is_file() and file.parent.name + file.name not in data:
            file.unlink()
    shutil.rmtree("artifacts")
    kept = sorted(cache.rglob("*"))

    done = run("mlops", "verify", "1.0.0")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "late-arrival@v1.0.0 is what its tag says" in done.stdout
    assert " no " not in done.stdout
    assert sorted(cache.rglob("*")) == kept
    assert not Path("artifacts").exists()
    assert git.changed_files("HEAD") == []


ENGINE = """\
#!{python}
import json, sys
images = json.load(open("{known}"))
if sys.argv[1:3] == ["image", "inspect"] and sys.argv[3] in images:
    print(json.dumps([images[sys.argv[3]]]))
elif sys.argv[1] == "pull" and sys.argv[-1] in images:
    pass
else:
    sys.exit(1)
"""


class Place(Workplace):
    """Where an image is built again; what is run is kept."""

    def __init__(self) -> None:
        self.commit, self.ran = "a" * 40, list[tuple[str, ...]]()

    def run(self, doing: str, *arguments: str) -> None:
        self.ran.append((doing, *arguments))


def images(folder: Path, monkeypatch: pytest.MonkeyPatch, recorded: object, remade: object) -> None:
    """A podman that knows two images: the recorded one, and the one built again."""
    known = folder / "known.json"
    content = {IMAGE.reference: recorded, rebuild.REMADE: remade}
    known.write_text(json.dumps({name: image for name, image in content.items() if image}))
    program = folder / "podman"
    program.write_text(ENGINE.format(python=sys.executable, known=known))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def inspected(
    *layers: str, created: str = "1970-01-01T00:00:00Z", version: str = "1.0.0"
) -> object:
    return {
        "Id": "sha256:1",
        "Size": 1,
        "Created": created,
        "RootFS": {"Layers": list(layers)},
        "Config": {"Labels": {"org.opencontainers.image.version": version}},
    }


def test_an_image_is_compared_layer_by_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images(tmp_path, monkeypatch, inspected("base", "old"), inspected("base", "new", "more"))
    place = Place()

    found = rebuild.layers(place, Builder("podman"), IMAGE)

    assert [(part.name, part.recorded, part.rebuilt) for part in found] == [
        ("image layer 1", "base", "base"),
        ("image layer 2", "old", "new"),
        ("image layer 3", "absent", "more"),
    ]
    (command,) = place.ran
    assert command[3:] == (
        "image", "--tag", rebuild.REMADE, "--base", "python:3.11", "--builder", "podman",
    )  # fmt: skip


def test_layers_that_docker_dated_are_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    by_docker = inspected("base", "then", created="2026-11-21T09:30:00Z")
    images(tmp_path, monkeypatch, by_docker, inspected("base", "now", version="1.1.0"))

    found = rebuild.layers(Place(), Builder("podman"), IMAGE)

    assert differing(found) == ["image label org.opencontainers.image.version"]
    assert "never repeat" in capsys.readouterr().out
