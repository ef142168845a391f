"""CODEOWNERS: comments until somebody is known, then rules; other people's rules stay."""

from mlops.init.owners import PATH, owner_in, with_owner
from tests.conftest import ROOT

TEMPLATE = """\
# Who has to look at what: docs/security.md, or ask @OWNER.

# /Makefile     @OWNER
# /src/mlops/   @OWNER
"""


def test_every_rule_is_for_the_owner_and_comments_stay_comments() -> None:
    owned = with_owner(TEMPLATE, "acme/ml")

    assert owned.splitlines()[2:] == ["/Makefile     @acme/ml", "/src/mlops/   @acme/ml"]
    assert owned.splitlines()[0] == TEMPLATE.splitlines()[0]
    assert (owner_in(TEMPLATE), owner_in(owned)) == ("", "acme/ml")


def test_twice_is_once_and_a_new_owner_takes_over_what_was_the_old_ones() -> None:
    owned = with_owner(TEMPLATE, "acme") + "/docs/ @writer\n"

    assert with_owner(owned, "acme") == owned
    assert with_owner(owned, "") == owned
    assert with_owner(owned, "bcme") == with_owner(TEMPLATE, "bcme") + "/docs/ @writer\n"


def test_the_repositorys_own_file_is_of_that_kind() -> None:
    text = (ROOT / PATH).read_text()
    rules = [line for line in with_owner(text, "acme").splitlines() if line[:1] == "/"]

    assert "/src/mlops/" in {line.split()[0] for line in rules}
    assert {line.split()[1] for line in rules} == {f"@{owner_in(text) or 'acme'}"} | {"@acme"}
    assert "@OWNER" not in with_owner(text, "acme")
