"""Reads the package's own source, without importing it, for the tests of the house rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "ganvas"


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file of the package: its path below src/ganvas, its room and its syntax tree."""

    path: str
    room: str  # the first name below ganvas: "data" for data/idx.py, "step" for step.py
    tree: ast.Module
    num_lines: int


@dataclass(frozen=True, kw_only=True)
class Import:
    """One imported name in full ("ganvas.data.named.idx"), and whether it runs with the module."""

    name: str
    line: int
    at_import: bool  # not inside a function and not under `if TYPE_CHECKING`


def parse(text: str, path: str = "snippet.py") -> Module:
    """Read source `text` as the file at `path` below src/ganvas."""
    first = path.partition("/")[0]
    return Module(
        path=path,
        room=first.removesuffix(".py"),
        tree=ast.parse(text),
        num_lines=text.count("\n"),
    )


def modules() -> list[Module]:
    """All files of the package."""
    return [
        parse(file.read_text(encoding="utf-8"), file.relative_to(PACKAGE).as_posix())
        for file in sorted(PACKAGE.rglob("*.py"))
    ]


def imports(module: Module) -> Iterator[Import]:
    """Every import of a module, wherever it stands; `from a import b` gives "a.b"."""
    stack: list[tuple[ast.AST, bool]] = [(module.tree, True)]
    while stack:
        node, at_import = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name=alias.name, line=node.lineno, at_import=at_import)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module.path)
            for alias in node.names:
                yield Import(name=f"{origin}.{alias.name}", line=node.lineno, at_import=at_import)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            stack += [(child, False) for child in node.body]
            stack += [(child, at_import) for child in node.orelse]
        else:
            later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            stack += [(child, at_import and not later) for child in ast.iter_child_nodes(node)]


def _origin(node: ast.ImportFrom, path: str) -> str:
    if node.level == 0:
        return node.module or ""
    package = ["ganvas", *path.split("/")[:-1]]
    above = package[: len(package) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the full dotted name of what is called, import aliases resolved.

    ``np.random.rand()`` after ``import numpy as np`` gives "numpy.random.rand"; a method of
    something computed gives only what can be read, as ".read_text" for ``path().read_text()``.
    """
    aliases = _aliases(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield _dotted(node.func, aliases), node


def _aliases(module: Module) -> dict[str, str]:
    found = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module.path)
            found.update({a.asname or a.name: f"{origin}.{a.name}" for a in node.names})
    return found


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return ""
