"""Close an attempt and announce its result in one deed: points from pinned versions, the verdict of the edition."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor, candidate_label
from cbt.assembly.models import Blueprint, Form, FormItem
from cbt.audit.actions import SYSTEM, record
from cbt.bank.content import key, parse
from cbt.bank.models import ItemVersion
from cbt.db import Database
from cbt.delivery.actions import attempts
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.delivery.queries_attempt import current_answers, overdue
from cbt.delivery.sheet import bank_choice, read_permutation
from cbt.errors import Refusal
from cbt.regulation import editions, scoring, timing
from cbt.regulation.gate import gate
from cbt.results.models import Mark, Result
from cbt.results.queries import latest_result

log = logging.getLogger("cbt.results")
CLOSED = frozenset({"submitted", "expired"})


def submit_attempt(
    session: Session,
    *,
    attempt_id: str,
    session_key: str,
    count: int,
    digest: str,
    answers: Mapping[int, tuple[str, ...]] | None,
    now: datetime,
) -> Result:
    """Finish at the candidate's word, if both sides hold the same answers; pressed again, the same result.

    `digest` as in the candidate's HTTP contract; `answers` lets the refusal name the slots that differ.
    After the deadline the attempt is closed with what the server holds. Refusals: read_only_here,
    attempt_closed (annulled), not_started, answers_differ (slots).
    """
    attempt = attempts.locked(session, attempt_id)
    if attempt.state in CLOSED:
        return _known(session, attempt)
    if attempt.state not in {"started", "paused"} or attempt.deadline is None:
        raise Refusal("not_started" if attempt.state == "issued" else "attempt_closed")
    if attempt.live_session != session_key:
        raise Refusal("read_only_here")
    if not timing.is_open(deadline=attempt.deadline, now=now):
        return _close(session, attempt, deed="expire", finished_at=attempt.deadline, now=now)
    _require_same_answers(session, attempt, count, digest, answers)
    return _close(session, attempt, deed="submit", finished_at=now, now=now)


def _require_same_answers(
    session: Session, attempt: Attempt, count: int, digest: str, answers: Mapping[int, tuple[str, ...]] | None
) -> None:
    held = {slot: answer.choice for slot, answer in current_answers(session, attempt.id).items() if answer.choice}
    if count == len(held) and digest == answers_digest(held):
        return
    if answers is None:
        slots = sorted(held)
    else:
        slots = sorted(slot for slot in held.keys() | answers.keys() if held.get(slot, ()) != answers.get(slot, ()))
    raise Refusal("answers_differ", slots=slots, count=len(held))


def answers_digest(answers: Mapping[int, tuple[str, ...]]) -> str:
    """SHA-256 over lines `slot:choice,choice` of answered slots in slot order, joined by a newline."""
    lines = [f"{slot}:{','.join(answers[slot])}" for slot in sorted(answers)]
    return sha256("\n".join(lines).encode()).hexdigest()


def expire_attempt(session: Session, *, attempt_id: str, now: datetime) -> Result | None:
    """Close an attempt whose time is over, as of its deadline; None if it is not over or was closed meanwhile."""
    attempt = attempts.locked(session, attempt_id)
    if attempt.state in CLOSED:
        return _known(session, attempt)
    if attempt.state not in {"started", "paused"} or attempt.deadline is None or attempt.deadline > now:
        return None
    return _close(session, attempt, deed="expire", finished_at=attempt.deadline, now=now)


def close_overdue(database: Database, *, now: datetime) -> int:
    """Close every attempt whose time is over, each in its own transaction; how many were closed.

    One that cannot be closed is told in the log and holds up no other.
    """
    with database.reading() as session:
        waiting = overdue(session, now=now)
    closed = 0
    for attempt_id in waiting:
        try:
            with database.transaction() as session:
                closed += expire_attempt(session, attempt_id=attempt_id, now=now) is not None
        except Exception:
            log.exception("attempt %s could not be closed", attempt_id)
    return closed


def _known(session: Session, attempt: Attempt) -> Result:
    result = latest_result(session, attempt.id)
    if result is None:
        raise ValueError(f"attempt {attempt.id} was closed without a result")
    return result


def _close(session: Session, attempt: Attempt, *, deed: str, finished_at: datetime, now: datetime) -> Result:
    attempts.close_attempt(session, attempt=attempt, deed=deed, finished_at=finished_at, now=now)
    return _announce(session, attempt, now=now)


def _announce(session: Session, attempt: Attempt, *, now: datetime) -> Result:
    """Marks, points and verdict of a closed attempt, announced at this moment. Source: AR r.14-15."""
    registration, sitting = session.execute(
        select(Registration, Sitting)
        .join(Sitting, Sitting.id == Registration.sitting_id)
        .where(Registration.id == attempt.registration_id)
    ).one()
    slots = session.execute(
        select(FormItem.slot, FormItem.area, ItemVersion.id, ItemVersion.content)
        .join(ItemVersion, ItemVersion.id == FormItem.version_id)
        .where(FormItem.form_id == attempt.form_id)
        .order_by(FormItem.slot)
    ).all()
    responses = _responses(session, attempt)
    score = scoring.score(
        responses=responses,
        keys={row.slot: key(parse(row.content)) for row in slots},
        areas={row.slot: row.area for row in slots},
    )
    edition = editions.require_usable(editions.edition(sitting.edition))
    verdict = gate(points=score.points, stage=registration.stage, edition=edition)
    names = _area_names(session, attempt.form_id)
    result = Result(
        attempt_id=attempt.id,
        number=1,
        edition=edition.id,
        stage=registration.stage,
        points=score.points,
        max_points=score.max_points,
        cut_score=edition.test.admit_min_points,
        admitted=verdict.admitted,
        outcome=verdict.outcome,
        source=verdict.source,
        profile=json.dumps(
            [
                {"area": part.area, "points": part.points, "max_points": part.max_points, **names[part.area]}
                for part in score.profile
            ],
            ensure_ascii=False,
        ),
        events_digest=attempt.events_digest,
        form_hash=attempt.form_hash,
        announced_at=now,
    )
    session.add(result)
    session.flush()
    versions = {row.slot: row.id for row in slots}
    for mark in score.marks:
        session.add(
            Mark(
                result_id=result.id,
                slot=mark.slot,
                version_id=versions[mark.slot],
                choice=",".join(sorted(responses.get(mark.slot, frozenset()))),
                awarded=mark.awarded,
            )
        )
    record(
        session, "result.announced", actor=SYSTEM, subject=f"attempt:{attempt.id}", body_id=sitting.body_id, now=now,
        number=1, points=result.points, admitted=result.admitted, outcome=result.outcome, edition=result.edition,
        events_digest=result.events_digest, form_hash=result.form_hash,
    )  # fmt: skip
    return result


def _responses(session: Session, attempt: Attempt) -> dict[int, frozenset[str]]:
    """The current answers by form slot, in the identities of the bank."""
    permutation = read_permutation(attempt.permutation)
    return {
        permutation.items[slot - 1]: bank_choice(permutation, slot=slot, choice=",".join(answer.choice))
        for slot, answer in current_answers(session, attempt.id).items()
        if answer.choice
    }


def _area_names(session: Session, form_id: int) -> dict[str, dict[str, str]]:
    areas = session.scalar(select(Blueprint.areas).join(Form, Form.blueprint_id == Blueprint.id).where(Form.id == form_id))
    return {area["code"]: {"kk": area["kk"], "ru": area["ru"]} for area in json.loads(areas or "[]")}


def note_printed(session: Session, *, registration_id: int, attempt_id: str, language: str, now: datetime) -> None:
    """Keep that the candidate took the result sheet."""
    record(
        session, "result.printed", actor=candidate_label(registration_id), subject=f"attempt:{attempt_id}", now=now,
        language=language,
    )  # fmt: skip


def note_file_opened(session: Session, *, registration_id: int, actor: Actor, now: datetime) -> None:
    """Keep who opened a candidate's file."""
    record(
        session, "file.opened", actor=actor.label, subject=candidate_label(registration_id), body_id=actor.body_id, now=now
    )


def note_exported(session: Session, *, sitting_id: int, rows: int, actor: Actor, now: datetime) -> None:
    """Keep who took the scores of a sitting away, and of how many people."""
    record(
        session, "scores.exported", actor=actor.label, subject=f"sitting:{sitting_id}", body_id=actor.body_id, now=now,
        sitting=sitting_id, rows=rows,
    )  # fmt: skip
