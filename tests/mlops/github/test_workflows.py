"""What workflow files name, read from the files; this repository's own against plain YAML."""

import re
from pathlib import Path

import pytest

from mlops.errors import DeclarationError
from mlops.github import workflows
from tests.conftest import ROOT
from tests.workflows.conftest import ACTIONS, WORKFLOWS

ONE = f"""\
on: push
jobs:
  plain:
    environment: promotion
    steps:
      - uses: actions/checkout@{"a" * 40} # v7.0.1
      - uses: github/codeql-action/init@{"b" * 40} # v4.37.7
      - uses: ./.github/actions/setup
        env:
          A: ${{{{ vars.MLOPS_IMAGE }}}}
          B: ${{{{ secrets.GITHUB_TOKEN }}}}
  named:
    environment: {{name: github-pages, url: "${{{{ secrets.MLOPS_APP_KEY }}}}"}}
    if: vars.MLOPS_APP_ID != ''
  open: {{}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yml").write_text(ONE)
    (tmp_path / "two.yaml").write_text("on: push\njobs: {again: {environment: promotion}}\n")
    (tmp_path / "notes.txt").write_text("vars.MLOPS_NOTHING")
    (tmp_path / "empty.yml").write_text("")
    return tmp_path


def test_what_they_name(folder: Path) -> None:
    assert [path.name for path in workflows.paths(folder)] == ["empty.yml", "one.yml", "two.yaml"]
    assert workflows.environments(folder) == ["github-pages", "promotion"]
    assert workflows.variables(folder) == {"MLOPS_IMAGE", "MLOPS_APP_ID"}
    assert workflows.secrets(folder) == {"MLOPS_APP_KEY"}


def test_actions_by_repository_with_the_versions_beside_their_pins(folder: Path) -> None:
    (folder / "two.yaml").write_text(
        f"steps: # two\n  - uses: actions/checkout@{'c' * 40} # v6.0.0\n"
    )

    assert workflows.pinned(folder, folder / "actions") == {
        "actions/checkout": {"v6.0.0", "v7.0.1"},
        "github/codeql-action": {"v4.37.7"},
    }


def test_every_pin_of_this_repository_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = "".join(path.read_text() for path in [*WORKFLOWS, *ACTIONS])
    used = re.findall(r"uses: +([^./\s][^@\s]*)@", text)

    assert set(workflows.pinned()) == {"/".join(name.split("/")[:2]) for name in used}


def test_a_file_that_is_no_yaml_is_named(folder: Path) -> None:
    (folder / "one.yml").write_text("on: [")

    with pytest.raises(DeclarationError, match=r"one\.yml: not valid YAML"):
        workflows.environments(folder)
