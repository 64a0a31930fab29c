"""Write a deed into the record, and seal what is written in linked batches."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from cbt.audit import chain
from cbt.audit.models import AuditBatch, AuditEntry
from cbt.audit.queries import as_entry
from cbt.audit.tags import TAGS

SYSTEM = "system"
LARGEST_BATCH = 5000
_SEAL_LOCK = 0x6362745F


def record(
    session: Session,
    tag: str,
    /,
    *,
    actor: str,
    subject: str,
    now: datetime,
    body_id: int | None = None,
    **facts: object,
) -> None:
    """Add an entry in the transaction of the deed itself. The facts must be those the tag declares."""
    if set(facts) != set(TAGS[tag]):
        raise ValueError(f"{tag} carries {sorted(TAGS[tag])}, not {sorted(facts)}")
    session.add(
        AuditEntry(
            at=now, tag=tag, actor=actor, body_id=body_id, subject=subject, facts=chain.canonical(facts), batch=None
        )
    )


def seal(session: Session, *, now: datetime) -> int:
    """Seal all entries not yet sealed, at most one batch; the number of entries sealed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEAL_LOCK})
    rows = session.scalars(
        select(AuditEntry).where(AuditEntry.batch.is_(None)).order_by(AuditEntry.id).limit(LARGEST_BATCH)
    ).all()
    if not rows:
        return 0
    last = session.scalars(select(AuditBatch).order_by(AuditBatch.number.desc()).limit(1)).first()
    number = last.number + 1 if last else 1
    previous = last.head if last else chain.FIRST_HEAD
    leaves = [(row.id, as_entry(row).leaf()) for row in rows]
    root = chain.root_over(leaves)
    sealed_at = now.astimezone(UTC).isoformat()
    head = chain.next_head(previous_head=previous, number=number, root=root, sealed_at=sealed_at)
    session.add(
        AuditBatch(
            number=number,
            entries=len(rows),
            leaves=chain.write_leaves(leaves),
            root=root,
            previous_head=previous,
            head=head,
            sealed_at=now,
        )
    )
    session.flush()
    session.execute(update(AuditEntry).where(AuditEntry.id.in_([row.id for row in rows])).values(batch=number))
    return len(rows)
