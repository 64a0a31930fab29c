"""A spreadsheet opened again: text stays text, numbers stay numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cbt.results.export import Column, Value, spreadsheet

HOSTILE = [
    '=HYPERLINK("http://example.org";"Нәтиже")',
    "=1+1",
    "+7 701 000 00 00",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "=cmd|' /C calc'!A0",
    "'=1+1",
]


def written(rows: Sequence[Sequence[Value]], *, title: str = "Нәтижелер", columns: int = 3) -> bytes:
    return spreadsheet(
        title=title, columns=[Column(title=f"Баған {n}", width=10 + n) for n in range(columns)], rows=rows
    )


def opened(data: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    data = written([(text, 1, None)])
    cell = opened(data)["A2"]
    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)
    assert str(cell.value).strip() == text.strip(), "the name is what it was"
    assert "\t" not in str(cell.value)
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<f " not in sheet


def test_a_heading_is_text_too() -> None:
    data = spreadsheet(title="T", columns=[Column(title="=1+1", width=9)], rows=[])
    assert opened(data)["A1"].data_type == "s"


def test_numbers_and_lengths_of_time_can_be_counted_with() -> None:
    sheet = opened(written([("Әсел", 57, timedelta(minutes=60)), ("Ұлан", 49.5, timedelta(minutes=5, seconds=3))]))
    assert [cell.value for cell in sheet["B"][1:]] == [57, 49.5]
    assert [cell.value for cell in sheet["C"][1:]] == [timedelta(minutes=60), timedelta(minutes=5, seconds=3)]
    assert sheet["C2"].number_format == "[mm]:ss"


def test_what_there_is_not_is_an_empty_cell() -> None:
    assert opened(written([("Әсел", None, None)]))["B2"].value is None


def test_kazakh_letters_come_back_as_they_were() -> None:
    name = "Һәкімжанова-Өмірзақова Іңкәр Ғұмарқызы"
    assert opened(written([(name, 1, None)]))["A2"].value == name


@pytest.mark.parametrize("hostile", ["Әсел\x00", "\x0bӘсел", "Ә\x1fсел"])
def test_a_character_no_sheet_can_hold_does_not_stop_the_export(hostile: str) -> None:
    assert str(opened(written([(hostile, 1, None)]))["A2"].value).strip() == "Әсел"


def test_the_heading_stays_in_sight_and_can_be_filtered_and_printed() -> None:
    sheet = opened(written([("Әсел", 1, None)] * 40))
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:C41"
    assert sheet.print_title_rows == "$1:$1"
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [10, 11, 12]
    assert sheet["A1"].font.bold


@pytest.mark.parametrize("title", ["a/b:c*d?[e]\\f", "'", "", "ә" * 60])
def test_any_title_makes_a_sheet(title: str) -> None:
    assert 1 <= len(opened(written([], title=title)).title) <= 31
