"""How far a copy is behind its template."""

from dataclasses import asdict, dataclass

from mlops.github.api import Api
from mlops.template import origin, remote
from mlops.template.store import plain


@dataclass(frozen=True)
class Status:
    """What the copy has, and what there is."""

    address: str
    """Empty where nobody has said it, and GitHub does not know it."""
    version: str
    commit: str
    newest: str | None
    """The template's highest version; None where it has none, or its address is not known."""

    @property
    def behind(self) -> bool:
        """Whether there is a higher version than the copy has."""
        return self.newest is not None and remote.order(self.newest) > remote.order(self.version)

    def told(self) -> str:
        """In a sentence."""
        if not self.address:
            return (
                f"version {self.version} of the template; where that is, nobody has said: write "
                f'its address into "address" of {origin.PATH}'
            )
        if self.newest is None:
            return f"the template ({plain(self.address)}) has no version, a tag such as v1.2.0"
        if self.behind:
            return (
                f"the template is at v{self.newest}, and this copy at v{self.version}: `mlops "
                f"template update --dry-run` shows what would change"
            )
        return f"version {self.version} of the template, which is the newest"

    def content(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self) | {"address": plain(self.address), "behind": self.behind}


def status(api: Api | None) -> Status:
    """Ask the template for its versions; nothing is fetched.

    Raises UnreachableError when its repository cannot be read.
    """
    recorded = origin.read()
    address = origin.address(recorded, api)
    newest = remote.ask(address).newest if address else None
    return Status(address, recorded.version, recorded.commit, newest)
