"""Champions come, go back, are held, and are put right; GitHub, origin and registry on loopback."""

import json
from pathlib import Path

import pytest

from mlops.errors import Refused
from mlops.github.api import Api
from mlops.package.errors import PackagingError
from mlops.promotion import hold, mirrors, steps
from mlops.promotion.reconcile import reconcile
from mlops.promotion.rollback import rollback
from mlops.registry import state as registry
from mlops.registry import tags
from mlops.registry.errors import RegistryError
from mlops.registry.state import State
from tests.mlops.judge.repositories import git
from tests.mlops.promotion.conftest import deliver, merge
from tests.mlops.promotion.world import World, mutating


def api() -> Api:
    return Api.from_environment()


def now() -> State:
    return registry.read(remote=True)


def champion() -> str:
    found = now().champion
    return found.version if found else ""


def test_a_promotion_that_is_run_again_changes_nothing(inside: World) -> None:
    deliver()
    said: list[str] = []
    mutating(inside, lambda call, _half: said.append(call))
    tagged = git("ls-remote", "origin")

    deliver()

    assert said == []
    assert git("ls-remote", "origin") == tagged
    (version,) = now().versions
    assert version.record is not None
    assert version.record.by == "maintainer"
    (assigned,) = now().assignments
    assert assigned.record is not None
    assert assigned.record.reason == "every gate that applies passes"


def test_the_release_holds_what_traces_and_serves_the_version(inside: World) -> None:
    deliver()

    release = inside.github.release("late-arrival@v1.0.0")
    files = {name: a.content for name, a in inside.github.assets_of(release).items()}
    record = now().versions[0].record
    assert record is not None
    assert json.loads(files["lineage.json"]) == record.model_dump(mode="json")
    assert json.loads(files["metrics.json"]) == {"test": {"roc_auc": 0.7}}
    assert f"image `{record.delivered.reference}`" in files["model_card.md"].decode()
    assert "**Version 1.0.0**" in files["model_card.md"].decode()
    assert record.delivered.reference in release.body
    assert "mlops verify 1.0.0" in release.body
    assert "| `roc_auc` | 0.7000 |" in release.body


def test_back_to_the_champion_before_and_held_there(twice: World) -> None:
    assert champion() == "1.1.0"

    said = rollback(api(), None, "delays are late")

    assert "1.0.0 is the champion again, and on hold" in said
    assert champion() == "1.0.0"
    assert twice.tags["champion"] == twice.tags["1.0.0"] != twice.tags["1.1.0"]
    record = now().assignments[-1].record
    assert record is not None
    assert (record.kind, record.hold, record.by) == ("rollback", True, "maintainer")
    with pytest.raises(RegistryError, match="on hold after late-arrival#champion#3 already"):
        rollback(api(), None, "once more")

    merge("1.2.0", champion="1.0.0", after=3)
    with pytest.raises(
        Refused, match=r"held at late-arrival 1\.0\.0 by maintainer.*delays are late"
    ):
        steps.plan()

    assert "the hold is lifted" in hold.release("our clock was wrong")
    assert hold.release("our clock was wrong") == "no hold is set; merges promote"
    assert champion() == "1.0.0"
    assert now().hold is None
    with pytest.raises(RegistryError, match=r"no champion before 1\.0\.0"):
        rollback(api(), None, "not forward to what was rolled back from")
    assert steps.plan() is None
    merge("1.2.1", champion="1.0.0", after=4)
    deliver()
    assert champion() == "1.2.1"


def test_a_rollback_is_verified_first_and_leaves_the_champion_when_it_fails(twice: World) -> None:
    old = now().find("1.0.0").record
    assert old is not None
    manifest = twice.images.at("owner/name").manifests
    kept = manifest[old.delivered.digest]

    manifest[old.delivered.digest] = kept + b" "
    with pytest.raises(PackagingError, match="other bytes"):
        rollback(api(), "1.0.0", "try")
    manifest[old.delivered.digest] = kept
    twice.github.release("late-arrival@v1.0.0").draft = True
    with pytest.raises(RegistryError, match="was never released"):
        rollback(api(), "v1.0.0", "try")
    with pytest.raises(RegistryError, match=r"there are 1\.0\.0, 1\.1\.0"):
        rollback(api(), "2.0.0", "try")
    with pytest.raises(RegistryError, match="say why"):
        rollback(api(), "1.0.0", " ")

    assert champion() == "1.1.0"
    assert now().number == 2


def test_there_must_be_something_to_go_back_to(inside: World) -> None:
    assert "nothing of late-arrival was ever promoted" in rollback(api(), None, "why not")
    with pytest.raises(RegistryError, match=r"1\.0\.0"):
        rollback(api(), "1.0.0", "why not")
    deliver()
    with pytest.raises(RegistryError, match=r"no champion before 1\.0\.0"):
        rollback(api(), None, "why not")
    assert rollback(api(), "1.0.0", "why not") == "late-arrival 1.0.0 is the champion already"


def test_a_rollback_that_is_started_again_is_the_same_rollback(
    twice: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    rollback(api(), None, "delays are late")
    twice.tags["champion"] = twice.tags["1.1.0"]  # killed before the mirrors

    said = rollback(api(), None, "delays are late")

    assert said == "late-arrival#champion#3 was made by this run before"
    assert champion() == "1.0.0"
    assert twice.tags["champion"] == twice.tags["1.0.0"]


def test_a_candidate_that_was_overtaken_steps_aside(twice: World) -> None:
    merge("1.2.0", champion="1.1.0", after=2)
    steps.package()
    rollback(api(), None, "delays are late")

    with pytest.raises(Refused, match=r"since late-arrival#champion#3 made late-arrival 1\.0\.0"):
        steps.release()

    assert champion() == "1.0.0"
    assert [version.version for version in now().versions] == ["1.0.0", "1.1.0"]


def test_what_was_merged_before_the_champion_is_superseded(twice: World) -> None:
    git("checkout", "-q", "HEAD~1")

    ending = steps.plan()

    assert str(ending).startswith("superseded by late-arrival 1.1.0")


def test_what_delivers_the_champions_bytes_is_unchanged(twice: World) -> None:
    git("commit", "-q", "--allow-empty", "-m", "a page")
    git("push", "-q", "origin", "HEAD:main")

    ending = steps.plan()

    assert str(ending).startswith("unchanged since late-arrival 1.1.0")


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda: git("commit", "-q", "--allow-empty", "-m", "mine"), "is not on origin's main"),
        (
            lambda: Path("Dockerfile").write_text("FROM scratch\n"),
            "Dockerfile differs from the commit",
        ),
    ],
)
def test_only_what_was_merged_is_promoted(inside: World, break_it: object, said: str) -> None:
    assert callable(break_it)
    break_it()

    with pytest.raises(RegistryError, match=said):
        steps.plan()


def test_what_was_released_and_not_promoted_is_finished(inside: World) -> None:
    for step in (steps.package, steps.release):
        step()
    assert champion() == ""

    found = reconcile(api())

    assert champion() == "1.0.0"
    assert found.orphans == []
    assert [line.split()[0] for line in found.repaired] == [
        "late-arrival@v1.0.0",
        f"{inside.name}:champion",
    ]
    assert reconcile(api()).repaired == []


def test_what_the_champion_has_passed_by_is_left_alone(twice: World) -> None:
    merge("1.2.0", champion="1.1.0", after=2)
    for step in (steps.package, steps.release):
        step()
    rollback(api(), "1.0.0", "delays are late")

    found = reconcile(api())

    assert champion() == "1.0.0"
    assert found.repaired == []


def test_orphans_are_reported_and_left(twice: World) -> None:
    merge("1.2.0", champion="1.1.0", after=2)
    steps.package()
    twice.images.at("owner/name").tags["candidate-0123456789abcdef"] = twice.tags["1.0.0"]
    twice.github.add_release("late-arrival@v9.0.0", git("rev-parse", "HEAD"))
    twice.github.release("late-arrival@v1.0.0").draft = True
    tags.create("late-arrival@v3.0.0", git("rev-parse", "HEAD"), "by hand")
    twice.tags["champion"] = twice.tags["1.0.0"]

    found = reconcile(api())

    said = "\n".join(found.orphans)
    assert "late-arrival@v1.0.0 is a draft that was never published" in said
    assert "late-arrival@v3.0.0 was made by hand" in said
    assert "late-arrival@v9.0.0 names no version" in said
    assert "candidate-0123456789abcdef belongs to no version" in said
    assert found.repaired == [f"{twice.name}:champion is 1.1.0 now"]
    assert champion() == "1.1.0"


def test_a_mirror_that_refuses_leaves_the_champion_standing(
    inside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with pytest.raises(RegistryError, match="MLflow's registry"):
        deliver()

    assert champion() == "1.0.0"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.setenv("CI", "true")
    assert mirrors.put_right(now()) == []
