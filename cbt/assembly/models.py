"""Blueprints, forms drawn by them, and the frozen content that candidates read."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cbt.columns import At, Id, MaybeAt, one_of
from cbt.db import Base
from cbt.regulation import lifecycle


class Blueprint(Base):
    """How many items each content area gives to a form of a position. Source: AR r.13."""

    __tablename__ = "blueprint"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    position: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    # JSON list of {code, kk, ru, items}, in the order of the areas.
    areas: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[At]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[MaybeAt]
    withdrawn_at: Mapped[MaybeAt]

    __table_args__ = (
        UniqueConstraint("body_id", "position", "number"),
        one_of("state", lifecycle.BLUEPRINT.states),
        CheckConstraint("state <> 'approved' OR approved_at IS NOT NULL", name="approved_with_moment"),
        CheckConstraint("state <> 'drafted' OR approved_at IS NULL", name="draft_without_moment"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        CheckConstraint("approved_by <> author_id", name="four_eyes"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_with_moment"),
    )


class Form(Base):
    """Eighty pinned versions, drawn by a seed; frozen with its hash when approved. Source: AR r.13."""

    __tablename__ = "form"

    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    position: Mapped[str] = mapped_column(String(40))
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprint.id"))
    number: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    # Which of the parallel forms of its draw it is, from 1: seed and ordinal together give the form again.
    draw_ordinal: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(16))
    # SHA-256 over the hashes of its versions in slot order: what the approver saw is what is frozen.
    items_hash: Mapped[str] = mapped_column(String(64))
    drawn_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    drawn_at: Mapped[At]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[MaybeAt]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[MaybeAt]
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("body_id", "position", "number"),
        Index("ix_form_bank", "body_id", "position", "state"),
        one_of("state", lifecycle.FORM.states),
        CheckConstraint("state NOT IN ('approved', 'in_use') OR approved_at IS NOT NULL", name="approved_with_moment"),
        CheckConstraint("state <> 'drafted' OR approved_at IS NULL", name="draft_without_moment"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
        CheckConstraint("approved_by <> drawn_by", name="four_eyes"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_with_moment"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("withdrawn_at IS NULL OR coalesce(withdrawal_reason, '') <> ''", name="withdrawn_with_reason"),
        CheckConstraint("draw_ordinal >= 1", name="draw_ordinal_from_one"),
    )


class FormItem(Base):
    """One slot of a form, pinned to a version."""

    __tablename__ = "form_item"

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    area: Mapped[str] = mapped_column(String(8))

    __table_args__ = (
        UniqueConstraint("form_id", "version_id"),
        CheckConstraint("slot BETWEEN 1 AND 80", name="slot_in_form"),
    )


class FormContent(Base):
    """What a candidate may see of a form: compressed JSON without keys, built once at approval."""

    __tablename__ = "form_content"

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
