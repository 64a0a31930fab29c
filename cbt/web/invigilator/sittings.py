"""Pages of sittings: the list, the plan, one sitting, and its opening, closing and cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from cbt.assembly.models import Form as TestForm
from cbt.assembly.queries import positions, usable_forms
from cbt.delivery import queries
from cbt.delivery.actions import planning
from cbt.delivery.actions.entering import DOORS
from cbt.delivery.models import Sitting
from cbt.delivery.queries import ListedSitting
from cbt.delivery.typed import folded
from cbt.errors import Refusal
from cbt.i18n import format_day, local_day
from cbt.regulation import editions
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.invigilator import people, words
from cbt.web.invigilator.blueprint import MANAGE, READ, ROOM, SITTING, blueprint, own_sitting, sitting_page
from cbt.web.invigilator.forms import CancelForm, ConfirmForm, PlanForm, blame, plan_form
from cbt.web.messages import STATUS
from cbt.web.pages import PAGE_SIZE, current_locale, page, paged_list, position_title

# Which tab a sitting is on; a planned one whose window has passed is past.
TABS = ("upcoming", "open", "past")


@blueprint.get("/sittings")
@permit(READ)
def sittings() -> str:
    with database().reading() as db:
        every = queries.sittings_of(db, body_id=actor().body_id)
    by_tab: dict[str, list[ListedSitting]] = {tab: [] for tab in TABS}
    for row in every:
        by_tab[_tab(row.sitting, now())].append(row)
    by_tab["upcoming"].reverse()
    asked = request.args.get("when", "")
    when = asked if asked in TABS else next((tab for tab in ("open", "upcoming", "past") if by_tab[tab]), "upcoming")
    sought, position = request.args.get("q", "").strip(), request.args.get("position", "")
    found = [
        row
        for row in by_tab[when]
        if folded(sought) in folded(f"{row.sitting.place_kk} {row.sitting.place_ru} {row.sitting.supervisor}")
        and (not position or position in row.positions)
    ]
    return page(
        "invigilator/sittings.html",
        sittings=paged_list(found),
        when=when,
        counts={tab: len(rows) for tab, rows in by_tab.items()},
        sought=sought,
        position=position,
        positions=[("", _("All positions")), *((each, position_title(each)) for each in positions())],
        has_search=len(by_tab[when]) > PAGE_SIZE or bool(sought or position),
        words=words,
        may=actor().permissions,
    )


def _tab(sitting: Sitting, at: datetime) -> str:
    if sitting.state == "open":
        return "open"
    return "upcoming" if sitting.state == "planned" and sitting.closes_at > at else "past"


# The plan


@blueprint.route("/sittings/new", methods=["GET", "POST"])
@permit(MANAGE)
def plan() -> ResponseReturnValue:
    with database().reading() as db:
        form = plan_form(_usable(db), label=_form_label, sitting=None, chosen=())
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                sitting = planning.plan_sitting(db, plan=form.plan(), actor=actor(), now=now())
        except Refusal as refusal:
            return _plan_refused(form, refusal, None)
        flash(_("The sitting is planned. Now put the candidates on its list."))
        return redirect(url_for("invigilator.sitting", sitting_id=sitting.id))
    return page("invigilator/plan.html", form=form, sitting=None), 422 if form.is_submitted() else 200


@blueprint.route(f"{SITTING}/edit", methods=["GET", "POST"])
@permit(MANAGE)
def edit(sitting_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        sitting = own_sitting(db, sitting_id)
        chosen = [form.id for form in queries.forms_of(db, sitting.id)]
        form = plan_form(_usable(db), label=_form_label, sitting=sitting, chosen=chosen)
    if sitting.state != "planned":
        raise Refusal("move_not_allowed")
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                sitting = own_sitting(db, sitting_id)
                planning.edit_sitting(db, sitting=sitting, plan=form.plan(), actor=actor(), now=now())
        except Refusal as refusal:
            return _plan_refused(form, refusal, sitting)
        flash(_("The plan is changed."))
        return redirect(url_for("invigilator.sitting", sitting_id=sitting_id))
    return page("invigilator/plan.html", form=form, sitting=sitting), 422 if form.is_submitted() else 200


def _usable(db: Session) -> list[tuple[str, str, Sequence[TestForm]]]:
    found = [(each, position_title(each), usable_forms(db, body_id=actor().body_id, position=each)) for each in positions()]
    return [row for row in found if row[2]]


def _form_label(form: TestForm) -> str:
    day = format_day(local_day(form.approved_at), current_locale()) if form.approved_at else ""
    return _("Form %(number)s, approved on %(day)s", number=form.number, day=day)


def _plan_refused(form: PlanForm, refusal: Refusal, sitting: Sitting | None) -> ResponseReturnValue:
    boxes = form.boxes()
    blame(form, refusal, field=boxes[0].name if refusal.field == "forms" and boxes else None)
    return page("invigilator/plan.html", form=form, sitting=sitting), STATUS.get(refusal.code, 422)


# One sitting


@blueprint.get(SITTING)
@permit(READ)
def sitting(sitting_id: int) -> str:
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
        forms = queries.forms_of(db, found.id)
        listed = paged_list(people.sought(everybody))
        progress = queries.progress_of(db, [row.attempt_id for row in listed.items if row.attempt_id])
    return sitting_page(
        "invigilator/sitting.html",
        sitting=found,
        state_words=words.SITTING_STATES[found.state],
        forms_words="; ".join(_forms_words(forms)),
        rules_words=_rules_words(found),
        people=listed,
        shown=people.shown(listed.items, progress),
        everybody=len(everybody),
        figures=people.figures(everybody),
        without_slip=sum(row.standing == "no_code" for row in everybody),
        is_past=now() >= found.closes_at,
        is_near=now() >= found.opens_at - DOORS,
        **people.filters(everybody),
    )


def _forms_words(forms: Sequence[TestForm]) -> list[str]:
    """Each position with the numbers of its forms."""
    numbers: dict[str, list[str]] = {}
    for form in forms:
        numbers.setdefault(form.position, []).append(str(form.number))
    return [f"{position_title(position)}: № {', '.join(each)}" for position, each in numbers.items()]


def _rules_words(sitting: Sitting) -> str:
    """The act the test is held under. Source: AR r.11 (R-024)."""
    rules = editions.require_usable(editions.edition(sitting.edition))
    title = rules.title.ru if current_locale() == "ru" else rules.title.kk
    return f"{title} (№ {rules.act})"


# Deeds on a sitting


@blueprint.route(f"{SITTING}/open", methods=["GET", "POST"])
@permit(ROOM)
def open_(sitting_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                planning.open_sitting(db, sitting=own_sitting(db, sitting_id), actor=actor(), now=now())
        except Refusal as refusal:
            status = _refused(form, refusal)
        else:
            flash(_("The sitting is open."))
            return redirect(url_for("invigilator.room", sitting_id=sitting_id))
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
    return sitting_page(
        "invigilator/open.html",
        sitting=found,
        form=form,
        everybody=len(everybody),
        without_slip=sum(row.standing == "no_code" for row in everybody),
    ), status


@blueprint.route(f"{SITTING}/close", methods=["GET", "POST"])
@permit(ROOM)
def close(sitting_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                planning.close_sitting(db, sitting=own_sitting(db, sitting_id), actor=actor(), now=now())
        except Refusal as refusal:
            status = _refused(form, refusal)
        else:
            flash(_("The sitting is closed."))
            return redirect(url_for("invigilator.sitting", sitting_id=sitting_id))
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
    return sitting_page(
        "invigilator/close.html", sitting=found, form=form, figures=people.figures(everybody)
    ), status


@blueprint.route(f"{SITTING}/cancel", methods=["GET", "POST"])
@permit(MANAGE)
def cancel(sitting_id: int) -> ResponseReturnValue:
    form = CancelForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                found = own_sitting(db, sitting_id)
                planning.cancel_sitting(db, sitting=found, reason=form.reason.data or "", actor=actor(), now=now())
        except Refusal as refusal:
            status = _refused(form, refusal)
        else:
            flash(_("The sitting is cancelled."))
            return redirect(url_for("invigilator.sitting", sitting_id=sitting_id))
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
    return sitting_page("invigilator/cancel.html", sitting=found, form=form, everybody=len(everybody)), status


def _refused(form: ConfirmForm | CancelForm, refusal: Refusal) -> int:
    if refusal.code == "unknown":
        raise refusal
    blame(form, refusal)
    return STATUS.get(refusal.code, 422)
