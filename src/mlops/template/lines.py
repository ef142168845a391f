"""Changes of neighbouring lines, merged where a line stands for itself.

git takes two changes without a line between them for a conflict. In params.yaml and pyproject.toml
a line is a knob, and a new knob below one that was turned contradicts nothing.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher

FILES = ("params.yaml", "pyproject.toml")


@dataclass(frozen=True, order=True)
class _Edit:
    """Lines `begin` up to `end` of the base become `lines`; where both are one, it is put there."""

    begin: int
    end: int
    lines: tuple[str, ...]

    def contradicts(self, other: "_Edit") -> bool:
        """Whether both are of the same lines, or put something else into the same place."""
        if self == other:
            return False
        if self.begin == self.end == other.begin == other.end:
            return True
        return self.begin < other.end and other.begin < self.end


def merge(base: str, ours: str, theirs: str) -> str | None:
    """Both sides' changes of `base`; None where both changed the same line."""
    before = base.splitlines(keepends=True)
    sides = [_edits(before, text.splitlines(keepends=True)) for text in (ours, theirs)]
    if any(one.contradicts(other) for one in sides[0] for other in sides[1]):
        return None
    merged: list[str] = []
    at = 0
    for edit in sorted({*sides[0], *sides[1]}):
        merged += [*before[at : edit.begin], *edit.lines]
        at = edit.end
    return "".join([*merged, *before[at:]])


def _edits(before: list[str], after: list[str]) -> list[_Edit]:
    """Where as many lines as before stand, each takes the place of one."""
    edits = []
    matched = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, begin, end, first, last in matched:
        if kind == "replace" and end - begin == last - first:
            pairs = zip(range(begin, end), after[first:last], strict=True)
            edits += [_Edit(at, at + 1, (line,)) for at, line in pairs if line != before[at]]
        elif kind != "equal":
            edits.append(_Edit(begin, end, tuple(after[first:last])))
    return edits
