"""The README of a copy without the example says what it is, and where to change what."""

import re

from mlops.init.readme import readme
from tests.conftest import ROOT

OURS = (ROOT / "README.md").read_text()


def test_it_is_the_copys_own() -> None:
    page = readme("demand", "A model of `y`.", OURS)

    assert page.startswith("# demand\n")
    assert "A model of `y`." in page
    assert "mlops-template" not in page
    assert "flight" not in page
    assert re.search(r"[{}]", page) is None


def test_badges_and_the_table_of_places_are_the_templates() -> None:
    page = readme("demand", "A model.", OURS)

    there = re.findall(r"^(?:\[!\[.+|\| (?:the|a) [\w ]+ \| .+)$", OURS, flags=re.MULTILINE)

    assert len(there) == 3 + 9
    assert [line for line in there if line not in page] == []


def test_a_readme_with_neither_gives_a_page_with_neither() -> None:
    page = readme("demand", "A model.", "# Ours\n\nWords.\n")

    assert "[![" not in page
    assert "| the " not in page
