"""Check the raw files against src/problem/schema.py, and report what is wrong or has shifted."""

from mlops import params
from mlops.contract import Schemas, Source, load
from mlops.data import pin
from mlops.data.checks import check
from mlops.data.columns import columns
from mlops.data.read import read
from mlops.data.shift import shifts
from mlops.errors import QualityError, annotate
from mlops.files import write_json, write_text
from mlops.progress import console, step
from mlops.report.data_quality import markdown, table
from mlops.stages import METRICS, REPORTS, run

MOST = 50  # findings told in metrics/data.json


def main() -> None:
    """Write metrics/data.json and reports/data_quality.md, and of good data metrics/columns.json.

    Raises QualityError when a rule is broken, after the first two; a shift breaks no rule.
    """
    knobs = params.load()
    schemas, periods = load(Schemas), load(Source).PERIODS
    with step("reading the raw files"):
        tables, findings = read(pin.RAW, schemas.RAW)
    rows = sum(len(t.frame) for t in tables.values())
    with step(f"checking {rows:,} rows of {len(tables)} tables"):
        findings += check(tables, schemas, periods, pin.read().through)
    with step("comparing the newest period with the training window"):
        moved = shifts(tables, knobs.split.test_months) if knobs.split.rule == "time" else {}
    shifted = {column: index for column, index in moved.items() if index >= knobs.shift.psi}

    summary = {
        "md5": pin.digest(pin.DATA).md5,
        "rows": {name: len(t.frame) for name, t in tables.items()},
        "periods": {name: [p for p in t.periods if p] for name, t in tables.items()},
        "failed_checks": len(findings),
        "failed_rows": sum(finding.count for finding in findings),
        "findings": [finding.sentence() for finding in findings[:MOST]],
        "shifted_columns": len(shifted),
        "shift": moved,
    }
    write_json(METRICS / "data.json", summary)
    write_text(REPORTS / "data_quality.md", markdown(summary, findings, knobs.shift.psi))
    if not findings:
        write_json(METRICS / "columns.json", columns(tables, schemas.RAW))
        console.print(f"  all checks passed; {len(shifted)} columns have shifted (not fatal)")
        return
    console.print(table(findings))
    for finding in findings:
        annotate(
            "error", finding.sentence(), finding.file, finding.lines[0] if finding.lines else None
        )
    raise QualityError(
        f"{len(findings)} data checks failed, the first: {findings[0].sentence()}. All of them "
        f"stand in {REPORTS / 'data_quality.md'}. Mend the data and `dvc add data`, or, where the "
        f"rule is wrong, src/problem/schema.py"
    )


if __name__ == "__main__":
    run(main)
