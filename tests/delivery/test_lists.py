"""Lists of candidates are read from whatever offices have, and every fault is named by its row."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from cbt.delivery.lists import MOST_ROWS, read_list, template
from cbt.errors import Refusal
from cbt.regulation import editions
from tests.delivery.hall import iin_of

CARE_KK, CARE_RU = "Күтім жөніндегі әлеуметтік қызметкер", "Социальный работник по уходу"
HEADER = ["ЖСН", "Аты-жөні", "Лауазымы"]
KAZAKH = "Әбдіқадырова Күләш Ғабдолқызы-Ұлжанқызы"


def xlsx(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_of(*rows: list[str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def codes(row) -> list[tuple[str | None, str]]:
    return [(refusal.field, refusal.code) for refusal in row.refusals]


@pytest.mark.parametrize(
    "header",
    [
        ["ЖСН", "Аты-жөні", "Лауазымы"],
        ["ИИН", "ФИО", "Должность"],
        ["IIN", "Full name", "Position"],
        ["ЖСН / ИИН", "Тегі, аты, әкесінің аты / Фамилия, имя, отчество", "Лауазымы / Должность"],
        ["  иин ", "Ф.И.О.", "ДОЛЖНОСТЬ:"],
        ["Индивидуальный идентификационный номер", "Фамилия, имя, отчество (при его наличии)", "Должность"],
    ],
)
def test_headers_in_any_language_are_known(header: list[str]) -> None:
    (row,) = read_list(xlsx(header, [iin_of(1), KAZAKH, CARE_KK]))
    assert (row.person.iin, row.person.name, row.person.position) == (iin_of(1), KAZAKH, "att-care")
    assert (row.number, row.refusals) == (2, ())


def test_columns_come_in_any_order_below_titles_and_beside_others() -> None:
    (row,) = read_list(
        xlsx(["Тізім 2026"], [], ["№", "Должность", "ФИО", "Телефон", "ИИН"], [1, CARE_RU, KAZAKH, "8701", iin_of(1)])
    )
    assert (row.person.iin, row.person.name, row.person.position, row.number) == (iin_of(1), KAZAKH, "att-care", 4)


@pytest.mark.parametrize(
    "position", [(each.id, name) for each in editions.edition(editions.DEFAULT_EDITION).positions or ()
                 for name in (each.id, each.kk, each.ru, each.kk.upper(), f"  {each.ru} ", *each.also_called_kk)]
)  # fmt: skip
def test_positions_are_known_by_id_and_by_both_titles(position: tuple[str, str]) -> None:
    expected, typed = position
    (row,) = read_list(xlsx([*HEADER, "Вид организации"], [iin_of(1), KAZAKH, typed, "другая"]))
    assert (row.person.position, row.refusals) == (expected, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_files_of_every_encoding_and_delimiter_are_read(encoding: str, delimiter: str) -> None:
    data = csv_of(["ИИН", "ФИО", "Должность"], [iin_of(1), "Ахметова Жанна", CARE_RU], delimiter=delimiter, encoding=encoding)
    (row,) = read_list(data)
    assert (row.person.iin, row.person.name, row.person.position, row.refusals) == (
        iin_of(1), "Ахметова Жанна", "att-care", (),
    )  # fmt: skip


def test_kazakh_letters_lost_by_an_old_encoding_are_noticed() -> None:
    data = csv_of(["ИИН", "ФИО", "Должность"], [iin_of(1), "?бді?адыр Айг?л", CARE_RU]).decode().replace("і", "i")
    (row,) = read_list(data.encode("cp1251"))
    assert codes(row) == [("name", "letters_lost")]


def test_a_quoted_name_with_a_delimiter_stays_one_name() -> None:
    (row,) = read_list(f'ИИН;ФИО;Должность\n{iin_of(1)};"Ахметова; Жанна";{CARE_RU}\n'.encode())
    assert row.person.name == "Ахметова; Жанна"


def leading_zero_iin() -> str:
    from cbt.accounts.iin import check_digit

    return next(f"0403151{n:04d}{check_digit(f'0403151{n:04d}')}" for n in range(99) if check_digit(f"0403151{n:04d}") is not None)


@pytest.mark.parametrize("kind", [int, float, str])
def test_leading_zeros_cut_off_by_a_spreadsheet_are_put_back_when_the_check_digit_proves_them(kind: type) -> None:
    iin = leading_zero_iin()
    cell = iin[1:] if kind is str else kind(iin)
    (row,) = read_list(xlsx(HEADER, [cell, KAZAKH, CARE_KK]))
    assert (row.person.iin, row.zeros_restored) == (iin, True)


def test_eleven_digits_that_prove_nothing_are_left_as_they_are() -> None:
    wrong = leading_zero_iin()[1:-1] + str((int(leading_zero_iin()[-1]) + 1) % 10)
    (row,) = read_list(xlsx(HEADER, [wrong, KAZAKH, CARE_KK]))
    assert (row.person.iin, row.zeros_restored) == (wrong, False)


def test_a_number_kept_as_a_number_is_read_to_the_last_digit() -> None:
    (row,) = read_list(xlsx(HEADER, [int(iin_of(1)), KAZAKH, CARE_KK]))
    assert (row.person.iin, row.zeros_restored) == (iin_of(1), False)


@pytest.mark.parametrize("rounded", ["8,50315E+11", "8.50315E+11", "8,50315e11"])
def test_a_rounded_number_is_named_as_such(rounded: str) -> None:
    (row,) = read_list(csv_of(HEADER, [rounded, KAZAKH, CARE_KK]))
    assert ("iin", "iin_rounded") in codes(row)


def test_what_looks_like_a_formula_stays_text() -> None:
    name = '=HYPERLINK("http://x","Асан")'
    book = Workbook()
    book.active.append(HEADER)
    book.active.append([iin_of(1), "x", CARE_KK])
    cell = book.active["B2"]
    cell.value, cell.data_type = name, "s"
    target = io.BytesIO()
    book.save(target)
    assert read_list(target.getvalue())[0].person.name == name
    assert read_list(csv_of(HEADER, [iin_of(1), "+7Асан", CARE_KK]))[0].person.name == "+7Асан"


@pytest.mark.parametrize(
    ("header", "cell", "stage", "workplace", "faults"),
    [
        ("Аттестаттау", "Қайталап", "repeat", "other", []),
        ("Аттестация", "первичная", "initial", "other", []),
        ("Аттестация", "", "initial", "other", []),
        ("Аттестация", "үшінші", "", "other", [("stage", "stage_unknown")]),
        ("Медико-социальное учреждение", "да", "initial", "medico_social", []),
        ("Ұйым түрі", "Басқа ұйым", "initial", "other", []),
        ("Ұйым түрі", "мектеп", "initial", "", [("workplace", "workplace_needed")]),
    ],
)
def test_stage_and_organisation_are_read_in_words(header: str, cell: str, stage: str, workplace: str, faults: list) -> None:
    (row,) = read_list(xlsx([*HEADER, header], [iin_of(1), KAZAKH, CARE_KK, cell]))
    assert (row.person.stage, row.person.workplace, codes(row)) == (stage, workplace, faults)


def test_where_the_organisation_decides_the_commission_it_is_not_guessed() -> None:
    (row,) = read_list(xlsx(HEADER, [iin_of(1), KAZAKH, "att-specialist"]))
    assert codes(row) == [("workplace", "workplace_needed")]


def test_every_fault_of_a_row_is_named() -> None:
    (row,) = read_list(csv_of([*HEADER, "Кезең"], ["8,5E+11", "", "директор", "x"]))
    assert codes(row) == [("iin", "iin_rounded"), ("position", "title_unknown"), ("stage", "stage_unknown")]


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(60):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 1024 * 1024)
    return target.getvalue()


def entity_bomb() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(HEADER, [iin_of(1), KAZAKH, CARE_KK]))) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = b"<!DOCTYPE x [" + laughs.encode() + b"]>" + data.replace(b"<sheetData>", b"<sheetData>&l9;")
            packed.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "list_empty"),
        (b" \r\n ", "list_empty"),
        (xlsx(), "list_empty"),
        (xlsx(HEADER), "list_empty"),
        (csv_of(HEADER), "list_empty"),
        (xlsx(["ЖСН", "Лауазымы"], [iin_of(1), CARE_KK]), "list_columns_missing"),
        (xlsx(["ЖСН", "ИИН", "ФИО", "Должность"]), "list_column_repeated"),
        (b"PK\x03\x04 broken", "list_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "list_old_format"),
        (b"%PDF-1.7\x00\x01", "list_not_a_table"),
        (b"x" * (5 * 1024 * 1024 + 1), "list_large"),
        (bomb(), "list_large"),
        (entity_bomb(), "list_damaged"),
        (csv_of(HEADER, *([iin_of(1), KAZAKH, CARE_KK] for _ in range(MOST_ROWS + 1))), "list_long"),
        (b'"' + b"x" * 200_000, "list_damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_list(data)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_a_missing_column_is_called_by_its_name() -> None:
    with pytest.raises(Refusal) as refused:
        read_list(csv_of(["ЖСН", "Телефон", "Лауазымы"], [iin_of(1), "8", CARE_KK], delimiter=","))
    assert refused.value.facts["columns"] == ["Тегі, аты, әкесінің аты / Фамилия, имя, отчество"]


def test_exactly_as_many_rows_as_allowed_are_read() -> None:
    assert len(read_list(csv_of(HEADER, *([iin_of(1), KAZAKH, CARE_KK] for _ in range(MOST_ROWS))))) == MOST_ROWS


def test_a_row_at_the_end_of_the_sheet_does_not_hang_the_reader() -> None:
    book = Workbook()
    book.active.append(HEADER)
    book.active.cell(row=1_048_576, column=1, value=iin_of(1))
    target = io.BytesIO()
    book.save(target)
    assert read_list(target.getvalue())[0].number == 1_048_576


def test_the_empty_list_is_read_back_once_it_is_filled_in() -> None:
    book = load_workbook(io.BytesIO(template(positions=[CARE_KK, CARE_RU], territory=["Зеренді ауданы", "=1+1"])))
    sheet = book.worksheets[0]
    assert sheet["A2"].number_format == "@"
    assert book.worksheets[1]["F3"].data_type == "s"
    for column, value in enumerate([iin_of(1), KAZAKH, CARE_RU, "Қайталап", "Басқа ұйым", "Зеренді ауданы"], start=1):
        sheet.cell(row=2, column=column, value=value)
    target = io.BytesIO()
    book.save(target)
    (row,) = read_list(target.getvalue())
    assert row.refusals == () and row.person.stage == "repeat" and row.person.territory == "Зеренді ауданы"
    assert len(sheet.data_validations.dataValidation) == 4
