"""CODEOWNERS: comments until an owner is known, who then is asked to review."""

import re

PATH = ".github/CODEOWNERS"
PLACE = "@OWNER"
RULE = re.compile(r"^(?!#)(\S+ +)@(\S+)$", re.MULTILINE)


def owner_in(text: str) -> str:
    """Whom the first rule asks; empty while all of it is comments."""
    found = RULE.search(text)
    return found[2] if found else ""


def with_owner(text: str, owner: str) -> str:
    """The same rules, for `owner`; lines that ask somebody else stay as they are."""
    before = owner_in(text)
    if not owner or before == owner:
        return text
    if before:
        return RULE.sub(lambda rule: _of(rule, before, owner), text)
    return re.sub(rf"^# (\S+ +){PLACE}$", rf"\g<1>@{owner}", text, flags=re.MULTILINE)


def _of(rule: re.Match[str], before: str, owner: str) -> str:
    return f"{rule[1]}@{owner}" if rule[2] == before else rule[0]
