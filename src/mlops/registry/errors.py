"""What keeps a version from being registered, found or moved."""

from mlops.errors import Denied, Failure


class RegistryError(Failure):
    """The registry refuses, lacks what was asked for, or is not as it should be."""

    exit_code = 12


class PushDeniedError(RegistryError, Denied):
    """Origin takes nothing from this token."""


class TakenError(RegistryError):
    """Somebody else made this tag first; tags are never moved."""

    def __init__(self, tag: str, message: str) -> None:
        super().__init__(message)
        self.tag = tag


class ForeignWorkflowsError(RegistryError):
    """GitHub refuses a job's tag on a commit whose workflow files no branch ends in."""
