"""Authors' questions: the list, writing, submitting, versions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from cbt.accounts import queries as accounts
from cbt.bank import queries, queries_adoption
from cbt.bank.actions import authoring, pictures, reviewing
from cbt.bank.content import parse
from cbt.bank.images import LARGEST_FILE
from cbt.bank.models import Item, ItemVersion
from cbt.errors import Refusal
from cbt.regulation.lifecycle import ITEM_VERSION, allowed_deeds
from cbt.web import bank_filters, bank_pages
from cbt.web.author.blueprint import blueprint
from cbt.web.author.item_form import ItemForm, bars_a_draft
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.messages import words_for
from cbt.web.pages import page, paged

WRITE = "bank:item:write"
Keep = Callable[[Session], ItemVersion]


@blueprint.get("/items", endpoint="items")
@permit(WRITE)
def item_list() -> str:
    filters = bank_filters.filters_asked()
    body_id = actor().body_id
    with database().reading() as db:
        rows = paged(
            queries.count_items(db, body_id=body_id, filters=filters),
            lambda limit, offset: queries.items_page(db, body_id=body_id, filters=filters, limit=limit, offset=offset),
        )
        return page(
            "author/items.html",
            rows=rows,
            names=accounts.names_of(db, {row.version.author_id for row in rows.items}),
            origins=queries_adoption.origins_of(db, (row.version.id for row in rows.items)),
            filters=filters,
            is_filtered=bool(bank_filters.in_address(filters)),
            progress=bank_pages.progress(db, body_id=body_id, position=filters.position),
            authors=bank_filters.author_choices(db, actor()),
            choices=bank_filters,
            words=bank_pages,
        )


# Writing


@blueprint.route("/items/new", methods=["GET", "POST"])
@permit(WRITE)
def new_item() -> ResponseReturnValue:
    if request.method == "GET":
        form = ItemForm.blank(place=f"{request.args.get('position', '')}:{request.args.get('area', '')}")
        return _form_page(form, None, None)
    form = ItemForm()

    def keep(db: Session) -> ItemVersion:
        return authoring.create_item(
            db, position=form.position, area=form.area, content=form.content(), client_key=form.key, actor=actor(),
            now=now(),
        )  # fmt: skip

    return _keep(form, keep, None, None)


@blueprint.route("/items/<int:item_id>/edit", methods=["GET", "POST"])
@permit(WRITE)
def edit_item(item_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        item, version = _newest(db, item_id)
    if request.method == "GET":
        if "edit" not in allowed_deeds(ITEM_VERSION, version.state):
            return redirect(url_for("author.item", item_id=item_id))
        content = parse(version.content)
        form = ItemForm.of(content, position=item.position, area=item.area, seen_hash=version.content_hash)
        return _form_page(form, item, version)
    form = ItemForm(position=item.position)

    def keep(db: Session) -> ItemVersion:
        return authoring.edit_draft(
            db, version_id=version.id, seen_hash=form.seen_hash.data or "", content=form.content(), area=form.area,
            actor=actor(), now=now(),
        )  # fmt: skip

    return _keep(form, keep, item, version)


def _keep(form: ItemForm, keep: Keep, item: Item | None, version: ItemVersion | None) -> ResponseReturnValue:
    """Do what the pressed button says, or show the form again with all that was typed."""
    deed = request.form.get("deed", "save")
    if _took_no_picture(form):
        return _form_page(form, item, version), 422
    if deed == "add_option":
        form.add_option()
        return _form_page(form, item, version)
    problems = form.problems()
    if any(problem.severity == "error" and (deed == "submit" or bars_a_draft(problem)) for problem in problems):
        form.blame(problems)
        return _form_page(form, item, version), 422
    try:
        with database().transaction() as db:
            kept = keep(db)
            if deed == "submit":
                authoring.submit(db, version_id=kept.id, actor=actor(), now=now())
    except Refusal as refusal:
        return _refused(form, refusal, item)
    flash(_("The question is handed in for approval.") if deed == "submit" else _("The draft is saved."), "good")
    return redirect(url_for("author.item", item_id=kept.item_id))


def _refused(form: ItemForm, refusal: Refusal, item: Item | None) -> ResponseReturnValue:
    """The form again: what was typed stays, and where another person was faster, their text is a link away."""
    if refusal.code == "unknown":
        raise refusal
    if refusal.field:
        form.say(refusal.field, words_for(refusal))
        return _form_page(form, item, None), 422
    current = None
    if item is not None:
        with database().reading() as db:
            current = queries.versions_of(db, item.id)[-1]
        # Whoever has read the newer text may save over it: from here on that text is the one they saw.
        form.seen_hash.data = current.content_hash
    form.form_errors = [words_for(refusal)]
    return _form_page(form, item, current, is_stale=True), 409


def _took_no_picture(form: ItemForm) -> bool:
    """Take in the uploaded picture first, so that it stays when the form is shown again; True if it was refused."""
    upload = form.new_picture.data
    if not isinstance(upload, FileStorage) or not upload.filename:
        return False
    try:
        with database().transaction() as db:
            data = upload.stream.read(LARGEST_FILE + 1)
            form.add_picture(pictures.add_picture(db, data=data, actor=actor(), now=now()).sha256)
    except Refusal as refusal:
        form.say("pictures", words_for(refusal))
        return True
    return False


def _form_page(form: ItemForm, item: Item | None, version: ItemVersion | None, *, is_stale: bool = False) -> str:
    shown = {entry.form.sha256.data for entry in form.pictures.entries}
    with database().reading() as db:
        history = queries.history_of(db, item.id, body_id=item.body_id) if item else []
        return page(
            "author/item_form.html",
            form=form,
            item=item,
            version=version,
            is_stale=is_stale,
            area_is_fixed=item is not None and queries.was_approved(db, item.id),
            area_title=bank_pages.area_title(item.position, item.area) if item else "",
            warnings=[
                bank_pages.shown_problem(problem) for problem in form.problems() if problem.severity == "warning"
            ],
            field_of=form.field_of,
            reason=bank_pages.last_reason(history[-1]) if history else "",
            pictures=queries.pictures_of(db, shown, body_id=actor().body_id),
        )


# One question


@blueprint.get("/items/<int:item_id>")
@permit(WRITE)
def item(item_id: int) -> str:
    with database().reading() as db:
        row = queries.item_of(db, item_id, body_id=actor().body_id)
        history = queries.history_of(db, item_id, body_id=actor().body_id)
        chosen = _chosen(history, "version")
        content = chosen.content
        is_newest = chosen is history[-1]
        names, origins = bank_pages.names_in(db, history), bank_pages.origins_in(db, history)
        return page(
            "author/item.html",
            item=row,
            version=chosen.version,
            versions=[each.version for each in reversed(history)],
            is_newest=is_newest,
            deeds=_deeds(history, chosen),
            sides=bank_pages.sides_of(db, content, body_id=row.body_id),
            facts=bank_pages.facts_of(row, content),
            errors=bank_pages.problems_shown(content, "error"),
            warnings=bank_pages.problems_shown(content, "warning"),
            reason=bank_pages.last_reason(chosen),
            twins=queries.alike(db, row, content),
            origin=bank_pages.origin_of(history, chosen, origins, names),
            timeline_rows=bank_pages.timeline_of(history, names, origins),
            words=bank_pages,
        )


def _deeds(history: list[queries.VersionHistory], chosen: queries.VersionHistory) -> set[str]:
    """What an author may do with the version on the page."""
    deeds = set(allowed_deeds(ITEM_VERSION, chosen.version.state)) & {"edit", "submit", "retire"}
    if chosen is history[-1] and chosen.version.state == "approved":
        deeds.add("renew")
    return deeds


@blueprint.get("/items/<int:item_id>/preview")
@permit(WRITE)
def preview_item(item_id: int) -> str:
    """The question as a candidate sees it, without its key."""
    with database().reading() as db:
        row = queries.item_of(db, item_id, body_id=actor().body_id)
        chosen = _chosen(queries.history_of(db, item_id, body_id=actor().body_id), "version")
        return page(
            "author/item_preview.html",
            item=row,
            version=chosen.version,
            sides=bank_pages.sides_of(db, chosen.content, body_id=row.body_id),
        )


@blueprint.get("/items/<int:item_id>/compare")
@permit(WRITE)
def compare_item(item_id: int) -> str:
    with database().reading() as db:
        row = queries.item_of(db, item_id, body_id=actor().body_id)
        history = queries.history_of(db, item_id, body_id=actor().body_id)
    after = _chosen(history, "to")
    earlier = [each for each in history if each.version.number < after.version.number]
    before = _chosen(earlier or history, "from")
    return page(
        "author/item_compare.html",
        item=row,
        before=before.version,
        after=after.version,
        changes=bank_pages.changes(before.content, after.content),
    )


@blueprint.get("/pictures/<sha256>")
@permit(WRITE)
def picture(sha256: str) -> Response:
    with database().reading() as db:
        return bank_pages.picture_response(db, sha256, body_id=actor().body_id)


# Deeds


@blueprint.post("/items/<int:item_id>/submit")
@permit(WRITE)
def submit_item(item_id: int) -> ResponseReturnValue:
    with database().transaction() as db:
        _item, version = _newest(db, item_id)
        authoring.submit(db, version_id=version.id, actor=actor(), now=now())
    flash(_("The question is handed in for approval."), "good")
    return redirect(url_for("author.item", item_id=item_id))


@blueprint.route("/items/<int:item_id>/new-version", methods=["GET", "POST"])
@permit(WRITE)
def renew_item(item_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        row, version = _newest(db, item_id)
    if request.method == "GET":
        return page(
            "confirm.html",
            title=_("New version of question %(code)s", code=row.code),
            deed=_("A draft with the text of version %(number)s is opened for you to change.", number=version.number),
            final=_("The approved version stays in use until another person approves the new one."),
            button=_("Open a new version"),
            cancel_url=url_for("author.item", item_id=item_id),
        )
    with database().transaction() as db:
        authoring.open_new_version(db, item_id=item_id, actor=actor(), now=now())
    return redirect(url_for("author.edit_item", item_id=item_id))


@blueprint.route("/items/<int:item_id>/retire", methods=["GET", "POST"])
@permit(WRITE)
def retire_item(item_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        row = queries.item_of(db, item_id, body_id=actor().body_id)
        approved = [version for version in queries.versions_of(db, item_id) if version.state == "approved"]
    if not approved:
        return redirect(url_for("author.item", item_id=item_id))
    reason, problem = request.form.get("reason", ""), ""
    if request.method == "POST":
        try:
            with database().transaction() as db:
                reviewing.retire(db, version_id=approved[0].id, reason=reason, actor=actor(), now=now())
        except Refusal as refusal:
            if refusal.field != "reason":
                raise
            problem = words_for(refusal)
        else:
            flash(_("Question %(code)s is retired.", code=row.code), "good")
            return redirect(url_for("author.item", item_id=item_id))
    text = page("author/item_retire.html", item=row, version=approved[0], reason=reason, problem=problem)
    return text, 422 if problem else 200


def _newest(db: Session, item_id: int) -> tuple[Item, ItemVersion]:
    return queries.item_of(db, item_id, body_id=actor().body_id), queries.versions_of(db, item_id)[-1]


def _chosen(history: list[queries.VersionHistory], name: str) -> queries.VersionHistory:
    """The version whose number is in the address, else the newest. Refusal: unknown."""
    asked = request.args.get(name)
    if asked is None:
        return history[-1]
    for row in history:
        if str(row.version.number) == asked:
            return row
    raise Refusal("unknown")
