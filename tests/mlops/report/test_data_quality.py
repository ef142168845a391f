"""The report of the data checks: whole, in Markdown that renders, and the same in a terminal."""

from typing import Any

from rich.console import Console

from mlops.data.findings import Finding
from mlops.report.data_quality import markdown, table

SUMMARY: dict[str, Any] = {
    "md5": "0123.dir",
    "rows": {"flights": 1234567, "planes": 3},
    "periods": {"flights": [f"2013-0{month}" for month in range(1, 9)], "planes": []},
    "shift": {},
}
FINDING = Finding(
    "raw/a.csv", "delay", "between 0 | 9", 1234, (2, 5), ("<script>", "two\nlines", "a|b")
)


def rows_of(text: str, heading: str) -> list[list[str]]:
    """The cells of the Markdown table under a heading, header and rule left out."""
    _, _, after = text.partition(heading)
    lines = [line for line in after.split("\n\n## ")[0].splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.replace("\\|", "&bar;").strip("|").split("|")]
        for line in lines[2:]
    ]


def test_what_passed_says_so_with_tables_and_rows() -> None:
    text = markdown(SUMMARY, [], 0.25)

    assert "**All checks passed.**" in text
    assert "`0123.dir`" in text
    assert rows_of(text, "# Data quality") == [["flights", "8", "1,234,567"], ["planes", "1", "3"]]
    assert "Failed checks" not in text


def test_what_failed_is_a_row_per_file_column_and_check() -> None:
    text = markdown(SUMMARY, [FINDING, Finding("raw/b.csv", "", "rows")], 0.25)

    assert "**2 checks failed.**" in text
    assert rows_of(text, "## Failed checks") == [
        [
            "raw/a.csv",
            "delay",
            "between 0 &bar; 9",
            "1,234",
            "2, 5",
            "&lt;script>, two lines, a&bar;b",
        ],
        ["raw/b.csv", "", "rows", "", "", ""],
    ]


def test_the_largest_shifts_come_first_and_the_rest_is_counted() -> None:
    shift = {f"t.c{number:02d}": number / 100 for number in range(30)}

    text = markdown(SUMMARY | {"shift": shift}, [], 0.25)

    found = rows_of(text, "## Shift of the newest period")
    assert found[0] == ["t.c29", "0.290", "yes"]
    assert [row[2] for row in found] == ["yes"] * 5 + ["no"] * 7
    assert "18 more columns moved less." in text


def test_the_terminal_shows_the_same_cells() -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(table([FINDING]))

    for cell in ("raw/a.csv", "delay", "between 0 | 9", "1,234", "2, 5", "<script>"):
        assert cell in shown.get()
