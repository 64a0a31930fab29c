"""One-way floors: what a module may import."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.house.source import Finding, Import, Module, imports_of

GROUND = ("errors", "db", "settings", "zone", "i18n", "columns", "logs")
FLOORS: tuple[tuple[str, ...], ...] = (
    GROUND,
    ("regulation",),
    ("audit",),
    ("accounts",),
    ("bank",),
    ("assembly",),
    ("delivery",),
    ("results",),
    ("measurement",),
    ("commission",),
    ("registry",),
    ("documents",),
    ("web", "cli"),
    ("app",),
)
_LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}
_TOP = len(FLOORS) - 1
FLASK = ("flask", "werkzeug", "wtforms", "jinja2")

# A module on the left may import what stands on the right although it lies above it or beside it.
EXCEPTIONS = {
    ("cbt.__main__", "cbt.cli.main"): "`python -m cbt` is the command itself",
    ("cbt.cli.wsgi", "cbt.app"): "what the server's processes load",
    ("cbt.cli.main", "cbt.web.words"): "the terminal says a refusal in the words of the pages",
}
# Imports inside a function, each with the reason why it cannot stand at the top of its file.
NESTED = {
    ("cbt.cli.main", "cbt.web.words"): "the words load the web framework, which no other command needs",
}


def _package(name: str) -> str:
    """`cbt.web.author.views` -> `web`."""
    return name.split(".")[1] if name.count(".") else ""


def _audience(name: str, known: frozenset[str]) -> str | None:
    parts = name.split(".")
    return parts[2] if len(parts) > 2 and parts[1] == "web" and parts[2] in known else None


AUDIENCES = frozenset(
    {"account", "candidate", "invigilator", "author", "reviewer", "commission", "registrar", "public", "practice", "admin"}
)


def _matches(target: str, whole: str) -> bool:
    return target == whole or target.startswith(whole + ".")


def _excepted(module: Module, target: str, table: dict[tuple[str, str], str]) -> bool:
    return any(module.name == name and _matches(target, whole) for name, whole in table)


def imports_only_downwards(module: Module) -> Iterator[Finding]:
    """No import up the floors, and none sideways between web and cli."""
    here = _package(module.name)
    if here == "models" or module.name == "cbt":
        return
    for one in imports_of(module):
        there = _package(one.target)
        if not one.target.startswith("cbt.") or there == here or _excepted(module, one.target, EXCEPTIONS):
            continue
        if here == "migrations":
            if one.target.startswith(("cbt.db", "cbt.models", "cbt.migrations", "cbt.columns")):
                continue
            yield module.finding(one.line, f"a migration imports {one.target}; it may know the database and the models")
        elif there == "migrations":
            if not (
                _matches(one.target, "cbt.migrations.state")
                and (here == "cli" or module.name.startswith("cbt.web.public."))
            ):
                yield module.finding(one.line, f"{one.target} is for the commands and the readiness page only")
        elif there == "models":
            yield module.finding(one.line, f"{one.target} is for migrations only; import the models of a lower floor")
        elif there not in _LEVEL:
            yield module.finding(one.line, f"{one.target} is on no floor; give {there!r} a place in FLOORS")
        elif here not in _LEVEL:
            yield module.finding(one.line, f"{module.name} is on no floor; give {here!r} a place in FLOORS")
        elif _LEVEL[there] >= _LEVEL[here] and not (here in GROUND and there in GROUND):
            yield module.finding(one.line, f"{here} imports {one.target}, which is not on a lower floor")


def imports_stay_in_their_audience(module: Module) -> Iterator[Finding]:
    """A page of one audience knows nothing of another's, and what they share knows none of them."""
    if _package(module.name) != "web":
        return
    here = _audience(module.name, AUDIENCES)
    for one in imports_of(module):
        there = _audience(one.target, AUDIENCES)
        if there and there != here:
            whose = f"the pages of {here}" if here else "what all pages share"
            yield module.finding(one.line, f"{whose} may not import {one.target}; share it in cbt/web or below")


def candidates_pages_do_not_know_the_bank(module: Module) -> Iterator[Finding]:
    if not module.name.startswith("cbt.web.candidate"):
        return
    for one in imports_of(module):
        if _matches(one.target, "cbt.bank"):
            yield module.finding(one.line, f"a candidate's page imports {one.target}; keys live there")


def imports_are_absolute(module: Module) -> Iterator[Finding]:
    for one in imports_of(module):
        if one.relative:
            yield module.finding(one.line, f"write the import of {one.target.lstrip('.')} from `cbt.` on")


def imports_stand_at_the_top(module: Module) -> Iterator[Finding]:
    for one in imports_of(module):
        if one.nested and not _excepted(module, one.target, NESTED):
            yield module.finding(
                one.line, f"{one.target} is imported inside a function; move it to the top of the file"
            )


def flask_stays_at_the_edge(module: Module) -> Iterator[Finding]:
    if _package(module.name) in {"web", "cli", "app"}:
        return
    for one in imports_of(module):
        root = one.target.partition(".")[0]
        if root in FLASK or root.startswith("flask_"):
            yield module.finding(one.line, f"{one.target} is for cbt/web, cbt/cli and cbt/app.py only")


_NOT_PURE = {"time", "random", "secrets", "uuid", "os", "socket", "subprocess", "threading", "sqlite3", "tempfile"}


def regulation_imports_only_the_pure(module: Module) -> Iterator[Finding]:
    """The rules stand on the standard library, `cbt.errors` and `cbt.zone`."""
    if _package(module.name) != "regulation":
        return
    for one in imports_of(module):
        root = one.target.partition(".")[0]
        if root == "cbt":
            if not any(_matches(one.target, whole) for whole in ("cbt.regulation", "cbt.errors", "cbt.zone")):
                yield module.finding(one.line, f"a rule imports {one.target}; it may use cbt.errors and cbt.zone")
        elif root in _NOT_PURE:
            yield module.finding(one.line, f"a rule imports {root}; the moment, the seed and the facts are arguments")
        elif root not in sys.stdlib_module_names and not one.relative:
            yield module.finding(one.line, f"a rule imports {root}, which is not in the standard library")


def exceptions_are_used(found: list[tuple[str, Import]]) -> list[str]:
    """Exceptions that nothing needs any more."""
    return [
        f"{name} imports {whole}"
        for name, whole in (*EXCEPTIONS, *NESTED)
        if not any(name == module and _matches(one.target, whole) for module, one in found)
    ]


RULES = (
    imports_only_downwards,
    imports_stay_in_their_audience,
    candidates_pages_do_not_know_the_bank,
    imports_are_absolute,
    imports_stand_at_the_top,
    flask_stays_at_the_edge,
    regulation_imports_only_the_pure,
)
