"""The README of a copy that has left the example behind: its own, and short."""

import re
from pathlib import Path

PAGE = Path(__file__).parent / "readme.md.txt"


def readme(name: str, what: str, before: str) -> str:
    """What the copy is, its commands, and where to change what.

    what: a sentence on the problem. before: the template's README, whose badges and whose section
    on where to change what are the copy's, too.
    """
    badges = re.findall(r"^\[!\[.+$", before, flags=re.MULTILINE)
    where = re.search(r"^## Where to change what$.+?(?=^## |\Z)", before, re.MULTILINE | re.DOTALL)
    return PAGE.read_text(encoding="utf-8").format(
        name=name, what=what, badges="\n".join(badges), where=where[0].strip() if where else ""
    )
