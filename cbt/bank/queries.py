"""Questions of one body: lists, counts, versions with their history, and the pool that forms are drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from cbt.bank import content as contents
from cbt.bank.content import ItemContent
from cbt.bank.letters import fold
from cbt.bank.models import AdoptedVersion, Item, ItemEdit, ItemReview, ItemVersion, Picture
from cbt.errors import Refusal
from cbt.regulation.draw import PoolItem

_MOST_IDS = 500
FROM_LIBRARY, OWN = "library", "own"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list of questions is narrowed to; an empty value asks for nothing."""

    position: str = ""
    area: str = ""
    state: str = ""
    level: str = ""
    origin: str = ""
    text: str = ""
    author_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """A question with its newest version, and the number of the version that forms are drawn from."""

    item: Item
    version: ItemVersion
    approved_number: int | None

    @property
    def content(self) -> ItemContent:
        return contents.parse(self.version.content)


@dataclass(frozen=True, kw_only=True)
class VersionHistory:
    """A version with all that was done to it, oldest first."""

    version: ItemVersion
    edits: tuple[ItemEdit, ...]
    reviews: tuple[ItemReview, ...]

    @property
    def content(self) -> ItemContent:
        return contents.parse(self.version.content)

    @property
    def people(self) -> set[int]:
        known = {self.version.author_id, self.version.editor_id, self.version.approved_by}
        known |= {edit.editor_id for edit in self.edits} | {review.reviewer_id for review in self.reviews}
        return {account_id for account_id in known if account_id is not None}


# One question, one version


def item_of(session: Session, item_id: int, *, body_id: int) -> Item:
    """Refusal: unknown, for a foreign question as for none."""
    item = session.get(Item, item_id)
    if item is None or item.body_id != body_id:
        raise Refusal("unknown")
    return item


def version_of(session: Session, version_id: int, *, body_id: int) -> ItemVersion:
    """Refusal: unknown, for a foreign version as for none."""
    version = session.get(ItemVersion, version_id)
    if version is None:
        raise Refusal("unknown")
    item_of(session, version.item_id, body_id=body_id)
    return version


def item_by_client_key(session: Session, client_key: str, *, body_id: int) -> Item | None:
    return session.scalars(select(Item).where(Item.body_id == body_id, Item.client_key == client_key)).first()


def item_by_code(session: Session, code: str, *, body_id: int, position: str) -> Item | None:
    return session.scalars(
        select(Item).where(Item.body_id == body_id, Item.position == position, Item.code == code)
    ).first()


def versions_of(session: Session, item_id: int) -> Sequence[ItemVersion]:
    """All versions of a question, oldest first."""
    return session.scalars(select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number)).all()


def history_of(session: Session, item_id: int, *, body_id: int) -> list[VersionHistory]:
    """Versions of a question with their edits and reviews, oldest first. Refusal: unknown."""
    item_of(session, item_id, body_id=body_id)
    versions = versions_of(session, item_id)
    ids = [version.id for version in versions]
    edits = session.scalars(select(ItemEdit).where(ItemEdit.version_id.in_(ids)).order_by(ItemEdit.id)).all()
    reviews = session.scalars(select(ItemReview).where(ItemReview.version_id.in_(ids)).order_by(ItemReview.id)).all()
    return [
        VersionHistory(
            version=version,
            edits=tuple(edit for edit in edits if edit.version_id == version.id),
            reviews=tuple(review for review in reviews if review.version_id == version.id),
        )
        for version in versions
    ]


def editors_of(session: Session, version_id: int) -> set[int]:
    """Everybody who put their hand to a version."""
    return set(session.scalars(select(ItemEdit.editor_id).where(ItemEdit.version_id == version_id)))


def was_approved(session: Session, item_id: int) -> bool:
    """Whether a version of the question ever entered the pool, so that its area may not change any more."""
    return bool(
        session.scalar(select(exists().where(ItemVersion.item_id == item_id, ItemVersion.approved_at.is_not(None))))
    )


def last_number(session: Session, *, body_id: int, position: str, prefix: str) -> int:
    """The greatest number among codes that begin so; 0 where there is none."""
    codes = session.scalars(
        select(Item.code).where(
            Item.body_id == body_id, Item.position == position, Item.code.startswith(prefix, autoescape=True)
        )
    )
    return max((int(code.removeprefix(prefix)) for code in codes), default=0)


# Lists


def count_items(session: Session, *, body_id: int, filters: Filters) -> int:
    return session.scalar(select(func.count()).select_from(_rows(body_id, filters).subquery())) or 0


def items_page(session: Session, *, body_id: int, filters: Filters, limit: int, offset: int) -> list[ItemRow]:
    """A page of questions, the last touched first."""
    found = session.execute(
        _rows(body_id, filters)
        .order_by(ItemVersion.edited_at.desc(), Item.code, ItemVersion.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return _with_approved(session, [(item, version) for item, version in found])


def count_queue(session: Session, *, body_id: int, filters: Filters) -> int:
    return session.scalar(select(func.count()).select_from(_queue(body_id, filters).subquery())) or 0


def queue_page(session: Session, *, body_id: int, filters: Filters, limit: int, offset: int) -> list[ItemRow]:
    """Versions that wait for a reviewer, those that wait longest first."""
    found = session.execute(
        _queue(body_id, filters).order_by(ItemVersion.submitted_at, ItemVersion.id).limit(limit).offset(offset)
    ).all()
    return _with_approved(session, [(item, version) for item, version in found])


def next_in_queue(
    session: Session, *, body_id: int, filters: Filters, reviewer_id: int, passed_over: Collection[int] = ()
) -> int | None:
    """The version that waits longest among those the reviewer may decide on; `passed_over` are decided in another way."""
    own = exists().where(ItemEdit.version_id == ItemVersion.id, ItemEdit.editor_id == reviewer_id)
    rows = _queue(body_id, filters).where(~own, ItemVersion.id.not_in(passed_over))
    found = session.execute(rows.order_by(ItemVersion.submitted_at, ItemVersion.id).limit(1)).first()
    return found[1].id if found else None


def authors_of(session: Session, *, body_id: int) -> set[int]:
    """Accounts that wrote a question of the body."""
    return set(
        session.scalars(
            select(ItemVersion.author_id).join(Item, Item.id == ItemVersion.item_id).where(Item.body_id == body_id)
        )
    )


def counts(session: Session, *, body_id: int, position: str) -> dict[str, Counter[str]]:
    """Versions by area and state, practice questions apart; `approved` counts questions in the pool."""
    rows = session.execute(
        select(Item.area, ItemVersion.state, func.count())
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .where(Item.body_id == body_id, Item.position == position, Item.practice.is_(False))
        .group_by(Item.area, ItemVersion.state)
    )
    by_area: dict[str, Counter[str]] = {}
    for area, state, count in rows:
        by_area.setdefault(area, Counter())[state] = count
    return by_area


def alike(session: Session, item: Item, content: ItemContent, *, most: int = 5) -> list[ItemRow]:
    """Other questions of the same position whose stem looks the same in either language."""
    mine = {fold(content.stem.kk), fold(content.stem.ru)} - {""}
    sizes = {sum(map(str.isalnum, stem)) for stem in (content.stem.kk, content.stem.ru)}
    others = _rows(item.body_id, Filters(position=item.position)).where(Item.id != item.id).order_by(Item.code)
    twins = []
    # Rows without their objects: a bank has hundreds of questions, and seldom one that is alike.
    for version_id, content_json in session.execute(others.with_only_columns(ItemVersion.id, ItemVersion.content)):
        stem = contents.stem_of(content_json)
        # Folding costs far more than counting, and texts that fold to the same have as many letters.
        near = (text for text in (stem.kk, stem.ru) if sum(map(str.isalnum, text)) in sizes)
        if any(fold(text) in mine for text in near):
            twins.append(version_id)
    found = session.execute(others.where(ItemVersion.id.in_(twins[:most]))).all() if twins else []
    return _with_approved(session, [(other, version) for other, version in found])


def _rows(body_id: int, filters: Filters) -> Select[Item, ItemVersion]:
    """Questions of a body, each with its newest version."""
    newer = aliased(ItemVersion)
    is_newest = ~exists().where(newer.item_id == ItemVersion.item_id, newer.number > ItemVersion.number)
    rows = select(Item, ItemVersion).join(ItemVersion, and_(ItemVersion.item_id == Item.id, is_newest))
    rows = rows.where(Item.body_id == body_id, *_conditions(filters))
    if filters.state == "approved":  # a question stays in the pool while its next version is being written
        approved = aliased(ItemVersion)
        return rows.where(exists().where(approved.item_id == Item.id, approved.state == "approved"))
    return rows.where(ItemVersion.state == filters.state) if filters.state else rows


def _queue(body_id: int, filters: Filters) -> Select[Item, ItemVersion]:
    return (
        select(Item, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .where(Item.body_id == body_id, ItemVersion.state == "submitted", *_conditions(filters))
    )


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.position:
        conditions.append(Item.position == filters.position)
    if filters.area:
        conditions.append(Item.area == filters.area)
    if filters.level:
        conditions.append(ItemVersion.level == filters.level)
    if filters.origin:
        of_item = aliased(ItemVersion)
        adopted = exists().where(AdoptedVersion.version_id == of_item.id, of_item.item_id == Item.id)
        conditions.append(adopted if filters.origin == FROM_LIBRARY else ~adopted)
    if filters.author_id is not None:
        conditions.append(ItemVersion.author_id == filters.author_id)
    for word in filters.text.split():
        conditions.append(
            or_(
                ItemVersion.search_text.contains(word.casefold(), autoescape=True),
                func.upper(Item.code).contains(word.upper(), autoescape=True),
            )
        )
    return conditions


def _with_approved(session: Session, rows: Sequence[tuple[Item, ItemVersion]]) -> list[ItemRow]:
    ids = [item.id for item, _ in rows]
    found = session.execute(
        select(ItemVersion.item_id, ItemVersion.number).where(
            ItemVersion.item_id.in_(ids), ItemVersion.state == "approved"
        )
    )
    approved = {row.item_id: row.number for row in found}
    return [ItemRow(item=item, version=version, approved_number=approved.get(item.id)) for item, version in rows]


# What assembly, results and pages take from the bank


def pool(session: Session, *, body_id: int, position: str) -> list[PoolItem]:
    """The approved version of every question that may be drawn: not retired, no practice question."""
    return _approved(session, body_id=body_id, position=position, is_practice=Item.practice.is_(False))


def practice_pool(session: Session, *, body_id: int, position: str) -> list[PoolItem]:
    """Approved practice questions: shown before the test, never drawn."""
    return _approved(session, body_id=body_id, position=position, is_practice=Item.practice.is_(True))


def _approved(session: Session, *, body_id: int, position: str, is_practice: ColumnElement[bool]) -> list[PoolItem]:
    rows = session.execute(
        select(ItemVersion.id, Item.area, Item.code, ItemVersion.level)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(Item.body_id == body_id, Item.position == position, is_practice, ItemVersion.state == "approved")
        .order_by(Item.code)
    )
    return [PoolItem(version_id=row.id, area=row.area, code=row.code, level=row.level) for row in rows]


def content_of(version: ItemVersion) -> ItemContent:
    return contents.parse(version.content)


def versions_by_id(session: Session, version_ids: Iterable[int]) -> dict[int, ItemVersion]:
    """The versions of these ids, whichever body they belong to; a form pins only versions of its own body."""
    ids = list(dict.fromkeys(version_ids))
    found: dict[int, ItemVersion] = {}
    for start in range(0, len(ids), _MOST_IDS):
        part = ids[start : start + _MOST_IDS]
        found |= {row.id: row for row in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(part)))}
    return found


def contents_of(session: Session, version_ids: Iterable[int]) -> dict[int, ItemContent]:
    """What each version says, with its key: for forms and marks, never for a candidate."""
    return {id_: contents.parse(row.content) for id_, row in versions_by_id(session, version_ids).items()}


def keys_of(session: Session, version_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The ids of the right options of each version."""
    return {id_: contents.key(content) for id_, content in contents_of(session, version_ids).items()}


def picture_of(session: Session, sha256: str, *, body_id: int) -> Picture:
    """A picture of the body's bank by the hash of its bytes. Refusal: unknown."""
    picture = session.scalars(select(Picture).where(Picture.body_id == body_id, Picture.sha256 == sha256)).first()
    if picture is None:
        raise Refusal("unknown")
    return picture


def pictures_of(session: Session, hashes: Iterable[str], *, body_id: int) -> dict[str, tuple[int, int]]:
    """Width and height of the pictures that the body has, by hash."""
    rows = session.execute(
        select(Picture.sha256, Picture.width, Picture.height).where(
            Picture.body_id == body_id, Picture.sha256.in_(set(hashes))
        )
    )
    return {row.sha256: (row.width, row.height) for row in rows}


def items_for_export(session: Session, *, body_id: int, position: str) -> list[ItemRow]:
    """Questions of a position by code, each with its approved version or else its newest one; retired ones left out."""
    rows = session.execute(
        select(Item, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .where(Item.body_id == body_id, Item.position == position, ItemVersion.state != "retired")
        .order_by(Item.area, Item.code, ItemVersion.approved_at.is_(None), ItemVersion.number)
    ).all()
    chosen: dict[int, tuple[Item, ItemVersion]] = {}
    for item, version in rows:
        chosen.setdefault(item.id, (item, version))
    return _with_approved(session, list(chosen.values()))


def touched_by(session: Session, version_ids: Iterable[int], account_id: int) -> set[int]:
    """Those of the versions that the person put a hand to, and so may not approve."""
    return set(
        session.scalars(
            select(ItemEdit.version_id).where(
                ItemEdit.version_id.in_(list(version_ids)), ItemEdit.editor_id == account_id
            )
        )
    )
