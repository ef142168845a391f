"""dvc.yaml names all that a stage's result depends on, and the lock is up to date."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

PLUMBING = {
    "src/mlops/contract.py",  # hands the problem's declarations on
    "src/mlops/errors.py",
    "src/mlops/params.py",  # hands the parameters on, which are dependencies themselves
    "src/mlops/progress.py",
    "src/mlops/stages/journal.py",
    "src/problem/source.py",  # data.dvc pins what it gives
}
"""Modules that stages import and that cannot change what they write; so are all __init__.py."""

MODULES = """
import sys
from importlib import import_module
import_module(sys.argv[1])
for name in sys.argv[2:]:
    import_module(name)
for module in list(sys.modules.values()):
    print(getattr(module, "__file__", None) or "")
"""


def stages() -> dict[str, dict[str, Any]]:
    document = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())
    return dict(document["stages"])


def loaded_sections(stage: str) -> list[str]:
    """The problem's modules that a stage loads through the contract."""
    from mlops.contract import MODULES as BY_SECTION

    code = (ROOT / f"src/mlops/stages/{stage}.py").read_text()
    return [
        f"problem.{m}" for section, m in BY_SECTION.items() if f"load({section.__name__})" in code
    ]


@pytest.mark.parametrize("stage", stages())
def test_a_stage_depends_on_every_module_it_imports(stage: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", MODULES, f"mlops.stages.{stage}", *loaded_sections(stage)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    source = str(ROOT / "src")
    imported = {str(Path(f).relative_to(ROOT)) for f in printed.split("\n") if f.startswith(source)}

    declared = stages()[stage]["deps"]
    unseen = {
        module
        for module in imported - PLUMBING
        if not module.endswith("__init__.py")
        and not any(module == dep or module.startswith(f"{dep}/") for dep in declared)
    }

    assert unseen == set()


@pytest.mark.parametrize("stage", stages())
def test_a_stage_keeps_the_old_result_until_the_new_one_is_whole(stage: str) -> None:
    """DVC removes outputs before a stage starts; those in git must survive a stage that fails."""
    outputs = [*stages()[stage].get("metrics", []), *stages()[stage].get("outs", [])]
    for output in outputs:
        name = output if isinstance(output, str) else next(iter(output))
        if not name.startswith("artifacts/"):
            assert output[name] == {"cache": False, "persist": True}
