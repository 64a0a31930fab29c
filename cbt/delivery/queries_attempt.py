"""Attempts as the candidate, the room and the results need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cbt.accounts.models import Body
from cbt.assembly.models import Form
from cbt.bank.models import Picture
from cbt.delivery.models import AnswerEvent, Attempt, Incident, LateAnswer, Registration, Sitting
from cbt.delivery.sheet import shown_items
from cbt.errors import Refusal

# A save that arrived before the deadline may still be on its way to the disk for this long.
SETTLING = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """What the waiting room shows: who, where, when, and the attempt if there is one."""

    registration_id: int
    name: str
    position: str
    stage: str
    body: Body
    place_kk: str
    place_ru: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    both_languages: bool
    edition: str
    supervisor: str
    sitting_state: str
    attempt: Attempt | None

    def place(self, locale: str) -> str:
        return self.place_ru if locale == "ru" else self.place_kk


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The current answer of a slot: letters by place; `seq` is the number of the event it comes from."""

    slot: int
    choice: tuple[str, ...]
    flagged: bool
    seq: int


def seat_of(session: Session, registration_id: int) -> Seat:
    registration, sitting, body = session.execute(
        select(Registration, Sitting, Body)
        .join(Sitting, Sitting.id == Registration.sitting_id)
        .join(Body, Body.id == Sitting.body_id)
        .where(Registration.id == registration_id)
    ).one()
    return Seat(
        registration_id=registration.id,
        name=registration.name,
        position=registration.position,
        stage=registration.stage,
        body=body,
        place_kk=sitting.place_kk,
        place_ru=sitting.place_ru,
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        minutes=sitting.minutes,
        both_languages=sitting.both_languages,
        edition=sitting.edition,
        supervisor=sitting.supervisor,
        sitting_state=sitting.state,
        attempt=attempt_of_registration(session, registration_id),
    )


def attempt_of_registration(session: Session, registration_id: int) -> Attempt | None:
    return session.scalars(select(Attempt).where(Attempt.registration_id == registration_id)).first()


def own_attempt(session: Session, *, registration_id: int) -> Attempt:
    """The started attempt of a registration. Refusal: not_started."""
    attempt = attempt_of_registration(session, registration_id)
    if attempt is None or attempt.started_at is None:
        raise Refusal("not_started")
    return attempt


def current_answers(session: Session, attempt_id: str) -> dict[int, Answer]:
    """The last event of each slot: what would be scored now."""
    newest = (
        select(func.max(AnswerEvent.seq).label("seq"))
        .where(AnswerEvent.attempt_id == attempt_id)
        .group_by(AnswerEvent.slot)
        .subquery()
    )
    rows = session.execute(
        select(AnswerEvent.slot, AnswerEvent.choice, AnswerEvent.flagged, AnswerEvent.seq)
        .join(newest, newest.c.seq == AnswerEvent.seq)
        .order_by(AnswerEvent.slot)
    )
    return {
        row.slot: Answer(
            slot=row.slot, choice=tuple(part for part in row.choice.split(",") if part), flagged=row.flagged, seq=row.seq
        )
        for row in rows
    }


def overdue(session: Session, *, now: datetime) -> list[str]:
    """Attempts whose time is over and whose last saves have settled, oldest first."""
    return list(
        session.scalars(
            select(Attempt.id)
            .where(Attempt.state.in_(("started", "paused")), Attempt.deadline <= now - SETTLING)
            .order_by(Attempt.deadline)
        )
    )


def incidents_of(session: Session, attempt_id: str) -> list[Incident]:
    return list(session.scalars(select(Incident).where(Incident.attempt_id == attempt_id).order_by(Incident.at, Incident.id)))


def late_answers_of(session: Session, attempt_id: str) -> list[LateAnswer]:
    return list(session.scalars(select(LateAnswer).where(LateAnswer.attempt_id == attempt_id).order_by(LateAnswer.id)))


def picture_of(session: Session, attempt: Attempt, *, number: int) -> bytes:
    """The PNG of a picture by its place in the attempt. Refusal: unknown."""
    for item in shown_items(session, attempt):
        for picture in item.pictures:
            if picture.number == number:
                form = session.get_one(Form, attempt.form_id)
                png = session.scalar(
                    select(Picture.png).where(Picture.body_id == form.body_id, Picture.sha256 == picture.sha256)
                )
                if png is not None:
                    return png
    raise Refusal("unknown")
