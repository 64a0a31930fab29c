"""Results as the candidate and the commission read them; no key and no mark of a single question among them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.delivery.models import Attempt
from cbt.results.models import Result


@dataclass(frozen=True, kw_only=True)
class AreaProfile:
    """Points of one content area."""

    area: str
    kk: str
    ru: str
    points: int
    max_points: int

    def name(self, locale: str) -> str:
        return self.ru if locale == "ru" else self.kk


@dataclass(frozen=True, kw_only=True)
class OwnResult:
    """What is announced to a candidate."""

    attempt_id: str
    language: str
    state: str
    started_at: datetime
    finished_at: datetime
    points: int
    max_points: int
    cut_score: int
    admitted: bool
    outcome: str | None
    source: str
    stage: str
    edition: str
    profile: tuple[AreaProfile, ...]
    events_digest: str
    form_hash: str
    announced_at: datetime

    @property
    def duration(self) -> timedelta:
        return self.finished_at - self.started_at


def latest_result(session: Session, attempt_id: str) -> Result | None:
    return session.scalars(
        select(Result).where(Result.attempt_id == attempt_id).order_by(Result.number.desc()).limit(1)
    ).first()


def profile_of(result: Result) -> tuple[AreaProfile, ...]:
    return tuple(AreaProfile(**part) for part in json.loads(result.profile))


def own_result(session: Session, *, registration_id: int) -> OwnResult | None:
    """The announced result of a registration, or None while there is none."""
    attempt = session.scalars(select(Attempt).where(Attempt.registration_id == registration_id)).first()
    result = latest_result(session, attempt.id) if attempt else None
    if attempt is None or result is None:
        return None
    if attempt.started_at is None or attempt.finished_at is None or attempt.language is None:
        raise ValueError(f"attempt {attempt.id} has a result but was never finished")
    return OwnResult(
        attempt_id=attempt.id,
        language=attempt.language,
        state=attempt.state,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        points=result.points,
        max_points=result.max_points,
        cut_score=result.cut_score,
        admitted=result.admitted,
        outcome=result.outcome,
        source=result.source,
        stage=result.stage,
        edition=result.edition,
        profile=profile_of(result),
        events_digest=result.events_digest,
        form_hash=result.form_hash,
        announced_at=result.announced_at,
    )
