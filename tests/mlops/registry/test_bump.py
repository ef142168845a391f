"""What changed decides the number of the next version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.registry.bump import bump
from mlops.registry.record import Facts
from mlops.registry.state import order
from tests.mlops.registry.conftest import facts, version

NEW = "1" * 64
NAMES = list(Facts.model_fields)


def other(*names: str) -> Facts:
    """Facts that differ from the version's in these."""
    return facts(**dict.fromkeys(names, NEW))


def test_the_first_version_is_1_0_0() -> None:
    assert bump(None, facts()) == ("1.0.0", ["the first version"])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (["interface"], "3.0.0"),
        (["interface", "code", "data"], "3.0.0"),
        (["params"], "2.5.0"),
        (["code"], "2.5.0"),
        (["packages"], "2.5.0"),
        (["server"], "2.5.0"),
        (["server", "data"], "2.5.0"),
        (["data"], "2.4.8"),
        (["lock"], "2.4.8"),
        (["export"], "2.4.8"),
        ([], "2.4.8"),
    ],
)
def test_the_greatest_change_decides(changed: list[str], expected: str) -> None:
    assert bump(version("2.4.7", "a" * 40), other("lock", *changed))[0] == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"interface": NEW}, ["what clients send or get (artifacts/export/manifest.json)"]),
        ({"params": NEW, "lock": NEW}, ["parameters (params.yaml)"]),
        ({"code": NEW}, ["the problem's code (src/problem)"]),
        ({"packages": NEW}, ["the packages that train it (requirements/run.txt)"]),
        ({"server": NEW}, ["the server (src/serving, Dockerfile, requirements/serve.txt)"]),
        ({"data": "1" * 32, "through": "2013-09"}, ["data (through 2013-08 → 2013-09)"]),
        ({"data": "1" * 32}, ["data (00000000 → 11111111)"]),
        ({"lock": NEW, "export": "x.dir"}, ["how the pipeline makes it"]),
        ({}, ["nothing that it is made of"]),
        (
            {"params": NEW, "data": "1" * 32, "through": "2013-09"},
            ["parameters (params.yaml)", "data (through 2013-08 → 2013-09)"],
        ),
    ],
)
def test_what_changed_is_said_in_words(given: dict[str, str], words: list[str]) -> None:
    assert bump(version("1.0.0", "a" * 40), facts(**given))[1] == words


def test_after_a_version_made_by_hand_anything_may_have_changed() -> None:
    assert bump(None, facts(), "2.3.1") == ("3.0.0", ["2.3.1 has no record of what it was made of"])


numbers = st.tuples(*[st.integers(0, 30)] * 3).map(lambda given: ".".join(map(str, given)))


@given(numbers, st.sets(st.sampled_from(NAMES)))
def test_the_next_number_is_the_next_higher_of_its_kind(number: str, changed: set[str]) -> None:
    found, why = bump(version(number, "a" * 40), other(*changed))

    old, new = order(number), order(found)
    place = next(i for i in range(3) if old[i] != new[i])
    assert new[place] == old[place] + 1
    assert set(new[place + 1 :]) <= {0}
    assert why


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_another_change_never_makes_the_number_lower(changed: set[str], more: str) -> None:
    since = version("1.2.3", "a" * 40)

    less, greater = (bump(since, other(*names))[0] for names in (changed, changed | {more}))
    assert order(less) <= order(greater)
