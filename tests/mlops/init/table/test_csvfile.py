"""Files as people have them: what is read, and what is told of what cannot be."""

from pathlib import Path

import pytest

from mlops.errors import DataError
from mlops.init.table.csvfile import read


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("\ufeffa,b\r\n1,2\r\n", ","),
    ],
)
def test_the_separator_is_found(tmp_path: Path, content: str, separator: str) -> None:
    file = read(written(tmp_path, content))

    assert (file.separator, file.header, len(file.rows)) == (separator, ("a", "b"), 1)


def test_quoted_cells_may_have_separators_and_line_ends(tmp_path: Path) -> None:
    file = read(
        written(tmp_path, 'name,x\n"Smith, J",1\n"two\nlines",2\n\n,,\n'.replace(",,", ","))
    )

    assert file.rows == [["Smith, J", "1"], ["two lines", "2"]]
    assert file.lines == [2, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "is a spreadsheet or an archive, not a CSV"),
        (b"PAR1rest", "is Parquet, not a CSV"),
        (b"a,b\n1,M\xfcller\n", r"line 2: expected UTF-8.*iconv"),
        (b"a,b\n1,\x00\n", "is binary"),
        (b"just a line\nand another\n", "expected a header of at least two columns"),
        (b"a,b\n", "there is only a header"),
        (b"a,a\n1,2\n", "expected each column once, found 'a' 2 times"),
        (b"1,2\n3,4\n", "expected the names of the columns"),
        (b"a,b\n1,2\n1,2,3\n4,5\n", "line 3: expected 2 cells.*found 3"),
    ],
)
def test_what_is_no_table_is_told_in_a_paragraph(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as told:
        read(written(tmp_path, content))

    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read(tmp_path / "absent.csv")
