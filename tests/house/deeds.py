"""Who may read the clock, commit, and write rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.source import Finding, Module, dotted, imports_of, strings_of

_CLOCK_CALLS = {"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter", "gmtime", "localtime"}
_CHANCE = {
    "random",
    "randint",
    "randrange",
    "shuffle",
    "choice",
    "choices",
    "sample",
    "uuid1",
    "uuid4",
    "urandom",
    "token_hex",
}
# Where one reading of the clock is taken; everything below is told the moment.
CLOCKS = ("cbt/web/context.py", "cbt/cli/")
_SESSION_WRITES = {
    "add",
    "add_all",
    "delete",
    "merge",
    "bulk_save_objects",
    "bulk_insert_mappings",
    "bulk_update_mappings",
}
_STATEMENTS = {"insert", "update", "delete"}
_RAW = re.compile(r"\b(?:INSERT\s+INTO|REPLACE\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|TRUNCATE)\b")


def _is_action(path: str) -> bool:
    return path.endswith("/actions.py") or "/actions/" in path


def _is_migration(path: str) -> bool:
    return path.startswith("cbt/migrations/")


def rules_have_no_clock_and_no_chance(module: Module) -> Iterator[Finding]:
    if not module.path.startswith("cbt/regulation/"):
        return
    for call in module.calls:
        if isinstance(call.func, ast.Attribute):
            name = call.func.attr
            if name in _CLOCK_CALLS or (name == "time" and dotted(call.func.value) == "time"):
                yield module.finding(call, f"a rule reads the clock ({dotted(call.func)}); the moment is an argument")
            elif name in _CHANCE and not isinstance(call.func.value, ast.Constant):
                yield module.finding(call, f"a rule uses chance ({dotted(call.func)}); the seed is an argument")


def the_clock_is_read_once(module: Module) -> Iterator[Finding]:
    """Only the edge reads the clock; what it calls is told the moment."""
    if module.path.startswith(CLOCKS):
        return
    for call in module.calls:
        name = dotted(call.func)
        if name in {"datetime.now", "datetime.datetime.now", "date.today", "time.time", "datetime.today"}:
            yield module.finding(call, f"{name}() outside {' and '.join(CLOCKS)}; take the moment as an argument `now`")


def moments_are_aware(module: Module) -> Iterator[Finding]:
    for call in module.calls:
        name = dotted(call.func)
        last = name.rpartition(".")[2]
        keywords = {keyword.arg for keyword in call.keywords}
        is_datetime = name.startswith("datetime.")
        if last in {"utcnow", "utcfromtimestamp"} and is_datetime:
            yield module.finding(call, f"{last}() has no time zone; use datetime.now(UTC) or fromtimestamp(…, UTC)")
        elif is_datetime and last == "now" and not call.args and "tz" not in keywords:
            yield module.finding(call, "datetime.now() has no time zone; use datetime.now(UTC)")
        elif is_datetime and last == "fromtimestamp" and len(call.args) < 2 and "tz" not in keywords:
            yield module.finding(call, "fromtimestamp() has no time zone; give it UTC")
        elif (is_datetime or name.startswith("date.")) and last == "today":
            yield module.finding(call, "today() is the machine's day; use local_day(now)")
        elif (
            name in {"datetime", "datetime.datetime"} and call.args and len(call.args) < 8 and "tzinfo" not in keywords
        ):
            yield module.finding(call, "datetime(…) has no time zone; give it tzinfo")
        elif last == "replace" and any(
            keyword.arg == "tzinfo" and isinstance(keyword.value, ast.Constant) and keyword.value.value is None
            for keyword in call.keywords
        ):
            yield module.finding(call, "the time zone is taken away; keep moments aware")


def only_the_database_commits(module: Module) -> Iterator[Finding]:
    if module.path in {"cbt/db.py", "cbt/migrations/env.py"}:
        return
    savepoints = {
        dotted(node.targets[0])
        for node in module.nodes(ast.Assign)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        and dotted(node.value.func).endswith(".begin_nested")
    }  # fmt: skip
    for call in module.calls:
        if isinstance(call.func, ast.Attribute):
            if call.func.attr == "commit" and dotted(call.func.value) not in savepoints:
                yield module.finding(call, "only cbt/db.py commits; do the deed inside `database.transaction()`")
            if call.func.attr == "begin":
                yield module.finding(call, "a transaction begins and commits in cbt/db.py only")


def _session_names(module: Module) -> set[str]:
    """Names that hold a database session: arguments annotated so, and what `transaction()` and `reading()` give."""
    names = {"session", "db"}
    for node in module.nodes(ast.arg):
        if isinstance(node, ast.arg) and node.annotation is not None and dotted(node.annotation).endswith("Session"):
            names.add(node.arg)
    for node in module.nodes(ast.withitem):
        if (
            isinstance(node, ast.withitem)
            and isinstance(node.context_expr, ast.Call)
            and dotted(node.context_expr.func).rpartition(".")[2]
            in {"transaction", "reading", "one_statement", "Session"}
            and isinstance(node.optional_vars, ast.Name)
        ):
            names.add(node.optional_vars.id)
    return names


def only_actions_write_rows(module: Module) -> Iterator[Finding]:
    if _is_action(module.path) or _is_migration(module.path):
        return
    sessions = _session_names(module)
    for call in module.calls:
        if isinstance(call.func, ast.Attribute):
            owner = dotted(call.func.value)
            if call.func.attr in _SESSION_WRITES and owner.rpartition(".")[2] in sessions:
                yield module.finding(call, f"{dotted(call.func)}() writes rows; that is for actions.py")
            if call.func.attr in _STATEMENTS and owner.rpartition(".")[2] in {
                "postgresql",
                "sqlite",
                "sqlalchemy",
                "sa",
                "__table__",
            }:
                yield module.finding(call, f"{dotted(call.func)}() writes rows; that is for actions.py")
    for one in imports_of(module):
        head, _, last = one.target.rpartition(".")
        if head.startswith("sqlalchemy") and last in _STATEMENTS:
            yield module.finding(one.line, f"{last}() of SQLAlchemy writes rows; that is for actions.py")
    for node in module.nodes(ast.Constant):
        for text in strings_of(node):
            if _RAW.search(text):
                yield module.finding(node, "SQL that writes rows; that is for actions.py")


RULES = (
    rules_have_no_clock_and_no_chance,
    the_clock_is_read_once,
    moments_are_aware,
    only_the_database_commits,
    only_actions_write_rows,
)
