"""Audit entries and the linked batches that seal them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cbt.columns import At, BigKey, Id
from cbt.db import Base


class AuditEntry(Base):
    """One deed: who, when, what, to which thing, with which facts."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    at: Mapped[At]
    tag: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    facts: Mapped[str] = mapped_column(Text)
    batch: Mapped[int | None] = mapped_column(ForeignKey("audit_batch.number"))

    __table_args__ = (
        Index(
            "ix_audit_entry_unsealed", "id", sqlite_where=text("batch IS NULL"), postgresql_where=text("batch IS NULL")
        ),
        Index("ix_audit_entry_batch", "batch", "id"),
    )


class AuditBatch(Base):
    """A sealed run of entries: Merkle root (RFC 6962) and the head that links it to the batch before."""

    __tablename__ = "audit_batch"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    entries: Mapped[int]
    # One line an entry, `id:leaf hash`, so that a changed row can be named and not only noticed.
    leaves: Mapped[str] = mapped_column(Text)
    root: Mapped[str] = mapped_column(String(64))
    previous_head: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_at: Mapped[At]
