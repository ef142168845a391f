"""Every link in README.md and docs/ leads somewhere, and the README leads to what one changes."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text()
WRITTEN = [  # what the pipeline writes, which a new problem has after its first run
    ROOT / path
    for path in re.findall(r"^ +- (reports/[\w./]+)", (ROOT / "dvc.yaml").read_text(), re.MULTILINE)
]
GITHUB = "../../actions/"  # from a page of the repository, GitHub's own pages of its workflows


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+)|(?:href|src)=\"([^\"#]+)", text):
        link = "".join(target).strip(")")
        if not link.startswith(("https://", GITHUB)):
            there = (page.parent / link).resolve()
            assert there.exists() or there in WRITTEN, f"{page.name} links to {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_a_section_find_it(page: Path) -> None:
    for target, section in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text()):
        if not target.startswith("https://"):
            there = page.parent / target if target else page
            assert section in anchors(there), f"{page.name} links to {target}#{section}"


def anchors(page: Path) -> set[str]:
    """The addresses that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[(.+?)\]\(.*?\)", r"\1", h)) for h in headings)
    return {heading.strip().lower().replace(" ", "-") for heading in plain}


def test_every_page_stands_in_the_list_of_pages() -> None:
    index = (ROOT / "docs/README.md").read_text()
    for page in PAGES:
        if page.name != "README.md":
            assert f"]({page.name})" in index, page.name


def test_the_readme_says_where_to_change_what() -> None:
    rows = re.findall(r"^\| (?:the|a) ([\w ]+) \| (.+?) \| .+ \|$", README, flags=re.MULTILINE)
    named = {what: re.findall(r"\]\((.+?)\)", where) for what, where in rows}
    assert named == {
        "data source": ["src/problem/source.py", "data.dvc"],
        "schema": ["src/problem/schema.py"],
        "features": ["src/problem/features.py"],
        "model": ["src/problem/model.py", "params.yaml"],
        "metrics": ["src/problem/features.py", "params.yaml"],
        "gate": ["params.yaml"],
        "slices": ["src/problem/slices.py"],
        "image": ["Dockerfile", "params.yaml"],
        "schedule": [".github/workflows", "params.yaml"],
    }
