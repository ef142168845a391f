"""Where a copy comes from: .github/template.json, and what GitHub knows where that is silent."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops.errors import DeclarationError
from mlops.github.api import Api, GitHubError

PATH = Path(".github/template.json")


class Origin(BaseModel):
    """All of template.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Annotated[str, Field(pattern=r"^([^-\x00-\x1f][^\x00-\x1f]*)?$")]
    """What git can fetch from, an address or a folder; empty where nobody has said it."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    """The template's version that the copy has; in the template itself, its own."""
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})?$")]
    """The template's commit that was merged last; empty before the first update."""

    def text(self) -> str:
        """As it stands in the file."""
        return self.model_dump_json(indent=2) + "\n"


def parse(content: bytes, where: str) -> Origin:
    """Raises DeclarationError when `content` is something else; `where` names the file."""
    try:
        return Origin.model_validate_json(content)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        place = ".".join(map(str, error["loc"])) or "the whole file"
        raise DeclarationError(f"{where}: {place}: {error['msg']}", file=where) from None


def read(path: Path = PATH) -> Origin:
    """What this copy records.

    Raises DeclarationError when the file is missing or malformed.
    """
    try:
        return parse(path.read_bytes(), path.as_posix())
    except FileNotFoundError:
        raise DeclarationError(
            f"{path} is missing; it says which template this is a copy of: "
            f'{{"address": "", "version": "0.1.0", "commit": ""}}'
        ) from None


def address(recorded: Origin, api: Api | None) -> str:
    """Where the template is: as recorded, else as GitHub knows it; empty where neither does.

    GitHub remembers it of a copy made with "Use this template" and of a fork; a token may lack the
    right to ask.
    """
    if recorded.address or api is None:
        return recorded.address
    try:
        known = api.get("")
    except GitHubError:
        return ""
    source = known.get("template_repository") or known.get("parent") or {}
    return str(source.get("clone_url") or "")
