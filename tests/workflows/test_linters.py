"""The linters that the hooks run pass, and would not pass a workflow that is wrong."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.workflows.conftest import ACTIONS, ENVIRONMENT, WORKFLOWS, for_act

LINTERS = {
    "actionlint": ["actionlint", "-shellcheck", str(ENVIRONMENT / "bin" / "shellcheck")],
    "zizmor": ["zizmor", "--offline", "--no-progress", "--quiet"],
    "schema": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    "act": ["act", "--validate", "--strict", "-W"],
}
WRONG = {
    "actionlint": "      - run: echo ${{ github.event.no_such() }}\n",
    "zizmor": "      - run: echo ${{ github.event.pull_request.title }}\n",
    "schema": "      - runs: make check\n",
    "act": "      - runs: make check\n",
}
START = """\
name: wrong
on: pull_request
permissions: {}
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
"""


def lint(name: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = LINTERS[name]
    return subprocess.run(
        [str(ENVIRONMENT / "bin" / program), *arguments, *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", LINTERS)
def test_the_workflows_pass(name: str, tmp_path: Path) -> None:
    for path in WORKFLOWS:
        done = lint(name, for_act(path, tmp_path) if name == "act" else path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", LINTERS)
def test_a_wrong_one_does_not(name: str, tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    wrong = folder / "wrong.yml"
    wrong.write_text(START + WRONG[name])

    assert lint(name, wrong).returncode != 0


def test_actions_pass() -> None:
    assert ACTIONS
    assert lint("zizmor", *ACTIONS).returncode == 0


def test_zizmor_is_told_to_let_pass_what_has_a_reason_and_no_more() -> None:
    ignored = {
        path.name: lines
        for path in [*WORKFLOWS, *ACTIONS]
        if (lines := [ln for ln in path.read_text().splitlines() if "zizmor: ignore" in ln])
    }

    followed = ["  workflow_run: # zizmor: ignore[dangerous-triggers]"]
    assert ignored == {"comment.yml": followed, "history.yml": followed}
    config = (ROOT / ".github" / "zizmor.yml").read_text()
    assert config.count("disable: true #") == config.count("disable: true") == 1
    assert "ignore:" not in config


def without_reason(text: str) -> list[str]:
    """What is ignored without a sentence in the comment right above."""
    lines = text.splitlines()
    return [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if "zizmor: ignore" in line and not re.match(r" *# .{20}", above)
    ]


def test_what_is_ignored_has_its_reason_above() -> None:
    texts = [path.read_text() for path in [*WORKFLOWS, *ACTIONS]]

    assert [without_reason(text) for text in texts] == [[]] * len(texts)
    assert without_reason("on:\n  workflow_run: # zizmor: ignore[dangerous-triggers]")
