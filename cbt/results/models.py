"""Marks of each slot and the verdict on the whole."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cbt.columns import At, Id, one_of
from cbt.db import Base
from cbt.delivery.models import STAGES


class Result(Base):
    """Points and verdict of an attempt; `number` counts up if it is ever rescored, the first stays. Source: AR r.14-15."""

    __tablename__ = "result"

    id: Mapped[Id]
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    edition: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(16))
    points: Mapped[int] = mapped_column(SmallInteger)
    max_points: Mapped[int] = mapped_column(SmallInteger)
    cut_score: Mapped[int] = mapped_column(SmallInteger)
    admitted: Mapped[bool]
    outcome: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))
    # JSON list of {area, kk, ru, points, max_points}, in the order of the blueprint.
    profile: Mapped[str] = mapped_column(Text)
    events_digest: Mapped[str] = mapped_column(String(64))
    form_hash: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[At]

    __table_args__ = (
        UniqueConstraint("attempt_id", "number"),
        one_of("stage", STAGES),
        CheckConstraint("points BETWEEN 0 AND max_points", name="points_in_range"),
        CheckConstraint("admitted = (points >= cut_score)", name="gate"),
        CheckConstraint("admitted = (outcome IS NULL)", name="outcome_if_refused"),
    )


class Mark(Base):
    """The point of one slot: which version was answered, with which options, and whether it was right."""

    __tablename__ = "mark"

    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    choice: Mapped[str] = mapped_column(String(40))
    awarded: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (CheckConstraint("awarded IN (0, 1)", name="point_or_none"),)
