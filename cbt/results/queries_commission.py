"""What a commission sees of its own candidates, sitting by sitting: no key, no chosen option, no mark of one question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from cbt.delivery.models import Attempt, Incident, LateAnswer, Registration, Sitting
from cbt.errors import Refusal
from cbt.i18n import collation_key
from cbt.regulation import editions
from cbt.results.models import Result

# An attempt has points for a commission only after it was closed, and none after it was annulled.
CLOSED = ("submitted", "expired")
STATES = ("expected", "running", "submitted", "expired", "absent", "annulled", "cancelled")
GATES = ("admitted", "not_admitted", "by_vote", "none")


@dataclass(frozen=True, kw_only=True)
class SittingScores:
    """A sitting with how the commission's candidates did; counts of people, `mean` in points."""

    id: int
    place_kk: str
    place_ru: str
    opens_at: datetime
    closes_at: datetime
    state: str
    registered: int
    tested: int
    admitted: int
    mean: float | None

    def place(self, locale: str) -> str:
        return self.place_ru if locale == "ru" else self.place_kk


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """One line of the commission's list; what there is not (yet) is None. `state` is one of STATES."""

    registration_id: int
    name: str
    position: str
    stage: str
    state: str
    language: str | None
    points: int | None
    max_points: int | None
    admitted: bool | None
    outcome: str | None
    source: str | None
    duration: timedelta | None
    incidents: tuple[str, ...]
    late_answers: int

    @property
    def gate(self) -> str:
        """One of GATES. Source: AR r.15, r.20."""
        return gate_word(admitted=self.admitted, outcome=self.outcome)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows are asked for; an empty word asks for all. `incidents` is "with" or "without"."""

    name: str = ""
    position: str = ""
    gate: str = ""
    state: str = ""
    language: str = ""
    incidents: str = ""

    def takes(self, row: CandidateRow) -> bool:
        return (
            self.name.casefold() in row.name.casefold()
            and self.position in ("", row.position)
            and self.gate in ("", row.gate)
            and self.state in ("", row.state)
            and self.language in ("", row.language)
            and self.incidents in ("", "with" if row.incidents or row.late_answers else "without")
        )


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts of people over the rows of a list; `median` in points."""

    registered: int
    tested: int
    admitted: int
    not_admitted: int
    absent: int
    running: int
    median: float | None


def gate_word(*, admitted: bool | None, outcome: str | None) -> str:
    """One of GATES for a verdict, "none" where there is no verdict."""
    if admitted is None:
        return "none"
    if admitted:
        return "admitted"
    return "by_vote" if outcome == "NOT_CONFORMS_BY_VOTE" else "not_admitted"


def own(body_id: int) -> ColumnElement[bool]:
    """A commission's registrations by jurisdiction; a withdrawn one stays in sight if it had an attempt."""
    return and_(
        Registration.commission_id == body_id, or_(Registration.withdrawn_at.is_(None), Attempt.id.is_not(None))
    )


def _with_latest_result(query: Select) -> Select:
    other = aliased(Result)
    newest = select(func.max(other.number)).where(other.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return query.outerjoin(
        Result, and_(Result.attempt_id == Attempt.id, Result.number == newest, Attempt.state.in_(CLOSED))
    )


def sittings_of(session: Session, *, body_id: int) -> list[SittingScores]:
    """Sittings where the commission of this body has candidates, newest first."""
    query = _with_latest_result(
        select(
            Sitting,
            func.count(Registration.id).label("registered"),
            func.count(Result.id).label("tested"),
            func.coalesce(func.sum(case((Result.admitted, 1), else_=0)), 0).label("admitted"),
            func.avg(Result.points).label("mean"),
        )
        .join(Registration, Registration.sitting_id == Sitting.id)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
    )
    rows = session.execute(
        query.where(own(body_id)).group_by(Sitting.id).order_by(Sitting.opens_at.desc(), Sitting.id.desc())
    )
    return [
        SittingScores(
            id=sitting.id,
            place_kk=sitting.place_kk,
            place_ru=sitting.place_ru,
            opens_at=sitting.opens_at,
            closes_at=sitting.closes_at,
            state=sitting.state,
            registered=registered,
            tested=tested,
            admitted=int(admitted),
            mean=None if mean is None else float(mean),
        )
        for sitting, registered, tested, admitted, mean in rows
    ]


def sitting_of(session: Session, sitting_id: int, *, body_id: int) -> Sitting:
    """A sitting where the commission of this body has a candidate. Refusal: unknown."""
    sitting = session.scalars(
        select(Sitting)
        .join(Registration, Registration.sitting_id == Sitting.id)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .where(Sitting.id == sitting_id, own(body_id))
        .limit(1)
    ).first()
    if sitting is None:
        raise Refusal("unknown")
    return sitting


def candidates_of(session: Session, *, sitting: Sitting, body_id: int, now: datetime) -> list[CandidateRow]:
    """The commission's candidates of a sitting, by name in the order of the Kazakh alphabet."""
    query = _with_latest_result(
        select(Registration, Attempt, Result).outerjoin(Attempt, Attempt.registration_id == Registration.id)
    )
    found = session.execute(query.where(Registration.sitting_id == sitting.id, own(body_id))).all()
    attempts = [attempt.id for _, attempt, _ in found if attempt is not None]
    incidents: defaultdict[str, list[str]] = defaultdict(list)
    noted = select(Incident.attempt_id, Incident.kind).where(Incident.attempt_id.in_(attempts))
    for attempt_id, kind in session.execute(noted.order_by(Incident.at, Incident.id)):
        incidents[attempt_id].append(kind)
    late = Counter(session.scalars(select(LateAnswer.attempt_id).where(LateAnswer.attempt_id.in_(attempts))))
    rows = [
        CandidateRow(
            registration_id=registration.id,
            name=registration.name,
            position=registration.position,
            stage=registration.stage,
            state=state_of(attempt, sitting, now=now),
            language=attempt.language if attempt else None,
            points=result.points if result else None,
            max_points=result.max_points if result else None,
            admitted=result.admitted if result else None,
            outcome=result.outcome if result else None,
            source=result.source if result else None,
            duration=_duration(attempt),
            incidents=tuple(incidents[attempt.id]) if attempt else (),
            late_answers=late[attempt.id] if attempt else 0,
        )
        for registration, attempt, result in found
    ]
    return in_order(rows, "name")


def state_of(attempt: Attempt | None, sitting: Sitting, *, now: datetime) -> str:
    """One of STATES: where a candidate stands at this moment."""
    if attempt is not None and attempt.state != "issued":
        return "running" if attempt.state in {"started", "paused"} else attempt.state
    if sitting.state == "cancelled":
        return "cancelled"
    return "absent" if sitting.state == "closed" or now >= sitting.closes_at else "expected"


def _duration(attempt: Attempt | None) -> timedelta | None:
    if attempt is None or attempt.started_at is None or attempt.finished_at is None:
        return None
    return attempt.finished_at - attempt.started_at


def _place_in_the_act(position: str) -> int:
    known = [each.id for each in editions.edition(editions.DEFAULT_EDITION).positions or ()]
    return known.index(position) if position in known else len(known)


_ORDERS: dict[str, Callable[[CandidateRow], object]] = {
    "name": lambda row: collation_key(row.name),
    "position": lambda row: _place_in_the_act(row.position),
    "stage": lambda row: row.stage,
    "points": lambda row: row.points,
    "gate": lambda row: GATES.index(row.gate),
    "language": lambda row: row.language,
    "duration": lambda row: row.duration,
    "incidents": lambda row: len(row.incidents),
    "late": lambda row: row.late_answers,
    "state": lambda row: STATES.index(row.state),
}


def in_order(rows: Iterable[CandidateRow], order: str) -> list[CandidateRow]:
    """Rows by a column ("-" before it turns the order round), equal ones by name; what there is not comes last."""
    column = order.removeprefix("-")
    value_of = _ORDERS.get(column, _ORDERS["name"])
    by_name = sorted(rows, key=lambda row: (collation_key(row.name), row.registration_id))
    present = [row for row in by_name if value_of(row) is not None]
    missing = [row for row in by_name if value_of(row) is None]
    return sorted(present, key=value_of, reverse=order.startswith("-")) + missing  # type: ignore[arg-type]


def figures_of(rows: Sequence[CandidateRow]) -> Figures:
    points = [row.points for row in rows if row.points is not None]
    return Figures(
        registered=len(rows),
        tested=len(points),
        admitted=sum(row.admitted is True for row in rows),
        not_admitted=sum(row.admitted is False for row in rows),
        absent=sum(row.state == "absent" for row in rows),
        running=sum(row.state == "running" for row in rows),
        median=float(median(points)) if points else None,
    )


def distribution_of(rows: Iterable[CandidateRow]) -> dict[int, int]:
    """How many people have each number of points."""
    return dict(sorted(Counter(row.points for row in rows if row.points is not None).items()))
