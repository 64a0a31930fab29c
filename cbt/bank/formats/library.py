"""Checking a whole library of bank files: each file, what is asked twice, the figures, and what the blueprint needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cbt.bank.check import Problem, Severity, error, warning
from cbt.bank.content import LANGUAGES, ItemContent
from cbt.bank.formats.blueprint import Blueprint, standard_blueprint
from cbt.bank.formats.reference import EDITION_NAME, read_edition
from cbt.bank.formats.yaml import BankFile, FileItem, read_file
from cbt.bank.lint.figures import Figures, figures_of, problems_of_bank, problems_of_lengths
from cbt.bank.lint.repeats import repeats_in
from cbt.bank.lint.report import AreaCount, Report
from cbt.bank.lint.spelling import Knows, hints_in

# Files of a library that hold no questions.
BLUEPRINT_NAME = "blueprint.yaml"


class _Place(NamedTuple):
    """A question where it stands."""

    bank: BankFile
    item: FileItem

    def at(self, problem: Problem) -> Problem:
        return replace(problem, file=self.bank.name, item=self.item.code, line=self.item.line)


def check_paths(
    paths: Iterable[Path],
    *,
    shortage: Severity = "warning",
    depth: int | None = None,
    practice: int = 0,
    known_words: Mapping[str, Knows] | None = None,
    blueprint: Blueprint | None = None,
) -> Report:
    """Everything wrong with bank files and folders of them; what is asked for is told at `check_files`."""
    files, missing = read_paths(paths, blueprint=blueprint)
    return check_files(
        files,
        missing=missing,
        shortage=shortage,
        depth=depth,
        practice=practice,
        known_words=known_words,
        blueprint=blueprint,
    )


def read_paths(paths: Iterable[Path], *, blueprint: Blueprint | None = None) -> tuple[list[BankFile], list[Problem]]:
    """The bank files under these paths, a file named twice once; and what is wrong with paths and editions."""
    missing: list[Problem] = []
    files: dict[Path, Path] = {}
    for path in paths:
        found = list(bank_files(path))
        if not found:
            missing.append(replace(error("no_bank_files" if path.is_dir() else "path_missing"), file=str(path)))
        if (edition := path / EDITION_NAME).is_file():
            missing.extend(read_edition(edition)[1])
        for file in found:
            files.setdefault(file.resolve(), file)
    return [read_file(file, blueprint=blueprint or standard_blueprint()) for file in files.values()], missing


def check_files(
    banks: Sequence[BankFile],
    *,
    missing: Iterable[Problem] = (),
    shortage: Severity = "warning",
    depth: int | None = None,
    practice: int = 0,
    known_words: Mapping[str, Knows] | None = None,
    blueprint: Blueprint | None = None,
) -> Report:
    """Everything wrong with files that were read.

    `shortage` is how grave an area is that has fewer questions than a form takes: as an "error" it is asked of
    every area of the positions seen, as a "warning" of the areas seen. With a `depth` every area of the positions
    seen is asked for that many times what a form takes, and each position for `practice` questions of its own.
    Spelling is looked at where `known_words` are given.
    """
    places = [_Place(bank, item) for bank in banks for item in bank.items]
    counts = tuple(_counts(banks, blueprint or standard_blueprint()))
    figures = _figures(banks)
    problems = [*missing, *(problem for bank in banks for problem in bank.problems)]
    problems.extend(_repeated_codes(places))
    problems.extend(_repeated_texts(places))
    problems.extend(_problems_of_figures(banks, figures))
    problems.extend(_shortages(counts, {(bank.position, bank.area) for bank in banks}, shortage, depth))
    problems.extend(_practice_shortages(counts, practice))
    if known_words is not None:
        problems.extend(_hints(places, known_words))
    unchecked = () if known_words is None else tuple(each for each in LANGUAGES if each not in known_words)
    return Report(tuple(problems), counts, len(banks), figures, unchecked)


def bank_files(path: Path) -> Iterator[Path]:
    """The file itself, or the bank files of a folder in a steady order."""
    if path.is_dir():
        others = (BLUEPRINT_NAME, EDITION_NAME)
        yield from sorted(file for file in path.rglob("*.y*ml") if file.name not in others and file.is_file())
    elif path.exists():
        yield path


def _repeated_codes(places: Sequence[_Place]) -> Iterator[Problem]:
    """Codes used in two files; a file's own repeated codes are its own problem."""
    first: dict[str, BankFile] = {}
    for place in places:
        if first.setdefault(place.item.code, place.bank) is not place.bank:
            yield place.at(error("code_repeated", "code", first=first[place.item.code].name))


def _repeated_texts(places: Sequence[_Place]) -> Iterator[Problem]:
    contents = [place.item.content for place in places]
    for repeat in repeats_in(contents, [place.item.code for place in places]):
        yield places[repeat.later].at(repeat.problem)


def _hints(places: Sequence[_Place], known_words: Mapping[str, Knows]) -> Iterator[Problem]:
    for place, problem in hints_in([place.item.content for place in places], known_words):
        yield places[place].at(problem)


def _drawn(banks: Iterable[BankFile]) -> list[ItemContent]:
    return [item.content for bank in banks for item in bank.items if not item.practice]


def _figures(banks: Sequence[BankFile]) -> dict[str, Figures]:
    """The figures of each position that has questions to draw."""
    drawn = {position: _drawn(b for b in banks if b.position == position) for position in _positions(banks)}
    return {position: figures_of(contents) for position, contents in drawn.items() if contents}


def _positions(banks: Iterable[BankFile]) -> list[str]:
    return list(dict.fromkeys(bank.position for bank in banks if bank.position))


def _problems_of_figures(banks: Sequence[BankFile], figures: Mapping[str, Figures]) -> Iterator[Problem]:
    """What is wrong with each bank, and the lengths of the keys in each of its files where it has several."""
    files = Counter(bank.position for bank in banks)
    for position, each in figures.items():
        yield from (replace(problem, item=position) for problem in problems_of_bank(each))
    for bank in banks:
        if files[bank.position] > 1:
            yield from (replace(problem, file=bank.name) for problem in problems_of_lengths(figures_of(_drawn([bank]))))


def _counts(banks: Sequence[BankFile], blueprint: Blueprint) -> Iterator[AreaCount]:
    drawn = Counter((bank.position, bank.area) for bank in banks for item in bank.items if not item.practice)
    practice = Counter((bank.position, bank.area) for bank in banks for item in bank.items if item.practice)
    seen = set(_positions(banks))
    for position in blueprint.positions:
        if position.position in seen:
            for area in position.areas:
                place = (position.position, area.code)
                yield AreaCount(*place, items=drawn[place], practice=practice[place], needed=area.items)


def _shortages(
    counts: Iterable[AreaCount], seen: set[tuple[str, str]], severity: Severity, depth: int | None
) -> Iterator[Problem]:
    for count in counts:
        facts = {"area": count.area, "count": count.items}
        asked = severity == "error" or depth is not None or (count.position, count.area) in seen
        if asked and count.items < count.needed:
            yield Problem(severity, "area_short", "items", facts | {"needed": count.needed}, item=count.position)
        elif depth is not None and count.items < depth * count.needed:
            shallow = warning("area_shallow", "items", **facts, needed=depth * count.needed, times=depth)
            yield replace(shallow, item=count.position)


def _practice_shortages(counts: Sequence[AreaCount], needed: int) -> Iterator[Problem]:
    for position in dict.fromkeys(count.position for count in counts):
        practice = sum(count.practice for count in counts if count.position == position)
        if practice < needed:
            yield replace(warning("practice_short", "items", count=practice, needed=needed), item=position)
