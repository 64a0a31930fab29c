"""Sittings, candidates and their registrations, attempts, answers as they arrived, incidents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cbt.columns import At, Id, MaybeAt, one_of
from cbt.db import Base, Moment
from cbt.regulation import lifecycle

STAGES = ("initial", "repeat")
WORKPLACES = ("medico_social", "other")
LANGUAGES = ("kk", "ru")


class Sitting(Base):
    """A place, a window of time and the positions tested there. `minutes` is the length of each attempt."""

    __tablename__ = "sitting"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    place_kk: Mapped[str] = mapped_column(String(200))
    place_ru: Mapped[str] = mapped_column(String(200))
    opens_at: Mapped[datetime] = mapped_column(Moment, index=True)
    closes_at: Mapped[At]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    both_languages: Mapped[bool]
    edition: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[At]
    supervisor: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        one_of("state", lifecycle.SITTING.states),
        CheckConstraint("minutes BETWEEN 1 AND 60", name="minutes_allowed"),
        CheckConstraint("opens_at < closes_at", name="window_forward"),
    )


class SittingForm(Base):
    """A form that a sitting may hand out."""

    __tablename__ = "sitting_form"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    position: Mapped[str] = mapped_column(String(40))


class Candidate(Base):
    """A person by the individual identification number: encrypted, and hashed with a key for search."""

    __tablename__ = "candidate"

    id: Mapped[Id]
    iin_hash: Mapped[str] = mapped_column(String(64), unique=True)
    iin_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[At]


class Registration(Base):
    """A candidate expected at a sitting, for one position at one stage."""

    __tablename__ = "registration"

    id: Mapped[Id]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), index=True)
    ordinal: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(16))
    workplace: Mapped[str] = mapped_column(String(16))
    territory_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_issued_at: Mapped[MaybeAt]
    registered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[At]
    withdrawn_at: Mapped[MaybeAt]

    __table_args__ = (
        UniqueConstraint("sitting_id", "candidate_id"),
        UniqueConstraint("sitting_id", "ordinal"),
        one_of("stage", STAGES),
        one_of("workplace", WORKPLACES),
    )


class Attempt(Base):
    """One sitting of the test by one person. What was handed out never changes; the state moves by the table."""

    __tablename__ = "attempt"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    form_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(2))
    both_languages: Mapped[bool]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    number_of_items: Mapped[int] = mapped_column(SmallInteger)
    # JSON {"items": [form slots in the order shown], "options": [[option ids in the order shown], ...]}.
    permutation: Mapped[str] = mapped_column(Text)
    # One character a shown slot: '2'-'8' = single choice of that many options, 'B'-'H' = several of that many.
    shape: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[At]
    started_at: Mapped[MaybeAt]
    deadline: Mapped[MaybeAt]
    finished_at: Mapped[MaybeAt]
    closed_at: Mapped[MaybeAt]
    live_session: Mapped[str | None] = mapped_column(String(64))
    events_digest: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        one_of("state", lifecycle.ATTEMPT.states),
        CheckConstraint("language IN ('kk', 'ru')", name="language_known"),
        CheckConstraint(
            "(state = 'issued') = (started_at IS NULL) OR state = 'annulled'", name="started_with_moment"
        ),
        CheckConstraint(
            "started_at IS NULL OR (deadline IS NOT NULL AND language IS NOT NULL AND deadline > started_at)",
            name="started_with_deadline",
        ),
        CheckConstraint("(state IN ('submitted', 'expired')) = (finished_at IS NOT NULL)", name="finished_with_moment"),
        CheckConstraint("finished_at IS NULL OR finished_at <= deadline", name="finished_in_time"),
        CheckConstraint("(finished_at IS NULL) = (events_digest IS NULL)", name="finished_with_digest"),
        CheckConstraint("number_of_items BETWEEN 1 AND 80", name="items_allowed"),
        Index(
            "ix_attempt_running",
            "deadline",
            sqlite_where=text("state IN ('started', 'paused')"),
            postgresql_where=text("state IN ('started', 'paused')"),
        ),
    )


class _Answer:
    """What an answer says, whenever it arrived."""

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    key: Mapped[str] = mapped_column(String(36))
    slot: Mapped[int] = mapped_column(SmallInteger)
    # Letters by place as shown, joined by commas; empty = the answer was cleared.
    choice: Mapped[str] = mapped_column(String(16))
    flagged: Mapped[bool]
    language: Mapped[str] = mapped_column(String(2))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[At]


class AnswerEvent(_Answer, Base):
    """One answer as it arrived. Never edited, never deleted; the highest `seq` of a slot is the current answer."""

    __tablename__ = "answer_event"

    seq: Mapped[Id]

    __table_args__ = (UniqueConstraint("attempt_id", "key"),)


class LateAnswer(_Answer, Base):
    """An answer that arrived when none could be counted any more: kept as evidence, never scored."""

    __tablename__ = "late_answer"

    id: Mapped[Id]

    __table_args__ = (UniqueConstraint("attempt_id", "key"),)


class Incident(Base):
    """Something in an attempt that the commission should know of."""

    __tablename__ = "incident"

    id: Mapped[Id]
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[At]
    actor: Mapped[str] = mapped_column(String(64))
    facts: Mapped[str] = mapped_column(Text)
