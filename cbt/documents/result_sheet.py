"""The result sheet: what a candidate scored and what follows from it, on one page to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from cbt.documents.press import press, qr
from cbt.documents.wording import language_name, masked, page_of, points_of, provision, require_digits
from cbt.i18n import format_clock, format_day, format_duration, local_day, translator


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaPoints:
    code: str
    title: str
    points: int
    maximum: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultSheet:
    """Texts are given in the language of the sheet. There is no place here for a key or for single questions."""

    body: str
    name: str
    iin_tail: str  # the last four digits
    position: str
    place: str
    testing_language: Literal["kk", "ru"]
    started_at: datetime
    finished_at: datetime
    duration: timedelta  # net of recorded interruptions
    points: int
    maximum: int
    cut_score: int
    admitted: bool
    outcome: str | None  # what follows where not admitted: a code of the gate
    source: str  # paragraphs the verdict rests on, such as "AR r.15"
    edition: str
    areas: Sequence[AreaPoints]
    supervisor: str
    attempt: str
    form_hash: str
    digest: str  # over all answer events of the attempt
    check_value: str
    check_address: str

    def __post_init__(self) -> None:
        require_digits(self.iin_tail, 4, "iin_tail")


def result_sheet_pdf(sheet: ResultSheet, *, language: str) -> bytes:
    _ = translator(language).gettext
    facts = {
        "language": language,
        "title": _("Result of testing"),
        "subject": sheet.name,
        "page_of": page_of(language),
        "body": sheet.body,
        "particulars": _particulars(sheet, language),
        "points": sheet.points,
        "points_words": points_of(sheet.points, sheet.maximum, language),
        "verdict": _verdict(sheet, language),
        "admitted": sheet.admitted,
        "grounds": _grounds(sheet, language),
        "areas": [
            {"code": area.code, "title": area.title, "points": area.points, "maximum": area.maximum}
            for area in sheet.areas
        ],
        "area_labels": {
            "heading": _("Points by content area"),
            "area": _("Content area"),
            "points": _("Points"),
            "share": _("Share"),
        },
        "signatures": [
            {"role": _("Invigilator"), "name": sheet.supervisor},
            {"role": _("I have read the result"), "name": sheet.name},
        ],
        "signature_words": _("signature"),
        "record": _record(sheet, language),
        "check": {
            "label": _("Check of this sheet"),
            "value": sheet.check_value,
            "address": sheet.check_address,
            "qr": qr(sheet.check_address),
            "alt": _("QR code of the address where this sheet can be checked"),
        },
    }
    return press("result_sheet.typ", facts, moment=sheet.finished_at)


def _particulars(sheet: ResultSheet, language: str) -> list[dict[str, Any]]:
    _ = translator(language).gettext
    return [
        {"label": _("Candidate"), "value": sheet.name, "strong": True},
        {"label": _("IIN"), "value": masked(sheet.iin_tail), "strong": False},
        {"label": _("Position"), "value": sheet.position, "strong": False},
        {"label": _("Place"), "value": sheet.place, "strong": False},
        {"label": _("Date"), "value": format_day(local_day(sheet.started_at), language), "strong": False},
        {"label": _("Language of testing"), "value": language_name(sheet.testing_language, language), "strong": False},
        {
            "label": _("Time"),
            "value": _("from %(start)s to %(finish)s, %(duration)s in all")
            % {
                "start": format_clock(sheet.started_at, language),
                "finish": format_clock(sheet.finished_at, language),
                "duration": format_duration(sheet.duration),
            },
            "strong": False,
        },
    ]


def _verdict(sheet: ResultSheet, language: str) -> str:
    """Source: AR r.15; at the repeat stage the decision is the commission's, AR r.20."""
    _ = translator(language).gettext
    if sheet.admitted:
        return _("Admitted to the interview")
    if sheet.outcome == "REPEAT":
        return _("Not admitted to the interview, subject to re-attestation")
    return _("Not admitted to the interview, the commission takes the decision")


def _grounds(sheet: ResultSheet, language: str) -> str:
    _ = translator(language).gettext
    return _("Admission takes %(cut)s points or more. Basis: %(basis)s.") % {
        "cut": sheet.cut_score,
        "basis": provision(sheet.source, language),
    }


def _record(sheet: ResultSheet, language: str) -> list[dict[str, str]]:
    _ = translator(language).gettext
    return [
        {"label": _("Edition of the rules"), "value": sheet.edition, "face": "text"},
        {"label": _("Attempt"), "value": sheet.attempt, "face": "mono"},
        {"label": _("Form"), "value": sheet.form_hash[:12], "face": "mono"},
        {"label": _("Digest of the answers"), "value": sheet.digest, "face": "mono"},
    ]
