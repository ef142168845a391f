"""Who a copy belongs to, and what it is called: what was given, what can be told, what is asked."""

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import typer

from mlops import git
from mlops.errors import DeclarationError
from mlops.init import owners
from mlops.init.plan import text

TEMPLATE = "mlops-template"
"""What the repository is called that copies are made from."""
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
OWNER = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}(/[A-Za-z0-9][A-Za-z0-9_-]{0,99})?")
HOLDER = re.compile(r"\S([^\n\r]{0,198}\S)?")
LICENSED = re.compile(r"^Copyright \(c\) \d{4} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Answers:
    """What a copy is called, who reviews it (empty: nobody yet), and whose licence it is."""

    name: str
    owner: str
    holder: str

    @property
    def model(self) -> str:
        """The name as params.yaml wants that of a model: small letters, digits and hyphens."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return plain if plain[:1].isalpha() else f"model-{plain}"


def settle(name: str | None, owner: str | None, holder: str | None) -> tuple[Answers, list[str]]:
    """The answers, and a line for each that nobody gave.

    What is not given is asked for in a terminal; elsewhere it is what the folder, origin, git and
    the files say. Raises DeclarationError for a name that cannot be one.
    """
    told: list[str] = []

    def answer(what: str, given: str | None, default: str, allowed: re.Pattern[str]) -> str:
        def checked(said: str) -> str:
            if not allowed.fullmatch(said.strip()):
                raise typer.BadParameter(f"{what}: {said!r} cannot be one; {EXPECTED[what]}")
            return said.strip()

        try:
            if given is None and here():  # and again, until it can be one
                return str(
                    typer.prompt(what, default, show_default=bool(default), value_proc=checked)
                )
            if given is None:
                told.append(f"{what}: {default or 'none, so the code owners stay commented out'}")
            return checked(default if given is None else given)
        except typer.BadParameter as wrong:
            raise DeclarationError(wrong.message) from None

    named = answer("name", name, _name(), NAME)
    owned = answer("owner", owner, _owner(), re.compile(f"({OWNER.pattern})?"))
    held = answer("licence holder", holder, _holder(owned, named), HOLDER)
    return Answers(named, owned, held), told


EXPECTED = {
    "name": "letters, digits, '.', '_' and '-', with a letter or a digit at both ends",
    "owner": "a GitHub user, or a team as ORGANISATION/TEAM",
    "licence holder": "one line",
}


def project(toml: str) -> str:
    """The name that a pyproject.toml gives."""
    return str(tomllib.loads(toml)["project"]["name"])


def here() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _name() -> str:
    """As the copy is called already, else as its repository on a server, else as its folder."""
    now = project(text("pyproject.toml"))
    if now != TEMPLATE:
        return now
    said = _on_a_server()[1] or Path.cwd().name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", said).strip("._-") or "model"


def _owner() -> str:
    """Who owns the code already, else who has the repository on its server; else nobody."""
    said = owners.owner_in(text(owners.PATH)) or _on_a_server()[0]
    return said if OWNER.fullmatch(said) else ""


def _holder(owner: str, name: str) -> str:
    """Who holds the licence already, else git's user; else the owner, or the authors."""
    found = LICENSED.search(text("LICENSE"))
    if found and TEMPLATE not in found[1]:
        return found[1]
    return git.setting("user.name") or owner.partition("/")[0] or f"the {name} authors"


def _on_a_server() -> tuple[str, str]:
    """Owner and name as in origin's address, where that is an address on a server."""
    address = git.address() or ""
    found = re.search(r"(?:^\w+://[^/]+/|^[^/@]+@[^/:]+:)([^/]+)/([^/]+?)(?:\.git)?/?$", address)
    return (found[1], found[2]) if found and not address.startswith("file:") else ("", "")
