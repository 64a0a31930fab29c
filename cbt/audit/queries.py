"""Read the record: for people, for the verifier, and for an export that can be checked elsewhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.audit import chain
from cbt.audit.models import AuditBatch, AuditEntry


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
        leaves=chain.read_leaves(row.leaves),
        root=row.root,
        previous_head=row.previous_head,
        head=row.head,
        sealed_at=row.sealed_at.astimezone(UTC).isoformat(),
    )


def head(session: Session) -> str:
    """The head of the chain, to be printed where the database cannot reach it."""
    return session.scalar(select(AuditBatch.head).order_by(AuditBatch.number.desc()).limit(1)) or chain.FIRST_HEAD


def entries_about(session: Session, subjects: Iterable[str]) -> list[AuditEntry]:
    """All entries about some things, oldest first."""
    return list(
        session.scalars(select(AuditEntry).where(AuditEntry.subject.in_(list(subjects))).order_by(AuditEntry.at, AuditEntry.id))
    )


def verified(session: Session, *, expected_heads: Iterable[str] = ()) -> chain.Verified:
    batches = [as_batch(row) for row in session.scalars(select(AuditBatch).order_by(AuditBatch.number))]
    entries: dict[int | None, list[chain.Entry]] = defaultdict(list)
    for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2000)):
        entries[row.batch].append(as_entry(row))
    return chain.verify(batches, entries, expected_heads=expected_heads)


def export_lines(session: Session) -> Iterator[str]:
    """The whole record as JSON lines: batches, then entries."""
    for batch in session.scalars(select(AuditBatch).order_by(AuditBatch.number)):
        yield chain.canonical({"batch": asdict(as_batch(batch))})
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2000)):
        yield chain.canonical({"entry": asdict(as_entry(entry))})


def verified_export(lines: Iterable[str], *, expected_heads: Iterable[str] = ()) -> chain.Verified:
    batches: list[chain.Batch] = []
    entries: dict[int | None, list[chain.Entry]] = defaultdict(list)
    for line in lines:
        row = json.loads(line)
        if "batch" in row:
            leaves = tuple((int(pair[0]), str(pair[1])) for pair in row["batch"].pop("leaves"))
            batches.append(chain.Batch(leaves=leaves, **row["batch"]))
        else:
            entry = chain.Entry(**row["entry"])
            entries[entry.batch].append(entry)
    return chain.verify(batches, entries, expected_heads=expected_heads)
