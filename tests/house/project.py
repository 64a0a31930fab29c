"""The project's own files: their length, why each dependency is there, and no address of a package source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.source import Finding, Source

LONGEST = 500
# Tables as the database tool writes them: one file a migration, however long.
_GENERATED = "cbt/migrations/versions/"
_REQUIREMENT = re.compile(r'^\s+"(?P<name>[A-Za-z0-9_.\[\]-]+)[^"]*",?\s*(?P<reason>#\s*\S.*)?$')
_ADDRESS = re.compile(r"[a-z]+://", re.IGNORECASE)
_INDEX = re.compile(
    r"(?<!no-emit-)index[-_]url|find[-_]links|\b(?:PIP|UV)_\w*INDEX|tool\.uv\.index|trusted[-_]host", re.IGNORECASE
)


def files_are_short(source: Source) -> Iterator[Finding]:
    lines = source.text.count("\n")
    if lines > LONGEST and not source.path.startswith(_GENERATED):
        yield source.finding(1, f"{lines} lines; split it by deed, at most {LONGEST}")


def dependencies_have_reasons(project: Source) -> Iterator[Finding]:
    """In pyproject.toml, each line of a list of requirements says why it is there."""
    inside = False
    for number, line in enumerate(project.text.splitlines(), start=1):
        if re.match(r"(dependencies|dev)\s*=\s*\[", line) or (inside and line.startswith("]")):
            inside = not line.startswith("]")
        elif inside and line.strip() and not line.strip().startswith("#"):
            found = _REQUIREMENT.match(line)
            if found is None or not found["reason"]:
                yield project.finding(number, f"say in a comment why {line.strip()} is needed")


def no_package_source_is_named(source: Source) -> Iterator[Finding]:
    """Where packages come from is the machine's business: no address in a lock, no index in a configuration."""
    is_lock = source.path.endswith(".lock") or "requirements" in source.path
    for number, line in enumerate(source.text.splitlines(), start=1):
        if _INDEX.search(line) or (is_lock and _ADDRESS.search(line)):
            yield source.finding(number, f"a source of packages is named: {line.strip()[:60]}")
