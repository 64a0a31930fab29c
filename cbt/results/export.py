"""A list as a spreadsheet in which every text stays text, whatever it begins with."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

Value = str | int | float | timedelta | None
_LONGEST_TITLE = 31
_NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")
_BREAKS = re.compile(r"[\t\r\n\v\f]+")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A heading and its width in characters."""

    title: str
    width: int


def spreadsheet(*, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """An XLSX file of one sheet: heading frozen and repeated in print, numbers as numbers, lengths of time as such."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _NOT_IN_A_TITLE.sub(" ", title)[:_LONGEST_TITLE].strip("' ") or "1"
    for place, column in enumerate(columns, start=1):
        head = sheet.cell(row=1, column=place)
        _write(head, column.title)
        head.font = Font(bold=True)
        head.border = Border(bottom=Side(style="medium"))
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    last = 1
    for last, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            _write(sheet.cell(row=last, column=place), value)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write(cell: Cell | MergedCell, value: Value) -> None:
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, timedelta):
            cell.number_format = "[mm]:ss"
        return
    # Openpyxl takes a leading "=" for a formula: the kind is set back, and the quote keeps it so when it is edited.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", _BREAKS.sub(" ", value))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True  # type: ignore[assignment]
