"""The server's options."""

from pathlib import Path

import pytest

from serving.errors import Unservable
from serving.settings import Settings, parse

KEY = "a-key-of-twenty-chars"


def test_the_defaults_serve_this_machine_alone() -> None:
    assert parse([], {}) == Settings(model=Path("artifacts/export"))


def test_an_option_can_stand_in_the_environment_and_the_command_line_wins() -> None:
    environment = {"SERVING_PORT": "9000", "SERVING_ROW_LIMIT": "5", "SERVING_BODY_LIMIT": "0.5"}

    found = parse(["--port", "9001"], environment)

    assert (found.port, found.row_limit, found.body_limit) == (9001, 5, 512 * 1024)


def test_the_word_with_which_sagemaker_starts_a_container_is_passed_over() -> None:
    assert parse(["serve"], {}) == parse([], {})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_others_are_served_only_with_a_key(host: str) -> None:
    with pytest.raises(Unservable, match=r"SERVING_API_KEY .*--auth off"):
        parse(["--host", host], {})

    assert parse(["--host", host], {"SERVING_API_KEY": KEY}).keys == (KEY,)
    assert parse(["--host", host, "--auth", "off"], {}).keys == ()
    assert parse(["--host", host], {"SERVING_AUTH": "off"}).keys == ()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_a_key_is_asked_for_on_loopback_too_when_there_is_one(host: str) -> None:
    assert parse(["--host", host], {}).keys == ()
    assert parse(["--host", host], {"SERVING_API_KEY": f"{KEY}, {KEY}2,"}).keys == (KEY, f"{KEY}2")
    assert parse(["--host", host, "--auth", "off"], {"SERVING_API_KEY": KEY}).keys == ()


def test_asking_for_a_key_without_having_one_is_refused() -> None:
    with pytest.raises(Unservable, match="SERVING_API_KEY"):
        parse(["--auth", "required"], {})


def test_a_key_that_can_be_guessed_is_refused_and_not_shown() -> None:
    with pytest.raises(Unservable, match="1 of 2 keys are shorter than 16") as refused:
        parse([], {"SERVING_API_KEY": f"guess,{KEY}"})

    assert "guess," not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [["--port", "99999"], ["--port", "x"], ["--auth", "maybe"], ["--rows"], ["--row-limit", "0"]],
)
def test_what_makes_no_sense_ends_with_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments, {})

    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err
