"""Which data, code, parameters, gates and people made a version, and when it was the champion."""

import hashlib
import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mlops.cli import app
from mlops.registry import facts, tags
from mlops.registry import state as registry
from mlops.registry.errors import RegistryError
from mlops.registry.lineage import champion_at, lineage, lineage_at
from mlops.registry.record import Facts, Judgement
from tests.mlops.registry.conftest import MODEL, assign, commit, git, release

FILES = {
    "data.dvc": "meta:\n  through: 2013-08\nouts:\n- md5: 0123456789abcdef.dir\n  path: data\n",
    "dvc.lock": "stages:\n  export:\n    outs:\n    - path: artifacts/export\n      md5: e1.dir\n",
    "src/problem/features.py": "features = 1\n",
    "src/serving/app.py": "app = 1\n",
    "requirements/run.txt": "pandas==3.1\n",
    "requirements/serve.txt": "numpy==2.3\n",
    "Dockerfile": "FROM scratch\n",
}
HOUR = 3600
NOON = int(datetime(2013, 9, 1, 12, tzinfo=UTC).timestamp())


@pytest.fixture(autouse=True)
def world(start: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """1.0.0 at noon, champion at 13; 1.1.0 at 14 and 15; back at 16, held; their commits."""
    monkeypatch.setenv("COLUMNS", "220")
    hours = count(NOON, HOUR)
    monkeypatch.setattr(tags, "_time", lambda _: next(hours))
    first = commit(FILES)
    release("1.0.0", first, facts=made_of(first))
    assign(1, "1.0.0", first, reason="the first version")
    second = commit({"data.dvc": FILES["data.dvc"].replace("08", "09")})
    judged = Judgement(
        decision="accepted", summary="every gate passed", sha256="5" * 64, champion="1.0.0"
    )
    release("1.1.0", second, facts=made_of(second), verdict=judged, why=["data"], by="Ben")
    assign(2, "1.1.0", second, by="Ben")
    assign(3, "1.0.0", first, kind="rollback", reason="too slow", hold=True, by="Eve")
    return [first, second]


def made_of(commit: str) -> Facts:
    return Facts(**facts.of(commit), interface="1" * 64)


def as_json(capsys: pytest.CaptureFixture[str], version: str) -> Any:
    lineage(version, as_json=True)
    return json.loads(capsys.readouterr().out)


def printed(capsys: pytest.CaptureFixture[str], version: str) -> dict[str, list[str]]:
    """The table's texts by the name before them."""
    lineage(version, as_json=False)
    found: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in line.split("│")]
        if len(cells) == 4:
            found.setdefault(cells[1], []).append(cells[2])
    return found


def test_it_answers_what_made_a_version(
    world: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, "v1.1.0")

    assert (found["version"], found["tag"]) == ("1.1.0", "late-arrival@v1.1.0")
    assert (found["commit"], found["by"], found["why"]) == (world[1], "Ben", ["data"])
    assert found["at"] == "2013-09-01T14:00:00+00:00"
    assert found["run"] == "https://github.com/owner/name/actions/runs/1"
    assert (found["facts"]["data"], found["facts"]["through"]) == (
        "0123456789abcdef.dir",
        "2013-09",
    )
    for fact, file in {
        "lock": "dvc.lock",
        "params": "params.yaml",
        "packages": "requirements/run.txt",
    }.items():
        assert found["facts"][fact] == hashlib.sha256(Path(file).read_bytes()).hexdigest()
    assert found["facts"]["interface"] == "1" * 64
    assert found["differs"] == []
    assert found["parameters"]["estimator"] == "gradient_boosting"
    assert (found["parameters"]["learning_rate"], found["parameters"]["seed"]) == (0.05, 2013)
    assert "C" not in found["parameters"]  # of the estimator that was not chosen
    assert found["verdict"] == {
        "decision": "accepted",
        "summary": "every gate passed",
        "sha256": "5" * 64,
        "champion": "1.0.0",
    }
    assert found["image"]["digest"] == f"sha256:{'d' * 64}"
    assert found["image"]["base"] == "python:3.11-slim"
    assert found["approvals"] == [{"by": "Maintainer", "on": "merged #7"}]


def test_it_tells_when_the_version_was_the_champion(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (as_json(capsys, version)["champion"] for version in ("1.0.0", "1.1.0"))

    hours = [(one["number"], one["from"][11:13], (one["to"] or "")[11:13]) for one in first]
    assert hours == [(1, "13", "15"), (3, "16", "")]
    assert [(one["from"][11:13], one["to"][11:13]) for one in second] == [("15", "16")]
    assert (first[1]["kind"], first[1]["reason"], first[1]["by"]) == ("rollback", "too slow", "Eve")
    assert first[1]["hold"]


def test_the_table_says_the_same(world: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "1.1.0")

    assert found["commit"] == [world[1]]
    assert found["made"] == ["2013-09-01T14:00:00+00:00 by Ben"]
    assert found["data"] == ["0123456789abcdef.dir, through 2013-09"]
    assert found["gates"] == ["accepted, against 1.0.0: every gate passed"]
    assert found["image"] == [f"ghcr.io/owner/name@sha256:{'d' * 64}, not attested"]
    assert found["approved"] == ["by Maintainer, merged #7"]
    assert "estimator gradient_boosting, learning_rate 0.05" in found["parameters"][0]
    (period,) = found["champion"]
    assert period.startswith("#2 from 2013-09-01T15:00:00+00:00 to 2013-09-01T16:00:00+00:00: ")
    assert period.endswith("promotion by Ben, better than number 1")
    assert (
        "until now: rollback, held by Eve, too slow" in printed(capsys, "champion")["champion"][1]
    )


def test_it_needs_no_origin_and_no_work_tree(
    world: list[str], origin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = as_json(capsys, "1.0.0")
    origin.rename(tmp_path / "elsewhere")
    for file in FILES:
        Path(file).unlink()

    assert as_json(capsys, "1.0.0") == before


def test_a_tag_that_says_otherwise_than_its_commit_is_caught(
    world: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = made_of(world[1]).model_copy(update={"data": "f" * 32, "params": "f" * 64})
    release("1.2.0", world[1], facts=told)

    found = as_json(capsys, "1.2.0")
    assert found["differs"] == ["data", "params"]
    assert found["facts"]["data"] == "0123456789abcdef.dir"
    lineage("1.2.0", as_json=False)
    assert "data, params: the tag says otherwise" in capsys.readouterr().out


def test_of_a_version_made_by_hand_the_commit_still_tells(
    world: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    git("tag", "-a", "late-arrival@v2.0.0", "-m", "by hand", world[0])

    found = as_json(capsys, "2.0.0")
    assert found["facts"]["data"] == "0123456789abcdef.dir"
    assert (found["verdict"], found["image"], found["approvals"]) == (None, None, [])
    shown = printed(capsys, "2.0.0")
    assert shown["why"] == ["made by hand: nothing is recorded"]
    assert shown["champion"] == ["never"]


def test_a_commit_without_a_pipeline_is_no_obstacle(
    start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git("rm", "-q", "-r", *FILES, "params.yaml")
    git("commit", "-q", "-m", "empty")
    git("tag", "-a", "late-arrival@v3.0.0", "-m", "by hand")
    git("checkout", "-q", start, "--", "params.yaml")

    found = as_json(capsys, "3.0.0")
    assert (found["facts"], found["parameters"]) == ({}, {})
    assert "data" not in printed(capsys, "3.0.0")


def test_an_unknown_version_names_those_there_are() -> None:
    with pytest.raises(RegistryError, match=r"1\.0\.0, 1\.1\.0.*`mlops registry` brings"):
        lineage("7.0.0", as_json=False)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2013-09-01T13:00:00Z", "1.0.0"),
        ("2013-09-01T14:59:59+00:00", "1.0.0"),
        ("2013-09-01T15:30:00", "1.1.0"),
        ("2013-09-01T17:30:00+02:00", "1.1.0"),
        ("2013-09-02", "1.0.0"),
    ],
)
def test_it_tells_who_was_the_champion_at_a_time(
    capsys: pytest.CaptureFixture[str], moment: str, expected: str
) -> None:
    lineage_at(moment, as_json=True)

    assert json.loads(capsys.readouterr().out)["version"] == expected


def test_which_data_and_whose_approval_made_the_model_that_answered_on_a_date(
    world: list[str],
) -> None:
    """By the command, against what git itself says of the tags and of the commit."""
    asked = "2013-09-01T15:30"
    stages = git(
        "for-each-ref",
        "--sort=creatordate",
        "--format=%(creatordate:format:%Y-%m-%dT%H:%M) %(*objectname)",
        "refs/tags/late-arrival#champion#*",
    )
    champion = [line.split()[1] for line in stages.splitlines() if line.split()[0] <= asked][-1]
    (version,) = git("tag", "--points-at", champion, "--list", "late-arrival@*").split()
    record = json.loads(git("tag", "-l", "--format=%(contents:body)", version))

    Path("dvc.yaml").touch()  # by which the command knows where it is
    done = CliRunner().invoke(app, ["lineage", "--at", asked])

    assert done.exit_code == 0, done.output
    assert f"{MODEL} {record['version']}" in done.stdout
    assert git("show", f"{champion}:data.dvc").split("md5: ")[1].split()[0] in done.stdout
    (given,) = record["approvals"]
    assert f"by {given['by']}, {given['on']}" in done.stdout
    assert champion == world[1]


def test_before_the_first_there_was_none() -> None:
    with pytest.raises(RegistryError, match="had no champion at 2013-09-01T12:59:00"):
        lineage_at("2013-09-01T12:59", as_json=True)


def test_what_lost_the_stage_is_not_the_champion_from_then_on(
    world: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{NOON + 6 * HOUR} +0000")
    git("tag", "-a", "late-arrival#champion!#4", "-m", "no more", world[0])

    found = registry.read(remote=False)
    at = [champion_at(found, datetime(2013, 9, 1, hour, 59, tzinfo=UTC)) for hour in (17, 18)]
    assert [one and one.version for one in at] == ["1.0.0", "1.1.0"]
    last = as_json(capsys, "1.1.0")["champion"][-1]
    assert (last["number"], last["from"][11:13], last["to"]) == (2, "18", None)
    assert as_json(capsys, "1.0.0")["champion"][-1]["to"] == "2013-09-01T18:00:00+00:00"


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(RegistryError, match="'yesterday' is no time; expected ISO 8601"):
        lineage_at("yesterday", as_json=True)
