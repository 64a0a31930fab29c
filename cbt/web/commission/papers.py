"""The scores of a sitting to take away: a spreadsheet of the rows asked for, and the whole list on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.delivery.models import Sitting
from cbt.documents.score_list import ScoreList, ScoreRow, score_list_pdf
from cbt.documents.wording import provision
from cbt.i18n import format_day, local_day
from cbt.regulation import editions
from cbt.results.export import Column, spreadsheet
from cbt.results.queries_commission import CandidateRow
from cbt.web.commission import words
from cbt.web.pages import current_locale, position_title


def place_of(sitting: Sitting) -> str:
    return sitting.place_ru if current_locale() == "ru" else sitting.place_kk


def edition_words(edition_id: str) -> str:
    edition = editions.edition(edition_id)
    return f"№ {edition.act}, {format_day(edition.adopted, current_locale())}"


def file_name(sitting: Sitting, suffix: str) -> str:
    """Readable in a folder of many: what, where, when."""
    place = " ".join(place_of(sitting).replace("/", " ").split())[:80]
    title = _("Results")
    return f"{title} {place} {local_day(sitting.opens_at).isoformat()}.{suffix}"


def scores_xlsx(rows: Sequence[CandidateRow]) -> bytes:
    columns = (
        (_("Candidate"), 36),
        (_("Points"), 9),
        (_("Possible points"), 11),
        (_("Interview"), 34),
        (_("Ground"), 30),
        (_("Attempt"), 18),
        (_("Language"), 12),
        (_("Duration"), 11),
        (_("Incidents"), 11),
        (_("Late answers"), 11),
        (_("Stage"), 20),
        (_("Position"), 44),
    )
    return spreadsheet(
        title=_("Results"),
        columns=[Column(title=title, width=width) for title, width in columns],
        rows=[
            (
                row.name,
                row.points,
                row.max_points,
                str(words.VERDICTS.get(row.gate, words.GATES["none"])),
                provision(row.source, current_locale()) if row.source else None,
                str(words.STATES[row.state]),
                str(words.LANGUAGES[row.language]) if row.language else None,
                row.duration,
                len(row.incidents),
                row.late_answers,
                str(words.STAGES[row.stage]),
                position_title(row.position),
            )
            for row in rows
        ],
    )


def scores_pdf(sitting: Sitting, rows: Sequence[CandidateRow], *, body: Body, actor: Actor, now: datetime) -> bytes:
    """The whole list, to be signed; the order is that of the names."""
    locale = current_locale()
    test = editions.require_usable(editions.edition(sitting.edition)).test
    scores = ScoreList(
        body=body.name(locale),
        place=place_of(sitting),
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        maximum=test.max_points,
        cut_score=test.admit_min_points,
        edition=edition_words(sitting.edition),
        rows=[_printed(row) for row in rows],
        printed_by=actor.name,
        printed_at=now,
    )
    return score_list_pdf(scores, language=locale)


def _printed(row: CandidateRow) -> ScoreRow:
    kinds = [
        words.incident(kind) if times == 1 else f"{words.incident(kind)} × {times}"
        for kind, times in Counter(row.incidents).items()
    ]
    stage = [str(words.STAGES["repeat"])] if row.stage == "repeat" else []
    state = [] if row.state in {"submitted", "expired"} else [str(words.STATES[row.state])]
    return ScoreRow(
        name=row.name,
        position=position_title(row.position),
        points=row.points,
        admitted=row.admitted,
        testing_language=row.language,  # type: ignore[arg-type]
        duration=row.duration,
        incidents=[*stage, *state, *kinds],
    )
