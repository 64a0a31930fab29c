"""Blueprints and forms of an author's body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import FieldList, Form, FormField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from cbt.assembly import actions, models, plan, queries
from cbt.assembly.queries import AreaDepth
from cbt.bank.content import Text, tidy_line
from cbt.bank.formats.blueprint import Area, items_in_a_form
from cbt.errors import Refusal
from cbt.web import form_pages
from cbt.web.author.blueprint import blueprint
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.messages import words_for
from cbt.web.pages import page, paged_list, position_title

PLAN, DRAW = "assembly:blueprint:write", "assembly:form:draw"
_LONGEST_NAME = 300


class AreaForm(Form):
    """One area of a blueprint."""

    code = HiddenField()
    kk = TextAreaField(
        _l("Қазақша"), validators=[DataRequired(_l("Write the name in Kazakh.")), Length(max=_LONGEST_NAME)]
    )
    ru = TextAreaField(
        _l("Русский"), validators=[DataRequired(_l("Write the name in Russian.")), Length(max=_LONGEST_NAME)]
    )
    items = IntegerField(
        _l("Questions in a form"),
        validators=[
            InputRequired(_l("Write how many questions of this area a form has.")),
            NumberRange(min=1, max=items_in_a_form(), message=_l("Write a whole number from 1 to 80.")),
        ],
    )


class BlueprintForm(FlaskForm):
    areas = FieldList(FormField(AreaForm), max_entries=30)

    def typed(self) -> list[Area]:
        return [
            Area(
                code=entry.code.data or "",
                name=Text(kk=tidy_line(entry.kk.data), ru=tidy_line(entry.ru.data)),
                items=entry.items.data,
            )
            for entry in self.areas
        ]


class DrawForm(FlaskForm):
    position = SelectField(_l("Position"))
    number_of_forms = IntegerField(
        _l("Number of parallel forms"),
        default=2,
        validators=[
            InputRequired(_l("Write how many forms to draw.")),
            NumberRange(min=1, max=actions.MOST_FORMS, message=_l("One draw makes 1 to 10 forms.")),
        ],
    )
    seed = StringField(_l("Seed"), validators=[Optional()])


@dataclass(frozen=True, kw_only=True)
class PositionRow:
    """What a position has for its tests: a blueprint, a bank, forms."""

    position: str
    blueprint: models.Blueprint | None
    drafts: int
    approved: int
    short_areas: int
    forms: Counter[str]


# Blueprints


@blueprint.get("/blueprints", endpoint="blueprints")
@permit(DRAW)
def overview() -> str:
    with database().reading() as db:
        return page("author/blueprints.html", rows=[_position_row(db, each) for each in queries.positions()])


def _position_row(db: Session, position: str) -> PositionRow:
    body_id = actor().body_id
    current = queries.current_blueprint(db, body_id=body_id, position=position)
    depth = _depth(db, position, current)
    return PositionRow(
        position=position,
        blueprint=current,
        drafts=len(queries.blueprints(db, body_id=body_id, position=position, states=("drafted",))),
        approved=sum(row.approved for row in depth),
        short_areas=sum(row.short > 0 for row in depth),
        forms=Counter(form.state for form in queries.forms(db, body_id=body_id, position=position)),
    )


def _depth(db: Session, position: str, planned: models.Blueprint | None) -> Sequence[AreaDepth]:
    """The bank against a blueprint, or against the areas of the product where there is none yet."""
    areas = plan.read_areas(planned.areas) if planned else plan.standard_areas(position)
    return queries.depth(db, body_id=actor().body_id, position=position, areas=areas)


@blueprint.get("/blueprints/<position>")
@permit(DRAW)
def position(position: str) -> str:
    """The blueprint of a position, the depth of its bank, its forms."""
    _require_position(position)
    body_id = actor().body_id
    with database().reading() as db:
        current = queries.current_blueprint(db, body_id=body_id, position=position)
        blueprints = queries.blueprints(db, body_id=body_id, position=position)
        return page(
            "author/position.html",
            position=position,
            current=current,
            rows=form_pages.depth_rows(_depth(db, position, current)),
            facts=form_pages.blueprint_facts(db, current) if current else [],
            drafts=[each for each in blueprints if each.state == "drafted"],
            others=[each for each in blueprints if each.state != "drafted" and each is not current],
            forms=paged_list(queries.forms(db, body_id=body_id, position=position)),
            words=form_pages,
        )


def _require_position(position: str) -> None:
    if position not in queries.positions():
        abort(404)


@blueprint.route("/blueprints/<position>/new", methods=["GET", "POST"])
@permit(PLAN)
def draft_blueprint(position: str) -> ResponseReturnValue:
    """A new draft that begins with the blueprint in force, or with the areas of the product."""
    _require_position(position)
    with database().reading() as db:
        current = queries.current_blueprint(db, body_id=actor().body_id, position=position)
        areas = plan.read_areas(current.areas) if current else plan.standard_areas(position)
    form = _blueprint_form(areas)
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                drafted = actions.draft_blueprint(db, position=position, areas=form.typed(), actor=actor(), now=now())
        except Refusal as refusal:
            form.form_errors.append(words_for(refusal))
        else:
            flash(_("Blueprint %(number)s is drafted. Another person approves it.", number=drafted.number), "good")
            return redirect(url_for("author.blueprint_page", blueprint_id=drafted.id))
    return _blueprint_form_page(
        form, title=_("New blueprint"), position=position, cancel_url=url_for("author.position", position=position)
    )


def _blueprint_form(areas: Sequence[Area]) -> BlueprintForm:
    rows = [{"code": area.code, "kk": area.name.kk, "ru": area.name.ru, "items": area.items} for area in areas]
    return BlueprintForm(data={"areas": rows})


def _blueprint_form_page(form: BlueprintForm, *, title: str, position: str, cancel_url: str) -> ResponseReturnValue:
    total = sum(entry.items.data or 0 for entry in form.areas)
    text = page(
        "author/blueprint_form.html",
        form=form,
        title=title,
        position=position,
        cancel_url=cancel_url,
        total=total,
        needed=items_in_a_form(),
    )
    return text, 422 if form.is_submitted() else 200


@blueprint.get("/blueprints/<int:blueprint_id>")
@permit(DRAW)
def blueprint_page(blueprint_id: int) -> str:
    with database().reading() as db:
        shown = queries.blueprint_of(db, blueprint_id, body_id=actor().body_id)
        current = queries.current_blueprint(db, body_id=actor().body_id, position=shown.position)
        return page(
            "author/blueprint.html",
            blueprint=shown,
            is_current=current is shown,
            is_mine=shown.author_id == actor().account_id,
            rows=form_pages.depth_rows(_depth(db, shown.position, shown)),
            facts=form_pages.blueprint_facts(db, shown),
            words=form_pages,
        )


@blueprint.route("/blueprints/<int:blueprint_id>/edit", methods=["GET", "POST"])
@permit(PLAN)
def edit_blueprint(blueprint_id: int) -> ResponseReturnValue:
    back = url_for("author.blueprint_page", blueprint_id=blueprint_id)
    with database().reading() as db:
        shown = queries.blueprint_of(db, blueprint_id, body_id=actor().body_id)
        number, position, areas = shown.number, shown.position, plan.read_areas(shown.areas)
    form = _blueprint_form(areas)
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                actions.edit_blueprint(db, blueprint_id=blueprint_id, areas=form.typed(), actor=actor(), now=now())
        except Refusal as refusal:
            form.form_errors.append(words_for(refusal))
        else:
            flash(_("The changes are saved."), "good")
            return redirect(back)
    return _blueprint_form_page(
        form, title=_("Change blueprint %(number)s", number=number), position=position, cancel_url=back
    )


@blueprint.route("/blueprints/<int:blueprint_id>/withdraw", methods=["GET", "POST"])
@permit(PLAN)
def withdraw_blueprint(blueprint_id: int) -> ResponseReturnValue:
    back = url_for("author.blueprint_page", blueprint_id=blueprint_id)
    with database().reading() as db:
        shown = queries.blueprint_of(db, blueprint_id, body_id=actor().body_id)
        number, position = shown.number, shown.position
    if request.method == "GET":
        return page(
            "confirm.html",
            title=_("Withdraw blueprint %(number)s", number=number),
            deed=_("No form will be drawn by this blueprint, and forms that wait for approval cannot be approved."),
            final=_("A withdrawn blueprint does not come back. Approved forms stay as they are."),
            button=_("Withdraw"),
            kind="danger",
            facts=[(_("Position"), position_title(position))],
            cancel_url=back,
        )
    try:
        with database().transaction() as db:
            actions.withdraw_blueprint(db, blueprint_id=blueprint_id, actor=actor(), now=now())
    except Refusal as refusal:
        form_pages.say(refusal)
    else:
        flash(_("Blueprint %(number)s is withdrawn.", number=number), "good")
    return redirect(back)


# Forms


@blueprint.route("/blueprints/forms/draw", methods=["GET", "POST"])
@permit(DRAW)
def draw_forms() -> ResponseReturnValue:
    form = DrawForm(position=request.args.get("position"))
    form.position.choices = [(each, position_title(each)) for each in queries.positions()]
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                drawn = actions.draw_forms(
                    db,
                    position=form.position.data,
                    number_of_forms=form.number_of_forms.data or 0,
                    seed=(form.seed.data or "").strip() or None,
                    actor=actor(),
                    now=now(),
                )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            flash(ngettext("%(num)s form is drawn.", "%(num)s forms are drawn.", len(drawn)), "good")
            return redirect(url_for("author.drawn_forms", form_id=drawn[0].id))
    return page("author/form_draw.html", form=form), 422 if form.is_submitted() else 200


def _blame(form: DrawForm, refusal: Refusal) -> None:
    """The words of a refusal beside the field it is about, or over the form."""
    if refusal.field in form:
        form[refusal.field].errors = [words_for(refusal)]
    else:
        form.form_errors.append(words_for(refusal))


@blueprint.get("/blueprints/forms/<int:form_id>/drawn")
@permit(DRAW)
def drawn_forms(form_id: int) -> str:
    """What one draw gave: its forms, and how many questions each two of them share."""
    with database().reading() as db:
        shown = queries.form_of(db, form_id, body_id=actor().body_id)
        forms = queries.drawn_together(db, shown)
        return page(
            "author/form_drawn.html",
            first=forms[0],
            forms=forms,
            columns=[_("Form"), *({"label": _("Form %(number)s", number=form.number), "num": True} for form in forms)],
            shared=queries.overlaps(db, [form.id for form in forms]),
            needed=items_in_a_form(),
            words=form_pages,
        )


@blueprint.get("/blueprints/forms/<int:form_id>")
@permit(DRAW)
def form_page(form_id: int) -> str:
    with database().reading() as db:
        detail = queries.form_detail(db, form_id, body_id=actor().body_id)
        return page(
            "author/form.html",
            form=detail.form,
            facts=form_pages.form_facts(db, detail.form, detail.blueprint),
            questions=form_pages.shown_questions(detail.rows),
            mix=form_pages.mix(detail),
            difficulties=form_pages.difficulty_rows(detail),
            others=queries.shared_with_others(db, detail.form),
            left=queries.items_left_bank(db, detail.form, detail.rows),
            words=form_pages,
        )


@blueprint.post("/blueprints/forms/<int:form_id>/proof")
@permit(DRAW)
def print_proof(form_id: int) -> Response:
    return form_pages.proof_response(database(), form_id=form_id, actor=actor(), now=now())


@blueprint.route("/blueprints/forms/<int:form_id>/withdraw", methods=["GET", "POST"])
@permit(DRAW)
def withdraw_form(form_id: int) -> ResponseReturnValue:
    return form_pages.withdraw_form(
        database(), form_id=form_id, actor=actor(), now=now(), back=url_for("author.form_page", form_id=form_id)
    )
