"""Whatever happens while looking, it becomes a finding."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from mlops.doctor import check
from mlops.doctor.check import Check, Seen, findings, ok, said, warning
from mlops.errors import DataError
from mlops.github.api import GitHubError


def looking(*raised: BaseException) -> list[tuple[str, str]]:
    def look() -> Iterator[Seen]:
        yield ok("seen")
        for one in raised:
            raise one

    found = findings(Check("machine", "thing", look))
    assert {(one.group, one.check) for one in found} == {("machine", "thing")}
    return [(one.level, one.seen) for one in found]


def test_what_is_seen_is_found() -> None:
    assert looking() == [("ok", "seen")]


def test_a_failure_names_its_remedy_itself() -> None:
    assert looking(DataError("data.dvc is missing; restore it")) == [
        ("error", "data.dvc is missing; restore it")
    ]


def test_what_github_refuses_is_a_note() -> None:
    ((level, text),) = looking(GitHubError("GitHub refused GET pages: 403", 403))

    assert (level, text) == ("note", "could not be looked at: GitHub refused GET pages: 403")


@pytest.mark.parametrize(
    "broken",
    [ZeroDivisionError("of mine"), SystemExit(3), subprocess.TimeoutExpired("git", 30), OSError()],
)
def test_a_check_that_breaks_is_a_finding(broken: BaseException) -> None:
    ((level, text),) = looking(broken)

    assert level == "warning"
    assert text.startswith(f"could not be looked at: {type(broken).__name__}")


def test_who_interrupts_is_heard() -> None:
    with pytest.raises(KeyboardInterrupt):
        looking(KeyboardInterrupt())


def test_a_remedy_stays_with_its_finding() -> None:
    (found,) = findings(Check("GitHub", "x", lambda: [warning("a\n  b", "do this")]))

    assert (found.seen, found.remedy) == ("a b", "do this")


def test_a_program_is_asked() -> None:
    assert said(sys.executable, "-c", "print('yes')") == "yes"
    assert said(sys.executable, "-c", "raise SystemExit(1)") is None
    assert said("no-such-program-anywhere") is None


def test_a_program_that_does_not_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "PATIENCE", 0.1)

    with pytest.raises(subprocess.TimeoutExpired):
        said(sys.executable, "-c", "import time; time.sleep(9)")
