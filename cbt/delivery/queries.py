"""Sittings, their lists and the room, as staff see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from cbt.accounts.models import WebSession
from cbt.assembly.models import Form
from cbt.delivery.models import AnswerEvent, Attempt, Candidate, Incident, Registration, Sitting, SittingForm
from cbt.errors import Refusal

# What a person on the list is doing, in the order of the day.
STANDINGS = ("no_code", "expected", "here", "testing", "paused", "finished", "time_over", "annulled")
_OF_ATTEMPT = {
    "issued": "here",
    "started": "testing",
    "paused": "paused",
    "submitted": "finished",
    "expired": "time_over",
    "annulled": "annulled",
}


@dataclass(frozen=True, kw_only=True)
class ListedSitting:
    """A sitting with how many are on its list and how far they are."""

    sitting: Sitting
    positions: tuple[str, ...]
    registered: int
    running: int
    finished: int


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A person on the list of a sitting. `standing` is one of STANDINGS."""

    registration: Registration
    iin_cipher: bytes
    standing: str
    attempt_id: str | None
    number_of_items: int | None
    started_at: datetime | None
    deadline: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an attempt is, and what the invigilator should know of it."""

    answered: int = 0
    last_contact: datetime | None = None
    incidents: int = 0


def is_registered(session: Session, registration_id: int) -> bool:
    """Whether a registration still stands."""
    return session.scalar(
        select(Registration.id).where(Registration.id == registration_id, Registration.withdrawn_at.is_(None))
    ) is not None


def sitting_of(session: Session, sitting_id: int, *, body_id: int) -> Sitting:
    """Refusal: unknown, for a sitting of another body too."""
    sitting = session.scalars(select(Sitting).where(Sitting.id == sitting_id, Sitting.body_id == body_id)).first()
    if sitting is None:
        raise Refusal("unknown")
    return sitting


def registration_of(session: Session, registration_id: int, *, sitting_id: int) -> Registration:
    """A registration that still stands. Refusal: unknown."""
    registration = session.scalars(
        select(Registration).where(
            Registration.id == registration_id,
            Registration.sitting_id == sitting_id,
            Registration.withdrawn_at.is_(None),
        )
    ).first()
    if registration is None:
        raise Refusal("unknown")
    return registration


def forms_of(session: Session, sitting_id: int) -> Sequence[Form]:
    """The forms a sitting may hand out, by position and number."""
    return session.scalars(
        select(Form)
        .join(SittingForm, SittingForm.form_id == Form.id)
        .where(SittingForm.sitting_id == sitting_id)
        .order_by(Form.position, Form.number)
    ).all()


def sittings_of(session: Session, *, body_id: int) -> list[ListedSitting]:
    """Every sitting of a body, the latest first."""
    sittings = session.scalars(
        select(Sitting).where(Sitting.body_id == body_id).order_by(Sitting.opens_at.desc(), Sitting.id.desc())
    ).all()
    positions: dict[int, set[str]] = {}
    for sitting_id, position in session.execute(
        select(SittingForm.sitting_id, SittingForm.position)
        .join(Sitting, Sitting.id == SittingForm.sitting_id)
        .where(Sitting.body_id == body_id)
        .distinct()
    ):
        positions.setdefault(sitting_id, set()).add(position)
    counts = {
        row.sitting_id: row
        for row in session.execute(
            select(
                Registration.sitting_id,
                func.count().label("registered"),
                _how_many("started", "paused").label("running"),
                _how_many("submitted", "expired").label("finished"),
            )
            .join(Sitting, Sitting.id == Registration.sitting_id)
            .outerjoin(Attempt, Attempt.registration_id == Registration.id)
            .where(Sitting.body_id == body_id, Registration.withdrawn_at.is_(None))
            .group_by(Registration.sitting_id)
        )
    }
    return [
        ListedSitting(
            sitting=sitting,
            positions=tuple(sorted(positions.get(sitting.id, ()))),
            registered=counts[sitting.id].registered if sitting.id in counts else 0,
            running=counts[sitting.id].running if sitting.id in counts else 0,
            finished=counts[sitting.id].finished if sitting.id in counts else 0,
        )
        for sitting in sittings
    ]


def _how_many(*states: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((Attempt.state.in_(states), 1), else_=0)), 0)


def list_of(session: Session, sitting_id: int, *, now: datetime) -> list[Listed]:
    """Everybody on the list of a sitting, by number in the list."""
    rows = session.execute(
        select(
            Registration,
            Candidate.iin_cipher,
            Attempt.id,
            Attempt.state,
            Attempt.number_of_items,
            Attempt.started_at,
            Attempt.deadline,
            Attempt.finished_at,
        )
        .join(Candidate, Candidate.id == Registration.candidate_id)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .where(Registration.sitting_id == sitting_id, Registration.withdrawn_at.is_(None))
        .order_by(Registration.ordinal)
    ).all()
    here = set(
        session.scalars(
            select(WebSession.registration_id)
            .join(Registration, Registration.id == WebSession.registration_id)
            .where(
                Registration.sitting_id == sitting_id, WebSession.ended_at.is_(None), WebSession.expires_at > now
            )
        )
    )
    return [
        Listed(
            registration=registration,
            iin_cipher=cipher,
            standing=_standing(registration, state, deadline, registration.id in here, now),
            attempt_id=attempt_id,
            number_of_items=number_of_items,
            started_at=started_at,
            deadline=deadline,
            finished_at=finished_at,
        )
        for registration, cipher, attempt_id, state, number_of_items, started_at, deadline, finished_at in rows
    ]


def _standing(
    registration: Registration, state: str | None, deadline: datetime | None, is_here: bool, now: datetime
) -> str:
    if state == "started" and deadline is not None and deadline <= now:
        return "time_over"
    if state is not None:
        return _OF_ATTEMPT[state]
    if is_here:
        return "here"
    return "expected" if registration.code_hash else "no_code"


def progress_of(session: Session, attempt_ids: Sequence[str]) -> Mapping[str, Progress]:
    """How many slots hold an answer now, when the server last heard of it, and how many incidents are noted."""
    if not attempt_ids:
        return {}
    newest = (
        select(func.max(AnswerEvent.seq).label("seq"))
        .where(AnswerEvent.attempt_id.in_(attempt_ids))
        .group_by(AnswerEvent.attempt_id, AnswerEvent.slot)
        .subquery()
    )
    answers = {
        row.attempt_id: row
        for row in session.execute(
            select(
                AnswerEvent.attempt_id,
                func.sum(case((AnswerEvent.choice != "", 1), else_=0)).label("answered"),
                func.max(AnswerEvent.received_at).label("last_contact"),
            )
            .join(newest, newest.c.seq == AnswerEvent.seq)
            .group_by(AnswerEvent.attempt_id)
        )
    }
    counted = session.execute(
        select(Incident.attempt_id, func.count().label("incidents"))
        .where(Incident.attempt_id.in_(attempt_ids))
        .group_by(Incident.attempt_id)
    )
    incidents = {row.attempt_id: row.incidents for row in counted}
    return {
        attempt_id: Progress(
            answered=answers[attempt_id].answered if attempt_id in answers else 0,
            last_contact=answers[attempt_id].last_contact if attempt_id in answers else None,
            incidents=incidents.get(attempt_id, 0),
        )
        for attempt_id in attempt_ids
    }

