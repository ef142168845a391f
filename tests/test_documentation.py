"""Every command in README.md and docs/ is run, and every package has its reason."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT, THINNING, Run, commit, execute
from tests.planted.change import edit
from tests.test_links import PAGES

ELSEWHERE = {
    "make run": "tests/stranger/test_fresh_clone.py",
    "make test": ".ci/run",
}
"""Commands that need a clone of their own, and where that runs."""
LOOKED_AT = {"your-problem.md": "tests/test_other_problems.py"}
"""Pages whose commands are run where more is asked of what they leave."""


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    lines = [line.split("  #")[0].strip() for block in blocks(page) for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def script(page: Path) -> str:
    """The page's commands, but for those run elsewhere; the environment is somebody else's."""
    lines = [command for command in commands(page) if command not in ELSEWHERE]
    return "\n".join(lines).replace("make ", "make -o .venv/.installed ")


def test_each_package_has_its_decision() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    lines = [line for group in groups for line in group if isinstance(line, str)]
    wanted = {Requirement(line).name for line in project["project"]["dependencies"] + lines}
    first_cells = re.findall(
        r"^\| (`.+?`) \|", (ROOT / "docs/decisions.md").read_text(), flags=re.MULTILINE
    )
    assert {name for cell in first_cells for name in re.findall(r"`(.+?)`", cell)} == wanted


def test_commands_run_elsewhere_are_run_there() -> None:
    assert 'make(stranger, "run")' in (ROOT / ELSEWHERE["make run"]).read_text()
    assert "\nmake test COVERAGE=1\n" in (ROOT / ELSEWHERE["make test"]).read_text()
    for page, module in LOOKED_AT.items():
        assert f'script(ROOT / "docs/{page}")' in (ROOT / module).read_text()


@pytest.fixture
def sample(finished: Path) -> Path:
    """The sample repository after a run; its source, too, gives every tenth flight."""
    thin = f'rows[period][:: {THINNING} if table == "flights" else 1])'
    edit("src/problem/source.py", ("rows[period])", thin))(finished)
    commit(finished)
    for key, value in (("user.name", "Test"), ("user.email", "test@example.invalid")):
        subprocess.run(["git", "config", key, value], cwd=finished, check=True)
    (finished / ".venv").symlink_to(ROOT / ".venv")
    return finished


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if script(page) and page.name not in LOOKED_AT],
    ids=lambda page: page.name,
)
@pytest.mark.usefixtures("sample")
def test_commands_work_in_the_order_of_the_page(page: Path, run: Run) -> None:
    done = run("bash", "-euo", "pipefail", "-c", script(page))

    assert done.returncode == 0, f"{page.name}:\n{script(page)}\n{done.stdout}\n{done.stderr}"


def test_every_make_target_and_mlops_command_named_exists() -> None:
    targets = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    helped = execute(ROOT, "mlops", "--help").stdout
    for page in PAGES:
        text = page.read_text()
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE):
            assert f"make {target} " in targets, f"{page.name} names make {target}"
        for command in re.findall(r"(?:`|^)mlops ([a-z-]+)", text, flags=re.MULTILINE):
            assert f" {command} " in helped, f"{page.name} names mlops {command}"
