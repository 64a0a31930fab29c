"""Items with their versions, the reviews of a version, and pictures."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cbt.columns import At, Id, MaybeAt, one_of
from cbt.db import Base
from cbt.regulation import lifecycle


def _one_of_an_item(name: str, condition: str) -> Index:
    """At most one version of an item meets the condition, whoever writes at the same time."""
    where = text(condition)
    return Index(f"uq_item_version_{name}", "item_id", unique=True, sqlite_where=where, postgresql_where=where)


class Item(Base):
    """A question with a stable identity; its text lives in versions. Source: AR r.13 (bank of an oblast, per position)."""

    __tablename__ = "item"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    position: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(40))
    practice: Mapped[bool] = mapped_column(default=False)
    # What the author's browser called this question: a form sent twice is one question.
    client_key: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[At]

    __table_args__ = (
        UniqueConstraint("body_id", "position", "code"),
        UniqueConstraint("body_id", "client_key"),
        Index("ix_item_bank", "body_id", "position", "area"),
    )


class ItemVersion(Base):
    """One wording of an item in both languages; frozen by a trigger from the moment it is approved."""

    __tablename__ = "item_version"

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    search_text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    editor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[At]
    edited_at: Mapped[At]
    submitted_at: Mapped[MaybeAt]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[MaybeAt]
    retired_at: Mapped[MaybeAt]

    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        one_of("state", lifecycle.ITEM_VERSION.states),
        CheckConstraint("(state IN ('approved', 'retired')) = (approved_at IS NOT NULL)", name="approved_with_moment"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        CheckConstraint("approved_by <> author_id AND approved_by <> editor_id", name="four_eyes"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_with_moment"),
        CheckConstraint("state IN ('draft', 'returned') OR submitted_at IS NOT NULL", name="submitted_with_moment"),
        _one_of_an_item("open", "state IN ('draft', 'submitted', 'returned')"),
        _one_of_an_item("approved", "state = 'approved'"),
    )


class ItemEdit(Base):
    """Who put their hand to a version and what it then was: none of them may approve it."""

    __tablename__ = "item_edit"

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[At]


class ItemReview(Base):
    """What a reviewer said of a version: returned with a reason, or approved."""

    __tablename__ = "item_review"

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    deed: Mapped[str] = mapped_column(String(16))
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[At]

    __table_args__ = (
        one_of("deed", ("return", "approve", "retire")),
        CheckConstraint("deed = 'approve' OR reason <> ''", name="reason_given"),
    )


class Picture(Base):
    """A cleaned picture of a bank, named by the hash of its bytes."""

    __tablename__ = "picture"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    png: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    added_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[At]

    __table_args__ = (UniqueConstraint("body_id", "sha256"),)


class Adoption(Base):
    """One taking over of questions from the reference library: which edition of a position's bank, by whom.

    `digest` is SHA-256 over the whole bank of that edition. `seed` orders the sample that a reviewer reads before the
    lot is approved; it is drawn when the lot is made, so that nobody who puts questions into it can know the sample.
    """

    __tablename__ = "adoption"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    position: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    areas: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(String(64))
    adopted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    adopted_at: Mapped[At]


class AdoptedVersion(Base):
    """A version that came from the reference library, and the hash of what the library then said."""

    __tablename__ = "adopted_version"

    version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True, autoincrement=False)
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
