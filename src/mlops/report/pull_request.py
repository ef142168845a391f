"""What a pull request leaves to read: the comment and the full page."""

from io import StringIO
from pathlib import Path

import pandas as pd

from mlops import git
from mlops.files import write_text
from mlops.judge.verdict import FOLDER, Verdict
from mlops.report import markdown, page
from mlops.stages import REPORTS

PLOTS = REPORTS / "plots"


def write(verdict: Verdict) -> str:
    """Write report.md, summary.md and report.html beside verdict.json; returns the comment."""
    links = markdown.Links()
    comment = markdown.render(verdict, links=links)
    write_text(FOLDER / "report.md", comment)
    write_text(FOLDER / "summary.md", markdown.whole(verdict, links=links))
    write_text(FOLDER / "report.html", page.render(verdict, plots(verdict)))
    return comment


def plots(verdict: Verdict) -> dict[str, dict[str, pd.DataFrame]]:
    """By plot, the points of challenger and champion; none where the pipeline stopped."""
    if verdict.candidate.lock is None:
        return {}
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for path in sorted(PLOTS.glob("*.csv")):
        found[path.stem] = {"challenger": _read(path)}
        before = _at(verdict.champion.commit, path)
        if before is not None:
            found[path.stem]["champion"] = before
    return found


def _at(commit: str | None, path: Path) -> pd.DataFrame | None:
    text = git.content(commit, path) if commit else None
    return None if text is None else _read(StringIO(text.decode("utf-8")))


def _read(source: Path | StringIO) -> pd.DataFrame:
    """A class may be called NA."""
    return pd.read_csv(source, keep_default_na=False, na_values=[""])
