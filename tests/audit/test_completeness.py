"""Every action leads to an entry of the record; what is no deed by itself is listed here with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent / "cbt"

SILENT = {
    "accounts.actions.count_failure": "the refusal of the sign-in is the deed",
    "accounts.actions.drop_old_sessions": "only forgets what can no longer matter",
    "accounts.actions.end_session": "called by the deeds of signing out",
    "accounts.actions.forgive_failures": "called by the deeds of signing in and of issuing a code",
    "accounts.actions.open_session": "called by the deeds of signing in",
    "audit.actions.record": "is the record",
    "audit.actions.seal": "seals the record",
    "bank.actions.rows.put_content": "called by the deeds that write or change a version",
    "delivery.actions.attempts.digest_of": "computes a hash and writes nothing",
    "delivery.actions.attempts.note_incident": "called by deeds that have an entry of their own",
}


def _modules() -> list[Path]:
    return sorted([*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/*.py")])


def _functions() -> dict[str, set[str]]:
    """Every function and method of an action file, by its dotted name, with the names it uses.

    Setting an attribute of a row counts as using the name `update`.
    """
    found: dict[str, set[str]] = {}
    for path in _modules():
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = _names(node)
    return found


def _names(function: ast.FunctionDef) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add("update" if isinstance(node.ctx, ast.Store) else node.attr)
    return names


def _reaching(functions: dict[str, set[str]], names: set[str]) -> set[str]:
    """The functions that use one of these names, themselves or through others."""
    reached: set[str] = set()
    while True:
        more = {name for name, used in functions.items() if used & names} - reached
        if not more:
            return reached
        reached |= more
        names = names | {name.rpartition(".")[2] for name in more}


def test_every_public_action_that_writes_leads_to_an_entry_of_the_record() -> None:
    functions = _functions()
    public = {name for name in functions if not name.rpartition(".")[2].startswith("_")}
    writing = public & _reaching(functions, {"add_all", "insert", "update", "delete", "record"} | {"add"})
    assert writing - _reaching(functions, {"record"}) == set(SILENT)
    assert len(writing) > 40


def test_the_record_itself_has_no_other_writer() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "audit" and "AuditEntry(" in path.read_text(encoding="utf-8"):
            raise AssertionError(path)
