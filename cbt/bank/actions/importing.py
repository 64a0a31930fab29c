"""Take in bank files as drafts, whole files or nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.audit.actions import record
from cbt.bank import content as contents
from cbt.bank import queries
from cbt.bank.actions import authoring, rows
from cbt.bank.formats.yaml import BankFile, FileItem
from cbt.bank.models import Item
from cbt.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class ImportOutcome:
    """What an import did, as codes of questions; `retired` are those the body took out for good, left as they are."""

    created: tuple[str, ...] = ()
    new_versions: tuple[str, ...] = ()
    updated_drafts: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def import_bank_file(session: Session, *, file: BankFile, actor: Actor, now: datetime) -> ImportOutcome:
    """Take in a whole file as drafts, or nothing of it; the same file again changes nothing.

    Changed content of an approved question opens its next version, of a retired one it opens none; a draft is brought
    up to the file only where nobody but the importing author has touched it. Refusals: bank_file_wrong, question_under_review,
    draft_of_another, question_moved.
    """
    if file.has_errors:
        raise Refusal("bank_file_wrong", file=file.name, count=sum(p.severity == "error" for p in file.problems))
    rows.lock_bank(session, actor)
    for picture in file.pictures.values():
        rows.keep_picture(session, picture, actor=actor, now=now)
    done: dict[str, list[str]] = {part.name: [] for part in fields(ImportOutcome)}
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
        rows.add_item(session, item, entry.content, actor=actor, now=now)
        return "created"
    item = rows.lock_item(session, known.id, actor)
    if (item.area, item.practice) != (file.area, entry.practice):
        raise Refusal("question_moved", code=item.code, area=item.area)
    versions = queries.versions_of(session, item.id)
    newest = versions[-1]
    if newest.state == "retired":
        return "retired"
    hashes = {version.content_hash for version in versions if version is newest or version.state == "approved"}
    if contents.content_hash(entry.content) in hashes:
        return "unchanged"
    if newest.state not in rows.OPEN_STATES:
        rows.renew(session, item, newest, entry.content, actor=actor, now=now)
        return "new_versions"
    if newest.state == "submitted":
        raise Refusal("question_under_review", code=item.code)
    if {newest.author_id, newest.editor_id, *queries.editors_of(session, newest.id)} != {actor.account_id}:
        raise Refusal("draft_of_another", code=item.code)
    authoring.edit_draft(
        session, version_id=newest.id, seen_hash=newest.content_hash, content=entry.content, actor=actor, now=now
    )
    return "updated_drafts"
