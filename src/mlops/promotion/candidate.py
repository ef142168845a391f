"""What the steps of a promotion hand on: candidate, verdict and image, in one folder."""

import hashlib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from mlops import git
from mlops.files import write_text
from mlops.registry.errors import RegistryError
from mlops.registry.record import (
    Approval,
    Commit,
    Facts,
    Image,
    Judgement,
    Name,
    Number,
    Part,
    Text,
)

FOLDER = Path(".mlops/promotion")
ASSETS = FOLDER / "assets"
VERDICT = FOLDER / "verdict.json"
SMOKE = FOLDER / "smoke.json"
P = TypeVar("P", bound=Part)
_CANDIDATE, _IMAGE = FOLDER / "candidate.json", FOLDER / "image.json"


class Candidate(Part):
    """The model that a merge would make the champion."""

    model: Name
    commit: Commit
    facts: Facts
    version: Number
    why: list[Text]
    """What changed since the newest version; this decides the number."""
    champion: Number | None
    """Whom it was judged against."""
    after: int
    """The number of the newest champion tag then; 0 for none."""
    verdict: Judgement
    approvals: list[Approval]

    @property
    def tag(self) -> str:
        """The image's tag before it has a version: the same for all that would deliver the same."""
        return image_tag(self.commit, self.facts.lock, self.version)


def image_tag(commit: str, lock: str, version: str) -> str:
    """The tag under which the image of a candidate is pushed."""
    return f"candidate-{hashlib.sha256(f'{commit} {lock} {version}'.encode()).hexdigest()[:16]}"


def write(candidate: Candidate) -> None:
    """Leave it for the next step."""
    write_text(_CANDIDATE, candidate.model_dump_json(indent=2))


def read() -> Candidate:
    """The candidate that was judged; RegistryError when there is none, or of another commit."""
    found = _read(_CANDIDATE, Candidate, "mlops promote judge")
    if found.commit != git.head():
        raise RegistryError(
            f"{_CANDIDATE} is of commit {found.commit[:12]}, and {(git.head() or 'nothing')[:12]} "
            f"is checked out; judge this one with `mlops promote plan` and `mlops promote judge`"
        )
    return found


def write_image(image: Image) -> None:
    """Leave the image for the next step."""
    write_text(_IMAGE, image.model_dump_json(indent=2))


def read_image() -> Image:
    """The candidate's image; RegistryError when there is none."""
    return _read(_IMAGE, Image, "mlops promote package")


def _read(path: Path, kind: type[P], command: str) -> P:
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RegistryError(f"{path} is missing; it comes from `{command}`") from None
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise RegistryError(
            f"{path}: {place}: {error['msg']}; make it again with `{command}`"
        ) from None
