"""What the deeds on the bank share: locks, rules of a draft, rows.

Every deed locks the question first, so that of two people at one question one comes first and the other sees it.
The bank is locked before a question, a question before its versions.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.audit.actions import record
from cbt.bank import content as contents
from cbt.bank import images, queries
from cbt.bank.check import Problem, problems_of
from cbt.bank.content import ItemContent
from cbt.bank.models import Item, ItemEdit, ItemVersion, Picture
from cbt.errors import Refusal
from cbt.regulation.lifecycle import ITEM_VERSION

OPEN_STATES = ("draft", "submitted", "returned")

# What may not be kept even in a draft; everything else may wait until the draft is submitted.
NEVER_KEPT = frozenset(
    {
        "kind_unknown", "level_unknown", "difficulty_out_of_range", "text_too_long", "forbidden_character",
        "html_not_allowed", "too_many_options", "option_id_pattern", "option_id_repeated",
    }
)  # fmt: skip


def lock_bank(session: Session, actor: Actor) -> None:
    """Codes and client keys of one body are given out one after another."""
    session.scalars(select(Body.id).where(Body.id == actor.body_id).with_for_update(key_share=True)).one()


def lock_item(session: Session, item_id: int, actor: Actor) -> Item:
    item = session.scalars(
        select(Item)
        .where(Item.id == item_id, Item.body_id == actor.body_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if item is None:
        raise Refusal("unknown")
    return item


def lock_items(session: Session, actor: Actor, *, position: str) -> None:
    """All questions of a position, for a deed that looks at many and opens versions of some."""
    session.execute(
        select(Item.id)
        .where(Item.body_id == actor.body_id, Item.position == position)
        .order_by(Item.id)
        .with_for_update(key_share=True)
    ).all()


def lock_version(session: Session, version_id: int, actor: Actor) -> tuple[Item, ItemVersion]:
    """The question is locked first, and the version read anew: what another transaction did to it is seen."""
    item_id = session.scalar(select(ItemVersion.item_id).where(ItemVersion.id == version_id))
    if item_id is None:
        raise Refusal("unknown")
    item = lock_item(session, item_id, actor)
    version = session.scalars(
        select(ItemVersion)
        .where(ItemVersion.id == version_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return item, version


def require_unchanged(version: ItemVersion, seen_hash: str) -> None:
    if version.content_hash != seen_hash:
        raise Refusal("content_changed")


def require_no_problem(problems: list[Problem]) -> None:
    if problems:
        raise Refusal("question_wrong", field=problems[0].field, count=len(problems))


def kept(content: ItemContent) -> ItemContent:
    """The content, if a draft may hold it."""
    require_no_problem([problem for problem in problems_of(content) if problem.code in NEVER_KEPT])
    return content


def add_item(session: Session, item: Item, content: ItemContent, *, actor: Actor, now: datetime) -> ItemVersion:
    session.add(item)
    session.flush()
    version = _add_version(session, item, 1, content, actor=actor, now=now)
    record_deed(
        session, "item.created", item, actor=actor, now=now,
        position=item.position, area=item.area, code=item.code, hash=version.content_hash,
    )  # fmt: skip
    return version


def renew(
    session: Session, item: Item, newest: ItemVersion, content: ItemContent, *, actor: Actor, now: datetime
) -> ItemVersion:
    version = _add_version(session, item, newest.number + 1, content, actor=actor, now=now)
    record_deed(
        session, "item.version_opened", item, actor=actor, now=now, version=version.number, from_version=newest.number
    )
    return version


def _add_version(
    session: Session, item: Item, number: int, content: ItemContent, *, actor: Actor, now: datetime
) -> ItemVersion:
    version = ItemVersion(
        item_id=item.id, number=number, state=ITEM_VERSION.start, author_id=actor.account_id, created_at=now
    )
    put_content(session, version, content, actor=actor, now=now)
    return version


def put_content(session: Session, version: ItemVersion, content: ItemContent, *, actor: Actor, now: datetime) -> None:
    _require_pictures(session, kept(content), body_id=actor.body_id)
    version.kind, version.level = content.kind, content.level
    version.content, version.content_hash = contents.canonical(content), contents.content_hash(content)
    version.search_text = contents.search_text(content)
    version.editor_id, version.edited_at = actor.account_id, now
    session.add(version)
    session.flush()
    session.add(ItemEdit(version_id=version.id, editor_id=actor.account_id, content_hash=version.content_hash, at=now))


def _require_pictures(session: Session, content: ItemContent, *, body_id: int) -> None:
    hashes = {picture.sha256 for picture in content.pictures}
    if hashes - set(queries.pictures_of(session, hashes, body_id=body_id)):
        raise Refusal("picture_unknown", field="pictures")


def keep_picture(session: Session, clean: images.CleanPicture, *, actor: Actor, now: datetime) -> Picture:
    lock_bank(session, actor)
    kept = session.scalars(
        select(Picture).where(Picture.body_id == actor.body_id, Picture.sha256 == clean.sha256)
    ).first()
    if kept:
        return kept
    picture = Picture(
        body_id=actor.body_id, sha256=clean.sha256, png=clean.png, width=clean.width, height=clean.height,
        added_by=actor.account_id, added_at=now,
    )  # fmt: skip
    session.add(picture)
    session.flush()
    record(
        session, "picture.added", actor=actor.label, subject=f"picture:{picture.id}", body_id=actor.body_id, now=now,
        sha256=clean.sha256,
    )  # fmt: skip
    return picture


def record_deed(session: Session, tag: str, item: Item, /, *, actor: Actor, now: datetime, **facts: object) -> None:
    record(session, tag, actor=actor.label, subject=f"item:{item.id}", body_id=actor.body_id, now=now, **facts)
