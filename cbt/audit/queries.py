"""Read the record: for people, for the verifier, and for an export that can be checked elsewhere."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from cbt.audit import chain
from cbt.audit.models import AuditBatch, AuditEntry

# What each field of an exported line must be; anything else was not written by us.
_ENTRY_TYPES = {
    "id": (int,), "at": (str,), "tag": (str,), "actor": (str,), "body_id": (int, type(None)), "subject": (str,),
    "facts": (str,), "batch": (int, type(None)),
}  # fmt: skip
_BATCH_TYPES = {
    "number": (int,), "entries": (int,), "leaves": (str,), "root": (str,), "previous_head": (str,), "head": (str,),
    "sealed_at": (str,),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whose entries a reader may see: those of a body, and those without a body about its accounts."""

    body_id: int
    labels: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What a reader looks for; None asks for nothing. `since` is included, `until` is not."""

    tag: str | None = None
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ChainState:
    """The newest batch of the chain, and how many entries wait for the next one."""

    head: str
    batches: int
    sealed_at: datetime | None
    unsealed: int


def as_entry(row: AuditEntry) -> chain.Entry:
    return chain.Entry(
        id=row.id,
        at=row.at.astimezone(UTC).isoformat(),
        tag=row.tag,
        actor=row.actor,
        body_id=row.body_id,
        subject=row.subject,
        facts=row.facts,
        batch=row.batch,
    )


def as_batch(row: AuditBatch) -> chain.Batch:
    return chain.Batch(
        number=row.number,
        entries=row.entries,
        leaves=row.leaves,
        root=row.root,
        previous_head=row.previous_head,
        head=row.head,
        sealed_at=row.sealed_at.astimezone(UTC).isoformat(),
    )


def head(session: Session) -> str:
    """The head of the chain, to be printed where the database cannot reach it."""
    return session.scalar(select(AuditBatch.head).order_by(AuditBatch.number.desc()).limit(1)) or chain.FIRST_HEAD


def state(session: Session) -> ChainState:
    last = session.scalars(select(AuditBatch).order_by(AuditBatch.number.desc()).limit(1)).first()
    unsealed = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.batch.is_(None)))
    return ChainState(
        head=last.head if last else chain.FIRST_HEAD,
        batches=last.number if last else 0,
        sealed_at=last.sealed_at if last else None,
        unsealed=unsealed or 0,
    )


def entries_about(session: Session, subjects: Iterable[str]) -> list[AuditEntry]:
    """All entries about some things, oldest first."""
    return list(
        session.scalars(
            select(AuditEntry).where(AuditEntry.subject.in_(list(subjects))).order_by(AuditEntry.at, AuditEntry.id)
        )
    )


def count_entries(session: Session, reach: Reach, sought: Sought) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry).where(_wanted(reach, sought))) or 0


def list_entries(session: Session, reach: Reach, sought: Sought, *, limit: int, offset: int) -> Sequence[AuditEntry]:
    """Entries within reach, newest first."""
    return session.scalars(
        select(AuditEntry)
        .where(_wanted(reach, sought))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def _wanted(reach: Reach, sought: Sought) -> ColumnElement[bool]:
    labels = list(reach.labels)
    of_accounts = AuditEntry.subject.in_(labels) & AuditEntry.body_id.is_(None)
    conditions = [or_(AuditEntry.body_id == reach.body_id, of_accounts)]
    if sought.tag:
        conditions.append(AuditEntry.tag == sought.tag)
    if sought.actor:
        conditions.append(AuditEntry.actor == sought.actor)
    if sought.subject:
        conditions.append(AuditEntry.subject == sought.subject)
    if sought.since:
        conditions.append(AuditEntry.at >= sought.since)
    if sought.until:
        conditions.append(AuditEntry.at < sought.until)
    return and_(*conditions)


def verified(session: Session, *, expected_heads: Iterable[str] = ()) -> chain.Verified:
    """Check the whole chain of this database. Call it first in its transaction."""
    _one_snapshot(session)
    return chain.verify(_batches(session), _entries(session), expected_heads=expected_heads)


def export_lines(session: Session) -> Iterator[str]:
    """The whole record as JSON lines: batches, then entries. Call it first in its transaction."""
    _one_snapshot(session)
    for batch in _batches(session):
        yield chain.canonical({"batch": asdict(batch)})
    for entry in _entries(session):
        yield chain.canonical({"entry": asdict(entry)})


def _one_snapshot(session: Session) -> None:
    """Batches and entries must be of one moment, or a seal made between the two reads would look like a break."""
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _batches(session: Session) -> Iterator[chain.Batch]:
    rows = session.scalars(select(AuditBatch).order_by(AuditBatch.number).execution_options(yield_per=200))
    return (as_batch(row) for row in rows)


def _entries(session: Session) -> Iterator[chain.Entry]:
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2000))
    return (as_entry(row) for row in rows)


def verified_export(lines: Iterable[str], *, expected_heads: Iterable[str] = ()) -> chain.Verified:
    """Check an export by itself, without any database. A line that we would not have written is a break."""
    batches: list[chain.Batch] = []
    entries: list[chain.Entry] = []
    for number, line in enumerate(lines, start=1):
        row = _read_line(line.rstrip("\n"))
        if isinstance(row, chain.Batch) and not entries:
            batches.append(row)
        elif not isinstance(row, chain.Entry):
            return _stopped(batches, entries, chain.Break(kind="line_unreadable", line=number))
        elif entries and row.id <= entries[-1].id:
            return _stopped(batches, entries, chain.Break(kind="row_moved", batch=row.batch, row=row.id, line=number))
        else:
            entries.append(row)
    return chain.verify(batches, entries, expected_heads=expected_heads)


def _stopped(batches: list[chain.Batch], entries: list[chain.Entry], broken: chain.Break) -> chain.Verified:
    head = batches[-1].head if batches else chain.FIRST_HEAD
    return chain.Verified(entries=len(entries), unsealed=0, batches=len(batches), head=head, broken=broken)


def _read_line(line: str) -> chain.Batch | chain.Entry | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    # Word for word as we write it: a name given twice, or spaces, would let people and programs read two things.
    if not isinstance(row, dict) or chain.canonical(row) != line:
        return None
    if set(row) == {"batch"} and _has_shape(row["batch"], _BATCH_TYPES):
        return chain.Batch(**row["batch"])
    if set(row) == {"entry"} and _has_shape(row["entry"], _ENTRY_TYPES):
        return chain.Entry(**row["entry"])
    return None


def _has_shape(values: object, types: Mapping[str, tuple[type, ...]]) -> bool:
    return (
        isinstance(values, dict)
        and set(values) == set(types)
        and all(type(values[name]) in allowed for name, allowed in types.items())
    )
