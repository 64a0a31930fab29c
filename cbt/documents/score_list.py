"""The commission's list of a sitting on paper: who scored what, and who goes on to the interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from cbt.documents.press import press
from cbt.documents.wording import language_name, page_of, window
from cbt.i18n import format_duration, format_moment, translator


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """A candidate of the sitting; what has no result yet or never will is None."""

    name: str
    position: str
    points: int | None = None
    admitted: bool | None = None
    testing_language: Literal["kk", "ru"] | None = None
    duration: timedelta | None = None
    incidents: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreList:
    """Texts are given in the language of the list; rows are printed in the order given."""

    body: str
    place: str
    opens_at: datetime
    closes_at: datetime
    maximum: int
    cut_score: int
    edition: str
    rows: Sequence[ScoreRow]
    printed_by: str
    printed_at: datetime


def score_list_pdf(scores: ScoreList, *, language: str) -> bytes:
    _ = translator(language).gettext
    facts = {
        "language": language,
        "title": _("List of results"),
        "page_of": page_of(language),
        "body": scores.body,
        "sitting": [scores.place, window(scores.opens_at, scores.closes_at, language)],
        "grounds": _("Admission to the interview takes %(cut)s points or more out of %(maximum)s.")
        % {"cut": scores.cut_score, "maximum": scores.maximum},
        "edition": scores.edition,
        "totals": _totals(scores, language),
        "columns": [
            _("No."),
            _("Candidate"),
            _("Position"),
            _("Points"),
            _("Interview"),
            _("Language"),
            _("Duration"),
            _("Incidents"),
        ],
        "rows": [_row(row, language) for row in scores.rows],
        "empty": _("No candidate is registered for this sitting."),
        "signatures": [_("Chair"), _("Secretary")],
        "signature_words": _("name, signature"),
        "printed": _("Printed by %(name)s, %(moment)s")
        % {"name": scores.printed_by, "moment": format_moment(scores.printed_at, language)},
    }
    return press("score_list.typ", facts, moment=scores.printed_at)


def _totals(scores: ScoreList, language: str) -> list[dict[str, Any]]:
    _ = translator(language).gettext
    return [
        {"label": _("Registered"), "count": len(scores.rows)},
        {"label": _("With a result"), "count": sum(row.points is not None for row in scores.rows)},
        {"label": _("Admitted"), "count": sum(row.admitted is True for row in scores.rows)},
        {"label": _("Not admitted"), "count": sum(row.admitted is False for row in scores.rows)},
    ]


def _row(row: ScoreRow, language: str) -> dict[str, Any]:
    _ = translator(language).gettext
    gate = {True: _("Admitted"), False: _("Not admitted"), None: _("No result")}[row.admitted]
    return {
        "name": row.name,
        "position": row.position,
        "points": "–" if row.points is None else str(row.points),
        "gate": gate,
        "admitted": row.admitted is True,
        "language": "–" if row.testing_language is None else language_name(row.testing_language, language),
        "duration": "–" if row.duration is None else format_duration(row.duration),
        "incidents": list(row.incidents),
    }
