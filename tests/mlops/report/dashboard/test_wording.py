"""Times and durations in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mlops.dashboard.facts import Facts
from mlops.report.dashboard import wording as words


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "–"),
        (0, "0 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2.0 h"),
        (172_799, "48.0 h"),
        (172_800, "2.0 days"),
        (86_400 * 20.25, "20.2 days"),
        (-90, "-90 s"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_tells_most(
    seconds: float | None, expected: str
) -> None:
    assert words.duration(seconds) == expected


def test_a_time_is_told_in_utc() -> None:
    at = datetime(2013, 9, 1, 1, 59, tzinfo=timezone(timedelta(hours=2)))

    assert words.minute(at) == "2013-08-31 23:59"
    assert words.moment(at) == "2013-08-31T23:59:00+00:00"
    assert words.minute(None) == "–"
    assert words.minute(datetime(2013, 9, 1, tzinfo=UTC)) == "2013-09-01 00:00"


def test_what_became_of_each_version(facts: Facts) -> None:
    fates = {release.version: words.fate(facts, release) for release in facts.versions}

    assert fates == {
        "1.0.0": "past",
        "1.1.0": "past",
        "1.1.1": "past",
        "1.2.0": "undone",
        "1.2.1": "champion",
    }
    never = facts.versions[0].model_copy(update={"version": "0.9.0"})
    assert words.fate(facts, never) == "waiting"


def test_hashes_are_short() -> None:
    assert words.short("0123456789abcdef") == "0123456789ab"
    assert words.digest(f"ghcr.io/acme/flights@sha256:{'ab' * 32}") == "ab" * 6
    assert words.short("") == "–"
