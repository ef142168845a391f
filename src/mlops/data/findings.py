"""What a check found wrong: where, how often, and examples."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """One check that failed in one column of one file.

    `lines` are the first line numbers in the file (the header is line 1), `samples` the first
    distinct values there; `count` counts all rows. Where no row is at fault alone there are no
    lines, and `samples` say what was found of the whole, if anything.
    """

    file: str
    column: str
    check: str
    count: int = 1
    lines: tuple[int, ...] = ()
    samples: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The finding in one line, as an annotation shows it."""
        column = f" {self.column}:" if self.column else ""
        expected = f"{self.file}:{column} expected {self.check}"
        samples = ", ".join(self.samples)
        if not self.lines:
            return f"{expected}; found {samples}" if samples else expected
        rows = f"{self.count:,} row{'' if self.count == 1 else 's'}"
        lines = f"line{'' if len(self.lines) == 1 else 's'} {', '.join(map(str, self.lines))}"
        such = f", such as {samples}" if samples else ""
        return f"{expected}; not so in {rows}{such} ({lines})"


def examples(values: Iterable[object]) -> tuple[str, ...]:
    """The first distinct values, shortened, as text."""
    texts = dict.fromkeys(str(value) for value in values)
    return tuple(text[:40] + "…" if len(text) > 40 else text for text in list(texts)[:EXAMPLES])


def wrong_header(file: str, found: list[str], expected: list[str]) -> list[Finding]:
    """A finding per column that is missing, renamed, not known, or there twice."""
    extra = [name for name in found if name not in expected]
    findings = []
    for name in (name for name in expected if name not in found):
        instead = next(iter(get_close_matches(name, extra, n=1)), None)
        if instead:
            extra.remove(instead)
        why = f"{instead} is there instead" if instead else "it is missing"
        findings.append(Finding(file, name, f"this column; {why}"))
    findings += [Finding(file, name, "no such column") for name in extra]
    twice = sorted({name for name in found if found.count(name) > 1})
    findings += [Finding(file, name, "this column only once") for name in twice]
    return findings
