"""Every figure on the pages, none left out, against a second reckoning by plain git and JSON."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from mlops.dashboard import site
from mlops.registry import state as registry
from mlops.registry.lineage import champion_at, lineage_at
from tests.mlops.dashboard import oracle, world
from tests.mlops.dashboard.oracle import Figures, Told
from tests.mlops.dashboard.shown import Figure, Shown
from tests.mlops.dashboard.world import World

HISTORIES: dict[str, Callable[[World], None]] = {
    "one commit": world.short,
    "half a year": world.years,
} | {f"chance {seed}": world.chance(seed) for seed in range(2)}


@pytest.fixture(scope="module", params=HISTORIES)
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """A history, and its dashboard in `pages/` of the current directory."""
    folder = tmp_path_factory.mktemp("history")
    world.build(folder, HISTORIES[request.param])
    here = Path.cwd()
    os.chdir(folder)
    site.write(Path("pages"))
    yield Told()
    os.chdir(here)


def shown(page: str) -> Shown:
    return Shown(Path("pages", page).read_text())


def compare(found: Figures, expected: Figures) -> None:
    assert found.keys() == expected.keys()
    differing = {
        name: (found[name], expected[name])
        for name in found
        if not same(found[name], expected[name])
    }
    assert differing == {}


def same(one: Figure, other: Figure) -> bool:
    """To the sixth decimal, where the value is a number or several."""
    if one.text != other.text:
        return False
    try:
        pairs = zip(one.value.split(), other.value.split(), strict=True)
        return all(abs(float(a) - float(b)) < 1.5e-6 for a, b in pairs)
    except ValueError:
        return one.value == other.value


def test_of_the_overview(history: Told) -> None:
    compare(shown("index.html").figures, oracle.overview(history))


def test_of_the_periods(history: Told) -> None:
    found = shown("audit.html").figures
    compare(
        {name: figure for name, figure in found.items() if not name.startswith("audit.")},
        oracle.periods(history),
    )


def test_the_question_of_the_audit_log_has_the_answer_of_its_table(history: Told) -> None:
    found = shown("audit.html").figures
    state = registry.read(remote=False)

    for number, reign in enumerate(history.reigns, start=1):
        until = reign["until"] or history.newest + timedelta(seconds=1)
        for at in {reign["at"], until - timedelta(seconds=1)} if until > reign["at"] else ():
            released = champion_at(state, at)
            assert released
            assert released.version == found[f"period.{number}.version"].text
    if history.champion:
        lineage_at(found["lineage.at"].text, as_json=True)


def test_of_the_audit_log_newest_first(history: Told) -> None:
    entries: dict[int, Figures] = {}
    for name, figure in shown("audit.html").figures.items():
        if name.startswith("audit."):
            _, number, what = name.split(".")
            entries.setdefault(int(number), {})[what] = figure

    assert list(entries) == list(range(len(entries), 0, -1))
    times = [entry["at"].value for entry in entries.values()]
    assert all(newer >= older for newer, older in pairwise(times))
    assert sorted(map(repr, map(ordered, entries.values()))) == sorted(
        map(repr, map(ordered, oracle.log(history)))
    )


def ordered(entry: Figures) -> list[tuple[str, Figure]]:
    return sorted(entry.items())


def test_of_the_model_the_data_and_fairness(history: Told) -> None:
    compare(shown("model.html").figures, oracle.of_the_model(history))
    compare(shown("data.html").figures, oracle.of_the_card(history))
    compare(shown("fairness.html").figures, oracle.of_fairness(history))


def test_there_is_no_number_beside_the_figures(history: Told) -> None:
    for page in Path("pages").glob("*.html"):
        assert not re.search(r"\d", shown(page.name).rest), page.name


def test_links_stay_within_the_folder_or_go_to_the_web(history: Told) -> None:
    for page in Path("pages").glob("*.html"):
        for link in shown(page.name).links:
            file, _, place = link.partition("#")
            if not link.startswith(("https://", "data:,")):
                assert Path("pages", file).is_file(), link
                assert not place or place in shown(file).ids, link
