"""security.yml on this machine, in a repository that has all that it asks for.

act runs it; GitHub and OSV are on loopback, and stand-ins note what the actions were asked to do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import commit, copy_of_the_repository
from tests.mlops.github.server import REPOSITORY, GitHub, serving
from tests.test_audit import DIRECT, LOCK, Osv, osv
from tests.workflows.conftest import ENVIRONMENT, Rehearsal, Stage

__all__ = ["osv"]

pytestmark = pytest.mark.slow


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Stage]:
    """The files of this repository, without data; only two packages are pinned."""
    assert (ENVIRONMENT / ".installed").exists(), "`make environment` makes what the jobs link to"
    folder, scratch = tmp_path / "repository", tmp_path / "act"
    (scratch / "home").mkdir(parents=True)
    copy_of_the_repository(folder)
    (folder / "requirements" / "dev.txt").write_text(LOCK)
    commit(folder)
    with serving(GitHub()) as github:
        yield Stage(folder, scratch, github)


def act(stage: Stage, osv: Osv, event: str, **content: Any) -> Rehearsal:
    content |= {
        "ref": "refs/heads/main",
        "repository": {"default_branch": "main", "full_name": REPOSITORY},
    }
    address = f"http://127.0.0.1:{osv.server_port}/"
    offline = {"OSV": address, "ZIZMOR_OFFLINE": "true", "GITHUB_REF_NAME": "main"}
    return stage.act(event, content, "security.yml", run=1, **offline, **DIRECT)


def test_a_pull_request_and_the_week_are_looked_at_from_all_sides(files: Stage, osv: Osv) -> None:
    ran = act(files, osv, "pull_request", pull_request=files.github.open_pull())
    assert ran.jobs == dict.fromkeys(("plan", "dependencies", "codeql"), "success"), ran.log
    assert files.notes_of("review") == ["review high"]
    assert files.notes_of("codeql") == ["codeql actions, python"]

    osv.mended = True
    ran = act(files, osv, "schedule")
    asked = ("plan", "codeql", "scorecard", "advisories")
    assert ran.jobs == dict.fromkeys(asked, "success"), ran.log
    assert files.notes_of("sarif") == ["sarif scorecard.sarif"]
    assert sorted(osv.asked) == [("colorama", "0.4.6"), ("iniconfig", "2.1.0")]
