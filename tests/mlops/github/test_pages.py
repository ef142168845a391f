"""Whether the dashboard becomes a site: only where somebody has asked for that."""

import pytest

from mlops.github import pages
from tests.mlops.github.answers import Json
from tests.mlops.github.conftest import Job
from tests.mlops.github.server import GitHub

OURS: Json = {"build_type": "workflow", "public": True}


@pytest.mark.parametrize(
    ("site", "visibility", "variable", "lacks"),
    [
        (OURS, "public", "", ""),
        (OURS, "public", "false", "switched off by MLOPS_PAGES"),
        (OURS | {"build_type": "legacy"}, "public", "", "Source: GitHub Actions"),
        (OURS | {"build_type": "legacy"}, "public", "true", "Source: GitHub Actions"),
        (None, "public", "", "Settings, Pages, Source: GitHub Actions"),
        (None, "public", "true", "is switched off"),
        (OURS, "private", "", "everybody could see its site"),
        (OURS, "internal", "", "everybody could see its site"),
        (OURS, "private", "true", ""),
        (OURS | {"public": False}, "private", "", ""),
        ({"build_type": "workflow"}, "private", "", "everybody could see its site"),
    ],
)
def test_it_does_where_pages_is_switched_on_for_workflows(
    job: Job,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    site: Json,
    visibility: str,
    variable: str,
    lacks: str,
) -> None:
    github.site, github.visibility = site, visibility
    monkeypatch.setenv("MLOPS_PAGES", variable)

    pages.main()

    assert job.output == f"pages={'false' if lacks else 'true'}\n"
    said = " ".join(capsys.readouterr().out.split())
    assert lacks in said
    assert bool(said) == bool(lacks)


@pytest.mark.parametrize("fault", [{"GET pages": 503}, None])
def test_what_cannot_be_asked_is_told_and_no_failure(
    job: Job,
    github: GitHub,
    capsys: pytest.CaptureFixture[str],
    fault: dict[str, int] | None,
) -> None:
    github.site = OURS
    github.faults = fault or {}
    github.permissions = {"pages": "read"} if fault else {}

    pages.main()

    assert job.output == "pages=false\n"
    assert "cannot be asked" in capsys.readouterr().out
