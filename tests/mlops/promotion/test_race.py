"""Two promotions at once: one champion, and the other is told why."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops.promotion.candidate import Candidate
from tests.mlops.promotion.world import Stepper, World, clone, git, stepper

pytestmark = pytest.mark.slow
ROUNDS = 20
FOLDER = ".mlops/promotion"


@pytest.fixture(scope="module")
def other() -> Iterator[Stepper]:
    with stepper() as found:
        yield found


def rival(world: World) -> Path:
    """Another clone, with the candidate of a later commit, judged when there was no champion."""
    folder = world.folder / "rival"
    clone(world.origin, folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "later")
    git(folder, "push", "-q", "origin", "HEAD:main")
    for part in (FOLDER, "artifacts"):
        shutil.copytree(world.folder / "judged" / part, folder / part)
    path = folder / FOLDER / "candidate.json"
    judged = Candidate.model_validate_json(path.read_bytes())
    commit = git(folder, "rev-parse", "HEAD")
    path.write_text(judged.model_copy(update={"commit": commit}).model_dump_json())
    return folder


def race(world: World, rival: Path, other: Stepper) -> list[str]:
    """Release and promote both at once; what each said last."""
    said = [world.folder / "mine", world.folder / "theirs"]
    sides = ((world.repository, world.stepper), (rival, other))
    barrier = threading.Barrier(2)

    def run(folder: Path, running: Stepper, log: Path) -> None:
        barrier.wait()
        running.start(folder, world.environment, [["release"], ["champion"]], log)
        running.wait()

    threads = [
        threading.Thread(target=run, args=(*side, log))
        for side, log in zip(sides, said, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [log.read_text().strip().splitlines()[-1] for log in said]


def test_of_two_promotions_at_once_exactly_one_makes_the_champion(
    here: World, other: Stepper
) -> None:
    theirs = rival(here)
    for folder, running in ((here.repository, here.stepper), (theirs, other)):
        running.start(folder, here.environment, [["package"]], here.folder / "log")
        assert running.wait() == 0
    kept = here.keep()
    winners = []
    for _ in range(ROUNDS):
        here.restore(kept)
        git(theirs, "fetch", "-q", "--prune", "--prune-tags", "--force", "origin")
        said = race(here, theirs, other)

        state = here.state()
        (assigned,) = state.assignments
        (version,) = state.versions
        assert state.number == 1
        assert assigned.tag.commit == version.tag.commit
        (release,) = [page for page in here.github.releases if not page.draft]
        assert release.target_commitish == version.tag.commit
        assert version.record is not None
        assert here.tags["1.0.0"] == here.tags["champion"] == version.record.delivered.digest
        won = [line.startswith("promoted as late-arrival 1.0.0") for line in said]
        assert sorted(won) == [False, True], said
        loser = said[won.index(False)]
        newer = won.index(False)  # theirs is the later commit: it is not delivered with mine
        assert loser.startswith("error: refused since" if newer else "superseded by"), said
        assert version.tag.commit[:12] in loser
        winners.append(won.index(True))
    assert len(winners) == ROUNDS
