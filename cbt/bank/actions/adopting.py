"""Take questions over from the reference library, and approve what was taken over once a sample of it is read."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.audit.actions import record
from cbt.bank import content as contents
from cbt.bank import queries_adoption
from cbt.bank.actions import reviewing, rows
from cbt.bank.adoption import Row, Standing, compare, taken_of
from cbt.bank.formats.reference import LibraryBank, LibraryItem
from cbt.bank.models import AdoptedVersion, Adoption, Item, ItemEdit, ItemVersion
from cbt.errors import Refusal
from cbt.regulation import duties
from cbt.regulation.lifecycle import ITEM_VERSION, next_state

_FIRST_STATE = next_state(ITEM_VERSION, ITEM_VERSION.start, "submit")


@dataclass(frozen=True, kw_only=True)
class AdoptionOutcome:
    """The lot that was made, and what is in it, as codes of questions."""

    adoption_id: int
    created: tuple[str, ...]
    new_versions: tuple[str, ...]


def adopt(
    session: Session,
    *,
    bank: LibraryBank,
    seen_digest: str,
    areas: Collection[str],
    named: Collection[str] = (),
    actor: Actor,
    now: datetime,
) -> AdoptionOutcome:
    """Hand in for approval what the library has and the body has not, in these areas and among these codes.

    With an area come its new questions, and new texts of adopted ones that the body left as they were. A question
    that the body changed itself is taken only where it is `named`. `seen_digest` is that of the bank on the author's
    page. Each question waits for a reviewer of the body as any other. Source: AR r.13 (the oblast's body approves).

    Refusals: library_changed, area_unknown, nothing_to_adopt.
    """
    if bank.digest != seen_digest:
        raise Refusal("library_changed")
    rows.lock_bank(session, actor)
    rows.lock_items(session, actor, position=bank.position)
    standings = compare(bank, queries_adoption.held_by(session, body_id=actor.body_id, position=bank.position))
    if strange := set(areas) - {row.area for row in standings}:
        raise Refusal("area_unknown", field="areas", value=min(strange)[:40])
    taken = taken_of(standings, areas=areas, named=named)
    if not taken:
        raise Refusal("nothing_to_adopt")
    adoption = Adoption(
        body_id=actor.body_id, position=bank.position, edition=bank.edition.name, digest=bank.digest,
        areas=" ".join(sorted({row.area for row in taken})), seed=secrets.token_hex(16),
        adopted_by=actor.account_id, adopted_at=now,
    )  # fmt: skip
    session.add(adoption)
    session.flush()
    _take(session, bank, adoption, taken, actor=actor, now=now)
    created = tuple(row.code for row in taken if row.standing is Standing.NEW)
    renewed = tuple(row.code for row in taken if row.standing is not Standing.NEW)
    record(
        session, "bank.adopted", actor=actor.label, subject=f"adoption:{adoption.id}", body_id=actor.body_id, now=now,
        position=bank.position, edition=bank.edition.name, digest=bank.digest, areas=adoption.areas,
        created=len(created), new_versions=len(renewed),
    )  # fmt: skip
    return AdoptionOutcome(adoption_id=adoption.id, created=created, new_versions=renewed)


def approve_lot(session: Session, *, adoption_id: int, seen_digest: str, actor: Actor, now: datetime) -> int:
    """Approve the rest of a lot whose sample has been decided on one by one; how many were approved.

    `seen_digest` is that of the rest on the reviewer's page. Source: AR r.13.
    Refusals: unknown, author_cannot_approve, sample_unread, nothing_to_approve, content_changed.
    """
    rows.lock_bank(session, actor)
    lot = queries_adoption.lot_of(session, adoption_id, body_id=actor.body_id)
    duties.require_another_person(lot.adoption.adopted_by, actor.account_id)
    if lot.unread:
        raise Refusal("sample_unread", count=len(lot.unread))
    rest = lot.rest
    if not rest:
        raise Refusal("nothing_to_approve")
    if lot.digest != seen_digest:
        raise Refusal("content_changed")
    for row in rest:
        reviewing.approve(
            session, version_id=row.version.id, content_hash=row.version.content_hash, area=row.item.area,
            actor=actor, now=now,
        )  # fmt: skip
    record(
        session, "bank.lot_approved", actor=actor.label, subject=f"adoption:{adoption_id}", body_id=actor.body_id,
        now=now, sample=[row.item.code for row in lot.sample], returned=[row.item.code for row in lot.returned],
        approved=[row.item.code for row in rest],
    )  # fmt: skip
    return len(rest)


def _take(
    session: Session, bank: LibraryBank, adoption: Adoption, taken: list[Row], *, actor: Actor, now: datetime
) -> None:
    """All rows in a few statements: a whole bank is one deed, and a slow line waits for it."""
    pairs = [(row.offered, row.held) for row in taken if row.offered is not None]
    for sha256 in sorted({picture.sha256 for offered, _ in pairs for picture in offered.content.pictures}):
        rows.keep_picture(session, bank.pictures[sha256], actor=actor, now=now)
    items = {
        offered.code: Item(
            body_id=actor.body_id, position=bank.position, area=offered.area, code=offered.code,
            practice=offered.practice, created_at=now,
        )
        for offered, held in pairs
        if held is None
    }  # fmt: skip
    session.add_all(items.values())
    session.flush()
    versions = [
        _version(
            offered, item_id=held.item_id if held else items[offered.code].id, number=held.number + 1 if held else 1,
            actor=actor, now=now,
        )
        for offered, held in pairs
    ]  # fmt: skip
    session.add_all(versions)
    session.flush()
    for (offered, _), version in zip(pairs, versions, strict=True):
        hash_ = version.content_hash
        session.add(ItemEdit(version_id=version.id, editor_id=actor.account_id, content_hash=hash_, at=now))
        session.add(AdoptedVersion(version_id=version.id, adoption_id=adoption.id, content_hash=hash_))
        record(
            session, "item.adopted", actor=actor.label, subject=f"item:{version.item_id}", body_id=actor.body_id,
            now=now, position=bank.position, area=offered.area, code=offered.code, version=version.number, hash=hash_,
            adoption=adoption.id,
        )  # fmt: skip
    session.flush()


def _version(item: LibraryItem, *, item_id: int, number: int, actor: Actor, now: datetime) -> ItemVersion:
    return ItemVersion(
        item_id=item_id, number=number, state=_FIRST_STATE, kind=item.content.kind, level=item.content.level,
        content=contents.canonical(item.content), content_hash=item.content_hash,
        search_text=contents.search_text(item.content), author_id=actor.account_id, editor_id=actor.account_id,
        created_at=now, edited_at=now, submitted_at=now,
    )  # fmt: skip
