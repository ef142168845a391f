"""What keeps an image from being built."""

from mlops.errors import Denied, Failure


class PackagingError(Failure):
    """The image cannot be built, pushed, found or started: the message says which."""

    exit_code = 11


class AccessDeniedError(PackagingError, Denied):
    """The registry shows, or lets push, nothing to this token."""


class NotServingError(PackagingError):
    """The server of an image ends, or never becomes ready."""
