"""Which tests of a file `make test` runs, read from the file: a name alone proves nothing."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOT_RUN = {"skip", "skipif", "xfail", "slow", "importorskip"}
"""Marks and calls that keep a test from `make test`, or its result from counting."""


@dataclass(frozen=True)
class Collected:
    """The tests of a file that run and can fail, and the names that the file uses."""

    names: list[str] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    """As `module.name`, by what the file imports: `problem.features.rows`."""

    def about(self, word: str) -> list[str]:
        """The tests in whose name the word stands."""
        return [name for name in self.names if word in name]


def read(path: Path) -> Collected:
    """The tests of a file; none when it is missing, is no Python, or is skipped as a whole."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, SyntaxError, UnicodeDecodeError):
        return Collected()
    if not path.name.startswith("test_") or any(_marked(node) for node in _outside(tree)):
        return Collected()
    return Collected([node.name for node in _functions(tree) if _runs(node)], set(_used(tree)))


def _outside(tree: ast.Module) -> list[ast.stmt]:
    """What is executed on import: a mark or a skip there is one of all tests."""
    return [node for node in tree.body if isinstance(node, ast.Assign | ast.Expr | ast.If)]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test") and not _off(node):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef))


def _runs(node: ast.FunctionDef) -> bool:
    """Whether it is a test that nothing skips, and that can fail."""
    if not node.name.startswith("test_") or _off(node):
        return False
    inner = [part for statement in node.body for part in ast.walk(statement)]
    skipped = any(_called(part) in NOT_RUN for part in inner)
    return not skipped and any(_asserts(part) for part in inner)


def _off(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return any(_marked(decorator) for decorator in node.decorator_list)


def _marked(node: ast.AST) -> bool:
    names = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return bool(names & NOT_RUN)


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _asserts(node: ast.AST) -> bool:
    called = _called(node)
    return isinstance(node, ast.Assert) or called == "raises" or called.startswith("assert_")


def _used(tree: ast.Module) -> Iterator[str]:
    """Every `module.name` that is imported, or reached through an imported module."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                modules[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            modules.update({name.asname or name.name: name.name for name in node.names})
    yield from modules.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in modules:
            yield f"{modules[ast.unparse(node.value)]}.{node.attr}"
