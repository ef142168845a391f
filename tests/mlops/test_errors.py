"""How an action that fails is told to a person, to a shell and to GitHub."""

import pytest

from mlops import errors
from mlops.errors import (
    DataError,
    DeclarationError,
    Failure,
    QualityError,
    TrackingError,
    TrainingError,
    ending,
)


def failing(failure: BaseException) -> int:
    def action() -> None:
        raise failure

    return ending(action)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Failure, 1),
        (DataError, 3),
        (QualityError, 4),
        (DeclarationError, 5),
        (TrainingError, 6),
        (TrackingError, 7),
    ],
)
def test_each_kind_of_failure_has_the_exit_code_that_the_help_promises(
    kind: type[Failure], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(kind("data/raw/a.csv: expected rows; add some")) == code

    assert capsys.readouterr().err == "error: data/raw/a.csv: expected rows; add some\n"


def test_what_succeeds_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_is_130_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt()) == 130

    assert capsys.readouterr().err == "interrupted: nothing half-written was left behind\n"


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (None, []),
        (DataError("data.dvc: is missing"), ["data.dvc: is missing"]),
        (KeyboardInterrupt(), ["interrupted"]),
        (ZeroDivisionError("of mine"), ["ZeroDivisionError: of mine"]),
    ],
)
def test_who_asks_is_told_once_why_it_failed(failure: BaseException | None, why: list[str]) -> None:
    said: list[str] = []

    def action() -> None:
        if failure:
            raise failure

    ending(action, said.append)

    assert said == why


def test_only_a_bug_shows_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(ZeroDivisionError("of mine")) == 1

    said = capsys.readouterr().err
    assert "ZeroDivisionError: of mine" in said
    assert said.endswith("error: this is a bug of the machinery, not of your input\n")


def test_in_actions_a_failure_stands_beside_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    failing(DeclarationError("5 % less:\nno", file="a,b:c.yaml", line=7))

    assert capsys.readouterr().out == "::error file=a%2Cb%3Ac.yaml,line=7::5 %25 less:%0Ano\n"


def test_outside_actions_there_are_no_annotations(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    errors.annotate("error", "wrong", "a.csv", 3)

    assert capsys.readouterr().out == ""
