"""Blueprints and forms that wait for another person's approval."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cbt.assembly import actions, plan, queries
from cbt.errors import Refusal
from cbt.web import form_pages
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.pages import page, paged_list, position_title
from cbt.web.reviewer.blueprint import blueprint

APPROVE, APPROVE_PLAN = "assembly:form:approve", "assembly:blueprint:approve"


@blueprint.get("/forms", endpoint="forms")
@permit(APPROVE)
def form_list() -> str:
    """What waits, or everything that was decided."""
    is_waiting = request.args.get("show") != "decided"
    states = ("drafted",) if is_waiting else ("approved", "in_use", "withdrawn")
    with database().reading() as db:
        blueprints = queries.blueprints(db, body_id=actor().body_id, states=states)
        forms = queries.forms(db, body_id=actor().body_id, states=states)
        return page(
            "reviewer/forms.html",
            is_waiting=is_waiting,
            blueprints=blueprints,
            forms=paged_list(forms),
            names=form_pages.names(db, [*(each.author_id for each in blueprints), *(each.drawn_by for each in forms)]),
            me=actor().account_id,
            words=form_pages,
        )


@blueprint.get("/forms/blueprints/<int:blueprint_id>")
@permit(APPROVE_PLAN)
def blueprint_page(blueprint_id: int) -> str:
    with database().reading() as db:
        shown = queries.blueprint_of(db, blueprint_id, body_id=actor().body_id)
        areas = plan.read_areas(shown.areas)
        depth = queries.depth(db, body_id=actor().body_id, position=shown.position, areas=areas)
        before = queries.current_blueprint(db, body_id=actor().body_id, position=shown.position)
        return page(
            "reviewer/blueprint.html",
            blueprint=shown,
            seen=plan.areas_hash(shown.areas),
            is_mine=shown.author_id == actor().account_id,
            rows=form_pages.depth_rows(depth),
            before=None if before is None or before is shown else before,
            facts=form_pages.blueprint_facts(db, shown),
            words=form_pages,
        )


@blueprint.route("/forms/blueprints/<int:blueprint_id>/approve", methods=["GET", "POST"])
@permit(APPROVE_PLAN)
def approve_blueprint(blueprint_id: int) -> ResponseReturnValue:
    """The deed is bound to the areas that stood on the page where it was decided."""
    back = url_for("reviewer.blueprint_page", blueprint_id=blueprint_id)
    with database().reading() as db:
        shown = queries.blueprint_of(db, blueprint_id, body_id=actor().body_id)
        number, position = shown.number, shown.position
    if request.method == "GET":
        return page(
            "confirm.html",
            title=_("Approve blueprint %(number)s", number=number),
            deed=_("From now on, forms for this position are drawn by this blueprint."),
            final=_("An approved blueprint cannot be changed any more: other numbers need a new blueprint."),
            button=_("Approve"),
            facts=[(_("Position"), position_title(position))],
            fields={"seen": request.args.get("seen", "")},
            cancel_url=back,
        )
    try:
        with database().transaction() as db:
            actions.approve_blueprint(
                db,
                blueprint_id=blueprint_id,
                areas_hash=request.form.get("seen", ""),
                actor=actor(),
                now=now(),
            )
    except Refusal as refusal:
        form_pages.say(refusal)
        return redirect(back)
    flash(_("Blueprint %(number)s is approved.", number=number), "good")
    return redirect(url_for("reviewer.forms"))


@blueprint.get("/forms/<int:form_id>")
@permit(APPROVE)
def form_page(form_id: int) -> str:
    """The whole form in both languages with its key."""
    with database().reading() as db:
        detail = queries.form_detail(db, form_id, body_id=actor().body_id)
        is_waiting = detail.form.state == "drafted"
        return page(
            "reviewer/form.html",
            form=detail.form,
            areas=detail.areas,
            facts=form_pages.form_facts(db, detail.form, detail.blueprint),
            questions=form_pages.shown_questions(detail.rows),
            mix=form_pages.mix(detail),
            difficulties=form_pages.difficulty_rows(detail),
            others=queries.shared_with_others(db, detail.form),
            hindrances=form_pages.hindrances(db, detail, actor()) if is_waiting else [],
            words=form_pages,
        )


@blueprint.route("/forms/<int:form_id>/approve", methods=["GET", "POST"])
@permit(APPROVE)
def approve_form(form_id: int) -> ResponseReturnValue:
    """The deed is bound to the questions that stood on the page where it was decided."""
    back = url_for("reviewer.form_page", form_id=form_id)
    with database().reading() as db:
        shown = queries.form_of(db, form_id, body_id=actor().body_id)
        number, position = shown.number, shown.position
    if request.method == "GET":
        return page(
            "confirm.html",
            title=_("Approve form %(number)s", number=number),
            deed=_("The form is frozen with its 80 questions in both languages, and sittings may hand it out."),
            final=_("An approved form cannot be changed any more: it can only be withdrawn and another one drawn."),
            button=_("Approve"),
            facts=[
                (_("Position"), position_title(position)),
                (_("Hash of the questions"), form_pages.code(request.args.get("seen", ""))),
            ],
            fields={"seen": request.args.get("seen", "")},
            cancel_url=back,
        )
    try:
        with database().transaction() as db:
            actions.approve_form(db, form_id=form_id, items_hash=request.form.get("seen", ""), actor=actor(), now=now())
    except Refusal as refusal:
        form_pages.say(refusal)
        return redirect(back)
    flash(_("Form %(number)s is approved. Sittings may hand it out.", number=number), "good")
    return redirect(url_for("reviewer.forms"))


@blueprint.post("/forms/<int:form_id>/proof")
@permit(APPROVE)
def print_proof(form_id: int) -> Response:
    return form_pages.proof_response(database(), form_id=form_id, actor=actor(), now=now())


@blueprint.route("/forms/<int:form_id>/withdraw", methods=["GET", "POST"])
@permit(APPROVE)
def withdraw_form(form_id: int) -> ResponseReturnValue:
    return form_pages.withdraw_form(
        database(), form_id=form_id, actor=actor(), now=now(), back=url_for("reviewer.form_page", form_id=form_id)
    )
