"""What keeps a newer template from being merged."""

from mlops.errors import Failure


class TemplateError(Failure):
    """The template cannot be merged, or the merge has conflicts for a person to resolve."""

    exit_code = 16


class UnreachableError(Failure):
    """The template's repository cannot be read."""

    exit_code = 10
