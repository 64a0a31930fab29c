"""Bank files in YAML: every fault is named by item, field and line; what is written is read back the same."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cbt.bank.formats import safe_yaml
from cbt.bank.formats.blueprint import QUESTION_BANKS, read_blueprint, standard_blueprint
from cbt.bank.formats.library import check_paths
from cbt.bank.formats.yaml import BankFile, picture_name, read_file, write_file
from cbt.bank.lint.report import render

GOOD = """\
position: att-care
area: D1
items:
  - code: CA-D1-001
    kind: single
    level: knowledge
    difficulty: 0.6
    basis: {act: "Әлеуметтік кодекс", provision: "133-бап", as_of: 2025-01-01}
    stem:
      kk: "Қызмет алушы кім?"
      ru: "Кто получатель услуг?"
    options:
      - {id: a, kk: "Қызмет көрсетілетін адам", ru: "Тот, кому оказывают услуги", correct: true}
      - {id: b, kk: "Қызмет көрсететін адам", ru: "Тот, кто оказывает услуги"}
      - {id: c, kk: "Қызметке ақы төлейтін адам", ru: "Тот, кто платит за услуги"}
    rationale:
      kk: "Кодекстің анықтамасы."
      ru: "Определение кодекса."
"""


def read(text: str | bytes, **others: object) -> BankFile:
    return read_file(text.encode() if isinstance(text, str) else text, "D1.yaml", **others)


def found(bank: BankFile) -> list[tuple[str, str, str, int | None]]:
    return [(problem.code, problem.item, problem.field, problem.line) for problem in bank.problems]


def test_a_good_file_is_read_without_a_word():
    bank = read(GOOD)
    assert bank.problems == ()
    assert (bank.position, bank.area, len(bank.items)) == ("att-care", "D1", 1)
    item = bank.items[0]
    assert (item.code, item.practice, item.line) == ("CA-D1-001", False, 4)
    assert item.content.stem.kk == "Қызмет алушы кім?"
    assert [(option.id, option.correct) for option in item.content.options] == [("a", True), ("b", False), ("c", False)]


def test_what_is_written_is_this_text():
    assert write_file(read(GOOD)) == GOOD


TROUBLE = """\
position: att-care
area: D1
items:
  - code: CA-D1-002
    practice: true
    kind: multiple
    level: judgement
    difficulty: 0.35
    basis: {act: 'Заң "А" \\ б', provision: "1-бап: #2, {3}", as_of: "2024-02-29"}
    stem:
      kk: |
        Бірінші жол: **қалың**
        - бір
        - екі

        Соңы? 😀
      ru: >-
        no
    options:
      - {id: c, kk: "yes", ru: "- да", correct: true}
      - {id: a, kk: "1", ru: "true", correct: true}
      - {id: b, kk: "№ 5 °C", ru: "&амп *звезда"}
    rationale: {kk: "12:30", ru: "~"}
"""


def test_a_round_trip_loses_nothing_and_changes_no_byte():
    first = read(TROUBLE)
    assert not first.has_errors
    written = write_file(first)
    again = read(written)
    assert again.items == first.items
    assert again.items[0].practice is True
    assert again.items[0].content.stem.kk == "Бірінші жол: **қалың**\n- бір\n- екі\n\nСоңы? 😀"
    assert write_file(again) == written


@pytest.mark.parametrize("path", sorted(QUESTION_BANKS.glob("*/*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_banks_of_the_product_are_good_and_survive_a_round_trip(path):
    bank = read_file(path)
    assert [problem for problem in bank.problems if problem.severity == "error"] == []
    assert (bank.position, bank.area) == (path.parent.name, path.stem)
    assert read(write_file(bank), folder=path.parent).items == bank.items


def swapped(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


STEM_KK = 'kk: "Қызмет алушы кім?"'

BAD_ITEMS = [
    (swapped(STEM_KK, 'kk: ""'), "kazakh_missing", "stem.kk", 10),
    (swapped(STEM_KK, "kk:"), "kazakh_missing", "stem.kk", 10),
    (swapped("      " + STEM_KK + "\n", ""), "kazakh_missing", "stem.kk", 9),
    (swapped(", correct: true", ""), "key_missing", "options", 12),
    (swapped('услуги"}\n      - {id: c', 'услуги", correct: true}\n      - {id: c'), "two_keys", "options", 12),
    (swapped('kk: "Қызметке ақы төлейтін адам"', 'kk: "<i>адам</i>"'), "html_not_allowed", "options.c.kk", 15),
    (swapped("{id: b,", "{id: a,"), "option_id_repeated", "options.a", 13),
    (swapped(STEM_KK, 'kk: "Қызмет <b>алушы</b> кім?"'), "html_not_allowed", "stem.kk", 10),
    (swapped(STEM_KK, 'kk: "<script>alert(1)</script>"'), "html_not_allowed", "stem.kk", 10),
    (swapped(STEM_KK, 'kk: "Қызмет алушы кiм?"'), "mixed_alphabets", "stem.kk", 10),
    (swapped(STEM_KK, 'kk: "Қыз\u200bмет алушы кім?"'), "forbidden_character", "stem.kk", 10),
    (swapped(STEM_KK, 'kk: "Қыз\\0мет алушы кім?"'), "forbidden_character", "stem.kk", 10),
    (swapped(STEM_KK, "kk: no"), "text_expected", "stem.kk", 10),
    (swapped(STEM_KK, "kk: 12:30"), "text_expected", "stem.kk", 10),
    (swapped(STEM_KK, "kk: 2025-01-01"), "text_expected", "stem.kk", 10),
    (swapped(STEM_KK, "kk: [Қызмет]"), "text_expected", "stem.kk", 10),
    (swapped(STEM_KK, "kk: !!binary aGVsbG8="), "text_expected", "stem.kk", 10),
    (swapped("{id: b,", "{id: no,"), "text_expected", "options.2.id", 14),
    (swapped("{id: b,", "{id: 2,"), "text_expected", "options.2.id", 14),
    (swapped("{id: b,", "{"), "field_missing", "options.2.id", 14),
    (swapped("correct: true", "correct: 1"), "truth_expected", "options.1.correct", 13),
    (swapped("correct: true", 'correct: "true"'), "truth_expected", "options.1.correct", 13),
    (swapped("correct: true", "corect: true"), "field_unknown_like", "options.1", 13),
    (swapped("rationale:", "rational:"), "field_unknown_like", "", 16),
    (swapped("    level: knowledge\n", "    level: knowledge\n    hint: x\n"), "field_unknown", "", 7),
    (swapped("    level: knowledge\n", ""), "field_missing", "level", 4),
    (swapped("    level: knowledge\n", "    level:\n"), "field_missing", "level", 4),
    (swapped("level: knowledge", "level: expert"), "level_unknown", "level", 6),
    (swapped("kind: single", "kind: essay"), "kind_unknown", "kind", 5),
    (swapped("kind: single", "kind: 1"), "text_expected", "kind", 5),
    (swapped("difficulty: 0.6", 'difficulty: "0.6"'), "number_expected", "difficulty", 7),
    (swapped("difficulty: 0.6", "difficulty: yes"), "number_expected", "difficulty", 7),
    (swapped("difficulty: 0.6", "difficulty: .nan"), "number_expected", "difficulty", 7),
    (swapped("difficulty: 0.6", "difficulty: .inf"), "number_expected", "difficulty", 7),
    (swapped("difficulty: 0.6", "difficulty: " + "9" * 5000), "number_expected", "difficulty", 7),
    (swapped("difficulty: 0.6", "difficulty: 60"), "difficulty_out_of_range", "difficulty", 7),
    (swapped("2025-01-01", "2025-02-30"), "date_expected", "basis.as_of", 8),
    (swapped("2025-01-01", "01.02.2025"), "date_expected", "basis.as_of", 8),
    (swapped("2025-01-01", "2025-01-01 10:00:00"), "date_expected", "basis.as_of", 8),
    (swapped("2025-01-01", "2025"), "date_expected", "basis.as_of", 8),
    (swapped(", as_of: 2025-01-01", ""), "date_missing", "basis.as_of", 8),
    (swapped('act: "Әлеуметтік кодекс", ', ""), "basis_missing", "basis.act", 8),
    (
        swapped('{act: "Әлеуметтік кодекс", provision: "133-бап", as_of: 2025-01-01}', "кодекс"),
        "mapping_expected",
        "basis",
        8,
    ),
    (swapped("code: CA-D1-001", "code: 17"), "text_expected", "code", 4),
]


@pytest.mark.parametrize(("text", "code", "field", "line"), BAD_ITEMS)
def test_a_fault_in_a_question_is_named_by_item_field_and_line(text, code, field, line):
    bank = read(text)
    assert bank.has_errors
    item = "#1" if "code: 17" in text else "CA-D1-001"
    assert (code, item, field, line) in found(bank)
    assert {problem.file for problem in bank.problems} == {"D1.yaml"}


BAD_FILES = [
    ("", "file_empty", "", None),
    ("# nothing\n", "file_empty", "", None),
    ("- a\n- b\n", "mapping_expected", "", None),
    ("слово", "mapping_expected", "", None),
    (swapped("position: att-care\n", ""), "field_missing", "position", 1),
    (swapped("position: att-care", "position: att-nobody"), "position_unknown", "position", 1),
    (swapped("area: D1\n", "area: A1\n"), "area_unknown", "area", 2),
    (swapped("area: D1\n", "area: 1\n"), "text_expected", "area", 2),
    ("position: att-care\narea: D1\nitems: {}\n", "list_expected", "items", 3),
    ("position: att-care\narea: D1\nitems: [1]\n", "mapping_expected", "", None),
    (GOOD + "author: me\n", "field_unknown", "", 19),
    (swapped("area: D1\n", "area: D1\narea: D2\n"), "yaml_repeated_field", "", 3),
    (swapped("    kind: single\n", "    kind: single\n    kind: multiple\n"), "yaml_repeated_field", "", 6),
    (swapped(STEM_KK, 'kk: "Қызмет алушы кім?'), "yaml_broken", "", 11),
    (swapped(STEM_KK, "kk: Сұрақ: кім?"), "yaml_broken", "", 10),
    (swapped("area: D1\n", "\tarea: D1\n"), "yaml_broken", "", 2),
    (swapped("area: D1\n", "area: D1\x07\n"), "yaml_broken", "", 2),
    (swapped("area: D1\n", "area: D1\n---\n"), "yaml_broken", "", 3),
    (swapped("area: D1\n", "area: !!python/object/apply:os.system [id]\n"), "yaml_broken", "", 2),
    (swapped("area: D1\n", "area: !!python/name:os.system x\n"), "yaml_broken", "", 2),
    # a tag and a value that does not fit it, where the parser fails without a line
    (swapped("area: D1\n", "area: !!bool D1\n"), "yaml_broken", "", None),
    (swapped("area: D1\n", 'area: !!int ""\n'), "yaml_broken", "", None),
    (swapped("area: D1\n", 'area: !!float ""\n'), "yaml_broken", "", None),
    (swapped("area: D1\n", "area: !!timestamp D1\n"), "yaml_broken", "", None),
    (swapped("area: D1\n", "area: &x D1\n"), "yaml_alias", "", 2),
    (swapped("area: D1\n", "area: *x\n"), "yaml_alias", "", 2),
    ("a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "yaml_alias", "", 1),
    ("[" * 100_000, "yaml_too_deep", "", 1),
    ("position: att-care\narea: " + "[" * 100_000, "yaml_too_deep", "", 2),
    (GOOD.encode("cp1251", "replace"), "file_not_utf8", "", 8),
    (GOOD.encode("utf-16"), "file_not_utf8", "", 1),
    (b"#" * (5 * 1024 * 1024 + 1), "file_too_large", "", None),
]


@pytest.mark.parametrize(("text", "code", "field", "line"), BAD_FILES)
def test_a_fault_of_a_file_is_named_with_its_line(text, code, field, line):
    bank = read(text)
    assert bank.has_errors
    assert (code, field, line) in [(code, field, line) for code, _, field, line in found(bank)]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm():
    assert read(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).items == read(GOOD).items


def test_a_code_given_twice_in_a_file_is_an_error_at_the_second():
    second = GOOD.partition("items:\n")[2]
    assert ("code_repeated", "CA-D1-001", "code", 19) in found(read(GOOD + second))


@pytest.mark.parametrize("code", ["ca-d1-1", "CAD1001", "CA-D1-001-X"])
def test_a_code_off_the_pattern_is_an_error(code):
    assert ("code_pattern", code, "code", 4) in found(read(swapped("CA-D1-001", code)))


def test_a_code_of_another_area_is_a_warning():
    bank = read(swapped("CA-D1-001", "CA-D2-001"))
    assert [problem.code for problem in bank.problems] == ["code_of_other_area"]
    assert not bank.has_errors


def test_all_faults_of_a_question_are_told_at_once():
    text = swapped("level: knowledge", "level: expert").replace(STEM_KK, 'kk: ""').replace(", correct: true", "")
    assert {code for code, *_ in found(read(text))} == {"level_unknown", "kazakh_missing", "key_missing"}


def test_a_fault_in_one_question_does_not_hide_the_next():
    second = GOOD.partition("items:\n")[2].replace("CA-D1-001", "CA-D1-002").replace("kind: single", "kind: essay")
    bank = read(swapped("difficulty: 0.6", "difficulty: x") + second)
    assert [(code, item) for code, item, *_ in found(bank)] == [
        ("number_expected", "CA-D1-001"),
        ("kind_unknown", "CA-D1-002"),
    ]


def test_a_quoted_text_comes_back_from_yaml_whatever_it_holds():
    text = "\"'\\ #:{}[]&*!|>%@`\n\t\u00a0\u0085\u2028\ufeffәғқңөұүһі 😀 \U000e0041"
    assert safe_yaml.load(safe_yaml.quoted(text).encode()) == text


# pictures


def picture_file(folder: Path, name: str = "scheme.png") -> Path:
    Image.new("RGB", (30, 20), "green").save(folder / name)
    return folder / name


def with_picture(name: str, alt: str = '{kk: "Сызба", ru: "Схема"}') -> str:
    return swapped("    options:\n", f"    pictures: [{{file: {name}, alt: {alt}}}]\n    options:\n")


def test_a_picture_beside_the_file_is_cleaned_and_survives_a_round_trip(tmp_path):
    picture_file(tmp_path)
    (tmp_path / "D1.yaml").write_text(with_picture("scheme.png"), encoding="utf-8")
    bank = read_file(tmp_path / "D1.yaml")
    assert bank.problems == ()
    (picture,) = bank.items[0].content.pictures
    assert picture.alt.ru == "Схема"
    assert Image.open(BytesIO(bank.pictures[picture.sha256].png)).size == (30, 20)

    out = tmp_path / "out"
    out.mkdir()
    (out / "D1.yaml").write_text(write_file(bank), encoding="utf-8")
    (out / picture_name(picture.sha256)).write_bytes(bank.pictures[picture.sha256].png)
    assert read_file(out / "D1.yaml").items == bank.items


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none.png", "picture_missing"),
        ("linked.png", "picture_missing"),
        ("folder.png", "picture_missing"),
        ("../scheme.png", "picture_name"),
        ("/etc/passwd", "picture_name"),
        ("scheme.svg", "picture_name"),
        ('"a\\0.png"', "picture_name"),
        ("words.png", "picture_not_readable"),
        ("huge.png", "picture_too_large"),
    ],
)
def test_a_bad_picture_is_an_error_at_its_field(tmp_path, name, code):
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "linked.png").symlink_to(picture_file(tmp_path))
    (folder / "folder.png").mkdir()
    (folder / "words.png").write_text("no picture")
    (folder / "huge.png").write_bytes(b"\x89PNG" + b"0" * (5 * 1024 * 1024))
    bank = read(with_picture(name), folder=folder)
    assert [(c, item, field) for c, item, field, _ in found(bank)] == [(code, "CA-D1-001", "pictures.1")]


def test_a_picture_without_words_is_an_error(tmp_path):
    picture_file(tmp_path)
    bank = read(with_picture("scheme.png", alt='{kk: "Сызба"}'), folder=tmp_path)
    assert [(code, field) for code, _, field, _ in found(bank)] == [("russian_missing", "pictures.1.ru")]


def test_bytes_without_a_folder_have_no_pictures():
    assert [code for code, *_ in found(read(with_picture("scheme.png")))] == ["picture_missing"]


# the blueprint


def test_the_blueprint_of_the_product_covers_four_positions_with_80_questions_each():
    blueprint = standard_blueprint()
    assert {p.position: (len(p.areas), sum(area.items for area in p.areas)) for p in blueprint.positions} == {
        "att-needs-assessment": (8, 80),
        "att-specialist": (9, 80),
        "att-consultant": (9, 80),
        "att-care": (8, 80),
    }
    assert blueprint.position("att-care").area("D4").name.ru == "Неотложная доврачебная помощь"
    assert blueprint.position("att-care").area("A1") is None
    assert blueprint.position("nobody") is None


BLUEPRINT = """\
positions:
  - position: att-care
    kk: "Күтім"
    ru: "Уход"
    areas:
      - {code: D1, items: 30, kk: "Заңнама", ru: "Закон"}
      - {code: D2, items: 50, kk: "Күтім", ru: "Уход"}
"""


def test_a_good_blueprint_has_no_problems():
    assert read_blueprint(BLUEPRINT.encode()).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("items: 30", "items: 29", ["sum_differs"]),
        ("items: 30", "items: 0", ["whole_number_expected", "sum_differs"]),
        ("items: 30", "items: 30.0", ["whole_number_expected", "sum_differs"]),
        ("items: 30", 'items: "30"', ["whole_number_expected", "sum_differs"]),
        ("items: 30, ", "", ["field_missing", "sum_differs"]),
        ("code: D2", "code: D1", ["area_repeated"]),
        ('kk: "Заңнама", ', "", ["field_missing"]),
        ('kk: "Заңнама"', "kk: 5", ["text_expected"]),
        ("positions:", "position:", ["field_unknown_like", "field_missing"]),
        ("    areas:", "    area:", ["field_unknown_like", "field_missing", "sum_differs"]),
        ("positions:\n", "positions: [\n", ["yaml_broken"]),
    ],
)
def test_a_bad_blueprint_is_named(old, new, codes):
    assert BLUEPRINT.count(old) == 1
    assert [problem.code for problem in read_blueprint(BLUEPRINT.replace(old, new).encode()).problems] == codes


def test_a_position_given_twice_is_named():
    twice = BLUEPRINT + BLUEPRINT.removeprefix("positions:\n")
    assert [problem.code for problem in read_blueprint(twice.encode()).problems] == ["position_repeated"]


# a library of files


def library(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def codes(report) -> list[tuple[str, str]]:
    return [(problem.severity, problem.code) for problem in report.problems]


def test_an_area_short_of_the_blueprint_is_a_warning_for_the_areas_seen(tmp_path):
    report = check_paths([library(tmp_path, D1=GOOD)])
    assert codes(report) == [("warning", "area_short")]
    assert report.problems[0].facts == {"area": "D1", "count": 1, "needed": 10}
    assert report.exit_status == 0


def test_every_short_area_of_the_position_is_an_error_when_a_form_is_wanted(tmp_path):
    report = check_paths([library(tmp_path, D1=GOOD)], shortage="error")
    assert codes(report) == [("error", "area_short")] * 8
    assert report.exit_status == 1


def test_practice_questions_do_not_fill_an_area(tmp_path):
    practice = swapped("    kind: single\n", "    practice: true\n    kind: single\n")
    report = check_paths([library(tmp_path, D1=practice)])
    (count,) = [count for count in report.counts if count.area == "D1"]
    assert (count.items, count.practice, count.needed) == (0, 1, 10)


def test_a_code_or_a_stem_used_in_two_files_is_named_at_the_second(tmp_path):
    other = GOOD.replace("area: D1", "area: D2").replace("Қызмет алушы кім?", "«Қызмет  алушы» КІМ")
    report = check_paths([library(tmp_path, a=GOOD, b=other)])
    assert ("error", "code_repeated") in codes(report)
    repeated = check_paths([library(tmp_path, a=GOOD, b=other.replace("CA-D1-001", "CA-D2-001"))])
    assert ("error", "stem_repeated") in codes(repeated)
    (problem,) = [problem for problem in repeated.problems if problem.code == "stem_repeated"]
    assert (problem.item, problem.facts["first"]) == ("CA-D2-001", "CA-D1-001")


def test_keys_that_are_often_the_longest_are_told_for_the_file(tmp_path):
    telling = GOOD.replace("Тот, кому оказывают услуги", "Тот, кому оказывают услуги по закону")
    head, _, item = telling.partition("items:\n")
    text = head + "items:\n" + "".join(item.replace("CA-D1-001", f"CA-D1-{n:03d}") for n in range(10))
    report = check_paths([library(tmp_path, D1=text)])
    (problem,) = [problem for problem in report.problems if problem.code == "key_often_longest"]
    assert (problem.item, problem.field) == ("att-care", "options.ru")
    assert problem.facts == {"count": 10, "total": 10, "share": 100, "most": 30}


def test_a_missing_path_and_an_empty_folder_are_errors(tmp_path):
    (tmp_path / "blueprint.yaml").write_text("positions: []")
    report = check_paths([tmp_path / "none.yaml", tmp_path])
    assert codes(report) == [("error", "path_missing"), ("error", "no_bank_files")]


def test_the_report_is_plain_text_with_place_field_and_words(tmp_path):
    path = library(tmp_path, D1=swapped(", correct: true", "")) / "D1.yaml"
    lines = render(check_paths([path]), str).splitlines()
    assert lines[0] == f"{path}:12: CA-D1-001 options: error: No option is marked as right."
    assert "att-care D1: 1 of 10 questions, practice questions: 0" in lines
    assert lines[-1] == "Files: 1. Errors: 1. Warnings: 1. Hints: 0."


def test_a_hostile_file_cannot_move_the_cursor_of_the_terminal(tmp_path):
    path = library(tmp_path, D1=swapped("level: knowledge", 'level: "\\e[2J\\nerror: none"')) / "D1.yaml"
    text = render(check_paths([path]), str)
    assert "\x1b" not in text
    assert "<U+001B>[2J<U+000A>error: none" in text


def test_the_bank_of_every_position_present_fills_a_form():
    present = {path.parent.name for path in QUESTION_BANKS.glob("*/*.yaml")}
    report = check_paths([QUESTION_BANKS], shortage="error")
    assert report.errors == 0, render(report, str)
    assert {count.position for count in report.counts} == present


def test_a_written_file_holds_what_replace_changed():
    bank = read(GOOD)
    item = replace(bank.items[0], practice=True)
    assert "    practice: true\n" in write_file(replace(bank, items=(item,)))


def test_a_bank_without_questions_is_written_and_read():
    empty = BankFile("D1.yaml", "att-care", "D1", ())
    assert read(write_file(empty)).problems == ()
