"""score.yaml: which tests somebody has done by hand, what came out, and where that is told."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mlops.errors import DeclarationError
from mlops.params import document, expectation, foremost, misplaced, unknown_key

PATH = Path("score.yaml")
VALID = timedelta(days=180)  # half a year: what was true then may no longer be


class Declaration(BaseModel):
    """A test done by hand, with its result where others can read it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    what: Annotated[str, Field(min_length=1)]
    """What was done, and what came out."""
    when: date
    who: Annotated[str, Field(min_length=1)]
    link: Annotated[str, Field(min_length=1)]
    """Where the result is documented: a file of the repository, or an address."""

    def holds(self, today: date) -> bool:
        """Whether it is recent enough to say something of today."""
        return today - VALID <= self.when <= today


_ALL: TypeAdapter[dict[str, Declaration]] = TypeAdapter(dict[str, Declaration])


def read(known: list[str]) -> dict[str, Declaration]:
    """The declarations by test, such as `Model 2`; none without the file.

    Raises DeclarationError that names the line, for a test that is not `known` and for a mistake.
    """
    if not PATH.is_file():
        return {}
    content: Any = document(PATH) or {}
    if not isinstance(content, dict):
        raise DeclarationError(
            f"{PATH}: expected tests such as `Model 2:`, each with what was done below it; "
            "docs/score.md has one",
            file=str(PATH),
        )
    try:
        declared = _ALL.validate_python(content)
    except ValidationError as invalid:
        error = foremost(invalid)
        place = tuple(part for part in error["loc"] if part != "[key]")
        raise misplaced(place, expectation(error, list(Declaration.model_fields)), PATH) from None
    for name, one in declared.items():
        if name not in known:
            raise misplaced((name,), unknown_key(name, known), PATH)
        if not one.link.startswith("https://") and not Path(one.link).is_file():
            raise misplaced(
                (name, "link"), f"{one.link} is no file here, nor an https:// address", PATH
            )
    return declared
