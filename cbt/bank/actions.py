"""Write, submit, return, approve, renew and retire questions; take in bank files and pictures.

Every deed locks the question first, so that of two people at one question one comes first and the other sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.audit.actions import record
from cbt.bank import content as contents
from cbt.bank import images, queries
from cbt.bank.check import CODE, Problem, problems_of
from cbt.bank.content import ItemContent, forbidden_character, tidy
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.bank.formats.yaml import BankFile, FileItem
from cbt.bank.models import Item, ItemEdit, ItemReview, ItemVersion, Picture
from cbt.errors import Refusal
from cbt.regulation import duties
from cbt.regulation.lifecycle import ITEM_VERSION, next_state

LONGEST_REASON = 2000
OPEN_STATES = ("draft", "submitted", "returned")

# What may not be kept even in a draft; everything else may wait until the draft is submitted.
NEVER_KEPT = frozenset(
    {
        "kind_unknown", "level_unknown", "difficulty_out_of_range", "text_too_long", "forbidden_character",
        "html_not_allowed", "too_many_options", "option_id_pattern", "option_id_repeated",
    }
)  # fmt: skip

# Questions written here count from 1001, so that they never take the code of one from a file.
_FIRST_OWN_NUMBER = 1001
_PREFIXES = {"att-needs-assessment": "NA", "att-specialist": "SP", "att-consultant": "CO", "att-care": "CA"}


@dataclass(frozen=True, kw_only=True)
class ImportOutcome:
    """What an import did, as codes of questions."""

    created: tuple[str, ...] = ()
    new_versions: tuple[str, ...] = ()
    updated_drafts: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def create_item(
    session: Session,
    *,
    position: str,
    area: str,
    content: ItemContent,
    client_key: str | None = None,
    actor: Actor,
    now: datetime,
) -> ItemVersion:
    """A new question as a draft; the same `client_key` again is the same question.

    Refusals: position_unknown, area_unknown, question_wrong, picture_unknown.
    """
    _lock_bank(session, actor)
    if client_key and (made := queries.item_by_client_key(session, client_key, body_id=actor.body_id)):
        return queries.versions_of(session, made.id)[-1]
    _require_place(position, area)
    code = _next_code(session, body_id=actor.body_id, position=position, area=area)
    item = Item(
        body_id=actor.body_id, position=position, area=area, code=code, practice=False, client_key=client_key,
        created_at=now,
    )  # fmt: skip
    return _add_item(session, item, content, actor=actor, now=now)


def edit_draft(
    session: Session,
    *,
    version_id: int,
    seen_hash: str,
    content: ItemContent,
    area: str | None = None,
    actor: Actor,
    now: datetime,
) -> ItemVersion:
    """Change a draft or a returned version that is still what its author saw; the same content again changes nothing.

    Refusals: unknown, content_changed, move_not_allowed, area_unknown, area_fixed, question_wrong, picture_unknown.
    """
    item, version = _lock_version(session, version_id, actor)
    _require_unchanged(version, seen_hash)
    state = next_state(ITEM_VERSION, version.state, "edit")
    if area is not None and area != item.area:
        _move_to_area(session, item, area)
    elif contents.content_hash(_kept(content)) == version.content_hash:
        return version
    _put_content(session, version, content, actor=actor, now=now)
    version.state = state
    session.flush()
    _note(session, "item.edited", item, actor=actor, now=now, version=version.number, hash=version.content_hash)
    return version


def submit(session: Session, *, version_id: int, actor: Actor, now: datetime) -> ItemVersion:
    """Hand a version in for approval. Refusals: unknown, move_not_allowed, question_wrong."""
    item, version = _lock_version(session, version_id, actor)
    state = next_state(ITEM_VERSION, version.state, "submit")
    _require_no_problem([p for p in problems_of(contents.parse(version.content)) if p.severity == "error"])
    version.state, version.submitted_at = state, now
    session.flush()
    _note(session, "item.submitted", item, actor=actor, now=now, version=version.number, hash=version.content_hash)
    return version


def return_with_reason(
    session: Session, *, version_id: int, content_hash: str, reason: str, actor: Actor, now: datetime
) -> ItemVersion:
    """Give a submitted version back to its author.

    Refusals: unknown, content_changed, move_not_allowed, reason_missing, reason_too_long, forbidden_character.
    """
    item, version = _lock_version(session, version_id, actor)
    _require_unchanged(version, content_hash)
    reason = _reason(reason)
    version.state = next_state(ITEM_VERSION, version.state, "return")
    _add_review(session, version, "return", reason=reason, actor=actor, now=now)
    session.flush()
    _note(
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
    item, version = _lock_version(session, version_id, actor)
    _require_unchanged(version, content_hash)
    if area != item.area:
        raise Refusal("content_changed")
    state = next_state(ITEM_VERSION, version.state, "approve")
    for hand in {version.author_id, version.editor_id, *queries.editors_of(session, version.id)}:
        duties.require_another_person(hand, actor.account_id)
    _require_no_problem([p for p in problems_of(contents.parse(version.content)) if p.severity == "error"])
    earlier = _approved_version(session, item.id)
    if earlier is not None:
        earlier.state, earlier.retired_at = next_state(ITEM_VERSION, earlier.state, "retire"), now
        session.flush()
        reason = f"version {version.number} approved"
        _note(session, "item.retired", item, actor=actor, now=now, version=earlier.number, reason=reason)
    version.state, version.approved_by, version.approved_at = state, actor.account_id, now
    _add_review(session, version, "approve", reason="", actor=actor, now=now)
    session.flush()
    _note(session, "item.approved", item, actor=actor, now=now, version=version.number, hash=version.content_hash)
    return version


def open_new_version(session: Session, *, item_id: int, actor: Actor, now: datetime) -> ItemVersion:
    """A draft with the text of the approved version; where one is open already, that one.

    The approved version stays in the pool until the new one is approved. Refusals: unknown, move_not_allowed.
    """
    item = _lock_item(session, item_id, actor)
    versions = queries.versions_of(session, item.id)
    if versions[-1].state in OPEN_STATES:
        return versions[-1]
    if versions[-1].state != "approved":
        raise Refusal("move_not_allowed", thing="item_version", state=versions[-1].state, deed="renew")
    return _renew(session, item, versions[-1], contents.parse(versions[-1].content), actor=actor, now=now)


def retire(session: Session, *, version_id: int, reason: str, actor: Actor, now: datetime) -> ItemVersion:
    """Take an approved version out of the pool for good; forms already drawn keep it.

    Refusals: unknown, move_not_allowed, reason_missing, reason_too_long, forbidden_character.
    """
    item, version = _lock_version(session, version_id, actor)
    reason = _reason(reason)
    version.state, version.retired_at = next_state(ITEM_VERSION, version.state, "retire"), now
    _add_review(session, version, "retire", reason=reason, actor=actor, now=now)
    session.flush()
    _note(session, "item.retired", item, actor=actor, now=now, version=version.number, reason=reason)
    return version


def add_picture(session: Session, *, data: bytes, actor: Actor, now: datetime) -> Picture:
    """A cleaned picture in the body's bank; the same picture twice is one.

    Refusals: picture_too_large, picture_not_readable.
    """
    return _keep_picture(session, images.clean_picture(data), actor=actor, now=now)


def import_bank_file(session: Session, *, file: BankFile, actor: Actor, now: datetime) -> ImportOutcome:
    """Take in a whole file as drafts, or nothing of it; the same file again changes nothing.

    Changed content of an approved question opens its next version; a draft is brought up to the file only where
    nobody but the importing author has touched it. Refusals: bank_file_wrong, question_under_review,
    draft_of_another, question_moved.
    """
    if file.has_errors:
        raise Refusal("bank_file_wrong", file=file.name, count=sum(p.severity == "error" for p in file.problems))
    _lock_bank(session, actor)
    for picture in file.pictures.values():
        _keep_picture(session, picture, actor=actor, now=now)
    done: dict[str, list[str]] = {"created": [], "new_versions": [], "updated_drafts": [], "unchanged": []}
    for entry in file.items:
        done[_import_item(session, file, entry, actor=actor, now=now)].append(entry.code)
    outcome = ImportOutcome(**{name: tuple(codes) for name, codes in done.items()})
    if outcome.created or outcome.new_versions or outcome.updated_drafts:
        record(
            session, "bank.imported", actor=actor.label, subject=f"body:{actor.body_id}", body_id=actor.body_id, now=now,
            position=file.position, file=file.name, items=len(file.items), created=len(outcome.created),
            new_versions=len(outcome.new_versions), updated_drafts=len(outcome.updated_drafts),
            unchanged=len(outcome.unchanged),
        )  # fmt: skip
    return outcome


def _import_item(session: Session, file: BankFile, entry: FileItem, *, actor: Actor, now: datetime) -> str:
    """Which part of the outcome the question belongs to."""
    known = queries.item_by_code(session, entry.code, body_id=actor.body_id, position=file.position)
    if known is None:
        item = Item(
            body_id=actor.body_id, position=file.position, area=file.area, code=entry.code, practice=entry.practice,
            created_at=now,
        )  # fmt: skip
        _add_item(session, item, entry.content, actor=actor, now=now)
        return "created"
    item = _lock_item(session, known.id, actor)
    if (item.area, item.practice) != (file.area, entry.practice):
        raise Refusal("question_moved", code=item.code, area=item.area)
    versions = queries.versions_of(session, item.id)
    newest = versions[-1]
    hashes = {version.content_hash for version in versions if version is newest or version.state == "approved"}
    if contents.content_hash(_kept(entry.content)) in hashes:
        return "unchanged"
    if newest.state not in OPEN_STATES:
        _renew(session, item, newest, entry.content, actor=actor, now=now)
        return "new_versions"
    if newest.state == "submitted":
        raise Refusal("question_under_review", code=item.code)
    if {newest.author_id, newest.editor_id, *queries.editors_of(session, newest.id)} != {actor.account_id}:
        raise Refusal("draft_of_another", code=item.code)
    edit_draft(
        session, version_id=newest.id, seen_hash=newest.content_hash, content=entry.content, actor=actor, now=now
    )
    return "updated_drafts"


# Locks: the bank before the question, the question before its versions


def _lock_bank(session: Session, actor: Actor) -> None:
    """Codes and client keys of one body are given out one after another."""
    session.scalars(select(Body.id).where(Body.id == actor.body_id).with_for_update(key_share=True)).one()


def _lock_item(session: Session, item_id: int, actor: Actor) -> Item:
    item = session.scalars(
        select(Item)
        .where(Item.id == item_id, Item.body_id == actor.body_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if item is None:
        raise Refusal("unknown")
    return item


def _lock_version(session: Session, version_id: int, actor: Actor) -> tuple[Item, ItemVersion]:
    """The question is locked first, and the version read anew: what another transaction did to it is seen."""
    item_id = session.scalar(select(ItemVersion.item_id).where(ItemVersion.id == version_id))
    if item_id is None:
        raise Refusal("unknown")
    item = _lock_item(session, item_id, actor)
    version = session.scalars(
        select(ItemVersion)
        .where(ItemVersion.id == version_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return item, version


# Rules of a draft


def _require_place(position: str, area: str) -> None:
    planned = standard_blueprint().position(position)
    if planned is None:
        raise Refusal("position_unknown", field="position", value=position[:40])
    if planned.area(area) is None:
        raise Refusal("area_unknown", field="area", value=area[:40])


def _move_to_area(session: Session, item: Item, area: str) -> None:
    if queries.was_approved(session, item.id):
        raise Refusal("area_fixed", field="area")
    _require_place(item.position, area)
    item.area = area


def _require_unchanged(version: ItemVersion, seen_hash: str) -> None:
    if version.content_hash != seen_hash:
        raise Refusal("content_changed")


def _require_no_problem(problems: list[Problem]) -> None:
    if problems:
        raise Refusal("question_wrong", field=problems[0].field, count=len(problems))


def _kept(content: ItemContent) -> ItemContent:
    """The content, if a draft may hold it."""
    _require_no_problem([problem for problem in problems_of(content) if problem.code in NEVER_KEPT])
    return content


def _reason(text: str) -> str:
    reason = tidy(text)
    if not reason:
        raise Refusal("reason_missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal("reason_too_long", field="reason", limit=LONGEST_REASON)
    if unseen := forbidden_character(reason):
        raise Refusal("forbidden_character", field="reason", character=unseen)
    return reason


def _next_code(session: Session, *, body_id: int, position: str, area: str) -> str:
    prefix = f"{_PREFIXES[position]}-{area}-"
    number = max(queries.last_number(session, body_id=body_id, position=position, prefix=prefix) + 1, _FIRST_OWN_NUMBER)
    code = f"{prefix}{number}"
    if not CODE.fullmatch(code):
        raise Refusal("codes_used_up", area=area)
    return code


# Rows


def _add_item(session: Session, item: Item, content: ItemContent, *, actor: Actor, now: datetime) -> ItemVersion:
    session.add(item)
    session.flush()
    version = _add_version(session, item, 1, content, actor=actor, now=now)
    _note(
        session, "item.created", item, actor=actor, now=now,
        position=item.position, area=item.area, code=item.code, hash=version.content_hash,
    )  # fmt: skip
    return version


def _renew(
    session: Session, item: Item, newest: ItemVersion, content: ItemContent, *, actor: Actor, now: datetime
) -> ItemVersion:
    version = _add_version(session, item, newest.number + 1, content, actor=actor, now=now)
    _note(
        session, "item.version_opened", item, actor=actor, now=now, version=version.number, from_version=newest.number
    )
    return version


def _add_version(
    session: Session, item: Item, number: int, content: ItemContent, *, actor: Actor, now: datetime
) -> ItemVersion:
    version = ItemVersion(
        item_id=item.id, number=number, state=ITEM_VERSION.start, author_id=actor.account_id, created_at=now
    )
    _put_content(session, version, content, actor=actor, now=now)
    return version


def _put_content(session: Session, version: ItemVersion, content: ItemContent, *, actor: Actor, now: datetime) -> None:
    _require_pictures(session, _kept(content), body_id=actor.body_id)
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


def _keep_picture(session: Session, clean: images.CleanPicture, *, actor: Actor, now: datetime) -> Picture:
    _lock_bank(session, actor)
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


def _note(session: Session, tag: str, item: Item, /, *, actor: Actor, now: datetime, **facts: object) -> None:
    record(session, tag, actor=actor.label, subject=f"item:{item.id}", body_id=actor.body_id, now=now, **facts)
