"""The source of the house as the rules read it: modules with their trees, templates, and what a rule finds in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finding:
    """A broken rule: where, and in a sentence what to do about it."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


@dataclass(frozen=True)
class Source:
    """A file by its path inside the project, and its text."""

    path: str
    text: str

    def finding(self, place: ast.AST | int, sentence: str) -> Finding:
        return Finding(self.path, place if isinstance(place, int) else getattr(place, "lineno", 1), sentence)


@dataclass(frozen=True)
class Module(Source):
    """A Python file: `name` is what others import it by."""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def nodes(self, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))

    @cached_property
    def calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]


Rule = Callable[[Module], Iterable[Finding]]


@dataclass(frozen=True)
class Import:
    """One name that a module imports: `target` is the dotted whole, `nested` when it stands inside a function."""

    target: str
    line: int
    nested: bool
    relative: bool


def imports_of(module: Module) -> list[Import]:
    inside = {
        id(node)
        for function in module.nodes((ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    found = []
    for node in module.nodes((ast.Import, ast.ImportFrom)):
        nested = id(node) in inside
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, nested, False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            head = "." * node.level + (node.module or "")
            found += [Import(f"{head}.{alias.name}", node.lineno, nested, node.level > 0) for alias in node.names]
    return found


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; a call or anything else inside it reads as `()`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "()"


def strings_of(node: ast.AST | None) -> list[str]:
    """The literal strings an expression may be: a constant, or both sides of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return strings_of(node.body) + strings_of(node.orelse)
    return []


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every Python file of the product."""
    return tuple(
        Module(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in sorted((ROOT / "cbt").rglob("*.py"))
    )


@lru_cache(maxsize=1)
def templates() -> tuple[Source, ...]:
    return tuple(
        Source(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in sorted((ROOT / "cbt").rglob("*.html"))
    )


@lru_cache(maxsize=1)
def texts() -> tuple[Source, ...]:
    """Every file that people write by hand: code, pages, styles, scripts, tests."""
    kinds = {".py", ".html", ".css", ".js", ".typ"}
    return tuple(
        Source(str(path.relative_to(ROOT)), path.read_text("utf-8"))
        for folder in ("cbt", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in kinds
    )
