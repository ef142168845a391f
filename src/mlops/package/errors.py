"""What keeps an image from being built."""

from mlops.errors import Failure


class PackagingError(Failure):
    """The image cannot be built: no exported model, no builder, or no base image."""

    exit_code = 11
