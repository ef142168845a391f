"""MLflow's registry says what the tags say, in the embedded store and on a server alike."""

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
import pytest
from werkzeug.serving import make_server

from mlops.errors import TrackingError
from mlops.registry import mirror
from mlops.registry.errors import RegistryError
from mlops.registry.record import Assignment, Image
from mlops.registry.state import State, interpret
from mlops.registry.tags import Tag
from tests.conftest import once
from tests.mlops.registry import conftest as records
from tests.mlops.registry.conftest import MODEL, WHEN

AT = datetime.fromisoformat(WHEN)


def version(number: str, letter: str = "a", **given: Any) -> Tag:
    """The tag of a version whose commit, lock, data and digest are made of one letter."""
    of = {
        "facts": records.facts(lock=letter * 64, data=f"{letter * 32}.dir"),
        "image": Image(
            name="ghcr.io/owner/name", digest=f"sha256:{letter * 64}", base="", attested=False
        ),
    }
    record = records.version(number, letter * 40, **of | given)
    message = record.message(f"{MODEL} {number}: the first version")
    return Tag(f"{MODEL}@v{number}", letter * 40, message, "Author", AT)


def champion(count: int, number: str, letter: str = "a", *, hold: bool = False) -> Tag:
    record = Assignment(
        name=MODEL,
        version=number,
        number=count,
        kind="rollback" if hold else "promotion",
        reason="it was better",
        hold=hold,
        by="Maintainer",
        at=WHEN,
    )
    message = record.message(f"{MODEL} {number} is the champion")
    return Tag(f"{MODEL}#champion#{count}", letter * 40, message, "Maintainer", AT)


def state(*tags: Tag) -> State:
    return interpret(MODEL, list(tags))


TAGS = [
    version("1.0.0", "a"),
    champion(1, "1.0.0", "a"),
    version("1.1.0", "b"),
    champion(2, "1.1.0", "b"),
]
TWO = state(*TAGS)


def asking(uri: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


@pytest.fixture
def embedded(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> mlflow.MlflowClient:
    """An empty store in a file; MLflow keeps stores by address, so each test has its own."""

    def make(folder: Path) -> None:
        asking(f"sqlite:///{folder}/mlflow.db").search_registered_models()

    folder = tmp_path_factory.mktemp("machine")
    shutil.copy2(once(tmp_path_factory, "mlflow", make) / "mlflow.db", folder)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
    return asking(os.environ["MLFLOW_TRACKING_URI"])


@pytest.fixture(params=["embedded", "server"])
def client(
    request: pytest.FixtureRequest, embedded: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[mlflow.MlflowClient]:
    """Asks the store directly, or MLflow's own server on loopback in front of it."""
    if request.param == "embedded":
        yield embedded
        return
    monkeypatch.setenv("_MLFLOW_SERVER_FILE_STORE", os.environ["MLFLOW_TRACKING_URI"])
    from mlflow.server import app, handlers

    for kept in ("_model_registry_store", "_tracking_store"):
        monkeypatch.setattr(handlers, kept, None)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.port}")
    yield asking(os.environ["MLFLOW_TRACKING_URI"])
    server.shutdown()
    server.server_close()


def told(client: mlflow.MlflowClient) -> dict[str, str]:
    """MLflow's number of each version, by ours."""
    found = client.search_model_versions(f"name = '{MODEL}'")
    return {v.tags.get("version", "by hand"): str(v.version) for v in found}


def aliases(client: mlflow.MlflowClient) -> dict[str, str]:
    found = client.get_registered_model(MODEL).aliases
    return {alias: str(number) for alias, number in found.items()}


def test_a_store_is_made_from_the_tags_alone_and_then_left_as_it_is(
    client: mlflow.MlflowClient,
) -> None:
    changed = mirror.sync(TWO)

    assert told(client) == {"1.0.0": "1", "1.1.0": "2"}
    assert aliases(client) == {"champion": "2"}
    champions = client.get_model_version_by_alias(MODEL, "champion")
    assert champions.source == f"oci://ghcr.io/owner/name@sha256:{'b' * 64}"
    assert champions.description == f"{MODEL} 1.1.0: the first version\n\nevery gate passed"
    assert champions.tags == {
        "version": "1.1.0",
        "tag": f"{MODEL}@v1.1.0",
        "commit": "b" * 40,
        "lock": "b" * 64,
        "data": f"{'b' * 32}.dir",
        "through": "2013-08",
        "digest": f"sha256:{'b' * 64}",
        "image": f"ghcr.io/owner/name@sha256:{'b' * 64}",
        "verdict": "accepted",
        "why": "the first version",
        "by": "Author",
        "at": WHEN,
        "run": "https://github.com/owner/name/actions/runs/1",
        "release": f"https://github.com/owner/name/releases/tag/{MODEL}@v1.1.0",
    }
    model = client.get_registered_model(MODEL)
    assert "git tags late-arrival@v" in model.description
    assert model.tags == {
        "champion": "1.1.0",
        "champion.tag": f"{MODEL}#champion#2",
        "champion.kind": "promotion",
        "champion.reason": "it was better",
        "champion.by": "Maintainer",
        "champion.at": WHEN,
        "hold": "no",
    }
    assert changed == [
        f"MLflow: the registered model {MODEL} is new",
        f"MLflow: version 1 is {MODEL} 1.0.0",
        f"MLflow: version 2 is {MODEL} 1.1.0",
        f"MLflow: {MODEL}#champion#2 is noted",
        "MLflow: champion is version 2",
    ]

    assert mirror.sync(TWO) == []


def test_a_rollback_moves_the_alias_and_says_that_it_holds(client: mlflow.MlflowClient) -> None:
    mirror.sync(TWO)

    changed = mirror.sync(state(*TAGS, champion(3, "1.0.0", "a", hold=True)))

    assert changed[-1] == "MLflow: champion is version 1, and was 2"
    assert aliases(client) == {"champion": "1"}
    assert client.get_registered_model(MODEL).tags["hold"] == "yes"


def test_what_somebody_changed_there_is_put_right(embedded: mlflow.MlflowClient) -> None:
    mirror.sync(TWO)
    embedded.set_registered_model_alias(MODEL, "champion", "1")
    embedded.set_model_version_tag(MODEL, "2", "commit", "c" * 40)
    embedded.delete_registered_model_tag(MODEL, "champion.by")

    changed = mirror.sync(TWO)

    assert changed == [
        f"MLflow: version 2, {MODEL} 1.1.0: commit put right",
        f"MLflow: {MODEL}#champion#2 is noted",
        "MLflow: champion is version 2, and was 1",
    ]
    assert aliases(embedded) == {"champion": "2"}
    assert embedded.get_model_version(MODEL, "2").tags["commit"] == "b" * 40
    assert mirror.sync(TWO) == []


def test_a_version_that_was_deleted_there_comes_again_under_another_number(
    embedded: mlflow.MlflowClient,
) -> None:
    mirror.sync(TWO)
    embedded.delete_model_version(MODEL, "2")

    assert mirror.sync(TWO) == [
        f"MLflow: version 3 is {MODEL} 1.1.0",
        "MLflow: champion is version 3",
    ]


def test_versions_made_by_hand_are_left_alone_and_told(
    embedded: mlflow.MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded.create_registered_model(MODEL, description="ours", tags={"team": "flights"})
    embedded.create_model_version(MODEL, "runs:/none/model", tags={"version": "1.1.0"})
    embedded.set_registered_model_alias(MODEL, "staging", "1")

    mirror.sync(TWO)

    assert "no tag accounts for, left as they are: 1" in capsys.readouterr().out
    mine = embedded.get_model_version(MODEL, "1")
    assert (mine.tags, mine.source) == ({"version": "1.1.0"}, "runs:/none/model")
    assert aliases(embedded) == {"staging": "1", "champion": "3"}
    model = embedded.get_registered_model(MODEL)
    assert (model.description, model.tags["team"]) == ("ours", "flights")
    assert mirror.sync(TWO) == []


def test_another_model_of_a_similar_name_is_not_this_one(embedded: mlflow.MlflowClient) -> None:
    embedded.create_registered_model(f"{MODEL}-2")
    embedded.create_model_version(f"{MODEL}-2", "runs:/none/model")

    mirror.sync(TWO)

    assert told(embedded) == {"1.0.0": "1", "1.1.0": "2"}
    assert embedded.get_registered_model(f"{MODEL}-2").aliases == {}


def test_without_a_champion_there_is_no_alias(embedded: mlflow.MlflowClient) -> None:
    mirror.sync(TWO)

    by_gto = [  # `gto deprecate`, of one and then the other
        Tag(f"{MODEL}#champion!#{number}", letter * 40, "", "Author", AT)
        for number, letter in ((3, "b"), (4, "a"))
    ]
    back = state(*TAGS, by_gto[0])
    assert mirror.sync(back) == [
        f"MLflow: {MODEL}#champion#1 is noted",
        "MLflow: champion is version 1, and was 2",
    ]

    vacated = state(*TAGS, *by_gto)
    assert mirror.sync(vacated)[-1] == "MLflow: champion was version 1, and there is none"
    assert aliases(embedded) == {}
    assert mirror.sync(vacated) == []


def test_nothing_promoted_makes_an_empty_registered_model(embedded: mlflow.MlflowClient) -> None:

    assert mirror.sync(state()) == [f"MLflow: the registered model {MODEL} is new"]
    assert told(embedded) == {}


def test_tags_made_by_hand_are_mirrored_as_far_as_they_say(client: mlflow.MlflowClient) -> None:
    by_hand = state(
        Tag(f"{MODEL}@v0.1.0", "c" * 40, "", "Author", AT),
        Tag(f"{MODEL}#champion#1", "c" * 40, "Assigning stage", "Author", AT),
    )

    mirror.sync(by_hand)

    found = client.get_model_version_by_alias(MODEL, "champion")
    assert found.source == f"git:///{'c' * 40}"
    assert found.tags == {
        "version": "0.1.0",
        "tag": f"{MODEL}@v0.1.0",
        "commit": "c" * 40,
        "by": "Author",
        "at": WHEN,
    }
    assert client.get_registered_model(MODEL).tags["champion.kind"] == "by hand"
    assert mirror.sync(by_hand) == []


def test_a_promotion_from_a_persons_machine_has_no_address_to_name(
    embedded: mlflow.MlflowClient,
) -> None:
    mirror.sync(state(version("1.0.0", run="")))

    found = embedded.get_model_version(MODEL, "1")
    assert not {"run", "release"} & set(found.tags)


def test_a_champion_whose_version_is_gone_is_not_guessed(embedded: mlflow.MlflowClient) -> None:
    mirror.sync(TWO)

    with pytest.raises(RegistryError, match=r"late-arrival#champion#4 .* restore the tag"):
        mirror.sync(state(version("1.0.0"), champion(4, "1.1.0", "b")))
    assert aliases(embedded) == {"champion": "2"}


def test_a_server_that_cannot_be_reached_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    with pytest.raises(TrackingError, match=r"http://127\.0\.0\.1:9 .*mlops registry sync") as told:
        mirror.sync(TWO)
    assert "secret" not in str(told.value)


def test_ci_without_a_server_has_no_registry_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    assert not mirror.available()
    with pytest.raises(TrackingError, match="MLFLOW_TRACKING_URI"):
        mirror.sync(TWO)

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert mirror.available()
