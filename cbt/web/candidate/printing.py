"""The result sheet of a candidate as PDF, and the value by which a printed sheet is checked against the record."""

from __future__ import annotations

import base64
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.vault import Vault
from cbt.delivery.models import Candidate, Registration
from cbt.delivery.queries_attempt import Seat
from cbt.documents.result_sheet import AreaPoints, ResultSheet, result_sheet_pdf
from cbt.i18n import format_day
from cbt.regulation import editions
from cbt.results.queries import OwnResult


def check_value(result: OwnResult) -> str:
    """Twelve letters and digits over what the sheet says; another result gives another value."""
    told = f"{result.attempt_id}\n{result.points}\n{result.max_points}\n{result.admitted}\n{result.events_digest}"
    letters = base64.b32encode(sha256(told.encode()).digest()).decode()[:12]
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def result_pdf(session: Session, *, seat: Seat, result: OwnResult, vault: Vault, check_address: str) -> bytes:
    """The sheet in the language that was chosen for the test. Source: AR r.13-15."""
    language = result.language
    iin = vault.decrypt_iin(
        session.scalars(
            select(Candidate.iin_cipher)
            .join(Registration, Registration.candidate_id == Candidate.id)
            .where(Registration.id == seat.registration_id)
        ).one()
    )
    edition = editions.require_usable(editions.edition(result.edition))
    position = edition.position(seat.position)
    sheet = ResultSheet(
        body=seat.body.name(language),
        name=seat.name,
        iin_tail=iin[-4:],
        position=position.ru if language == "ru" else position.kk,
        place=seat.place(language),
        testing_language="ru" if language == "ru" else "kk",
        started_at=result.started_at,
        finished_at=result.finished_at,
        duration=result.duration,
        points=result.points,
        maximum=result.max_points,
        cut_score=result.cut_score,
        admitted=result.admitted,
        outcome=result.outcome,
        source=result.source,
        edition=f"№ {edition.act}, {format_day(edition.adopted, language)}",
        areas=[
            AreaPoints(code=part.area, title=part.name(language), points=part.points, maximum=part.max_points)
            for part in result.profile
        ],
        supervisor=seat.supervisor,
        attempt=result.attempt_id,
        form_hash=result.form_hash,
        digest=result.events_digest,
        check_value=check_value(result),
        check_address=check_address,
    )
    return result_sheet_pdf(sheet, language=language)
