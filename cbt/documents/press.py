"""Presses facts into a PDF that screen readers and archives accept; the only place that knows the typesetter."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst

TEMPLATES = Path(__file__).resolve().parent / "templates"

# PDF/A-2a for archives, PDF/UA-1 for screen readers; the typesetter refuses a page that breaks either.
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

# What the built-in typefaces can print. One letter outside would fail the whole document, so it becomes a box.
_PRINTED = (
    "\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u04ff\u0510-\u0513"
    "\u1e00-\u1eff\u2010-\u2027\u202f\u2030-\u203e\u2070\u2071\u2074-\u208e\u20a0-\u20c0\u2100-\u211e"
    "\u2122\u2126\u2150\u2151\u2153-\u2184\u2190-\u23ff\u2460-\u24ff\u2500-\u25ff\u2605\u2606\u2611\u2612\u2713\u2717"
    "\u27e8\u27e9\u2a7d\u2a7e"
)
_NOT_PRINTED = re.compile(f"[^{_PRINTED}]")
_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_BLANK = re.compile("[\t\u2000-\u200a\u205f\u3000]")
BOX = "□"

# Letters of facts above which a document's layouts are not kept for the next one.
_MUCH = 10_000


def printable(text: str) -> str:
    """The text in letters that can be printed.

    Marks that only steer the direction or the breaking of lines are dropped, so that what is read on paper
    is what stands in the record; a letter without a glyph becomes a box.
    """
    text = unicodedata.normalize("NFC", _BLANK.sub(" ", _LINE_END.sub("\n", text)))
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return _NOT_PRINTED.sub(BOX, text)


def _printable_all(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable_all(entry) for key, entry in value.items()}
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, list | tuple):
        return [_printable_all(entry) for entry in value]
    return value


@lru_cache(maxsize=1)
def _typefaces() -> typst.Fonts:
    """Only the built-in ones, so that every machine prints the same page."""
    return typst.Fonts(include_system_fonts=False)


def press(template: str, facts: Mapping[str, Any], *, moment: datetime) -> bytes:
    """The PDF of a template in `templates/` filled with facts (JSON values and bytes of pictures).

    Facts travel as data and are never read as the typesetter's language. `moment` is the date in the
    file's properties: the same facts and moment give the same bytes.
    """
    data = json.dumps(_printable_all(facts), ensure_ascii=False)
    pdf = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_typefaces(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=STANDARDS,
        timestamp=int(moment.timestamp()),
    )
    if len(data) > _MUCH:
        _forget()
    return pdf


def _forget() -> None:
    """Make the typesetter drop the layouts it keeps for its next ten documents; of long lists they fill gigabytes."""
    for _turn in range(11):
        typst.compile(b"", font_paths=_typefaces(), ignore_system_fonts=True)


def qr(address: str) -> str:
    """An SVG of the address that stays readable when a corner is creased (medium error correction)."""
    target = io.BytesIO()
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=0, xmldecl=False, svgns=True)
    return target.getvalue().decode()
