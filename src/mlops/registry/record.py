"""What a tag of the registry says: its message is a line for people, then one of these as JSON.

Together they are the registry: everything else can be rebuilt from them.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops import git
from mlops.registry.errors import RegistryError

Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Number = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]


class Part(BaseModel):
    """A part of a record; what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def message(self, title: str) -> str:
        """The message of the tag that holds this record."""
        return f"{title}\n\n{self.model_dump_json(indent=2)}\n"

    @classmethod
    def of(cls, message: str) -> Self | None:
        """The record in a tag's message; None when it has none, such as a tag made by hand."""
        try:
            return cls.model_validate_json(message[message.index("{") :])
        except (ValueError, ValidationError):
            return None


class Facts(Part):
    """What a candidate is made of: the same facts, the same model in the same image."""

    lock: Sha
    """sha256 of dvc.lock."""
    data: Name
    """md5 that data.dvc pins."""
    through: Name
    """The newest period of the data."""
    params: Sha
    """sha256 of params.yaml."""
    code: Sha
    """Of src/problem: every file's path and content."""
    interface: Sha
    """Of what a client sees: inputs, keys and output, as manifest.json describes them."""
    packages: Sha
    """sha256 of requirements/run.txt, which trained it."""
    server: Sha
    """Of src/serving, Dockerfile and requirements/serve.txt."""
    export: Name
    """md5 of artifacts/export."""


class Image(Part):
    """The image by which a version is delivered."""

    name: Name
    """Registry and repository, such as ghcr.io/owner/name."""
    digest: Digest
    base: Name
    """The image that it was built on, by digest where that is known."""
    attested: bool
    """Whether its provenance was attested, and the attestation verified."""

    @property
    def reference(self) -> str:
        """What is pulled."""
        return f"{self.name}@{self.digest}"


class Judgement(Part):
    """What the gates said on main."""

    decision: Name
    summary: Text
    sha256: Sha
    """Of verdict.json, which the release holds."""
    champion: Number | None
    """The version that it was judged against."""


class Approval(Part):
    """Somebody's word, and on what it was given."""

    by: Name
    on: Text
    """Such as `merged #7`, `gates-approved on #7: …`, `environment promotion`."""


class Version(Part):
    """The message of `NAME@v1.2.0`: what the version is, and how it came to be. Its lineage."""

    format: Literal[1] = 1
    name: Name
    version: Number
    commit: Commit
    facts: Facts
    why: list[Text]
    """What changed since the version before, which decides its number."""
    image: Image | None = None
    """None where the promotion was replayed and nothing delivered, as a backtest does."""
    verdict: Judgement
    after: Annotated[int, Field(ge=0)]
    """The number of the newest champion tag when it was judged; 0 for none."""
    approvals: list[Approval] = []
    by: Name
    """Who had it promoted: the actor of the run, or git's user."""
    run: Text = ""
    """The address of the workflow run."""
    at: Name
    """When, ISO 8601, UTC."""

    @property
    def delivered(self) -> Image:
        """The image; RegistryError where there is none."""
        if self.image is None:
            raise RegistryError(f"{self.name} {self.version} was never delivered as an image")
        return self.image


class Assignment(Part):
    """The message of `NAME#champion#3`: which version is the champion from now on, and why."""

    format: Literal[1] = 1
    name: Name
    version: Number
    number: Annotated[int, Field(ge=1)]
    kind: Literal["promotion", "rollback", "hold released"]
    reason: Text
    hold: bool = False
    """Whether merges leave the champion alone until somebody releases the hold."""
    by: Name
    run: Text = ""
    at: Name


def now() -> str:
    """The present moment as records state it."""
    return datetime.fromtimestamp(git.now(), UTC).isoformat(timespec="seconds")
