"""Start an attempt exactly once, and close it exactly once with what the server holds."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cbt.accounts.actor import candidate_label
from cbt.assembly.models import Form, FormContent
from cbt.audit.actions import SYSTEM, record
from cbt.delivery import sheet
from cbt.delivery.models import AnswerEvent, Attempt, Incident, Registration, Sitting, SittingForm
from cbt.errors import Refusal
from cbt.regulation import draw, editions, lifecycle, timing


def start_attempt(
    session: Session, *, registration_id: int, language: str | None, session_key: str, now: datetime
) -> Attempt:
    """Hand out a form and start the clock; pressed again, the same attempt.

    Refusals: language_needed, sitting_not_open, sitting_not_opened, sitting_over, registration_withdrawn,
    no_form_for_position, attempt_closed, read_only_here. Source: AR r.13.
    """
    # The sitting is held in share: nobody closes it or takes people off its list between this look and the start.
    sitting = session.scalars(
        select(Sitting)
        .join(Registration, Registration.sitting_id == Sitting.id)
        .where(Registration.id == registration_id)
        .with_for_update(read=True, of=Sitting)
    ).one()
    # Read once the sitting is held: what was waited for is seen.
    registration, attempt = session.execute(
        select(Registration, Attempt)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .where(Registration.id == registration_id)
    ).one()
    if attempt is None or attempt.state == "issued":
        rules = editions.require_usable(editions.edition(sitting.edition))
        if language not in rules.test.languages:
            raise Refusal("language_needed", field="language")
        _require_open(registration, sitting, now)
        # The entries of the record go out together at the end: thousands start at once.
        with session.no_autoflush:
            if attempt is None:
                _issue(session, registration, sitting, now)
            attempt = _start(session, registration, sitting, language, session_key, now)
    if attempt.state not in {"started", "paused"}:
        raise Refusal("attempt_closed")
    if attempt.live_session != session_key:
        raise Refusal("read_only_here")
    return attempt


def _require_open(registration: Registration, sitting: Sitting, now: datetime) -> None:
    if registration.withdrawn_at is not None:
        raise Refusal("registration_withdrawn")
    if sitting.state in {"closed", "cancelled"} or now >= sitting.closes_at:
        raise Refusal("sitting_over")
    if now < sitting.opens_at:
        raise Refusal("sitting_not_open", opens_at=sitting.opens_at)
    if sitting.state != "open":
        raise Refusal("sitting_not_opened")


def _issue(session: Session, registration: Registration, sitting: Sitting, now: datetime) -> None:
    """Choose the form and the order of its items and options; two parallel clicks leave one row."""
    form_id, form_hash = _form_for(session, registration)
    items = sheet.form_items(session, form_id=form_id, form_hash=form_hash)
    attempt_id = uuid.uuid4().hex
    # From a seed that is kept nowhere: the candidate knows the attempt's id, and must not find by it what the author
    # wrote first.
    permutation = draw.permutation(
        secrets.token_hex(32),
        number_of_items=len(items),
        option_ids_by_slot={slot: tuple(item.options) for slot, item in enumerate(items, start=1)},
    )
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = sheet.write_permutation(permutation)
    issued = session.execute(
        insert(Attempt)
        .values(
            id=attempt_id,
            registration_id=registration.id,
            form_id=form_id,
            form_hash=form_hash,
            state=lifecycle.ATTEMPT.start,
            both_languages=sitting.both_languages,
            minutes=sitting.minutes,
            number_of_items=len(items),
            permutation=written,
            shape=sheet.shape_of(items, permutation),
            issued_at=now,
        )
        .on_conflict_do_nothing(index_elements=["registration_id"])
    )
    if issued.rowcount:  # type: ignore[attr-defined]
        record(
            session, "attempt.issued", actor=candidate_label(registration.id), subject=f"attempt:{attempt_id}",
            body_id=sitting.body_id, now=now, form=form_id, form_hash=form_hash,
            permutation_hash=sha256(written.encode()).hexdigest(),
        )  # fmt: skip


def _form_for(session: Session, registration: Registration) -> tuple[int, str]:
    """Neighbours in the list get different forms; one the person has had comes last. Source: AR r.19 (R-047)."""
    had = (
        exists()
        .where(Attempt.form_id == SittingForm.form_id, Attempt.registration_id == Registration.id)
        .where(Registration.candidate_id == registration.candidate_id)
    )
    forms = session.execute(
        select(SittingForm.form_id, FormContent.content_hash, had.label("had"))
        .join(FormContent, FormContent.form_id == SittingForm.form_id)
        .join(Form, Form.id == SittingForm.form_id)
        .where(
            SittingForm.sitting_id == registration.sitting_id,
            SittingForm.position == registration.position,
            Form.state != "withdrawn",
        )
        .order_by(SittingForm.form_id)
    ).all()
    if not forms:
        raise Refusal("no_form_for_position", position=registration.position)
    unseen = [row for row in forms if not row.had] or list(forms)
    chosen = unseen[registration.ordinal % len(unseen)]
    return chosen.form_id, chosen.content_hash


def _start(
    session: Session,
    registration: Registration,
    sitting: Sitting,
    language: str | None,
    session_key: str,
    now: datetime,
) -> Attempt:
    """Start the clock of the issued attempt; of two at once the second finds it started."""
    edition = editions.edition(sitting.edition)
    deadline = timing.deadline(now, minutes=sitting.minutes, edition=edition)
    started = session.scalars(
        update(Attempt)
        .where(Attempt.registration_id == registration.id, Attempt.state == "issued")
        .values(
            state=lifecycle.next_state(lifecycle.ATTEMPT, "issued", "start"),
            language=language,
            started_at=now,
            deadline=deadline,
            live_session=session_key,
        )
        .returning(Attempt)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if started is None:
        of_the_other = select(Attempt).where(Attempt.registration_id == registration.id)
        return session.scalars(of_the_other.execution_options(populate_existing=True)).one()
    record(
        session, "attempt.started", actor=candidate_label(registration.id), subject=f"attempt:{started.id}",
        body_id=sitting.body_id, now=now, language=language, deadline=deadline,
    )  # fmt: skip
    return started


def close_attempt(session: Session, *, attempt: Attempt, deed: str, finished_at: datetime, now: datetime) -> None:
    """Close with what the server holds: `deed` is "submit" or "expire". The row must be locked by the caller.

    The digest over all events goes into the sealed record, so no answer can be added or changed afterwards.
    """
    state = lifecycle.next_state(lifecycle.ATTEMPT, attempt.state, deed)
    events = events_of(session, attempt.id)
    attempt.events_digest = digest_of(events)
    attempt.finished_at = finished_at
    attempt.closed_at = now
    attempt.state = state
    session.flush()
    actor = candidate_label(attempt.registration_id) if deed == "submit" else SYSTEM
    record(
        session, "attempt.closed", actor=actor, subject=f"attempt:{attempt.id}", body_id=_body_of(session, attempt),
        now=now, state=state, finished_at=finished_at, events=len(events), events_digest=attempt.events_digest,
    )  # fmt: skip


def _body_of(session: Session, attempt: Attempt) -> int | None:
    return session.scalar(
        select(Sitting.body_id)
        .join(Registration, Registration.sitting_id == Sitting.id)
        .where(Registration.id == attempt.registration_id)
    )


def locked(session: Session, attempt_id: str) -> Attempt:
    """The attempt with its row held: saves that are under way end first, later ones see what we leave."""
    return session.scalars(
        select(Attempt).where(Attempt.id == attempt_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def events_of(session: Session, attempt_id: str) -> list[AnswerEvent]:
    """All answers of an attempt in the order they arrived."""
    return list(
        session.scalars(select(AnswerEvent).where(AnswerEvent.attempt_id == attempt_id).order_by(AnswerEvent.seq))
    )


def digest_of(events: Iterable[AnswerEvent]) -> str:
    """SHA-256 over the events, a line each: seq, key, slot, choice, flagged, language, client and server time."""
    digest = sha256()
    for event in events:
        fields = (
            event.seq, event.key, event.slot, event.choice, int(event.flagged), event.language, event.at_ms,
            event.received_at.isoformat(),
        )  # fmt: skip
        digest.update(("\t".join(str(field) for field in fields) + "\n").encode())
    return digest.hexdigest()


def note_incident(session: Session, *, attempt_id: str, kind: str, actor: str, now: datetime, **facts: object) -> None:
    """Put something on the commission's list for this attempt."""
    session.add(
        Incident(attempt_id=attempt_id, kind=kind, at=now, actor=actor, facts=json.dumps(facts, ensure_ascii=False, default=str))
    )


def record_refusal(
    session: Session, *, tag: str, refusal: Refusal, registration_id: int, attempt_id: str | None, now: datetime
) -> None:
    """Keep the record of a refusal in the exam; called after the refused deed was undone."""
    subject = f"attempt:{attempt_id}" if attempt_id else candidate_label(registration_id)
    record(session, tag, actor=candidate_label(registration_id), subject=subject, now=now, code=refusal.code)
