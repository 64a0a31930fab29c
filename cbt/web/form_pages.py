"""What authors' and reviewers' pages of blueprints and forms share: words of states, tables, the printed proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms import TextAreaField

from cbt.accounts import queries as accounts
from cbt.accounts.actor import Actor
from cbt.assembly import actions, queries
from cbt.assembly.models import Blueprint, Form
from cbt.assembly.queries import AreaDepth, FormDetail, FormRow
from cbt.bank import markup
from cbt.bank.content import LEVELS
from cbt.bank.formats.blueprint import Area
from cbt.db import Database
from cbt.documents.form_proof import FormProof, Picture, ProofArea, ProofOption, ProofQuestion, form_proof_pdf
from cbt.documents.wording import Bilingual
from cbt.errors import Refusal
from cbt.i18n import format_moment
from cbt.regulation import editions
from cbt.web.bank_pages import LEVELS as LEVEL_WORDS
from cbt.web.messages import words_for
from cbt.web.pages import attachment, current_locale, page, position_title

BLUEPRINT_STATES = {
    "drafted": (_l("Waits for approval"), "active"),
    "approved": (_l("Approved"), "good"),
    "withdrawn": (_l("Withdrawn"), "neutral"),
}
FORM_STATES = {
    "drafted": (_l("Waits for approval"), "active"),
    "approved": (_l("Approved"), "good"),
    "in_use": (_l("In use"), "good"),
    "withdrawn": (_l("Withdrawn"), "neutral"),
}
DIFFICULTIES = {"easy": _l("Easy"), "medium": _l("Medium"), "hard": _l("Hard")}
# Shares of 100 that the blueprint guidance proposes, in the order of the levels and of the difficulties.
PROPOSED_LEVELS = (40, 40, 20)
PROPOSED_DIFFICULTIES = (30, 50, 20)


class WithdrawForm(FlaskForm):
    """Why a form is taken back; what is wrong with the reason is said by the action."""

    reason = TextAreaField(_l("Reason"))


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """An area of a blueprint with what the bank holds for it; `short` is what one form lacks."""

    code: str
    kk: str
    ru: str
    needed: int
    approved: int
    short: int


@dataclass(frozen=True, kw_only=True)
class MixRow:
    """One area of a form by level, or the sum of all areas."""

    code: str
    name: str
    levels: tuple[int, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    label: str
    items: int
    share: int
    proposed: int


@dataclass(frozen=True, kw_only=True)
class ShownOption:
    letter: str
    kk: Markup
    ru: Markup
    correct: bool


@dataclass(frozen=True, kw_only=True)
class ShownQuestion:
    """A question of a form in both languages, as HTML that is safe whatever was typed, with its key."""

    slot: int
    area: str
    code: str
    version: int
    level: str
    kk: Markup
    ru: Markup
    options: tuple[ShownOption, ...]
    pictures: tuple[tuple[str, str, str], ...]


def area_name(area: Area) -> str:
    return area.name.ru if current_locale() == "ru" else area.name.kk


def depth_rows(depth: Sequence[AreaDepth]) -> list[AreaRow]:
    return [
        AreaRow(
            code=row.area.code,
            kk=row.area.name.kk,
            ru=row.area.name.ru,
            needed=row.area.items,
            approved=row.approved,
            short=row.short,
        )
        for row in depth
    ]


def blueprint_facts(session: Session, blueprint: Blueprint) -> list[tuple[str, str]]:
    known = names(session, _people(blueprint.author_id, blueprint.approved_by))
    rows = [(_("Drafted"), _signed(known[blueprint.author_id], blueprint.created_at))]
    if blueprint.approved_by and blueprint.approved_at:
        rows.append((_("Approved"), _signed(known[blueprint.approved_by], blueprint.approved_at)))
    if blueprint.withdrawn_at:
        rows.append((_("Withdrawn"), format_moment(blueprint.withdrawn_at, current_locale())))
    return rows


def form_facts(session: Session, form: Form, blueprint: Blueprint) -> list[tuple[str, str]]:
    known = names(session, _people(form.drawn_by, form.approved_by, form.withdrawn_by))
    rows = [
        (_("Blueprint"), _("Blueprint %(number)s", number=blueprint.number)),
        (_("Drawn"), _signed(known[form.drawn_by], form.drawn_at)),
        (_("Seed"), _("%(seed)s, form %(ordinal)s of the draw", seed=form.seed, ordinal=form.draw_ordinal)),
        (_("Hash of the questions"), code(form.items_hash)),
    ]
    if form.approved_by and form.approved_at:
        rows.append((_("Approved"), _signed(known[form.approved_by], form.approved_at)))
    if form.withdrawn_by and form.withdrawn_at:
        rows.append((_("Withdrawn"), _signed(known[form.withdrawn_by], form.withdrawn_at)))
        rows.append((_("Reason"), form.withdrawal_reason or ""))
    return rows


def names(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    return accounts.names_of(session, set(account_ids))


def code(text: str) -> Markup:
    """A hash or a seed, set so that its characters can be told apart."""
    return Markup("<code>%s</code>") % text


def _people(*account_ids: int | None) -> set[int]:
    return {account_id for account_id in account_ids if account_id is not None}


def _signed(name: str, moment: datetime) -> str:
    return f"{name}, {format_moment(moment, current_locale())}"


def mix(detail: FormDetail) -> list[MixRow]:
    """Areas by level, and their sum in the last row."""
    counted = Counter((row.area, row.content.level) for row in detail.rows)
    rows = [
        _mix_row(area.code, area_name(area), [counted[area.code, level] for level in LEVELS]) for area in detail.areas
    ]
    return [*rows, _mix_row(_("Total"), "", [sum(row.levels[place] for row in rows) for place in range(len(LEVELS))])]


def _mix_row(code: str, name: str, levels: Sequence[int]) -> MixRow:
    return MixRow(code=code, name=name, levels=tuple(levels), total=sum(levels))


def difficulty_rows(detail: FormDetail) -> list[ShareRow]:
    bands = detail.balance.difficulty
    return [
        ShareRow(
            label=str(DIFFICULTIES[band]), items=count, share=round(100 * count / len(detail.rows)), proposed=proposed
        )
        for (band, count), proposed in zip(bands.items(), PROPOSED_DIFFICULTIES, strict=True)
    ]


def shown_questions(rows: Sequence[FormRow]) -> list[ShownQuestion]:
    return [_shown(row) for row in rows]


def _shown(row: FormRow) -> ShownQuestion:
    content = row.content
    return ShownQuestion(
        slot=row.slot,
        area=row.area,
        code=row.code,
        version=row.version_number,
        level=str(LEVEL_WORDS[content.level]),
        kk=_block(content.stem.kk),
        ru=_block(content.stem.ru),
        options=tuple(
            ShownOption(
                letter=option.id.upper(), kk=_inline(option.text.kk), ru=_inline(option.text.ru), correct=option.correct
            )
            for option in content.options
        ),
        pictures=tuple((picture.sha256, picture.alt.kk, picture.alt.ru) for picture in content.pictures),
    )


# The markup passes an allow-list of elements without attributes before it is called safe.
def _block(text: str) -> Markup:
    return Markup(markup.to_html(text))  # noqa: S704


def _inline(text: str) -> Markup:
    return Markup(markup.to_inline_html(text))  # noqa: S704


def hindrances(session: Session, detail: FormDetail, actor: Actor) -> list[str]:
    """Why this person cannot approve the form as it stands, in words; nothing where they can."""
    refusals = []
    if detail.form.drawn_by == actor.account_id:
        refusals.append(Refusal("drawer_cannot_approve"))
    if detail.blueprint.state != "approved":
        refusals.append(Refusal("blueprint_not_approved", number=detail.blueprint.number))
    if left := queries.items_left_bank(session, detail.form, detail.rows):
        refusals.append(Refusal("items_left_bank", codes=left))
    return [words_for(refusal) for refusal in refusals]


def proof_response(database: Database, *, form_id: int, actor: Actor, now: datetime) -> Response:
    """The proof of a form to print; its copy is counted and recorded before a byte leaves. Refusal: unknown."""
    with database.transaction() as session:
        copy = actions.record_proof(session, form_id=form_id, actor=actor, now=now)
        proof = _proof(session, form_id=form_id, copy=copy, actor=actor, now=now)
    title = _("Form %(number)s", number=proof.number)
    name = f"{title} {_position_of(proof)[:60]}.pdf"
    return attachment(form_proof_pdf(proof), name=name, content_type="application/pdf")


def _position_of(proof: FormProof) -> str:
    return proof.position.ru if current_locale() == "ru" else proof.position.kk


def _proof(session: Session, *, form_id: int, copy: int, actor: Actor, now: datetime) -> FormProof:
    detail = queries.form_detail(session, form_id, body_id=actor.body_id)
    form = detail.form
    known = names(session, _people(form.drawn_by, form.approved_by))
    body = accounts.body_of(session, form.body_id)
    position = editions.require_usable(editions.edition(editions.DEFAULT_EDITION)).position(form.position)
    pictures = queries.pictures_of(session, detail)
    return FormProof(
        body=Bilingual(body.name_kk, body.name_ru),
        position=Bilingual(position.kk, position.ru),
        number=str(form.number),
        areas=[ProofArea(code=area.code, title=Bilingual(area.name.kk, area.name.ru)) for area in detail.areas],
        questions=[_proof_question(row, pictures) for row in detail.rows],
        form_hash=form.items_hash,
        seed=form.seed,
        drawn_by=known[form.drawn_by],
        drawn_at=form.drawn_at,
        approved_by=known[form.approved_by] if form.approved_by else None,
        approved_at=form.approved_at,
        printed_by=actor.name,
        printed_at=now,
        serial=f"{form.number}-{copy}",
    )


def _proof_question(row: FormRow, pictures: dict[str, bytes]) -> ProofQuestion:
    content = row.content
    return ProofQuestion(
        code=row.code,
        area=row.area,
        kk=markup.to_blocks(content.stem.kk),
        ru=markup.to_blocks(content.stem.ru),
        options=[
            ProofOption(
                kk=markup.to_blocks(option.text.kk), ru=markup.to_blocks(option.text.ru), correct=option.correct
            )
            for option in content.options
        ],
        pictures=[
            Picture(png=pictures[each.sha256], alt=Bilingual(each.alt.kk, each.alt.ru)) for each in content.pictures
        ],
    )


def say(refusal: Refusal) -> None:
    """Show a refusal on the next page."""
    flash(words_for(refusal), "bad")


def withdraw_form(database: Database, *, form_id: int, actor: Actor, now: datetime, back: str) -> ResponseReturnValue:
    """The page that asks for the reason, and the deed itself; then back to the form."""
    with database.reading() as session:
        form = queries.form_of(session, form_id, body_id=actor.body_id)
        number, position = form.number, form.position
    typed = WithdrawForm()
    if typed.validate_on_submit():
        try:
            with database.transaction() as session:
                actions.withdraw_form(session, form_id=form_id, reason=typed.reason.data or "", actor=actor, now=now)
        except Refusal as refusal:
            if refusal.field != "reason":
                say(refusal)
                return redirect(back)
            typed.reason.errors = [words_for(refusal)]
        else:
            flash(_("Form %(number)s is withdrawn.", number=number), "good")
            return redirect(back)
    text = page(
        "assembly/form_withdraw.html",
        form=typed,
        title=_("Withdraw form %(number)s", number=number),
        deed=_(
            "No sitting will hand out this form any more. Attempts that already hold it are finished and scored by it."
        ),
        final=_("A withdrawn form does not come back. The reason is kept in the record."),
        button=_("Withdraw"),
        kind="danger",
        facts=[(_("Position"), position_title(position))],
        cancel_url=back,
    )
    return text, 422 if typed.is_submitted() else 200
