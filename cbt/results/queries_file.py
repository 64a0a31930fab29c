"""A candidate's file: all that is known of one attempt except what was asked and what was chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import candidate_label
from cbt.accounts.iin import masked
from cbt.accounts.models import Body
from cbt.accounts.queries import names_of
from cbt.accounts.vault import Vault
from cbt.assembly.models import Form
from cbt.audit import chain
from cbt.audit.models import AuditBatch, AuditEntry
from cbt.audit.queries import as_batch, as_entry, entries_about
from cbt.delivery.actions.attempts import digest_of, events_of
from cbt.delivery.models import AnswerEvent, Attempt, Candidate, Incident, Registration, Sitting
from cbt.delivery.queries_attempt import attempt_of_registration, incidents_of, late_answers_of
from cbt.errors import Refusal
from cbt.regulation import editions
from cbt.regulation.jurisdiction import Jurisdiction, jurisdiction
from cbt.results.queries import OwnResult, own_result
from cbt.results.queries_commission import CLOSED, own, state_of

OPENED = "file.opened"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Where an entry of the record is sealed: None while it is not yet; `holds` if it is still what was sealed."""

    batch: int | None
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that was done, `times` times in a row from `at` to `until`; `actor_name` None for machine or candidate."""

    at: datetime
    until: datetime
    times: int
    tag: str
    actor: str
    actor_name: str | None
    facts: dict
    seal: Seal


@dataclass(frozen=True, kw_only=True)
class Minute:
    """How busy a minute of the attempt was, as the server saw it; counts of answers as they arrived, never which."""

    minute: int
    answers: int = 0
    cleared: int = 0
    flagged: int = 0
    other_language: int = 0


@dataclass(frozen=True, kw_only=True)
class AttemptFacts:
    """The attempt without its answers. `answers_hold`: they still give the digest taken at closing; None before it."""

    id: str
    language: str | None
    minutes: int
    started_at: datetime | None
    deadline: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    form_number: int
    form_hash: str
    events_digest: str | None
    answers_hold: bool | None

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None


@dataclass(frozen=True, kw_only=True)
class CandidateFile:
    """What a commission may open of its candidate."""

    registration_id: int
    name: str
    iin: str
    position: str
    stage: str
    workplace: str
    territory: Body
    commission: Body
    registered_by: str
    registered_at: datetime
    withdrawn_at: datetime | None
    sitting: Sitting
    jurisdiction: Jurisdiction
    state: str
    attempt: AttemptFacts | None
    result: OwnResult | None
    incidents: Sequence[Incident] = ()
    late_answers: int = 0
    activity: Sequence[Minute] = ()
    deeds: Sequence[Deed] = ()
    openings: Sequence[Deed] = ()


def file_of(session: Session, registration_id: int, *, body_id: int, vault: Vault, now: datetime) -> CandidateFile:
    """The file of a candidate of this body's commission. Refusal: unknown."""
    row = session.execute(
        select(Registration, Sitting, Candidate.iin_cipher)
        .join(Sitting, Sitting.id == Registration.sitting_id)
        .join(Candidate, Candidate.id == Registration.candidate_id)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .where(Registration.id == registration_id, own(body_id))
    ).first()
    if row is None:
        raise Refusal("unknown")
    registration, sitting, iin_cipher = row
    attempt = attempt_of_registration(session, registration.id)
    deeds = _deeds(session, registration.id, attempt)
    plain = CandidateFile(
        registration_id=registration.id,
        name=registration.name,
        iin=masked(vault.decrypt_iin(iin_cipher)),
        position=registration.position,
        stage=registration.stage,
        workplace=registration.workplace,
        territory=session.get_one(Body, registration.territory_id),
        commission=session.get_one(Body, registration.commission_id),
        registered_by=names_of(session, {registration.registered_by})[registration.registered_by],
        registered_at=registration.registered_at,
        withdrawn_at=registration.withdrawn_at,
        sitting=sitting,
        jurisdiction=jurisdiction(
            position=registration.position,
            workplace=registration.workplace,
            edition=editions.edition(sitting.edition),
        ),
        state=state_of(attempt, sitting, now=now),
        attempt=None,
        result=None,
        deeds=_in_runs(deed for deed in deeds if deed.tag != OPENED),
        openings=[deed for deed in deeds if deed.tag == OPENED],
    )
    return plain if attempt is None else _with_attempt(session, plain, attempt)


def _with_attempt(session: Session, plain: CandidateFile, attempt: Attempt) -> CandidateFile:
    events = events_of(session, attempt.id)
    facts = AttemptFacts(
        id=attempt.id,
        language=attempt.language,
        minutes=attempt.minutes,
        started_at=attempt.started_at,
        deadline=attempt.deadline,
        finished_at=attempt.finished_at,
        closed_at=attempt.closed_at,
        form_number=session.get_one(Form, attempt.form_id).number,
        form_hash=attempt.form_hash,
        events_digest=attempt.events_digest,
        answers_hold=digest_of(events) == attempt.events_digest if attempt.events_digest else None,
    )
    return replace(
        plain,
        attempt=facts,
        result=own_result(session, registration_id=plain.registration_id) if attempt.state in CLOSED else None,
        incidents=incidents_of(session, attempt.id),
        late_answers=len(late_answers_of(session, attempt.id)),
        activity=activity_of(events, attempt),
    )


def activity_of(events: Iterable[AnswerEvent], attempt: Attempt) -> list[Minute]:
    """Every minute from the start to the last event, quiet ones too."""
    if attempt.started_at is None:
        return []
    minutes: list[Minute] = []
    before: dict[int, tuple[str, bool]] = {}
    for event in events:
        at = max(0, (event.received_at - attempt.started_at) // timedelta(minutes=1))
        while len(minutes) <= at:
            minutes.append(Minute(minute=len(minutes)))
        choice, flagged = before.get(event.slot, ("", False))
        before[event.slot] = (event.choice, event.flagged)
        one = minutes[at]
        minutes[at] = replace(
            one,
            answers=one.answers + (event.choice != choice and event.choice != ""),
            cleared=one.cleared + (event.choice != choice and event.choice == ""),
            flagged=one.flagged + (event.flagged and not flagged),
            other_language=one.other_language + (event.language != attempt.language),
        )
    return minutes


def _deeds(session: Session, registration_id: int, attempt: Attempt | None) -> list[Deed]:
    subjects = [candidate_label(registration_id)] + ([f"attempt:{attempt.id}"] if attempt else [])
    entries = entries_about(session, subjects)
    staff = {entry.actor: int(entry.actor.partition(":")[2]) for entry in entries if entry.actor.startswith("account:")}
    names = names_of(session, set(staff.values()))
    seals = _seals(session, entries)
    return [
        Deed(
            at=entry.at,
            until=entry.at,
            times=1,
            tag=entry.tag,
            actor=entry.actor,
            actor_name=names.get(staff.get(entry.actor, 0)),
            facts=json.loads(entry.facts),
            seal=seals[entry.id],
        )
        for entry in entries
    ]


def _in_runs(deeds: Iterable[Deed]) -> list[Deed]:
    """A browser that tries the same thing twenty times is one line, not twenty."""
    runs = (list(run) for _, run in groupby(deeds, key=lambda deed: (deed.tag, deed.actor, deed.facts, deed.seal)))
    return [replace(run[0], until=run[-1].at, times=len(run)) for run in runs]


def _seals(session: Session, entries: Sequence[AuditEntry]) -> dict[int, Seal]:
    """Each entry against the leaf that was sealed for it, and its batch against its own root and head."""
    numbers = {entry.batch for entry in entries if entry.batch is not None}
    batches = session.scalars(select(AuditBatch).where(AuditBatch.number.in_(numbers)))
    leaves = {row.number: _sound_leaves(as_batch(row)) for row in batches}
    return {
        entry.id: Seal(
            batch=entry.batch,
            holds=entry.batch is None or leaves.get(entry.batch, {}).get(entry.id) == as_entry(entry).leaf(),
        )
        for entry in entries
    }


def _sound_leaves(batch: chain.Batch) -> dict[int, str]:
    """What a batch sealed, by entry; nothing if its own data do not agree with each other."""
    leaves = chain.read_leaves(batch.leaves) or ()
    head = chain.next_head(
        previous_head=batch.previous_head, number=batch.number, root=batch.root, sealed_at=batch.sealed_at
    )
    return dict(leaves) if leaves and chain.root_over(leaves) == batch.root and head == batch.head else {}
