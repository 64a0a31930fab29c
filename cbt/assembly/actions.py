"""Draft and approve blueprints; draw, approve, use and withdraw forms."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.accounts.queries import oblast_of
from cbt.assembly import plan, queries, sheet
from cbt.assembly.models import Blueprint, Form, FormContent, FormItem
from cbt.audit.actions import record
from cbt.audit.queries import entries_about
from cbt.bank import content as bank_content
from cbt.bank import markup
from cbt.bank import queries as bank
from cbt.bank.content import ItemContent
from cbt.bank.formats.blueprint import Area, items_in_a_form
from cbt.errors import Refusal
from cbt.regulation import draw, duties, lifecycle

MOST_FORMS = 10
LONGEST_REASON = 1000
Thing = TypeVar("Thing", Blueprint, Form)
_SEED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def draft_blueprint(
    session: Session, *, position: str, areas: Sequence[Area], actor: Actor, now: datetime
) -> Blueprint:
    """A new blueprint of the actor's body, to be approved by somebody else.

    Refusals: position_not_attested, area_unknown, area_repeated, area_name_missing, forbidden_character,
    area_without_items, sum_differs. Source: AR r.13.
    """
    plan.require_sound(position, areas)
    _take_turns(session, actor.body_id)
    blueprint = Blueprint(
        body_id=actor.body_id,
        position=position,
        number=_next_number(session, Blueprint, actor.body_id, position),
        state=lifecycle.BLUEPRINT.start,
        areas=plan.write_areas(areas),
        author_id=actor.account_id,
        created_at=now,
    )
    session.add(blueprint)
    session.flush()
    _record_draft(session, blueprint, actor, now)
    return blueprint


def adopt_blueprint(session: Session, *, position: str, actor: Actor, now: datetime) -> Blueprint:
    """A draft with the areas that come with the product. Refusal: position_not_attested."""
    return draft_blueprint(session, position=position, areas=plan.standard_areas(position), actor=actor, now=now)


def edit_blueprint(
    session: Session, *, blueprint_id: int, areas: Sequence[Area], actor: Actor, now: datetime
) -> Blueprint:
    """Other areas for one's own draft: so its author stays the one person who may not approve it.

    Refusals: unknown, not_your_blueprint, move_not_allowed, and those of `draft_blueprint`.
    """
    blueprint = _locked_blueprint(session, blueprint_id, actor)
    if blueprint.author_id != actor.account_id:
        raise Refusal("not_your_blueprint")
    blueprint.state = lifecycle.next_state(lifecycle.BLUEPRINT, blueprint.state, "edit")
    plan.require_sound(blueprint.position, areas)
    blueprint.areas = plan.write_areas(areas)
    session.flush()
    _record_draft(session, blueprint, actor, now)
    return blueprint


def approve_blueprint(
    session: Session, *, blueprint_id: int, areas_hash: str, actor: Actor, now: datetime
) -> Blueprint:
    """Approve the areas whose hash the approver saw.

    Refusals: unknown, planner_cannot_approve, move_not_allowed, changed_since_seen, sum_differs, area_unknown.
    Source: AR r.13.
    """
    blueprint = _locked_blueprint(session, blueprint_id, actor)
    duties.require_another_blueprint_approver(blueprint.author_id, actor.account_id)
    state = lifecycle.next_state(lifecycle.BLUEPRINT, blueprint.state, "approve")
    if plan.areas_hash(blueprint.areas) != areas_hash:
        raise Refusal("changed_since_seen")
    plan.require_sound(blueprint.position, plan.read_areas(blueprint.areas))
    blueprint.state, blueprint.approved_by, blueprint.approved_at = state, actor.account_id, now
    session.flush()
    _record_blueprint(session, "blueprint.approved", blueprint, actor, now)
    return blueprint


def withdraw_blueprint(session: Session, *, blueprint_id: int, actor: Actor, now: datetime) -> Blueprint:
    """No form is drawn by it or approved under it any more. Refusals: unknown, move_not_allowed."""
    blueprint = _locked_blueprint(session, blueprint_id, actor)
    blueprint.state = lifecycle.next_state(lifecycle.BLUEPRINT, blueprint.state, "withdraw")
    blueprint.withdrawn_at = now
    session.flush()
    _record_blueprint(session, "blueprint.withdrawn", blueprint, actor, now)
    return blueprint


def draw_forms(
    session: Session, *, position: str, number_of_forms: int, seed: str | None = None, actor: Actor, now: datetime
) -> list[Form]:
    """Parallel forms by the newest approved blueprint of the actor's body; without a seed, one that nobody chose.

    The same seed over the same approved questions gives the same forms. Refusals: position_not_attested,
    number_of_forms_wrong, seed_wrong, no_blueprint, area_short (every short area), question_repeated.
    Source: AR r.13.
    """
    plan.require_attested(position)
    if not 1 <= number_of_forms <= MOST_FORMS:
        raise Refusal("number_of_forms_wrong", field="number_of_forms", most=MOST_FORMS)
    seed = seed or secrets.token_hex(8)
    if not _SEED.fullmatch(seed):
        raise Refusal("seed_wrong", field="seed")
    _take_turns(session, actor.body_id)
    blueprint = queries.current_blueprint(session, body_id=actor.body_id, position=position)
    if blueprint is None:
        raise Refusal("no_blueprint", position=position)
    drawn = draw.draw_parallel(
        bank.pool(session, body_id=actor.body_id, position=position),
        areas={area.code: area.items for area in plan.read_areas(blueprint.areas)},
        seed=seed,
        number_of_forms=number_of_forms,
    )
    first = _next_number(session, Form, actor.body_id, position)
    return [
        _add_form(session, blueprint, items, number=first + place - 1, seed=seed, ordinal=place, actor=actor, now=now)
        for place, items in enumerate(drawn, start=1)
    ]


def approve_form(session: Session, *, form_id: int, items_hash: str, actor: Actor, now: datetime) -> Form:
    """Freeze the form whose hash the approver saw, and build what candidates will read of it.

    A form is frozen with the texts it was drawn with or not at all: where a question was retired or got a new text
    since the draw, the form has to be withdrawn and drawn again. Refusals: unknown, drawer_cannot_approve,
    move_not_allowed, changed_since_seen, blueprint_not_approved, items_left_bank, form_differs_from_blueprint,
    language_missing. Source: AR r.13.
    """
    form = _locked_form(session, form_id, actor)
    duties.require_another_form_approver(form.drawn_by, actor.account_id)
    state = lifecycle.next_state(lifecycle.FORM, form.state, "approve")
    rows = queries.items_of(session, form)
    if not items_hash == form.items_hash == hash_of_items([bank_content.content_hash(row.content) for row in rows]):
        raise Refusal("changed_since_seen")
    _require_as_planned(session, form, rows)
    _require_in_bank(session, form, rows)
    _require_both_languages(rows)
    packed, content_hash = sheet.pack(_sheet_items(session, form, rows))
    form.state, form.approved_by, form.approved_at = state, actor.account_id, now
    session.add(FormContent(form_id=form.id, content=packed, content_hash=content_hash))
    session.flush()
    record(
        session, "form.approved", actor=actor.label, subject=f"form:{form.id}", body_id=form.body_id, now=now,
        items_hash=form.items_hash, content_hash=content_hash,
    )  # fmt: skip
    return form


def withdraw_form(session: Session, *, form_id: int, reason: str, actor: Actor, now: datetime) -> Form:
    """Nobody gets the form any more; attempts that hold it keep it.

    Refusals: unknown, reason_missing, reason_too_long, forbidden_character, move_not_allowed.
    """
    form = _locked_form(session, form_id, actor)
    reason = bank_content.tidy(reason)
    if not reason:
        raise Refusal("reason_missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal("reason_too_long", field="reason", limit=LONGEST_REASON)
    if unseen := bank_content.forbidden_character(reason):
        raise Refusal("forbidden_character", field="reason", character=unseen)
    form.state = lifecycle.next_state(lifecycle.FORM, form.state, "withdraw")
    form.withdrawn_by, form.withdrawn_at, form.withdrawal_reason = actor.account_id, now, reason
    session.flush()
    record(
        session, "form.withdrawn", actor=actor.label, subject=f"form:{form.id}", body_id=form.body_id, now=now,
        reason=reason,
    )  # fmt: skip
    return form


def put_in_use(
    session: Session, *, form_ids: Sequence[int], sitting_id: int, actor: Actor, now: datetime
) -> list[Form]:
    """A sitting opens with these forms of the oblast that the actor's body belongs to.

    Refusals: unknown, move_not_allowed (drafted or withdrawn). Source: AR r.13.
    """
    owner = oblast_of(session, actor.body_id)
    # In the order of ids, so that two sittings opening at once cannot wait for each other.
    forms = [_locked(session, Form, form_id, body_id=owner.id) for form_id in sorted(set(form_ids))]
    for form in forms:
        form.state = lifecycle.next_state(lifecycle.FORM, form.state, "use")
        record(
            session, "form.put_in_use", actor=actor.label, subject=f"form:{form.id}", body_id=form.body_id, now=now,
            sitting=sitting_id,
        )  # fmt: skip
    session.flush()
    return forms


def record_proof(session: Session, *, form_id: int, actor: Actor, now: datetime) -> int:
    """Write down that a proof, which holds the keys, is printed; the number of this copy. Refusal: unknown."""
    form = _locked_form(session, form_id, actor)
    subject = f"form:{form.id}"
    copy = 1 + sum(entry.tag == "form.proof_printed" for entry in entries_about(session, [subject]))
    record(
        session, "form.proof_printed", actor=actor.label, subject=subject, body_id=form.body_id, now=now,
        copy=copy, items_hash=form.items_hash,
    )  # fmt: skip
    return copy


def hash_of_items(content_hashes: Sequence[str]) -> str:
    """What a form holds: SHA-256 (hex) over the content hashes of its versions (hex), in slot order, joined by line ends.

    A content hash covers both languages, options, key, pictures and basis, so that one changed letter shows.
    """
    return sha256("\n".join(content_hashes).encode()).hexdigest()


def _add_form(
    session: Session,
    blueprint: Blueprint,
    items: Sequence[draw.PoolItem],
    *,
    number: int,
    seed: str,
    ordinal: int,
    actor: Actor,
    now: datetime,
) -> Form:
    version_ids = [int(str(item.version_id)) for item in items]
    contents = bank.contents_of(session, version_ids)
    form = Form(
        body_id=blueprint.body_id,
        position=blueprint.position,
        blueprint_id=blueprint.id,
        number=number,
        seed=seed,
        draw_ordinal=ordinal,
        state=lifecycle.FORM.start,
        items_hash=hash_of_items([bank_content.content_hash(contents[version_id]) for version_id in version_ids]),
        drawn_by=actor.account_id,
        drawn_at=now,
    )
    session.add(form)
    session.flush()
    session.add_all(
        FormItem(form_id=form.id, slot=slot, version_id=version_id, area=item.area)
        for slot, (version_id, item) in enumerate(zip(version_ids, items, strict=True), start=1)
    )
    session.flush()
    record(
        session, "form.drawn", actor=actor.label, subject=f"form:{form.id}", body_id=form.body_id, now=now,
        position=form.position, number=number, seed=seed, items_hash=form.items_hash,
    )  # fmt: skip
    return form


def _require_as_planned(session: Session, form: Form, rows: Sequence[queries.FormRow]) -> None:
    """Exactly what the blueprint asks of each area, under a blueprint that still stands."""
    blueprint = session.get_one(Blueprint, form.blueprint_id, populate_existing=True, with_for_update={"read": True})
    if blueprint.state != "approved":
        raise Refusal("blueprint_not_approved", number=blueprint.number)
    planned = {area.code: area.items for area in plan.read_areas(blueprint.areas)}
    if len(rows) != items_in_a_form() or Counter(row.area for row in rows) != planned:
        raise Refusal("form_differs_from_blueprint", items=len(rows), needed=items_in_a_form())


def _require_in_bank(session: Session, form: Form, rows: Sequence[queries.FormRow]) -> None:
    """Every version is one that could be drawn today: approved, not retired, with no newer text."""
    if left := queries.items_left_bank(session, form, rows):
        raise Refusal("items_left_bank", codes=left)


def _require_both_languages(rows: Sequence[queries.FormRow]) -> None:
    for row in rows:
        texts = [row.content.stem, *(option.text for option in row.content.options)]
        if not all(text.of(language) for text in texts for language in bank_content.LANGUAGES):
            raise Refusal("language_missing", code=row.code)


def _sheet_items(session: Session, form: Form, rows: Sequence[queries.FormRow]) -> list[sheet.SheetItem]:
    hashes = {picture.sha256 for row in rows for picture in row.content.pictures}
    sizes = bank.pictures_of(session, hashes, body_id=form.body_id)
    return [_sheet_item(row.content, sizes) for row in rows]


def _sheet_item(content: ItemContent, sizes: Mapping[str, tuple[int, int]]) -> sheet.SheetItem:
    """What a candidate may see of an item; picture sizes in pixels by hash."""
    languages = bank_content.LANGUAGES
    return sheet.SheetItem(
        kind=content.kind,
        stem={language: markup.to_html(content.stem.of(language)) for language in languages},
        options={
            option.id: {language: markup.to_inline_html(option.text.of(language)) for language in languages}
            for option in content.options
        },
        pictures=tuple(
            sheet.SheetPicture(
                sha256=picture.sha256,
                width=sizes[picture.sha256][0],
                height=sizes[picture.sha256][1],
                alt={language: picture.alt.of(language) for language in languages},
            )
            for picture in content.pictures
        ),
    )


def _take_turns(session: Session, body_id: int) -> None:
    """One new blueprint or draw of a body at a time, so that numbers follow one another without a gap."""
    session.get_one(Body, body_id, with_for_update={"key_share": True})


def _next_number(session: Session, thing: type[Blueprint] | type[Form], body_id: int, position: str) -> int:
    last = session.scalar(select(func.max(thing.number)).where(thing.body_id == body_id, thing.position == position))
    return (last or 0) + 1


def _locked_blueprint(session: Session, blueprint_id: int, actor: Actor) -> Blueprint:
    return _locked(session, Blueprint, blueprint_id, body_id=actor.body_id)


def _locked_form(session: Session, form_id: int, actor: Actor) -> Form:
    return _locked(session, Form, form_id, body_id=actor.body_id)


def _locked(session: Session, kind: type[Thing], thing_id: int, *, body_id: int) -> Thing:
    """The thing as it is once every other deed on it is over. Refusal: unknown."""
    found = session.scalars(
        select(kind)
        .where(kind.id == thing_id, kind.body_id == body_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise Refusal("unknown")
    return found


def _record_draft(session: Session, blueprint: Blueprint, actor: Actor, now: datetime) -> None:
    record(
        session, "blueprint.drafted", actor=actor.label, subject=f"blueprint:{blueprint.id}", body_id=blueprint.body_id,
        now=now, position=blueprint.position, number=blueprint.number,
        areas={area.code: area.items for area in plan.read_areas(blueprint.areas)},
    )  # fmt: skip


def _record_blueprint(session: Session, tag: str, blueprint: Blueprint, actor: Actor, now: datetime) -> None:
    record(
        session, tag, actor=actor.label, subject=f"blueprint:{blueprint.id}", body_id=blueprint.body_id, now=now,
        position=blueprint.position, number=blueprint.number,
    )  # fmt: skip
