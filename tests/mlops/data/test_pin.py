"""data.dvc: what this package writes is what DVC itself would write."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlops.data import pin
from mlops.errors import DataError
from tests.conftest import ROOT, execute


def yaml(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(path.read_text()))


FOLDERS = {
    "one": {"raw/a.csv": "x\n1\n"},
    "empty": {"raw/a.csv": "", "raw/b.csv": "y\n", "readme.md": "é"},
    "sorting": {"raw/a-b.csv": "1", "raw/a/b.csv": "2", "raw/a.csv": "3", "raw.csv": "4"},
    "names": {"raw/é.csv": "1", "raw/Z.csv": "2", "raw/a b.csv": "3"},
}


def test_a_digest_is_what_dvc_add_computes(tmp_path: Path) -> None:
    for folder, files in FOLDERS.items():
        for name, content in files.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(content, encoding="utf-8")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    no_scm = true\n")
    assert execute(tmp_path, "dvc", "add", "--quiet", *FOLDERS).returncode == 0

    for folder in FOLDERS:
        ours, dvcs = pin.digest(tmp_path / folder), yaml(tmp_path / f"{folder}.dvc")["outs"][0]
        assert (ours.md5, ours.size, len(ours.files)) == (
            dvcs["md5"],
            dvcs["size"],
            dvcs["nfiles"],
        )


def test_one_more_byte_is_another_digest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    before = pin.digest(tmp_path)
    (tmp_path / "a.csv").write_text("x\n1\n\n")

    assert pin.digest(tmp_path).md5 != before.md5


def test_writing_changes_what_is_new_and_not_a_byte_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_dvc = (ROOT / "data.dvc").read_text()
    (tmp_path / "data.dvc").write_text(by_dvc)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("x\n")
    monkeypatch.chdir(tmp_path)
    before, content = pin.read(), pin.digest(pin.DATA)

    pin.write(content, "2014-01")

    expected = by_dvc.replace(before.md5, content.md5).replace(before.through, "2014-01")
    expected = re.sub(r"nfiles: .*", "nfiles: 1", re.sub(r" size: .*", " size: 2", expected))
    assert Path("data.dvc").read_text() == expected
    assert pin.read() == pin.Pin(content.md5, "2014-01")


@pytest.mark.parametrize(
    "content", ["", "outs: []\n", "outs:\n- path: data\n", "outs: [\n", "- 1\n"]
)
def test_a_file_without_a_hash_is_told_how_to_get_it_back(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.dvc").write_text(content)

    with pytest.raises(DataError, match=r"^data\.dvc: expected .* `git checkout data\.dvc`$"):
        pin.read()


def test_no_file_is_told_how_to_get_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DataError, match=r"^data\.dvc is missing; restore it with `git checkout"):
        pin.read()
