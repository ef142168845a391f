"""A promotion stopped anywhere, by SIGKILL or by the network, and started again."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from tests.mlops.github.server import RefusedError
from tests.mlops.package.registry import RefusedError as RegistryRefusedError
from tests.mlops.promotion.world import DELIVERY, Half, World, mutating

pytestmark = pytest.mark.slow
ASSETS = {
    "export.tar.gz",
    "lineage.json",
    "manifest.json",
    "metrics.json",
    "model_card.md",
    "sbom.cdx.json",
    "smoke.json",
    "verdict.json",
}
KILLED = -9
PHASES = (DELIVERY[:1], DELIVERY[1:])  # building an image takes long: the rest starts after it


def settled(world: World) -> None:
    """One version, one release with all it holds, one image, and the champion is that version."""
    state = world.state()
    (version,) = state.versions
    (assigned,) = state.assignments
    assert assigned.version == version.version == "1.0.0"
    (release,) = world.github.releases
    assert (release.tag_name, release.draft) == (version.tag.name, False)
    there = world.github.assets_of(release)
    assert set(there) == ASSETS
    assert {asset.state for asset in there.values()} == {"uploaded"}
    assert version.record is not None
    assert set(world.tags.values()) == {version.record.delivered.digest}
    assert {"1.0.0", "champion"} < set(world.tags)


def right_or_untouched(world: World) -> None:
    """Whoever asks for the champion gets a released version, or learns that there is none."""
    champion = world.state().champion
    if champion is None:
        assert "champion" not in world.tags
    else:
        assert not world.github.release(champion.tag.name).draft
        assert champion.record is not None
        assert world.tags.get("champion", champion.record.delivered.digest) in world.tags.values()


Listen = Callable[[World, Callable[[str, Half], None]], None]


def starting_points(world: World, listen: Listen) -> Iterator[tuple[Sequence[str], list[str]]]:
    """The steps that are stopped, from a state that the world has then, and the calls they make."""
    for steps in PHASES:
        kept, calls = world.keep(), list[str]()
        listen(world, partial(_note, calls))
        assert world.run(*steps) == 0, world.log
        done = world.keep()
        world.restore(kept)
        yield steps, calls
        world.restore(done)
    settled(world)


def _note(calls: list[str], call: str, half: Half) -> None:
    if half == "before":
        calls.append(call)


def everything(world: World, act: Callable[[str, Half], None]) -> None:
    """Have `act` told of every call, whether it changes something or not."""
    mutating(world, act)
    world.github.on_read = lambda call: act(f"GitHub: {call}", "before")
    world.images.on_call = lambda call, half: act(
        f"registry: {call}", "before" if half == "before" else "after"
    )


def refuse(call: str) -> Any:
    kind = RefusedError if call.startswith("GitHub") else RegistryRefusedError
    raise kind(503, "no connection")


def kill_at(world: World, number: int, half: Half) -> None:
    """Kill whoever makes this change: before it is made, or after, without an answer."""
    seen = {"before": 0, "after": 0}

    def act(call: str, now: Half) -> None:
        seen[now] += 1
        if (now, seen[now]) == (half, number):
            world.kill()
            refuse(call)
        elif half == "before" and seen["before"] > number:
            refuse(call)  # docker outlives who called it

    mutating(world, act)


@pytest.mark.parametrize("half", ["before", "after"])
def test_killed_at_any_change_it_ends_as_if_it_had_not_been(here: World, half: Half) -> None:
    tried = 0
    for steps, calls in starting_points(here, mutating):
        kept = here.keep()
        for number, call in enumerate(calls, start=1):
            here.restore(kept)
            kill_at(here, number, half)
            assert here.run(*steps) == KILLED, call
            right_or_untouched(here)

            here.undisturbed()
            if half == "after":
                here.elsewhere()
            assert here.run(*DELIVERY) == 0, f"killed {half} {call}:\n{here.log}"
            settled(here)
            tried += 1
    assert tried > 12


def test_an_origin_that_takes_no_tag_is_told_and_the_next_run_goes_on(here: World) -> None:
    assert here.run("package") == 0
    kept = here.keep()
    for push in (1, 2):
        here.restore(kept)
        here.refuse_push(push)
        assert here.run(*DELIVERY) == 12, here.log
        right_or_untouched(here)

        assert here.run(*DELIVERY) == 0, here.log
        settled(here)


@pytest.mark.parametrize("half", ["before", "after"])
def test_killed_at_a_push_of_a_tag(here: World, half: Half) -> None:
    assert here.run("package") == 0
    kept = here.keep()
    for push in (1, 2):
        here.restore(kept)
        here.kill_at_push(push, half)
        assert here.run(*DELIVERY) == KILLED, here.log
        right_or_untouched(here)

        here.elsewhere()
        assert here.run(*DELIVERY) == 0, here.log
        settled(here)


def test_killed_between_two_steps(here: World) -> None:
    for step in DELIVERY:
        assert here.run(step) == 0
        right_or_untouched(here)
        kept = here.keep()

        here.elsewhere()
        assert here.run(*DELIVERY) == 0, here.log
        settled(here)
        here.restore(kept)


def test_a_network_that_fails_at_any_call_is_told_and_the_next_run_goes_on(here: World) -> None:
    tried = 0
    for steps, calls in starting_points(here, everything):
        kept = here.keep()
        first = {call: number for number, call in reversed(list(enumerate(calls, start=1)))}
        for call, number in first.items():
            here.restore(kept)
            fail_from(here, number)
            code = here.run(*steps)
            assert code in (10, 11, 12), f"{code} at {call}:\n{here.log}"
            right_or_untouched(here)

            here.undisturbed()
            assert here.run(*DELIVERY) == 0, here.log
            settled(here)
            tried += 1
    assert tried > 25
    assert "Traceback" not in here.log


def fail_from(world: World, number: int) -> None:
    """There is no network from the call of this number on."""
    seen = 0

    def act(call: str, half: Half) -> None:
        nonlocal seen
        seen += half == "before"
        if seen >= number and half == "before":
            refuse(call)

    everything(world, act)
