"""A library of bank files: what is asked of depth and practice, and what is told across files and positions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from cbt.bank.content import LANGUAGES, ItemContent
from cbt.bank.formats.blueprint import QUESTION_BANKS, Area, Blueprint, PositionBlueprint
from cbt.bank.formats.library import bank_files, check_paths
from cbt.bank.formats.yaml import BankFile, FileItem, read_file, write_file
from cbt.bank.lint.report import Report
from tests.bank.planted import question

NAME = question("x").stem
BLUEPRINT = Blueprint(
    (
        PositionBlueprint("att-care", NAME, (Area("D1", NAME, 3), Area("D2", NAME, 2))),
        PositionBlueprint("att-specialist", NAME, (Area("B1", NAME, 3),)),
    )
)


def write(
    folder: Path, area: str, contents: Iterable[ItemContent], *, practice: int = 0, position: str = "att-care"
) -> Path:
    """A file of an area; its last questions are for practice."""
    contents = list(contents)
    drawn = len(contents) - practice
    items = tuple(
        FileItem(f"CA-{area}-{number:03}", content, practice=number > drawn)
        for number, content in enumerate(contents, start=1)
    )
    folder.mkdir(exist_ok=True)
    path = folder / f"{area}.yaml"
    path.write_text(write_file(BankFile(path.name, position, area, items)), "utf-8")
    return path


def questions(count: int, start: str = "") -> list[ItemContent]:
    return [question(f"{start}{number}") for number in range(count)]


def told(report: Report) -> list[tuple[str, str, object, object]]:
    return [(p.severity, p.code, p.facts.get("area", p.item), p.facts.get("needed")) for p in report.problems]


@pytest.mark.parametrize(
    ("count", "depth", "expected"),
    [
        (3, None, []),
        (2, None, [("warning", "area_short", "D1", 3)]),
        (6, 2, []),
        (5, 2, [("warning", "area_shallow", "D1", 6)]),
        (3, 2, [("warning", "area_shallow", "D1", 6)]),
        (2, 2, [("warning", "area_short", "D1", 3)]),
        (3, 1, []),
    ],
)
def test_an_area_must_hold_so_many_times_what_a_form_takes(tmp_path, count, depth, expected):
    write(tmp_path, "D1", questions(count))
    write(tmp_path, "D2", questions(4, "other"))
    assert told(check_paths([tmp_path], depth=depth, blueprint=BLUEPRINT)) == expected


def test_with_a_depth_an_area_without_a_file_is_missed_but_no_other_position(tmp_path):
    path = write(tmp_path, "D1", questions(3))
    assert told(check_paths([path], blueprint=BLUEPRINT)) == []
    assert told(check_paths([path], depth=1, blueprint=BLUEPRINT)) == [("warning", "area_short", "D2", 2)]


@pytest.mark.parametrize(("practice", "needed", "short"), [(2, 0, False), (2, 2, False), (2, 3, True), (0, 1, True)])
def test_a_position_must_hold_so_many_practice_questions(tmp_path, practice, needed, short):
    path = write(tmp_path, "D1", questions(3 + practice), practice=practice)
    report = check_paths([path], practice=needed, blueprint=BLUEPRINT)
    assert told(report) == [("warning", "practice_short", "att-care", needed)] * short


def test_a_file_named_twice_is_one_file(tmp_path):
    path = write(tmp_path, "D1", questions(3))
    (tmp_path / "other").mkdir()
    report = check_paths([tmp_path, path, tmp_path / "other" / ".." / "D1.yaml"], blueprint=BLUEPRINT)
    assert (report.files, report.problems) == (1, ())


def test_a_stem_of_another_position_is_told_at_the_later_file(tmp_path):
    write(tmp_path / "a", "D1", questions(3))
    copied = [*questions(2, "new"), questions(1)[0]]
    path = write(tmp_path / "b", "B1", copied, position="att-specialist")
    (problem,) = check_paths([tmp_path], blueprint=BLUEPRINT).of("error")
    assert (problem.code, problem.file, problem.item) == ("stem_repeated", str(path), "CA-B1-003")
    assert problem.facts["first"] == "CA-D1-001" and problem.line


def test_the_figures_are_of_a_position_and_leave_practice_out(tmp_path):
    write(tmp_path, "D1", questions(3))
    write(tmp_path, "D2", questions(4, "other"), practice=1)
    write(tmp_path, "B1", questions(5, "third"), position="att-specialist")
    banks = check_paths([tmp_path], blueprint=BLUEPRINT).banks
    assert {position: figures.items for position, figures in banks.items()} == {"att-care": 6, "att-specialist": 5}


def test_long_keys_are_told_of_the_bank_and_of_the_file_that_has_them(tmp_path):
    telling = [question(f"long{number}", longest="ru") for number in range(10)]
    path = write(tmp_path, "D1", telling)
    write(tmp_path, "D2", questions(10, "other"))
    found = [p for p in check_paths([tmp_path], blueprint=BLUEPRINT).problems if p.code == "key_often_longest"]
    assert [(p.file, p.item, p.facts["count"], p.facts["total"]) for p in found] == [
        ("", "att-care", 10, 20),
        (str(path), "", 10, 10),
    ]


def test_figures_bar_no_import_and_a_wrong_question_does(tmp_path):
    same_place = write(tmp_path, "D1", [question(str(number), key="a") for number in range(20)])
    report = check_paths([same_place], blueprint=BLUEPRINT)
    assert [problem.code for problem in report.of("error")] == ["keys_uneven"]
    assert (report.exit_status, report.bars_import) == (1, False)
    same_place.write_text(same_place.read_text("utf-8").replace(", correct: true", "", 1), "utf-8")
    assert check_paths([same_place], blueprint=BLUEPRINT).bars_import


@pytest.mark.parametrize(
    ("said", "told_of"),
    [
        ('edition: "2026-11"\npublished: 2026-11-20', []),
        ('edition: ""\npublished: 2026-11-20', ["edition_name"]),
        (f"edition: {'a' * 41}\npublished: 2026-11-20", ["edition_name"]),
        ("edition: a\npublished: soon", ["date_expected"]),
        ("edition: [", ["yaml_broken"]),
    ],
)
def test_a_wrong_edition_is_told_of_the_library_that_nobody_could_adopt(tmp_path, said, told_of):
    write(tmp_path, "D1", questions(3))
    (tmp_path / "edition.yaml").write_text(said, "utf-8")
    report = check_paths([tmp_path], blueprint=BLUEPRINT)
    assert [problem.code for problem in report.problems] == told_of
    assert all(problem.file == str(tmp_path / "edition.yaml") for problem in report.problems)


def test_every_basis_of_the_library_is_read_in_either_language():
    for path in bank_files(QUESTION_BANKS):
        for item in read_file(path).items:
            bases = [item.content.basis.of(language) for language in LANGUAGES]
            assert bases[0] != bases[1], item.code
            assert not any(" / " in basis for basis in bases), item.code
