"""Checking a whole library of bank files: each file, codes and stems across files, and what the blueprint needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cbt.bank.check import Problem, Severity, describe, error
from cbt.bank.content import forbidden_character
from cbt.bank.formats.blueprint import Blueprint, standard_blueprint
from cbt.bank.formats.yaml import BankFile, FileItem, read_file
from cbt.bank.lint.figures import figures_of, problems_of_bank, problems_of_lengths
from cbt.bank.lint.repeats import repeats_in

# Files of a library that hold no questions.
BLUEPRINT_NAME, EDITION_NAME = "blueprint.yaml", "edition.yaml"


@dataclass(frozen=True)
class AreaCount:
    """Questions of one area (practice ones apart) beside the number that one form takes."""

    position: str
    area: str
    items: int
    practice: int
    needed: int


@dataclass(frozen=True)
class Report:
    problems: tuple[Problem, ...]
    counts: tuple[AreaCount, ...]
    files: int

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def exit_status(self) -> int:
        return 1 if self.errors else 0


def check_paths(paths: Iterable[Path], *, shortage: Severity = "warning", blueprint: Blueprint | None = None) -> Report:
    """Everything wrong with bank files and folders of them.

    `shortage` is how grave an area is that has fewer questions than a form takes: as an "error" it is asked of
    every area of the positions seen, as a "warning" of the areas seen.
    """
    blueprint = blueprint or standard_blueprint()
    problems: list[Problem] = []
    banks: list[BankFile] = []
    for path in paths:
        files = list(bank_files(path))
        if not files:
            problems.append(replace(error("no_bank_files" if path.is_dir() else "path_missing"), file=str(path)))
        banks.extend(read_file(file, blueprint=blueprint) for file in files)
    problems.extend(problem for bank in banks for problem in bank.problems)
    problems.extend(_problems_across(banks))
    problems.extend(_problems_of_banks(banks))
    counts = tuple(_counts(banks, blueprint))
    problems.extend(_shortages(counts, {(bank.position, bank.area) for bank in banks}, shortage))
    return Report(tuple(problems), counts, len(banks))


def render(report: Report, _: Callable[[str], str]) -> str:
    """The report as plain text: a line a problem, then the areas, then the sums."""
    severities = {"error": _("error"), "warning": _("warning")}
    lines = []
    for problem in report.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part)
        named = " ".join(part for part in (problem.item, problem.field) if part)
        line = ": ".join(part for part in (place, named, severities[problem.severity], describe(problem, _)) if part)
        lines.append(_printable(line))
    if lines:
        lines.append("")
    lines.extend(
        _printable(
            _("%(position)s %(area)s: %(items)s of %(needed)s questions, practice questions: %(practice)s")
            % {"position": c.position, "area": c.area, "items": c.items, "needed": c.needed, "practice": c.practice}
        )
        for c in report.counts
    )
    lines.append(
        _("Files: %(files)s. Errors: %(errors)s. Warnings: %(warnings)s.")
        % {"files": report.files, "errors": report.errors, "warnings": report.warnings}
    )
    return "\n".join(lines) + "\n"


def bank_files(path: Path) -> Iterator[Path]:
    """The file itself, or the bank files of a folder in a steady order."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*.y*ml") if file.name not in (BLUEPRINT_NAME, EDITION_NAME) and file.is_file())
    elif path.exists():
        yield path


def _problems_across(banks: list[BankFile]) -> Iterator[Problem]:
    """Codes used in two files, and what is asked twice; a file's own repeated codes are its own problem."""
    codes: dict[str, BankFile] = {}
    for bank in banks:
        for item in bank.items:
            if codes.setdefault(item.code, bank) is not bank:
                yield _at(bank, item, error("code_repeated", "code", first=codes[item.code].name))
    places = [(bank, item) for bank in banks for item in bank.items]
    contents = [item.content for _, item in places]
    for repeat in repeats_in(contents, [item.code for _, item in places]):
        yield _at(*places[repeat.later], repeat.problem)


def _problems_of_banks(banks: list[BankFile]) -> Iterator[Problem]:
    """The figures of each position, and the lengths of the keys in each file where the position has several."""
    by_position: dict[str, list[BankFile]] = {}
    for bank in banks:
        by_position.setdefault(bank.position, []).append(bank)
    for position, files in by_position.items():
        drawn = {bank.name: [item.content for item in bank.items if not item.practice] for bank in files}
        whole = figures_of([content for contents in drawn.values() for content in contents])
        yield from (replace(problem, item=position) for problem in problems_of_bank(whole))
        for name, contents in drawn.items() if len(drawn) > 1 else ():
            yield from (replace(problem, file=name) for problem in problems_of_lengths(figures_of(contents)))


def _counts(banks: list[BankFile], blueprint: Blueprint) -> Iterator[AreaCount]:
    drawn = Counter((bank.position, bank.area) for bank in banks for item in bank.items if not item.practice)
    practice = Counter((bank.position, bank.area) for bank in banks for item in bank.items if item.practice)
    seen = {bank.position for bank in banks}
    for position in blueprint.positions:
        if position.position in seen:
            for area in position.areas:
                place = (position.position, area.code)
                yield AreaCount(*place, items=drawn[place], practice=practice[place], needed=area.items)


def _shortages(counts: Iterable[AreaCount], seen: set[tuple[str, str]], severity: Severity) -> Iterator[Problem]:
    for count in counts:
        asked = severity == "error" or (count.position, count.area) in seen
        if asked and count.items < count.needed:
            facts = {"area": count.area, "count": count.items, "needed": count.needed}
            yield Problem(severity, "area_short", "items", facts, item=count.position)


def _at(bank: BankFile, item: FileItem, problem: Problem) -> Problem:
    return replace(problem, file=bank.name, item=item.code, line=item.line)


def _printable(line: str) -> str:
    """No character of a hostile file moves the terminal's cursor."""
    return "".join(f"<U+{ord(c):04X}>" if forbidden_character(c) or c == "\n" else c for c in line)
