"""What says how the repository is called, and whose it is, says it once and everywhere."""

import shutil
import tomllib
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.init.answers import Answers
from mlops.init.names import renamed
from mlops.init.plan import Files
from tests.conftest import ROOT

NAMING = ("pyproject.toml", "README.md", "LICENSE", ".github/CODEOWNERS")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in NAMING:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(files: Files) -> None:
    for path, content in files.items():
        assert content is not None
        Path(path).write_bytes(content)


def test_a_name_an_owner_and_a_holder_stand_where_they_belong(copy: Path) -> None:
    written(renamed(Answers("harvest", "acme/ml", "Ada & Sons")))

    project = tomllib.loads((copy / "pyproject.toml").read_text())["project"]
    assert project["name"] == "harvest"
    assert "template" not in project["description"].lower()
    assert (copy / "README.md").read_text().startswith("# harvest\n")
    assert "Ada & Sons" in (copy / "LICENSE").read_text().splitlines()[2]
    owned = [
        line for line in (copy / ".github/CODEOWNERS").read_text().splitlines() if line[:1] == "/"
    ]
    assert owned
    assert all(line.endswith("@acme/ml") for line in owned)


def test_nothing_else_changes_and_twice_is_once(copy: Path) -> None:
    before = (copy / "pyproject.toml").read_text().splitlines()
    answers = Answers("harvest", "acme", "Ada")
    written(renamed(answers))

    after = (copy / "pyproject.toml").read_text().splitlines()
    assert len(before) == len(after)
    assert sum(old != new for old, new in zip(before, after, strict=True)) <= 2
    assert renamed(answers) == {path: (copy / path).read_bytes() for path in NAMING}


def test_another_name_takes_the_place_of_the_one_before(copy: Path) -> None:
    written(renamed(Answers("harvest", "acme", "Ada")))
    own = (copy / "pyproject.toml").read_text().replace('description = "', 'description = "Our ')
    (copy / "pyproject.toml").write_text(own)

    written(renamed(Answers("supply", "bcme", "Bob")))

    project = tomllib.loads((copy / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["description"][:4]) == ("supply", "Our ")
    for path in NAMING:
        text = (copy / path).read_text()
        assert not [word for word in ("harvest", "acme/", "Ada") if word in text], path


def test_files_that_somebody_took_out_stay_out(copy: Path) -> None:
    (copy / "LICENSE").unlink()

    assert set(renamed(Answers("harvest", "", "Ada"))) == set(NAMING) - {"LICENSE"}


def test_a_pyproject_without_the_line_is_told(copy: Path) -> None:
    text = (copy / "pyproject.toml").read_text()
    (copy / "pyproject.toml").write_text(text.replace("\nname = ", "\n  name = ", 1))

    with pytest.raises(DeclarationError, match=r"pyproject.toml: expected one line like 'name = "):
        renamed(Answers("harvest", "", "Ada"))
