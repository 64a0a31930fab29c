"""Put candidates on the list of a sitting, one or a whole file, take them off, and issue their one-time codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import column, func, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cbt.accounts.actions import forgive_failures
from cbt.accounts.actor import Actor, candidate_label
from cbt.accounts.iin import require_iin
from cbt.accounts.models import Body
from cbt.accounts.queries import oblast_of, territory_of
from cbt.accounts.vault import Vault, new_code
from cbt.audit.actions import record
from cbt.delivery.models import STAGES, Attempt, Candidate, Registration, Sitting, SittingForm
from cbt.delivery.typed import Person, clean_line, folded
from cbt.errors import Refusal
from cbt.regulation import editions
from cbt.regulation.gate import REPEAT
from cbt.regulation.jurisdiction import RAYON, commission_body, jurisdiction
from cbt.regulation.terms import earliest_repeat
from cbt.regulation.timing import local_day

# The verdict is read by the name of its table: the package that writes it stands a floor above.
_RESULT = table("result", column("attempt_id"), column("number"), column("admitted"))
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class RowReport:
    """What became of one row of a list: no refusals means that it can be registered."""

    number: int
    name: str
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """All rows of a list. `registered` is the number of rows, or 0 where any of them was refused."""

    rows: tuple[RowReport, ...]
    registered: int


@dataclass(frozen=True, kw_only=True)
class _Checked:
    iin: str
    iin_hash: str
    name: str
    position: str
    stage: str
    workplace: str
    territory_id: int
    commission_id: int


@dataclass(frozen=True, kw_only=True)
class _Earlier:
    """A registration the person already has, with what became of it."""

    registration: Registration
    sitting: Sitting
    attempt: Attempt | None
    admitted: bool | None


def register_candidate(
    session: Session,
    *,
    sitting: Sitting,
    iin: str,
    name: str,
    position: str,
    stage: str,
    workplace: str,
    territory_id: int,
    actor: Actor,
    vault: Vault,
    now: datetime,
) -> Registration:
    """Expect a person at a sitting; the commission follows from the post. Source: AR r.6-7, r.13, r.19.

    Refusals: sitting_list_closed, iin_length, iin_wrong, text_*, position_not_in_sitting, stage_unknown,
    workplace_unknown, territory_unknown, territory_needs_rayon, already_registered, registered_same_day,
    attempt_same_day, repeat_too_early, initial_too_early.
    """
    person = Person(
        iin=iin, name=name, position=position, stage=stage, workplace=workplace, territory=str(territory_id)
    )
    rules = _Rules(session, sitting, vault, now)
    checked, refusals = rules.check(person)
    if checked is None:
        raise refusals[0]
    people = _people(session, [checked], vault, now)
    if refusal := rules.standing(checked, _history(session, [people[checked.iin_hash].id])):
        raise refusal
    return _register(session, rules, [checked], people, actor, now)[0]


def import_candidates(
    session: Session,
    rows: Sequence[tuple[int, Person, Sequence[Refusal]]],
    *,
    sitting: Sitting,
    actor: Actor,
    vault: Vault,
    now: datetime,
) -> ImportReport:
    """Register every row of a list, or none of them where any row is refused.

    A row is its number in the file, the person, and what was already found wrong in reading it.
    Refusals by row as in `register_candidate`, and iin_twice_in_list; sitting_list_closed is raised.
    """
    rules = _Rules(session, sitting, vault, now)
    checks = [(number, person, *rules.check(person, found)) for number, person, found in rows]
    sound = [checked for _, _, checked, _ in checks if checked]
    reports: list[RowReport] = []
    try:
        with session.begin_nested():
            people = _people(session, sound, vault, now)
            history = _history(session, [candidate.id for candidate in people.values()])
            reports = _reports(rules, checks, history)
            if any(report.refusals for report in reports):
                raise _NotWhole
            _register(session, rules, sound, people, actor, now)
    except _NotWhole:
        return ImportReport(rows=tuple(reports), registered=0)
    return ImportReport(rows=tuple(reports), registered=len(sound))


class _NotWhole(Exception):
    """Undoes a list of which a row was refused."""


def _reports(
    rules: _Rules,
    checks: Sequence[tuple[int, Person, _Checked | None, list[Refusal]]],
    history: Mapping[str, Sequence[_Earlier]],
) -> list[RowReport]:
    """What becomes of each row: a person stands in a list once, and may be expected here."""
    seen: dict[str, int] = {}
    reports = []
    for number, person, checked, refusals in checks:
        if checked and checked.iin_hash in seen:
            refusals = [Refusal("iin_twice_in_list", field="iin", row=seen[checked.iin_hash])]
        elif checked:
            seen[checked.iin_hash] = number
            standing = rules.standing(checked, history)
            refusals = [standing] if standing else []
        reports.append(RowReport(number=number, name=person.name, refusals=tuple(refusals)))
    return reports


class _Rules:
    """What a list is checked against, read once; the sitting is held, so that list numbers follow each other."""

    def __init__(self, session: Session, sitting: Sitting, vault: Vault, now: datetime) -> None:
        session.flush()
        session.refresh(sitting, with_for_update=True)
        if sitting.state not in {"planned", "open"} or now >= sitting.closes_at:
            raise Refusal("sitting_list_closed")
        self.sitting = sitting
        self.edition = editions.edition(sitting.edition)
        self.vault = vault
        self.positions = set(
            session.scalars(select(SittingForm.position).where(SittingForm.sitting_id == sitting.id))
        )
        self.oblast = oblast_of(session, sitting.body_id)
        territory = territory_of(session, self.oblast.id)
        self.has_rayons = len(territory) > 1
        own = [body for body in territory if body.id == sitting.body_id]
        self.territory = territory if sitting.body_id == self.oblast.id else own

    def check(
        self, person: Person, found: Sequence[Refusal] = ()
    ) -> tuple[_Checked | None, list[Refusal]]:
        """The person with every field checked, or all that is wrong with it."""
        refusals = list(found)
        known = {refusal.field for refusal in found}

        def take(field: str, check: Callable[[], Value]) -> Value | None:
            if field in known:
                return None
            try:
                return check()
            except Refusal as refusal:
                refusals.append(refusal)
                return None

        iin = take("iin", lambda: require_iin(person.iin))
        name = take("name", lambda: clean_line(person.name, field="name"))
        position = take("position", lambda: self._position(person.position))
        stage = take("stage", lambda: _one_of(STAGES, person.stage, "stage"))
        level = take("workplace", lambda: self._level(position, person.workplace)) if position else None
        body = take("territory", lambda: self._body(person.territory, level)) if level else None
        if refusals or not (iin and name and position and stage and level and body):
            return None, refusals
        # Where a city has no rayon body, `body` is the oblast's own.
        commission = commission_body(level, oblast=self.oblast, rayon=body)
        checked = _Checked(
            iin=iin, iin_hash=self.vault.iin_hash(iin), name=name, position=position, stage=stage,
            workplace=person.workplace, territory_id=body.id, commission_id=commission.id,
        )  # fmt: skip
        return checked, []

    def _position(self, position: str) -> str:
        if position not in self.positions:
            raise Refusal("position_not_in_sitting", field="position")
        return position

    def _level(self, position: str, workplace: str) -> str:
        """Which level the commission is on. Source: AR r.6-7."""
        try:
            return jurisdiction(position=position, workplace=workplace, edition=self.edition).commission
        except Refusal as refusal:
            raise Refusal(refusal.code, field="workplace", **refusal.facts) from None

    def _body(self, territory: str, level: str) -> Body:
        body = self._named(territory)
        if level == RAYON and body.id == self.oblast.id and self.has_rayons:
            raise Refusal("territory_needs_rayon", field="territory")
        return body

    def _named(self, territory: str) -> Body:
        if not territory.strip() and len(self.territory) == 1:
            return self.territory[0]
        sought = folded(territory)
        for body in self.territory:
            if sought in {str(body.id), body.kato, folded(body.name_kk), folded(body.name_ru)}:
                return body
        raise Refusal("territory_unknown", field="territory")

    def standing(self, checked: _Checked, history: Mapping[str, Sequence[_Earlier]]) -> Refusal | None:
        """Why this person may not be expected here, from what they have done before. Source: AR r.19; one test a day."""
        earlier = history.get(checked.iin_hash, ())
        first, last = local_day(self.sitting.opens_at), local_day(self.sitting.closes_at)
        for row in earlier:
            if row.registration.sitting_id == self.sitting.id:
                return Refusal("already_registered", field="iin", number=row.registration.ordinal)
        for row in earlier:
            if day := _day_taken(row, first, last):
                return Refusal("attempt_same_day" if row.attempt else "registered_same_day", field="iin", day=day)
        return self._too_early(checked, earlier, first)

    def _too_early(self, checked: _Checked, earlier: Sequence[_Earlier], first: date) -> Refusal | None:
        for row in earlier:
            if row.attempt is None or row.attempt.finished_at is None or row.registration.position != checked.position:
                continue
            day = local_day(row.attempt.finished_at)
            term = earliest_repeat(day, self.edition)
            if first >= term.day:
                continue
            if checked.stage == REPEAT:
                return Refusal("repeat_too_early", field="stage", day=day, earliest=term.day, source=term.source)
            if row.admitted is False:
                return Refusal("initial_too_early", field="stage", day=day, earliest=term.day, source=term.source)
        return None


def _day_taken(row: _Earlier, first: date, last: date) -> date | None:
    """A day of the window on which the person has been tested, or is already expected elsewhere."""
    if row.attempt is not None:
        day = local_day(row.attempt.started_at or row.attempt.issued_at)
        return day if first <= day <= last else None
    begins, ends = local_day(row.sitting.opens_at), local_day(row.sitting.closes_at)
    expected = row.sitting.state in {"planned", "open"} and begins <= last and first <= ends
    return max(begins, first) if expected else None


def _one_of(words: Sequence[str], word: str, field: str) -> str:
    if word not in words:
        raise Refusal(f"{field}_unknown", field=field, **{field: word})
    return word


def _people(session: Session, checked: Sequence[_Checked], vault: Vault, now: datetime) -> dict[str, Candidate]:
    """One row a person, whoever registers them first; held, so that one person's registrations follow each other."""
    if not checked:
        return {}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    numbers = {each.iin_hash: each.iin for each in checked}
    known = _by_hash(session, list(numbers))
    if fresh := sorted(set(numbers) - set(known)):
        session.execute(
            insert(Candidate).on_conflict_do_nothing(index_elements=["iin_hash"]),
            [{"iin_hash": each, "iin_cipher": vault.encrypt_iin(numbers[each]), "created_at": now} for each in fresh],
        )
    return _by_hash(session, list(numbers))


def _by_hash(session: Session, hashes: Sequence[str]) -> dict[str, Candidate]:
    rows: dict[str, Candidate] = {}
    for start in range(0, len(hashes), 500):
        found = session.scalars(
            select(Candidate)
            .where(Candidate.iin_hash.in_(hashes[start : start + 500]))
            .order_by(Candidate.id)
            .with_for_update()
        )
        rows |= {row.iin_hash: row for row in found}
    return rows


def _history(session: Session, candidate_ids: Sequence[int]) -> dict[str, list[_Earlier]]:
    """What each person has been registered for and has done, by the hash of the number, latest first."""
    admitted = (
        select(_RESULT.c.admitted)
        .where(_RESULT.c.attempt_id == Attempt.id)
        .order_by(_RESULT.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows: dict[str, list[_Earlier]] = {}
    for start in range(0, len(candidate_ids), 500):
        found = session.execute(
            select(Candidate.iin_hash, Registration, Sitting, Attempt, admitted)
            .join(Registration, Registration.candidate_id == Candidate.id)
            .join(Sitting, Sitting.id == Registration.sitting_id)
            .outerjoin(Attempt, Attempt.registration_id == Registration.id)
            .where(
                Candidate.id.in_(candidate_ids[start : start + 500]),
                Registration.withdrawn_at.is_(None),
                Attempt.id.is_(None) | (Attempt.state != "annulled"),
            )
            .order_by(Registration.id.desc())
        )
        for iin_hash, registration, sitting, attempt, is_admitted in found:
            rows.setdefault(iin_hash, []).append(
                _Earlier(
                    registration=registration, sitting=sitting, attempt=attempt,
                    admitted=None if is_admitted is None else bool(is_admitted),
                )
            )
    return rows


def _register(
    session: Session,
    rules: _Rules,
    checked: Sequence[_Checked],
    people: Mapping[str, Candidate],
    actor: Actor,
    now: datetime,
) -> list[Registration]:
    """Rows in the order of the list; whoever was taken off it before keeps the old number."""
    sitting = rules.sitting
    withdrawn = _withdrawn(session, sitting, [candidate.id for candidate in people.values()])
    last = session.scalar(select(func.max(Registration.ordinal)).where(Registration.sitting_id == sitting.id)) or 0
    registrations = []
    for each in checked:
        candidate = people[each.iin_hash]
        registration = withdrawn.get(candidate.id)
        if registration is None:
            last += 1
            registration = Registration(sitting_id=sitting.id, candidate_id=candidate.id, ordinal=last)
            session.add(registration)
        registration.name, registration.position = each.name, each.position
        registration.stage, registration.workplace = each.stage, each.workplace
        registration.territory_id, registration.commission_id = each.territory_id, each.commission_id
        registration.code_hash = registration.code_issued_at = registration.withdrawn_at = None
        registration.registered_by, registration.registered_at = actor.account_id, now
        registrations.append(registration)
    session.flush()
    for registration in registrations:
        record(
            session, "candidate.registered", actor=actor.label, subject=candidate_label(registration.id),
            body_id=sitting.body_id, now=now, sitting=sitting.id, position=registration.position,
            stage=registration.stage, commission=registration.commission_id,
        )  # fmt: skip
    return registrations


def _withdrawn(session: Session, sitting: Sitting, candidate_ids: Sequence[int]) -> dict[int, Registration]:
    """Who was taken off this list before, by person."""
    rows: dict[int, Registration] = {}
    for start in range(0, len(candidate_ids), 500):
        found = session.scalars(
            select(Registration).where(
                Registration.sitting_id == sitting.id,
                Registration.candidate_id.in_(candidate_ids[start : start + 500]),
            )
        )
        rows |= {row.candidate_id: row for row in found}
    return rows


def withdraw_registration(session: Session, *, registration: Registration, actor: Actor, now: datetime) -> None:
    """Take a person off the list before they start; twice is once. Refusals: sitting_list_closed, attempt_exists."""
    sitting = _held(session, registration.sitting_id)
    session.flush()
    session.refresh(registration, with_for_update=True)
    if session.scalar(select(Attempt.id).where(Attempt.registration_id == registration.id)) is not None:
        raise Refusal("attempt_exists")
    if registration.withdrawn_at is not None:
        return
    registration.withdrawn_at = now
    registration.code_hash = None
    record(
        session, "candidate.withdrawn", actor=actor.label, subject=candidate_label(registration.id),
        body_id=sitting.body_id, now=now, sitting=sitting.id,
    )  # fmt: skip


def issue_codes(
    session: Session, *, registrations: Sequence[Registration], vault: Vault, actor: Actor, now: datetime
) -> list[tuple[Registration, str]]:
    """New one-time codes; only their keyed hashes are kept, earlier codes stop working, wrong tries are forgiven.

    Refusals: sitting_list_closed, no_longer_registered.
    """
    issued = []
    sittings: dict[int, Sitting] = {}
    for registration in sorted(registrations, key=lambda row: row.ordinal):
        sitting = sittings.get(registration.sitting_id) or _held(session, registration.sitting_id)
        sittings[sitting.id] = sitting
        if registration.withdrawn_at is not None:
            raise Refusal("no_longer_registered")
        code = new_code()
        registration.code_hash = vault.code_hash(registration_id=registration.id, code=code)
        registration.code_issued_at = now
        forgive_failures(session, session.get_one(Candidate, registration.candidate_id).iin_hash)
        record(
            session, "candidate.code_issued", actor=actor.label, subject=candidate_label(registration.id),
            body_id=sitting.body_id, now=now, sitting=sitting.id,
        )  # fmt: skip
        issued.append((registration, code))
    return issued


def _held(session: Session, sitting_id: int) -> Sitting:
    """The sitting, held, as long as its list may still change."""
    session.flush()
    sitting = session.get_one(Sitting, sitting_id, with_for_update=True, populate_existing=True)
    if sitting.state not in {"planned", "open"}:
        raise Refusal("sitting_list_closed")
    return sitting
