"""The road of an answer: one statement checks who, what and when, appends, and is durable before we say so."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from cbt.accounts.actor import candidate_label
from cbt.audit.actions import record
from cbt.db import Database, Moment
from cbt.delivery.actions.attempts import locked, note_incident
from cbt.delivery.models import LANGUAGES, Attempt, LateAnswer, Registration, Sitting
from cbt.delivery.sheet import require_choice
from cbt.errors import Refusal

MOST_EVENTS = 200
_LARGEST_MS = 2**53


@dataclass(frozen=True, kw_only=True)
class Event:
    """An answer as it came; `choice` are letters by place in order, joined by commas."""

    key: str
    slot: int
    choice: str
    flagged: bool
    language: str
    at_ms: int


@dataclass(frozen=True, kw_only=True)
class Saved:
    """Which keys are kept under which number, and the deadline as it stands."""

    seqs: dict[str, int]
    deadline: datetime


# The row of the attempt is held in share: a save that comes first is counted by the closing, and a save that
# comes after it finds the attempt closed. One attempt's own saves do not wait for each other.
_POSTGRES = """
    WITH attempt_open AS MATERIALIZED (
        SELECT id, deadline FROM attempt
        WHERE id = %(attempt)s AND live_session = %(session)s AND state = 'started' AND deadline > %(now)s
        FOR SHARE
    ), arrived AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(%(events)s AS jsonb))
            AS e(n int, key text, slot int, choice text, flagged boolean, language text, at_ms bigint)
    ), fresh AS (
        INSERT INTO answer_event (attempt_id, key, slot, choice, flagged, language, at_ms, received_at)
        SELECT attempt_open.id, key, slot, choice, flagged, language, at_ms, %(now)s
        FROM attempt_open, arrived ORDER BY n
        ON CONFLICT (attempt_id, key) DO NOTHING
        RETURNING key, seq
    )
    SELECT fresh.key, fresh.seq, attempt_open.deadline FROM attempt_open LEFT JOIN fresh ON true
"""

_SQLITE = text(
    """
    INSERT INTO answer_event (attempt_id, key, slot, choice, flagged, language, at_ms, received_at)
    SELECT attempt.id, json_extract(e.value, '$.key'), json_extract(e.value, '$.slot'), json_extract(e.value, '$.choice'), json_extract(e.value, '$.flagged'),
           json_extract(e.value, '$.language'), json_extract(e.value, '$.at_ms'), :now
    FROM attempt, json_each(:events) AS e
    WHERE attempt.id = :attempt AND live_session = :session AND state = 'started' AND deadline > :now
    ORDER BY e.key
    ON CONFLICT (attempt_id, key) DO NOTHING
    RETURNING key, seq
    """
).bindparams(bindparam("now", type_=Moment()))

_DEADLINE = text("SELECT deadline FROM attempt WHERE id = :attempt").columns(deadline=Moment())
_KNOWN = text("SELECT key, seq FROM answer_event WHERE attempt_id = :attempt AND key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)


class Shapes:
    """How many options each slot of an attempt has: it never changes, so it is asked for once in a process."""

    def __init__(self, most: int = 50_000) -> None:
        self._known: dict[str, str] = {}
        self._most = most
        self._lock = Lock()

    def of(self, database: Database, attempt_id: str) -> str:
        shape = self._known.get(attempt_id)
        if shape is None:
            with database.reading() as session:
                row = session.execute(select(Attempt.shape).where(Attempt.id == attempt_id)).first()
            if row is None:
                raise Refusal("not_started")
            shape = row.shape
            with self._lock:
                if len(self._known) >= self._most:
                    self._known.clear()
                self._known[attempt_id] = shape
        return shape


SHAPES = Shapes()


def read_events(body: object, *, shape: str) -> list[Event]:
    """The events of a request, checked one by one. Refusals: events_malformed, too_many_events, unknown_slot, …"""
    if not isinstance(body, Mapping) or not isinstance(body.get("events"), list) or not body["events"]:
        raise Refusal("events_malformed", name="events")
    if len(body["events"]) > MOST_EVENTS:
        raise Refusal("too_many_events", most=MOST_EVENTS)
    return [_read_event(raw, shape) for raw in body["events"]]


def _read_event(raw: object, shape: str) -> Event:
    if not isinstance(raw, Mapping):
        raise Refusal("events_malformed", name="events")
    slot, choice, flagged = raw.get("slot"), raw.get("choice"), raw.get("flagged", False)
    language, at_ms = raw.get("language"), raw.get("at_ms", 0)
    if type(slot) is not int:
        raise Refusal("events_malformed", name="slot")
    if not isinstance(choice, Sequence) or isinstance(choice, str) or not all(isinstance(each, str) for each in choice):
        raise Refusal("events_malformed", name="choice")
    if type(flagged) is not bool:
        raise Refusal("events_malformed", name="flagged")
    if language not in LANGUAGES:
        raise Refusal("events_malformed", name="language")
    if type(at_ms) not in {int, float} or not -_LARGEST_MS < at_ms < _LARGEST_MS:
        raise Refusal("events_malformed", name="at_ms")
    return Event(
        key=_key(raw.get("key")),
        slot=slot,
        choice=require_choice(shape, slot=slot, choice=choice),
        flagged=flagged,
        language=language,
        at_ms=int(at_ms),
    )


def _key(raw: object) -> str:
    try:
        return str(uuid.UUID(str(raw)))
    except ValueError:
        raise Refusal("events_malformed", name="key") from None


def save_body(database: Database, *, attempt_id: str, session_key: str, body: object, now: datetime) -> Saved:
    """Check a request's events against the attempt and save them. Refusals of `read_events` and `save`."""
    shape = SHAPES.of(database, attempt_id)
    events = read_events(body, shape=shape)
    saved = save(database, attempt_id=attempt_id, session_key=session_key, events=events, now=now)
    # A key has more than one way to be written; whoever waits for it knows the one that was sent.
    sent = [str(raw["key"]) for raw in body["events"]]  # type: ignore[index]
    return replace(saved, seqs={key: saved.seqs[event.key] for key, event in zip(sent, events, strict=True)})


def save(
    database: Database, *, attempt_id: str, session_key: str, events: Sequence[Event], now: datetime
) -> Saved:
    """Append the events and return only when they are durable; a key seen before keeps its first number.

    Refusals: attempt_closed (late answers are kept as evidence), read_only_here, not_started.
    """
    values = {
        "attempt": attempt_id,
        "session": session_key,
        "now": now,
        "events": json.dumps([_row(number, event) for number, event in enumerate(events)]),
    }
    seqs, deadline = _append(database, values)
    keys = {event.key for event in events}
    if deadline is None or len(seqs) < len(keys):
        seqs, deadline = _known(database, attempt_id, keys)
    if missing := [event for event in events if event.key not in seqs]:
        raise _refusal(database, attempt_id, session_key, missing, now)
    assert deadline is not None
    return Saved(seqs=seqs, deadline=deadline)


def _append(database: Database, values: dict[str, object]) -> tuple[dict[str, int], datetime | None]:
    """The numbers of the events that are new, and the deadline as it stands."""
    if database.is_sqlite:
        with database.one_statement() as connection:
            seqs = {row.key: row.seq for row in connection.execute(_SQLITE, values)}
            return seqs, connection.execute(_DEADLINE, values).scalar()
    rows = database.driver_rows(_POSTGRES, values)
    return {key: seq for key, seq, _deadline in rows if key}, rows[0][2].astimezone(UTC) if rows else None


def _known(database: Database, attempt_id: str, keys: set[str]) -> tuple[dict[str, int], datetime | None]:
    """The numbers of all these keys that are kept, whoever sent them first, and the deadline as it stands."""
    with database.reading() as session:
        known = session.execute(_KNOWN, {"attempt": attempt_id, "keys": sorted(keys)})
        seqs = {row.key: row.seq for row in known}
        return seqs, session.scalar(select(Attempt.deadline).where(Attempt.id == attempt_id))


def _row(number: int, event: Event) -> dict[str, object]:
    return {
        "n": number,
        "key": event.key,
        "slot": event.slot,
        "choice": event.choice,
        "flagged": event.flagged,
        "language": event.language,
        "at_ms": event.at_ms,
    }


def _refusal(
    database: Database, attempt_id: str, session_key: str, missing: Sequence[Event], now: datetime
) -> Refusal:
    """Why nothing was appended; what came too late is kept as evidence first. Source: AR r.13 (R-038)."""
    with database.transaction() as session:
        # Held, so that the same late answer sent twice at once is one piece of evidence.
        attempt = locked(session, attempt_id)
        if attempt.state == "issued":
            return Refusal("not_started")
        label = candidate_label(attempt.registration_id)
        body_id = session.scalar(
            select(Sitting.body_id)
            .join(Registration, Registration.sitting_id == Sitting.id)
            .where(Registration.id == attempt.registration_id)
        )
        subject = f"attempt:{attempt_id}"
        if attempt.live_session != session_key:
            refusal = Refusal("read_only_here")
            record(session, "attempt.save_refused", actor=label, subject=subject, body_id=body_id, now=now, code=refusal.code)
            return refusal
        if slots := _keep_evidence(session, attempt_id, missing, now):
            note_incident(session, attempt_id=attempt_id, kind="late_answers", actor=label, now=now, slots=slots)
            record(
                session, "attempt.late_answers", actor=label, subject=subject, body_id=body_id, now=now, slots=slots,
                received_at=now,
            )  # fmt: skip
        return Refusal("attempt_closed", slots=sorted({event.slot for event in missing}))


def _keep_evidence(session: Session, attempt_id: str, missing: Sequence[Event], now: datetime) -> list[int]:
    """Keep the late answers that are not kept yet; their slots."""
    known = set(
        session.scalars(
            select(LateAnswer.key).where(
                LateAnswer.attempt_id == attempt_id, LateAnswer.key.in_([event.key for event in missing])
            )
        )
    )
    fresh = {event.key: event for event in missing if event.key not in known}
    session.add_all(_late(attempt_id, event, now) for event in fresh.values())
    return sorted({event.slot for event in fresh.values()})


def _late(attempt_id: str, event: Event, now: datetime) -> LateAnswer:
    return LateAnswer(
        attempt_id=attempt_id,
        key=event.key,
        slot=event.slot,
        choice=event.choice,
        flagged=event.flagged,
        language=event.language,
        at_ms=event.at_ms,
        received_at=now,
    )
