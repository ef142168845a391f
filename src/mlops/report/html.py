"""How a page is made: every text escaped, nothing undefined, numbers as everywhere."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from mlops.report import wording
from mlops.report.untrusted import clean


def environment() -> Environment:
    """An environment for the templates of this package that are pages."""
    made = Environment(
        loader=PackageLoader("mlops.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=_finalize,
    )
    made.filters |= {
        "number": wording.number,
        "signed": wording.signed,
        "count": lambda n: f"{n:,}",
    }
    return made


def _finalize(value: object) -> object:
    """What HTML cannot escape is taken out of every text: controls and changes of direction."""
    is_text = isinstance(value, str) and not hasattr(value, "__html__")
    return clean(value) if is_text and isinstance(value, str) else value
