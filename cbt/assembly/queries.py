"""Read blueprints and forms of a body: what they hold, how balanced they are, what forms share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cbt.accounts.queries import oblast_of
from cbt.assembly import plan
from cbt.assembly.models import Blueprint, Form, FormItem
from cbt.bank import content as bank_content
from cbt.bank import queries as bank
from cbt.bank.content import ItemContent
from cbt.bank.formats.blueprint import Area
from cbt.bank.models import Item, ItemVersion, Picture
from cbt.errors import Refusal
from cbt.regulation import editions

USABLE = ("approved", "in_use")
# Expected shares of right answers from which an item counts as easy, and below which as hard.
EASY_FROM, HARD_BELOW = 0.7, 0.4


@dataclass(frozen=True, kw_only=True)
class AreaDepth:
    """How many approved items the bank holds for an area of a blueprint."""

    area: Area
    approved: int

    @property
    def short(self) -> int:
        """How many items are missing for one form."""
        return max(0, self.area.items - self.approved)


@dataclass(frozen=True, kw_only=True)
class FormRow:
    """One slot of a form with the pinned version of its item."""

    slot: int
    area: str
    item_id: int
    code: str
    version_id: int
    version_number: int
    content: ItemContent


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How many items of a form each area, level and band of expected difficulty has."""

    areas: dict[str, int]
    levels: dict[str, int]
    difficulty: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class FormDetail:
    """A form with all that its page shows."""

    form: Form
    blueprint: Blueprint
    areas: tuple[Area, ...]
    rows: tuple[FormRow, ...]

    @property
    def balance(self) -> Balance:
        return balance_of(self.rows)


def positions() -> tuple[str, ...]:
    """The attested positions, each of which has a bank, a blueprint and forms of its own. Source: AR r.13."""
    known = editions.require_usable(editions.edition(editions.DEFAULT_EDITION)).positions
    return tuple(position.id for position in known)


def blueprint_of(session: Session, blueprint_id: int, *, body_id: int) -> Blueprint:
    """Refusal: unknown."""
    found = session.scalars(select(Blueprint).where(Blueprint.id == blueprint_id, Blueprint.body_id == body_id)).first()
    if found is None:
        raise Refusal("unknown")
    return found


def blueprints(
    session: Session, *, body_id: int, position: str | None = None, states: Collection[str] = ()
) -> Sequence[Blueprint]:
    """Of a body, newest first."""
    asked = select(Blueprint).where(Blueprint.body_id == body_id).order_by(Blueprint.id.desc())
    if position is not None:
        asked = asked.where(Blueprint.position == position)
    if states:
        asked = asked.where(Blueprint.state.in_(states))
    return session.scalars(asked).all()


def current_blueprint(session: Session, *, body_id: int, position: str) -> Blueprint | None:
    """The newest approved blueprint: the one that forms are drawn by."""
    found = blueprints(session, body_id=body_id, position=position, states=("approved",))
    return max(found, key=lambda blueprint: blueprint.number, default=None)


def depth(session: Session, *, body_id: int, position: str, areas: Iterable[Area]) -> list[AreaDepth]:
    """The bank against a blueprint, area by area."""
    approved = Counter(item.area for item in bank.pool(session, body_id=body_id, position=position))
    return [AreaDepth(area=area, approved=approved[area.code]) for area in areas]


def form_of(session: Session, form_id: int, *, body_id: int) -> Form:
    """Refusal: unknown."""
    found = session.scalars(select(Form).where(Form.id == form_id, Form.body_id == body_id)).first()
    if found is None:
        raise Refusal("unknown")
    return found


def forms(
    session: Session, *, body_id: int, position: str | None = None, states: Collection[str] = ()
) -> Sequence[Form]:
    """Of a body, newest first."""
    asked = select(Form).where(Form.body_id == body_id).order_by(Form.id.desc())
    if position is not None:
        asked = asked.where(Form.position == position)
    if states:
        asked = asked.where(Form.state.in_(states))
    return session.scalars(asked).all()


def drawn_together(session: Session, form: Form) -> Sequence[Form]:
    """The parallel forms of one draw, in their order."""
    return session.scalars(
        select(Form)
        .where(
            Form.blueprint_id == form.blueprint_id,
            Form.seed == form.seed,
            Form.drawn_at == form.drawn_at,
            Form.drawn_by == form.drawn_by,
        )
        .order_by(Form.draw_ordinal)
    ).all()


def usable_forms(session: Session, *, body_id: int, position: str) -> Sequence[Form]:
    """Forms that a sitting of the body may hand out: those of its oblast, approved and not withdrawn. Source: AR r.13."""
    owner = oblast_of(session, body_id)
    return forms(session, body_id=owner.id, position=position, states=USABLE)


def form_detail(session: Session, form_id: int, *, body_id: int) -> FormDetail:
    """Refusal: unknown."""
    form = form_of(session, form_id, body_id=body_id)
    blueprint = session.get_one(Blueprint, form.blueprint_id)
    return FormDetail(
        form=form, blueprint=blueprint, areas=plan.read_areas(blueprint.areas), rows=tuple(items_of(session, form))
    )


def items_of(session: Session, form: Form) -> list[FormRow]:
    """The pinned versions in slot order, whatever became of them since."""
    found = session.execute(
        select(FormItem, ItemVersion, Item)
        .join(ItemVersion, ItemVersion.id == FormItem.version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(FormItem.form_id == form.id)
        .order_by(FormItem.slot)
    ).all()
    return [
        FormRow(
            slot=slot.slot,
            area=slot.area,
            item_id=item.id,
            code=item.code,
            version_id=version.id,
            version_number=version.number,
            content=bank_content.parse(version.content),
        )
        for slot, version, item in found
    ]


def items_left_bank(session: Session, form: Form, rows: Iterable[FormRow]) -> list[str]:
    """Codes of the form's items whose pinned version could not be drawn today: retired, or replaced by a newer text."""
    in_bank = {item.version_id for item in bank.pool(session, body_id=form.body_id, position=form.position)}
    return [row.code for row in rows if row.version_id not in in_bank]


def balance_of(rows: Sequence[FormRow]) -> Balance:
    levels = Counter(row.content.level for row in rows)
    bands = Counter(_band(row.content.difficulty) for row in rows)
    return Balance(
        areas=dict(Counter(row.area for row in rows)),
        levels={level: levels[level] for level in bank_content.LEVELS},
        difficulty={band: bands[band] for band in ("easy", "medium", "hard")},
    )


def _band(difficulty: float) -> str:
    if difficulty >= EASY_FROM:
        return "easy"
    return "hard" if difficulty < HARD_BELOW else "medium"


def overlaps(session: Session, form_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """How many questions each two of the forms share, whichever version of them; the smaller id first."""
    found = session.execute(
        select(FormItem.form_id, ItemVersion.item_id)
        .join(ItemVersion, ItemVersion.id == FormItem.version_id)
        .where(FormItem.form_id.in_(form_ids))
    ).all()
    items: dict[int, set[int]] = {form_id: set() for form_id in form_ids}
    for form_id, item_id in found:
        items[form_id].add(item_id)
    return {(one, other): len(items[one] & items[other]) for one, other in combinations(sorted(items), 2)}


def shared_with_others(session: Session, form: Form) -> list[tuple[Form, int]]:
    """The other forms of the position that are not withdrawn, with how many questions each shares with this one."""
    mine = (
        select(ItemVersion.item_id)
        .join(FormItem, FormItem.version_id == ItemVersion.id)
        .where(FormItem.form_id == form.id)
    )
    found = session.execute(
        select(FormItem.form_id, func.count().label("shared"))
        .join(ItemVersion, ItemVersion.id == FormItem.version_id)
        .where(ItemVersion.item_id.in_(mine))
        .group_by(FormItem.form_id)
    ).all()
    shared = {row.form_id: row.shared for row in found}
    others = forms(session, body_id=form.body_id, position=form.position, states=("drafted", *USABLE))
    return [(other, shared.get(other.id, 0)) for other in others if other.id != form.id]


def pictures_of(session: Session, detail: FormDetail) -> dict[str, bytes]:
    """The pictures of a form as PNG by the hash of their bytes."""
    hashes = {picture.sha256 for row in detail.rows for picture in row.content.pictures}
    found = session.scalars(select(Picture).where(Picture.body_id == detail.form.body_id, Picture.sha256.in_(hashes)))
    return {picture.sha256: picture.png for picture in found}
