"""What a promotion makes of its image's answers; starting and asking are tested where they live."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mlops.files import read_json
from mlops.package.errors import NotServingError, PackagingError
from mlops.promotion import smoke
from mlops.promotion.candidate import SMOKE
from mlops.registry import state as registry
from mlops.registry.record import Image
from mlops.registry.state import Released
from mlops.replay.rehearse import Options
from mlops.replay.result import Check, Replay, Server, Traffic
from tests.mlops.promotion.world import World

IMAGE = Image(name="ghcr.io/owner/name", digest=f"sha256:{'d' * 64}", base="", attested=False)


def replayed(options: Options, outcome: str) -> Replay:
    check = Check(name="agreement", question="?", outcome="pass", reason="as recorded")
    return Replay.model_validate(
        {
            "outcome": outcome,
            "summary": f"{outcome} of {options.challenger}",
            "mode": "smoke" if options.champion is None else "shadow",
            "traffic": Traffic(origin="held-out rows", requests=1, rows=1, hash="0" * 64),
            "champion": None,
            "challenger": Server(name=options.challenger),
            "checks": [check],
        }
    )


@pytest.fixture
def champion(twice: World) -> Released:
    found = registry.read(remote=True).champion
    assert found is not None
    return found


def answering(
    monkeypatch: pytest.MonkeyPatch, alone: str, beside: str = "pass", broken: str = ""
) -> list[Options]:
    """Servers start, but for one whose reference begins like `broken`; replays end as given."""
    asked: list[Options] = []

    @contextmanager
    def running(reference: str) -> Iterator[str]:
        if broken and reference.startswith(broken):
            raise NotServingError("the server ended; it said: no model")
        yield f"http://{reference}"

    def replay(options: Options) -> Replay:
        asked.append(options)
        return replayed(options, alone if options.champion is None else beside)

    monkeypatch.setattr("mlops.package.container.running", running)
    monkeypatch.setattr("mlops.replay.rehearse.replay", replay)
    return asked


def test_it_is_asked_alone_and_beside_the_champion(
    champion: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, "pass")

    assert smoke.smoke(IMAGE, champion) is None

    assert champion.record is not None
    assert [options.champion for options in asked] == [
        None,
        f"http://{champion.record.delivered.reference}",
    ]
    assert set(read_json(SMOKE)) == {"alone", "beside_champion"}


def test_without_a_champion_it_is_asked_alone(
    twice: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, "pass")

    assert smoke.smoke(IMAGE, None) is None
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("alone", "beside", "said"),
    [
        ("fail", "pass", "refused by the smoke test of its image"),
        ("inconclusive", "pass", "refused by the smoke test of its image"),
        ("pass", "fail", "refused by the replay beside the champion of its image"),
    ],
)
def test_what_does_not_answer_as_it_should_is_refused(
    champion: Released, monkeypatch: pytest.MonkeyPatch, alone: str, beside: str, said: str
) -> None:
    answering(monkeypatch, alone, beside)

    assert str(smoke.smoke(IMAGE, champion)).startswith(said)


def test_what_cannot_be_told_beside_the_champion_is_a_warning(
    champion: Released, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "pass", "inconclusive")

    assert smoke.smoke(IMAGE, champion) is None
    assert "beside the champion: inconclusive" in " ".join(capsys.readouterr().out.split())


def test_an_image_that_does_not_start_is_refused(
    champion: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "pass", broken="ghcr.io")

    ending = smoke.smoke(IMAGE, champion)

    assert str(ending) == "refused by its image: the server ended; it said: no model"


def test_a_champion_that_cannot_be_asked_stops_nobody(
    champion: Released, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answering(monkeypatch, "pass", broken="127.0.0.1")

    assert smoke.smoke(IMAGE, champion) is None

    assert [options.champion for options in asked] == [None]
    assert "nothing is compared" in " ".join(capsys.readouterr().out.split())
    assert issubclass(NotServingError, PackagingError)
