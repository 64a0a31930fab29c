"""What a reviewer does: return, approve and retire versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.bank import content as contents
from cbt.bank import queries
from cbt.bank.actions import rows
from cbt.bank.check import problems_of
from cbt.bank.content import forbidden_character, tidy
from cbt.bank.models import ItemReview, ItemVersion
from cbt.errors import Refusal
from cbt.regulation import duties
from cbt.regulation.lifecycle import ITEM_VERSION, next_state

LONGEST_REASON = 2000


def return_with_reason(
    session: Session, *, version_id: int, content_hash: str, reason: str, actor: Actor, now: datetime
) -> ItemVersion:
    """Give a submitted version back to its author.

    Refusals: unknown, content_changed, move_not_allowed, reason_missing, reason_too_long, forbidden_character.
    """
    item, version = rows.lock_version(session, version_id, actor)
    rows.require_unchanged(version, content_hash)
    reason = reason_given(reason)
    version.state = next_state(ITEM_VERSION, version.state, "return")
    _add_review(session, version, "return", reason=reason, actor=actor, now=now)
    session.flush()
    rows.record_deed(
        session, "item.returned", item, actor=actor, now=now,
        version=version.number, hash=version.content_hash, reason=reason,
    )  # fmt: skip
    return version


def approve(
    session: Session, *, version_id: int, content_hash: str, area: str, actor: Actor, now: datetime
) -> ItemVersion:
    """Let what the reviewer saw into the pool; the version approved before leaves it. Source: AR r.13.

    `content_hash` and `area` are those on the reviewer's page. Refusals: unknown, content_changed, move_not_allowed,
    author_cannot_approve, question_wrong.
    """
    item, version = rows.lock_version(session, version_id, actor)
    rows.require_unchanged(version, content_hash)
    if area != item.area:
        raise Refusal("content_changed")
    state = next_state(ITEM_VERSION, version.state, "approve")
    for hand in {version.author_id, version.editor_id, *queries.editors_of(session, version.id)}:
        duties.require_another_person(hand, actor.account_id)
    rows.require_no_problem([p for p in problems_of(contents.parse(version.content)) if p.severity == "error"])
    earlier = _approved_version(session, item.id)
    if earlier is not None:
        earlier.state, earlier.retired_at = next_state(ITEM_VERSION, earlier.state, "retire"), now
        session.flush()
        reason = f"version {version.number} approved"
        rows.record_deed(session, "item.retired", item, actor=actor, now=now, version=earlier.number, reason=reason)
    version.state, version.approved_by, version.approved_at = state, actor.account_id, now
    _add_review(session, version, "approve", reason="", actor=actor, now=now)
    session.flush()
    rows.record_deed(
        session, "item.approved", item, actor=actor, now=now,
        version=version.number, hash=version.content_hash,
    )  # fmt: skip
    return version


def retire(session: Session, *, version_id: int, reason: str, actor: Actor, now: datetime) -> ItemVersion:
    """Take an approved version out of the pool for good; forms already drawn keep it.

    Refusals: unknown, move_not_allowed, reason_missing, reason_too_long, forbidden_character.
    """
    item, version = rows.lock_version(session, version_id, actor)
    reason = reason_given(reason)
    version.state, version.retired_at = next_state(ITEM_VERSION, version.state, "retire"), now
    _add_review(session, version, "retire", reason=reason, actor=actor, now=now)
    session.flush()
    rows.record_deed(session, "item.retired", item, actor=actor, now=now, version=version.number, reason=reason)
    return version


def reason_given(text: str) -> str:
    reason = tidy(text)
    if not reason:
        raise Refusal("reason_missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal("reason_too_long", field="reason", limit=LONGEST_REASON)
    if unseen := forbidden_character(reason):
        raise Refusal("forbidden_character", field="reason", character=unseen)
    return reason


def _approved_version(session: Session, item_id: int) -> ItemVersion | None:
    return session.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item_id, ItemVersion.state == "approved")
    ).first()


def _add_review(session: Session, version: ItemVersion, deed: str, *, reason: str, actor: Actor, now: datetime) -> None:
    session.add(
        ItemReview(
            version_id=version.id,
            reviewer_id=actor.account_id,
            deed=deed,
            content_hash=version.content_hash,
            reason=reason,
            at=now,
        )
    )
