"""Which versions there are and which one is the champion, from tags alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.registry import state
from mlops.registry.errors import RegistryError
from mlops.registry.record import Assignment
from mlops.registry.state import State, interpret
from mlops.registry.tags import Tag
from tests.mlops.registry.conftest import MODEL, WHEN, assign, commit, release, version

START = datetime(2013, 9, 1, tzinfo=UTC)


def tag(name: str, commit: str, message: str = "", minute: int = 0) -> Tag:
    return Tag(f"{MODEL}{name}", commit * 40, message, "Ann", START + timedelta(minutes=minute))


def released(number: str, letter: str, **given: Any) -> Tag:
    return tag(f"@v{number}", letter, version(number, letter * 40, **given).message("a version"))


def assigned(count: int, number: str, letter: str, **given: Any) -> Tag:
    content = {"kind": "promotion", "reason": "better", "by": "Ann", "at": WHEN, "name": MODEL}
    record = Assignment.model_validate({"version": number, "number": count} | content | given)
    return tag(f"#champion#{count}", letter, record.message("a champion"), count)


def champion(found: State) -> str | None:
    return found.champion.version if found.champion else None


def test_nothing_is_no_champion() -> None:
    found = interpret(MODEL, [])

    assert (found.versions, found.assignments, found.number) == ([], [], 0)
    assert (found.champion, found.hold, found.newest) == (None, None, None)
    with pytest.raises(RegistryError, match="nothing has been promoted yet"):
        found.find("champion")


def test_versions_go_up_by_number_not_by_name() -> None:
    found = interpret(MODEL, [released(n, "a") for n in ("1.10.0", "1.9.0", "10.0.0", "2.0.0")])

    assert [one.version for one in found.versions] == ["1.9.0", "1.10.0", "2.0.0", "10.0.0"]
    assert found.newest
    assert found.newest.version == "10.0.0"
    assert found.champion is None  # a version becomes champion by a tag of its own


def test_the_highest_number_is_the_champion_also_from_ten_on() -> None:
    tags = [released("1.0.0", "a"), released("1.1.0", "b")]
    tags += [assigned(n, "1.1.0" if n % 2 else "1.0.0", "b" if n % 2 else "a") for n in (1, 2, 9)]

    assert champion(interpret(MODEL, [*tags, assigned(10, "1.0.0", "a")])) == "1.0.0"
    assert champion(interpret(MODEL, tags)) == "1.1.0"


@given(st.permutations(range(6)))
def test_the_order_in_which_tags_are_listed_does_not_matter(order: list[int]) -> None:
    tags = [
        released("1.0.0", "a"),
        released("1.1.0", "b"),
        assigned(1, "1.0.0", "a"),
        assigned(2, "1.1.0", "b"),
        assigned(3, "1.0.0", "a", kind="rollback", hold=True),
        tag("#shadow#4", "b"),
    ]

    assert interpret(MODEL, [tags[place] for place in order]) == interpret(MODEL, tags)


def test_stages_of_other_names_count_but_make_no_champion() -> None:
    found = interpret(MODEL, [released("1.0.0", "a"), tag("#shadow#7", "a"), tag("#dev!#8", "a")])

    assert found.number == 8
    assert found.champion is None


def test_what_is_neither_version_nor_stage_is_left_out() -> None:
    names = (
        "@v1.0",
        "@v1.0.0-rc1",
        "@v01.0.0",
        "@deprecated",
        "#champion",
        "@v1.0.0!",
        "-x@v1.0.0",
    )
    found = interpret(MODEL, [tag(name, "a") for name in names])

    assert found == interpret(MODEL, [])


def test_a_hold_is_in_force_until_a_record_lifts_it() -> None:
    tags = [released("1.0.0", "a"), released("1.1.0", "b"), assigned(1, "1.0.0", "a")]
    tags += [assigned(2, "1.1.0", "b"), assigned(3, "1.0.0", "a", kind="rollback", hold=True)]
    held = interpret(MODEL, tags)
    assert held.hold
    assert (held.hold.number, champion(held)) == (3, "1.0.0")

    by_hand = interpret(MODEL, [*tags, tag("#champion#4", "b")])
    assert by_hand.hold == held.hold
    assert champion(by_hand) == "1.1.0"

    lifted = interpret(MODEL, [*tags, assigned(4, "1.0.0", "a", kind="hold released")])
    assert (lifted.hold, champion(lifted)) == (None, "1.0.0")


def test_tags_made_by_hand_mean_what_gto_means() -> None:
    """The version of a stage tag is the newest on its commit."""
    tags = [tag("@v1.0.0", "a"), tag("@v1.1.0", "a"), tag("@v1.2.0", "b"), tag("#champion#1", "a")]
    found = interpret(MODEL, tags)

    assert champion(found) == "1.1.0"
    assert {one.record for one in found.versions} == {None}
    assert found.assignments[0].record is None


def test_a_version_that_lost_the_stage_gives_it_back_as_in_gto() -> None:
    tags = [released("1.0.0", "a"), released("1.1.0", "b"), assigned(1, "1.0.0", "a")]
    tags += [assigned(2, "1.1.0", "b"), tag("#champion!#3", "b")]
    back = interpret(MODEL, tags)
    assert (champion(back), back.number) == ("1.0.0", 3)

    tags.append(tag("#champion!#4", "a"))
    assert champion(interpret(MODEL, tags)) is None
    assert champion(interpret(MODEL, [*tags, assigned(5, "1.1.0", "b")])) == "1.1.0"


@pytest.mark.parametrize(
    "record",
    [
        version("1.0.0", "b" * 40),
        version("1.0.1", "a" * 40),
        version("1.0.0", "a" * 40, name="another"),
    ],
    ids=["another commit", "another version", "another model"],
)
def test_a_record_that_speaks_of_something_else_is_none(record: Any) -> None:
    found = interpret(MODEL, [tag("@v1.0.0", "a", record.message("copied"))])

    assert found.versions[0].record is None


def test_a_champion_whose_version_is_gone_is_not_guessed() -> None:
    found = interpret(MODEL, [released("1.0.0", "a"), assigned(1, "1.1.0", "b")])

    with pytest.raises(RegistryError, match="late-arrival#champion#1 says"):
        _ = found.champion
    assert found.number == 1


@pytest.mark.parametrize(
    "text", ["1.0.0", "v1.0.0", "late-arrival@v1.0.0", "champion", "late-arrival#champion#1"]
)
def test_a_version_is_found_by_any_of_its_names(text: str) -> None:
    tags = [released("1.0.0", "a"), released("1.1.0", "b"), assigned(1, "1.0.0", "a")]

    assert interpret(MODEL, tags).find(text).version == "1.0.0"


def test_an_unknown_version_names_those_there_are() -> None:
    found = interpret(MODEL, [released("1.0.0", "a"), released("1.1.0", "b")])

    with pytest.raises(RegistryError, match=r"'2\.0\.0' is no version .* 1\.0\.0, 1\.1\.0"):
        found.find("2.0.0")


def test_a_version_is_found_by_what_it_was_made_of() -> None:
    found = interpret(MODEL, [released("1.0.0", "a"), tag("@v1.1.0", "b")])

    made = found.made_for("a" * 40, "0" * 64)
    assert made
    assert made.version == "1.0.0"
    assert found.made_for("a" * 40, "1" * 64) is None
    assert found.made_for("b" * 40, "0" * 64) is None


def test_the_tags_of_a_repository_give_its_state(start: str) -> None:
    second = commit({"a": "1"})
    release("1.0.0", start)
    assign(1, "1.0.0", start)
    release("1.1.0", second)
    assign(2, "1.1.0", second)

    found = state.read(remote=True)
    assert found == state.read(remote=False)
    assert (found.model, champion(found), found.number) == (MODEL, "1.1.0", 2)
    assert found.champion
    assert found.champion.record == version("1.1.0", second)
