"""Which switches of docs/security.md are off, as far as the token is told."""

from mlops.doctor import security
from mlops.github.api import Api
from tests.conftest import ROOT
from tests.mlops.doctor.conftest import levels, told
from tests.mlops.github.server import GitHub

PARTS = ("dependabot_security_updates", "secret_scanning_push_protection")


def test_what_is_off_is_a_note_with_its_place(api: Api, github: GitHub) -> None:
    github.administered()
    github.security = dict.fromkeys(PARTS, "disabled")
    github.actions["sha_pinning_required"] = False
    github.approval = "first_time_contributors_new_to_github"

    found = list(security.switches(api, api.get("")))

    assert levels(found) == ["note"] * len(security.SWITCHES)
    assert all(one.text.endswith(": off") for one in found)


def test_what_is_on_is_named(api: Api, github: GitHub) -> None:
    github.administered()
    github.security = dict.fromkeys(PARTS, "enabled")
    github.actions["sha_pinning_required"] = True
    github.private_reports = True

    assert levels(security.switches(api, api.get(""))) == ["ok"]


def test_what_the_token_is_not_told_is_said_once(api: Api) -> None:
    ((level, text),) = told(security.switches(api, api.get("")))

    assert level == "note"
    assert text.count(",") == len(security.SWITCHES)


def test_each_is_documented_at_its_place() -> None:
    page = (ROOT / "docs/security.md").read_text()

    for switch in security.SWITCHES:
        setting = switch.place.split(", ")[-1]
        assert setting.removeprefix("Dependabot ").lower() in page.lower(), setting
