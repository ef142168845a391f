"""The commands of a promotion, as a person or a job types them."""

import json

import pytest
from typer.testing import CliRunner, Result

from mlops.cli import app
from tests.mlops.promotion.world import World


def mlops(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def done(*arguments: str) -> str:
    """What a command printed, when it went well."""
    ran = mlops(*arguments)
    assert ran.exit_code == 0, ran.output
    return " ".join(ran.output.split())


def test_each_step_is_a_command(inside: World) -> None:
    assert "against no champion yet" in done("promote", "plan")
    for step in ("package", "verify", "release"):
        done("promote", step)
    assert "promoted as late-arrival 1.0.0" in done("promote", "champion")
    assert "unchanged since late-arrival 1.0.0" in done("promote")

    assert json.loads(mlops("registry", "--json").stdout)["champion"] == "1.0.0"
    assert json.loads(mlops("lineage", "champion", "--json").stdout)["version"] == "1.0.0"
    assert "1.0.0" in done("registry")
    assert "as it should be" in done("reconcile")
    assert "the image is" in done("preflight")
    assert "no hold is set" in done("promote", "--release-hold", "--reason", "none")
    assert "no DVC remote is configured" in done("push")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("rollback", "1.0.0", "--reason", "late"), 12, "nothing has been promoted yet"),
        (("rollback",), 12, "--reason: say why"),
        (("lineage", "3.0.0"), 12, "nothing has been promoted yet"),
        (("lineage", "--at", "2020-01-01T00:00"), 12, "no champion at"),
        (("verify", "3.0.0"), 12, "nothing has been promoted yet"),
        (("promote", "champion"), 12, "is not released"),
        (("promote", "release"), 12, "comes from `mlops promote package`"),
        (("promote", "smoke"), 12, "comes from `mlops promote package`"),
        (("promote", "outcome"), 10, "toJSON(needs)"),
    ],
)
def test_a_mistake_is_a_sentence_and_a_code(
    inside: World, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = mlops(*arguments)

    assert (ran.exit_code, said in " ".join(ran.output.split())) == (code, True), ran.output
