"""Lists of candidates from strangers' files: XLSX or CSV into rows, and the empty list to fill in."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cbt.accounts.iin import require_iin
from cbt.delivery.typed import Person, folded
from cbt.errors import Refusal
from cbt.regulation import editions

MOST_ROWS = 2000
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_MEMBERS = 500
_HEADER_WITHIN = 10
_MOST_COLUMNS = 40
_SHORTEST_CUT_IIN = 9

# Headers in Kazakh, Russian and English; one header may hold several of them with a slash between.
COLUMNS = {
    "iin": ("жсн", "иин", "iin", "жеке сәйкестендіру нөмірі", "индивидуальный идентификационный номер"),
    "name": (
        "аты жөні", "тегі аты әкесінің аты", "тегі аты әкесінің аты бар болса", "т а ә", "фио", "ф и о",
        "фамилия имя отчество", "фамилия имя отчество при его наличии", "фамилия имя отчество при наличии", "name",
        "full name",
    ),
    "position": ("лауазымы", "лауазым", "должность", "position"),
    "stage": ("аттестаттау", "аттестаттау кезеңі", "кезең", "кезеңі", "аттестация", "этап", "вид аттестации", "stage"),
    "workplace": (
        "ұйым түрі", "мекеме түрі", "медициналық әлеуметтік мекеме", "вид организации", "вид учреждения",
        "медико социальное учреждение", "workplace", "medico social institution",
    ),
    "territory": (
        "аудан қала", "аудан", "қала", "аумақ", "район город", "район", "город", "территория", "district", "territory",
    ),
}  # fmt: skip
_REQUIRED = ("iin", "name", "position")
_STAGES = {
    "initial": ("initial", "бастапқы", "бастапқы аттестаттау", "первичная", "первичная аттестация"),
    "repeat": ("repeat", "қайта", "қайталап", "қайталап аттестаттау", "повторная", "повторная аттестация"),
}
_WORKPLACES = {
    "medico_social": (
        "medico_social", "медициналық-әлеуметтік мекеме", "медико-социальное учреждение", "medico-social institution",
        "иә", "да", "yes",
    ),
    "other": (
        "other", "басқа ұйым", "басқа", "другая организация", "другая", "другое", "иная", "жоқ", "нет", "no",
    ),
}  # fmt: skip
_HEADINGS = {
    "iin": "ЖСН / ИИН",
    "name": "Тегі, аты, әкесінің аты / Фамилия, имя, отчество",
    "position": "Лауазымы / Должность",
    "stage": "Аттестаттау / Аттестация",
    "workplace": "Ұйым түрі / Вид организации",
    "territory": "Аудан (қала) / Район (город)",
}
_ROUNDED = re.compile(r"\d[.,]?\d*[eе]\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A row by its number in the file, with what is wrong in it and whether leading zeros of the IIN were put back."""

    number: int
    person: Person
    refusals: tuple[Refusal, ...]
    zeros_restored: bool


def read_list(data: bytes) -> list[ListRow]:
    """The people in a file; what the file is follows from its bytes, not from its name.

    Refusals at `file`: list_empty, list_large, list_long, list_old_format, list_not_a_table, list_damaged,
    list_columns_missing, list_column_repeated. What is wrong in one row stands in that row.
    """
    if not data.strip():
        raise Refusal("list_empty", field="file")
    if len(data) > LARGEST_FILE:
        raise Refusal("list_large", field="file", megabytes=LARGEST_FILE // 1024 // 1024)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal("list_old_format", field="file")
    if data.startswith(b"PK"):
        return _rows(_of_xlsx(data), lossy=False)
    return _of_csv(data)


def _of_xlsx(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
            raise Refusal("list_large", field="file", megabytes=LARGEST_FILE // 1024 // 1024)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        return _filled(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True))
    except Refusal:
        raise
    except Exception as error:
        # A library that reads strangers' files fails in many ways; each means the same to the person.
        raise Refusal("list_damaged", field="file") from error


def _of_csv(data: bytes) -> list[ListRow]:
    text, lossy = _decoded(data)
    refused: Refusal | None = None
    for delimiter in ";,\t":
        try:
            records = _filled(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise Refusal("list_damaged", field="file") from error
        try:
            return _rows(records, lossy=lossy)
        except Refusal as refusal:
            # The right delimiter finds most columns.
            if refused is None or len(_missing(refusal)) < len(_missing(refused)):
                refused = refusal
            if refusal.code != "list_columns_missing":
                raise
    assert refused is not None
    raise refused


def _missing(refusal: Refusal) -> Sequence[object]:
    columns = refusal.facts.get("columns", ())
    return columns if isinstance(columns, list) else ()


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text of a CSV file, and whether its encoding has no place for Kazakh letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in data:
        raise Refusal("list_not_a_table", field="file")
    else:
        encodings = ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding == "cp1251"
        except UnicodeDecodeError:
            continue
    raise Refusal("list_not_a_table", field="file")


def _filled(rows: Iterable[Sequence[object]]) -> list[tuple[int, list[str]]]:
    """Rows that hold something, by their number in the file."""
    filled = []
    for number, row in enumerate(rows, start=1):
        cells = [_as_text(cell) for cell in row[:_MOST_COLUMNS]]
        if any(cells):
            filled.append((number, cells))
            if len(filled) > MOST_ROWS + _HEADER_WITHIN:
                raise Refusal("list_long", field="file", most=MOST_ROWS)
    return filled


def _as_text(cell: object) -> str:
    """A cell as its author saw it: a number typed without a point has none."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).strip()


def _rows(records: Sequence[tuple[int, list[str]]], *, lossy: bool) -> list[ListRow]:
    if not records:
        raise Refusal("list_empty", field="file")
    places, below = _header(records)
    people = [
        _person(number, {name: cells[place] if place < len(cells) else "" for name, place in places.items()}, lossy)
        for number, cells in records[below:]
    ]
    people = [row for row in people if row.person.iin or row.person.name]
    if not people:
        raise Refusal("list_empty", field="file")
    if len(people) > MOST_ROWS:
        raise Refusal("list_long", field="file", most=MOST_ROWS)
    return people


def _header(records: Sequence[tuple[int, list[str]]]) -> tuple[dict[str, int], int]:
    """Where each column stands, and how many records lie above the people; titles above the header are passed over."""
    best: dict[str, int] = {}
    for below, (_, cells) in enumerate(records[:_HEADER_WITHIN], start=1):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = _column(cell)
            if name in places:
                raise Refusal("list_column_repeated", field="file", column=_HEADINGS[name])
            if name:
                places[name] = place
        if all(name in places for name in _REQUIRED):
            return places, below
        best = max(best, places, key=len)
    missing = [_HEADINGS[name] for name in _REQUIRED if name not in best]
    raise Refusal("list_columns_missing", field="file", columns=missing)


def _column(cell: str) -> str:
    for part in cell.split("/"):
        words = re.sub(r"[\W_]+", " ", folded(part)).strip()
        for name, known in COLUMNS.items():
            if words in known:
                return name
    return ""


def _person(number: int, cells: dict[str, str], lossy: bool) -> ListRow:
    refusals: list[Refusal] = []
    iin, restored = _with_zeros(cells["iin"])
    if _ROUNDED.fullmatch(iin):
        refusals.append(Refusal("iin_rounded", field="iin"))
    if lossy and "?" in cells["name"]:
        refusals.append(Refusal("letters_lost", field="name"))
    position = _meaning(cells["position"], _positions())
    if position is None:
        refusals.append(Refusal("title_unknown", field="position"))
    stage = _meaning(cells.get("stage") or "initial", _STAGES)
    if stage is None:
        refusals.append(Refusal("stage_unknown", field="stage"))
    typed = cells.get("workplace") or ("" if position in _by_workplace() else "other")
    workplace = _meaning(typed, _WORKPLACES)
    if workplace is None:
        refusals.append(Refusal("workplace_needed", field="workplace"))
    return ListRow(
        number=number,
        person=Person(
            iin=iin, name=cells["name"], position=position or "", stage=stage or "", workplace=workplace or "",
            territory=cells.get("territory", ""),
        ),
        refusals=tuple(refusals),
        zeros_restored=restored,
    )  # fmt: skip


def _with_zeros(typed: str) -> tuple[str, bool]:
    """The number with the zeros that a spreadsheet cut off its front, if the check digit proves it."""
    digits = "".join(typed.split())
    if not (_SHORTEST_CUT_IIN <= len(digits) < 12 and digits.isascii() and digits.isdecimal()):
        return digits, False
    try:
        return require_iin(digits.zfill(12)), True
    except Refusal:
        return digits, False


def _meaning(typed: str, known: dict[str, tuple[str, ...]]) -> str | None:
    sought = folded(typed)
    return next((meaning for meaning, words in known.items() if sought in words), None)


def _positions() -> dict[str, tuple[str, ...]]:
    rules = editions.require_usable(editions.edition(editions.DEFAULT_EDITION))
    return {
        each.id: (each.id, *(folded(name) for name in (each.kk, each.ru, *each.also_called_kk)))
        for each in rules.positions
    }


def _by_workplace() -> set[str]:
    """Positions whose commission depends on the kind of organisation. Source: AR r.6-7."""
    rules = editions.require_usable(editions.edition(editions.DEFAULT_EDITION))
    return {row.position for row in rules.jurisdiction if row.workplace is not None}


def template(*, positions: Sequence[str], territory: Sequence[str]) -> bytes:
    """An empty list as XLSX, headed in both languages; `positions` and `territory` are the names to choose from."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "Тізім - Список"
    choices = {
        "position": list(positions),
        "stage": ["Бастапқы", "Қайталап", "Первичная", "Повторная"],
        "workplace": ["Медициналық-әлеуметтік мекеме", "Басқа ұйым", "Медико-социальное учреждение", "Другая организация"],
        "territory": list(territory),
    }  # fmt: skip
    words = book.create_sheet("Таңдау - Выбор")
    for place, (name, heading) in enumerate(_HEADINGS.items(), start=1):
        letter = "ABCDEF"[place - 1]
        cell = sheet.cell(row=1, column=place, value=heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = {"iin": 18, "name": 44, "position": 60}.get(name, 34)
        if name in choices:
            _offer(sheet, words, letter, heading, choices[name])
    # As text, so that no leading zero is cut off.
    for row in range(2, MOST_ROWS + 2):
        sheet.cell(row=row, column=1).number_format = "@"
    sheet.freeze_panes = "A2"
    return _saved(book)


def _offer(sheet: Worksheet, words: Worksheet, letter: str, heading: str, choices: Sequence[str]) -> None:
    """A list to choose from, kept on the second sheet: inside the rule itself only 255 characters fit."""
    for row, value in enumerate([heading, *choices], start=1):
        cell = words[f"{letter}{row}"]
        cell.value, cell.data_type = value, "s"
    words.column_dimensions[letter].width = 60
    rule = DataValidation(type="list", formula1=f"'{words.title}'!${letter}$2:${letter}${len(choices) + 1}", allow_blank=True)
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{MOST_ROWS + 1}")


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
