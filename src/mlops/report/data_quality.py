"""The data checks, as Markdown and as a table in the terminal."""

from typing import Any

from rich.table import Table

from mlops.data.findings import Finding

TOP_SHIFTS = 12


def markdown(summary: dict[str, Any], findings: list[Finding], bound: float) -> str:
    """reports/data_quality.md: what there is, what is wrong, what has shifted."""
    verdict = f"**{len(findings)} checks failed.**" if findings else "**All checks passed.**"
    lines = ["# Data quality", "", verdict, "", f"Data `{summary['md5']}`", ""]
    lines += ["| table | files | rows |", "|---|--:|--:|"]
    for name, rows in summary["rows"].items():
        files = len(summary["periods"][name]) or 1
        lines.append(f"| {name} | {files} | {rows:,} |")
    if findings:
        lines += ["", "## Failed checks", ""]
        lines += [
            "| file | column | expected | rows | first lines | samples |",
            "|---|---|---|--:|---|---|",
        ]
        lines += ["| " + " | ".join(_escaped(cell) for cell in _cells(f)) + " |" for f in findings]
    moved = sorted(summary["shift"].items(), key=lambda item: -item[1])
    if moved:
        lines += ["", "## Shift of the newest period", ""]
        lines += [
            f"Population stability index against the training window; {bound:g} is called shifted.",
            "A shift is news, not a fault: seasons shift the weather every month.",
            "",
            "| column | PSI | shifted |",
            "|---|--:|---|",
        ]
        for column, index in moved[:TOP_SHIFTS]:
            lines.append(f"| {column} | {index:.3f} | {'yes' if index >= bound else 'no'} |")
        if len(moved) > TOP_SHIFTS:
            lines += ["", f"{len(moved) - TOP_SHIFTS} more columns moved less."]
    return "\n".join(lines)


def table(findings: list[Finding]) -> Table:
    """The failed checks for a terminal."""
    shown = Table(
        "file", "column", "expected", "rows", "first lines", "samples", title="Failed checks"
    )
    for finding in findings:
        shown.add_row(*_cells(finding))
    return shown


def _cells(finding: Finding) -> tuple[str, ...]:
    rows = f"{finding.count:,}" if finding.lines else ""
    lines, samples = ", ".join(map(str, finding.lines)), ", ".join(finding.samples)
    return (finding.file, finding.column, finding.check, rows, lines, samples)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
