"""What runs with a token that can write loads no pickle, no estimator, and none of the pipeline.

Read from the imports of every command that test_rules.py allows such jobs; the rehearsals watch the
running commands.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from typer.main import get_command

from mlops.cli import app
from tests.conftest import ROOT, execute
from tests.workflows.test_rules import PRIVILEGED

FORBIDDEN = (
    r"joblib|sklearn|skops|onnx|problem|"
    r"mlops\.(judge\.(champion|gates|pull_request|refit)|pipeline|training)|"
    r"mlops\.stages\.(?!journal$)\w+"
)
"""Packages that unpickle, the problem's own code, and what runs the pipeline."""
LOADS = re.compile(r"joblib\.load|pickle\.loads?\(|read_pickle|allow_pickle=True|\"repro\"")
UNCALLED = {
    'dvc.py: "repro"': "what `mlops run` does; `mlops push` has its module's other half",
    "tracking.py: joblib.load": "what `mlops track` does; a mirror asks it where MLflow is",
}
"""What stands in a module that such a command imports, in a function that it does not call."""
ASK = """
import importlib, importlib.util, json, sys
for name in sys.argv[1:]:
    if importlib.util.find_spec(name):
        importlib.import_module(name)
files = [getattr(m, "__file__", None) for n, m in sys.modules.items() if n.startswith("mlops.")]
print(json.dumps([sorted(sys.modules), sorted(filter(None, files))]))
"""


def imports(command: str) -> list[str]:
    """The modules that mlops.cli imports for a command, helpers in the same file included."""
    name, file = function(command)
    functions = {
        node.name: node
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    wanted: list[ast.AST] = [*part(command, functions[name])]
    seen: set[str] = set()
    found: list[str] = []
    while wanted:
        for node in ast.walk(wanted.pop()):
            if isinstance(node, ast.ImportFrom) and node.module:
                found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Name) and node.id in functions and node.id not in seen:
                seen.add(node.id)
                wanted.append(functions[node.id])
    return found


def function(command: str) -> tuple[str, Path]:
    """Which function is the command's, and its file."""
    found = get_command(app)
    for word in command.partition(" --")[0].split():
        found = found.commands[word]  # type: ignore[attr-defined]
    called = inspect.unwrap(found.callback)  # type: ignore[arg-type]
    return called.__name__, Path(inspect.getfile(called))


def part(command: str, whole: ast.FunctionDef) -> Sequence[ast.AST]:
    """The code of a command: its function, or as far as it goes with `--release-hold`."""
    if command != "promote --release-hold":
        return [whole]
    for inner in ast.walk(whole):
        for index, node in enumerate(getattr(inner, "body", [])):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "release_hold":
                assert isinstance(node.body[-1], ast.Return)
                return list(inner.body[: index + 1])  # type: ignore[attr-defined]
    raise AssertionError(f"{whole.name} does not say what `mlops {command}` does")


def loaded(modules: list[str]) -> tuple[list[str], list[Path]]:
    """All modules that there are once these are imported, and the files of the machinery's."""
    known = [name for name in modules if exists(name)]
    done = execute(ROOT, sys.executable, "-c", ASK, *known)
    assert done.returncode == 0, done.stderr
    names, files = json.loads(done.stdout)
    return names, [Path(file) for file in files]


def exists(name: str) -> bool:
    """Whether a dotted name is a module of the machinery, and not something inside one."""
    path = ROOT / "src" / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def dangers(modules: list[str]) -> Iterator[str]:
    names, files = loaded(modules)
    yield from (name for name in names if re.fullmatch(FORBIDDEN, name))
    for file in files:
        yield from (f"{file.name}: {found}" for found in LOADS.findall(file.read_text()))


def test_nothing_of_it_unpickles_or_runs_the_pipeline() -> None:
    """All but `comment`, which imports the gates for their names; test_rehearsal.py watches it."""
    commands = {command: imports(command) for command in PRIVILEGED - {"comment"}}

    assert [command for command, found in commands.items() if not any(map(exists, found))] == []
    assert set(dangers([m for found in commands.values() for m in found])) == UNCALLED.keys()


def test_what_does_is_noticed() -> None:
    found = list(dangers(imports("promote judge")))

    assert {"joblib", "sklearn", "mlops.judge.gates", 'champion.py: "repro"'} <= set(found)
