"""The door: a candidate signs in with number and code, leaves, or moves to another machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cbt.accounts import actions as accounts
from cbt.accounts.actor import Actor, candidate_label
from cbt.accounts.iin import require_iin
from cbt.accounts.models import WebSession
from cbt.accounts.queries import is_guessing
from cbt.accounts.vault import Vault, plain_code, token_hash
from cbt.audit.actions import record
from cbt.delivery.models import Attempt, Candidate, Registration, Sitting
from cbt.errors import Refusal

# Candidates may take their seats this long before the window opens.
DOORS = timedelta(minutes=60)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A candidate let in. `read_only`: the attempt goes on in another browser."""

    token: str
    registration_id: int
    attempt_id: str | None
    read_only: bool


def sign_in(
    session: Session, *, vault: Vault, iin: str, code: str, device: str, replaces: str | None = None, now: datetime
) -> Entry | Refusal:
    """Let a candidate in, or the refusal, returned and not raised so that the failure is counted.

    Wrong tries are counted for the number that was typed, never for the address they came from: a hall
    shares one address. `replaces`: the token this browser came with; it is dead afterwards.
    Refusals: iin_length, iin_wrong (raised), code_wrong, too_many_tries, sitting_not_open, sitting_not_opened,
    sitting_over.
    """
    number = require_iin(iin)
    subject = vault.iin_hash(number)
    accounts.one_try_at_a_time(session, subject)
    if is_guessing(session, subject, now=now):
        return _refused(session, "candidate", None, Refusal("too_many_tries", field="code"), now)
    registration = _by_code(session, vault, subject, plain_code(code))
    if registration is None:
        accounts.count_failure(session, subject, now=now)
        return _refused(session, "candidate", None, Refusal("code_wrong", field="code"), now)
    sitting = session.get_one(Sitting, registration.sitting_id)
    attempt = session.scalars(select(Attempt).where(Attempt.registration_id == registration.id)).first()
    closed = None if attempt else _door(sitting, now)
    if closed:
        return _refused(session, candidate_label(registration.id), sitting.body_id, closed, now)
    accounts.forgive_failures(session, subject)
    entry = _let_in(session, registration, sitting.body_id, attempt, device, now)
    if replaces:
        accounts.end_session(session, token=replaces, now=now)
    return entry


def _refused(session: Session, label: str, body_id: int | None, refusal: Refusal, now: datetime) -> Refusal:
    record(
        session, "candidate.sign_in_refused", actor=label, subject=label, body_id=body_id, now=now, code=refusal.code
    )
    return refusal


def _by_code(session: Session, vault: Vault, iin_hash: str, code: str) -> Registration | None:
    rows = session.scalars(
        select(Registration)
        .join(Candidate, Candidate.id == Registration.candidate_id)
        .where(Candidate.iin_hash == iin_hash, Registration.withdrawn_at.is_(None), Registration.code_hash.is_not(None))
    ).all()
    for row in rows:
        if row.code_hash == vault.code_hash(registration_id=row.id, code=code):
            return row
    return None


def _door(sitting: Sitting, now: datetime) -> Refusal | None:
    """Why a candidate who has no attempt yet may not come in."""
    if sitting.state in {"closed", "cancelled"} or now >= sitting.closes_at:
        return Refusal("sitting_over", field="code")
    if now < sitting.opens_at - DOORS:
        return Refusal("sitting_not_open", field="code", opens_at=sitting.opens_at)
    return None


def _let_in(
    session: Session, registration: Registration, body_id: int, attempt: Attempt | None, device: str, now: datetime
) -> Entry:
    token = accounts.open_session(session, registration_id=registration.id, device=device, now=now)
    key = token_hash(token)
    running = attempt is not None and attempt.state in {"started", "paused"}
    live = session.get(WebSession, attempt.live_session) if attempt and attempt.live_session else None
    same_device = live is None or live.device_hash == token_hash(device)
    elsewhere = running and not same_device
    if attempt is not None and attempt.started_at is not None and same_device:
        # After the end too: what this browser still has to send is then kept as late.
        attempt.live_session = key
        if running:
            record(
                session, "attempt.device_taken", actor=candidate_label(registration.id), subject=f"attempt:{attempt.id}",
                body_id=body_id, now=now,
            )  # fmt: skip
    if not elsewhere:
        _end_other_sessions(session, registration.id, keep=key, now=now)
    record(
        session, "candidate.signed_in", actor=candidate_label(registration.id),
        subject=candidate_label(registration.id), body_id=body_id, now=now, second_device=elsewhere,
    )  # fmt: skip
    return Entry(
        token=token,
        registration_id=registration.id,
        attempt_id=attempt.id if attempt else None,
        read_only=elsewhere,
    )


def _end_other_sessions(session: Session, registration_id: int, *, keep: str, now: datetime) -> None:
    session.execute(
        update(WebSession)
        .where(
            WebSession.registration_id == registration_id,
            WebSession.token_hash != keep,
            WebSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def sign_out(session: Session, *, token: str, registration_id: int, now: datetime) -> None:
    """Leave this browser; a running attempt may then be continued in another one. Its clock goes on."""
    # The attempt before the session, as at the door: two deeds at once cannot wait for each other.
    session.execute(
        update(Attempt)
        .where(
            Attempt.registration_id == registration_id,
            Attempt.live_session == token_hash(token),
            Attempt.state.in_(("started", "paused")),
        )
        .values(live_session=None)
    )
    accounts.end_session(session, token=token, now=now)
    label = candidate_label(registration_id)
    record(session, "candidate.signed_out", actor=label, subject=label, now=now)


def release_device(session: Session, *, registration: Registration, body_id: int, actor: Actor, now: datetime) -> None:
    """The invigilator lets the candidate go on at another machine: every browser is signed out."""
    attempt = session.scalars(select(Attempt).where(Attempt.registration_id == registration.id)).first()
    if attempt is not None and attempt.live_session is not None:
        attempt.live_session = None
    _end_other_sessions(session, registration.id, keep="", now=now)
    subject = f"attempt:{attempt.id}" if attempt else candidate_label(registration.id)
    record(session, "attempt.device_released", actor=actor.label, subject=subject, body_id=body_id, now=now)
