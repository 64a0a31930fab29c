"""What a body adopted from the reference library, and the lots that wait for a reviewer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from cbt.bank.adoption import Held
from cbt.bank.models import AdoptedVersion, Adoption, Item, ItemReview, ItemVersion
from cbt.errors import Refusal
from cbt.regulation.sampling import LotItem, sample


@dataclass(frozen=True, kw_only=True)
class LotRow:
    """A question of a lot; `deed` is what a reviewer has said of this version first, None where nothing yet."""

    item: Item
    version: ItemVersion
    deed: str | None

    @property
    def is_waiting(self) -> bool:
        return self.version.state == "submitted" and self.deed is None


@dataclass(frozen=True, kw_only=True)
class Lot:
    """An adoption as its reviewer sees it: the sample to read one by one, and the rest that may then go together.

    `first_size` is that of the sample before any question was returned.
    """

    adoption: Adoption
    rows: tuple[LotRow, ...]
    sample: tuple[LotRow, ...]
    first_size: int

    @property
    def unread(self) -> tuple[LotRow, ...]:
        return tuple(row for row in self.sample if row.is_waiting)

    @property
    def returned(self) -> tuple[LotRow, ...]:
        return tuple(row for row in self.rows if row.deed == "return")

    @property
    def waiting(self) -> tuple[LotRow, ...]:
        return tuple(row for row in self.rows if row.is_waiting)

    @property
    def rest(self) -> tuple[LotRow, ...]:
        """What is approved together: everything that waits outside the sample."""
        chosen = {row.version.id for row in self.sample}
        return tuple(row for row in self.waiting if row.version.id not in chosen)

    @property
    def digest(self) -> str:
        """What exactly the rest is: the deed is bound to the lot that stood on the page."""
        return sha256("".join(f"{row.version.id} {row.version.content_hash}\n" for row in self.rest).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a version came from; `is_unchanged` tells whether it still says what the library said."""

    adoption: Adoption
    is_unchanged: bool


def held_by(session: Session, *, body_id: int, position: str) -> dict[str, Held]:
    """All questions of a body's position by code, with what a comparison with the library needs."""
    rows = session.execute(
        select(
            Item.id, Item.code, Item.area, Item.practice,
            ItemVersion.number, ItemVersion.state, ItemVersion.content_hash,
            AdoptedVersion.content_hash.label("adopted_hash"), Adoption.edition,
        )
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .outerjoin(AdoptedVersion, AdoptedVersion.version_id == ItemVersion.id)
        .outerjoin(Adoption, Adoption.id == AdoptedVersion.adoption_id)
        .where(Item.body_id == body_id, Item.position == position)
        .order_by(Item.id, ItemVersion.number)
    )  # fmt: skip
    held: dict[str, Held] = {}
    for row in rows:
        earlier = held.get(row.code)
        held[row.code] = Held(
            item_id=row.id,
            area=row.area,
            practice=row.practice,
            number=row.number,
            newest_state=row.state,
            newest_hash=row.content_hash,
            approved_hash=row.content_hash if row.state == "approved" else earlier.approved_hash if earlier else None,
            adopted_hash=row.adopted_hash or (earlier.adopted_hash if earlier else None),
            adopted_edition=row.edition or (earlier.adopted_edition if earlier else None),
        )
    return held


def origins_of(session: Session, version_ids: Iterable[int]) -> dict[int, Origin]:
    """Of those of the versions that were adopted."""
    rows = session.execute(
        select(AdoptedVersion, Adoption, ItemVersion.content_hash)
        .join(Adoption, Adoption.id == AdoptedVersion.adoption_id)
        .join(ItemVersion, ItemVersion.id == AdoptedVersion.version_id)
        .where(AdoptedVersion.version_id.in_(list(version_ids)))
    )
    return {
        adopted.version_id: Origin(adoption=adoption, is_unchanged=adopted.content_hash == content_hash)
        for adopted, adoption, content_hash in rows
    }


def adoptions_of(session: Session, *, body_id: int, position: str = "") -> Sequence[Adoption]:
    """The newest first."""
    narrowed = [Adoption.position == position] if position else []
    return session.scalars(
        select(Adoption).where(Adoption.body_id == body_id, *narrowed).order_by(Adoption.id.desc())
    ).all()


def waiting_lots(session: Session, *, body_id: int) -> list[Lot]:
    """Lots with a question on which nobody has decided, the oldest first."""
    undecided = (
        select(AdoptedVersion.adoption_id)
        .join(ItemVersion, ItemVersion.id == AdoptedVersion.version_id)
        .where(ItemVersion.state == "submitted", ~exists().where(ItemReview.version_id == ItemVersion.id))
    )
    waiting = session.scalars(
        select(Adoption).where(Adoption.body_id == body_id, Adoption.id.in_(undecided)).order_by(Adoption.id)
    ).all()
    return [_lot(session, adoption) for adoption in waiting]


def lot_of(session: Session, adoption_id: int, *, body_id: int) -> Lot:
    """Refusal: unknown, for a foreign adoption as for none."""
    adoption = session.get(Adoption, adoption_id)
    if adoption is None or adoption.body_id != body_id:
        raise Refusal("unknown")
    return _lot(session, adoption)


def _lot(session: Session, adoption: Adoption) -> Lot:
    earlier = aliased(ItemReview)
    is_first = ~exists().where(earlier.version_id == ItemReview.version_id, earlier.id < ItemReview.id)
    found = session.execute(
        select(Item, ItemVersion, ItemReview.deed)
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .join(AdoptedVersion, AdoptedVersion.version_id == ItemVersion.id)
        .outerjoin(ItemReview, (ItemReview.version_id == ItemVersion.id) & is_first)
        .where(AdoptedVersion.adoption_id == adoption.id)
        .order_by(Item.area, Item.code)
        .execution_options(populate_existing=True)
    )
    rows = tuple(LotRow(item=item, version=version, deed=deed) for item, version, deed in found)
    by_code = {row.item.code: row for row in rows}
    items = [LotItem(row.item.code, _area_adopted(row.item)) for row in rows]
    touched = _touched_by_the_body(session, adoption)
    always = {row.item.code for row in rows if row.item.id in touched}
    returned = {row.item.code for row in rows if row.deed == "return"}
    chosen = sample(items, seed=adoption.seed, returned=returned, always=always)
    return Lot(
        adoption=adoption,
        rows=rows,
        sample=tuple(by_code[item.code] for item in chosen),
        first_size=len(sample(items, seed=adoption.seed, always=always)),
    )


def _touched_by_the_body(session: Session, adoption: Adoption) -> set[int]:
    """Questions of a lot of which the body has approved a text of its own, or retired one: each is read by itself.

    What a reviewer once decided is not undone together with a hundred other questions.
    """
    of_the_lot = (
        select(ItemVersion.item_id)
        .join(AdoptedVersion, AdoptedVersion.version_id == ItemVersion.id)
        .where(AdoptedVersion.adoption_id == adoption.id)
    )
    was_adopted = exists().where(AdoptedVersion.version_id == ItemVersion.id)
    was_retired = exists().where(ItemReview.version_id == ItemVersion.id, ItemReview.deed == "retire")
    return set(
        session.scalars(
            select(ItemVersion.item_id).where(
                ItemVersion.item_id.in_(of_the_lot),
                (ItemVersion.approved_at.is_not(None) & ~was_adopted) | was_retired,
            )
        )
    )


def _area_adopted(item: Item) -> str:
    """The area in its code: its author may move a returned question, and must not make the sample smaller by that."""
    return item.code.split("-")[1]
