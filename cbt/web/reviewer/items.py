"""Questions that wait for approval by another person."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cbt.accounts import queries as accounts
from cbt.bank import queries, queries_adoption
from cbt.bank.actions import reviewing
from cbt.errors import Refusal
from cbt.web import bank_filters, bank_pages
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.messages import words_for
from cbt.web.pages import page, paged
from cbt.web.reviewer import lots
from cbt.web.reviewer.blueprint import blueprint

APPROVE = "bank:item:approve"


@blueprint.get("/queue")
@permit(APPROVE)
def queue() -> str:
    filters = bank_filters.filters_asked()
    body_id = actor().body_id
    with database().reading() as db:
        waiting = queries_adoption.waiting_lots(db, body_id=body_id)
        rows = paged(
            queries.count_queue(db, body_id=body_id, filters=filters),
            lambda limit, offset: queries.queue_page(db, body_id=body_id, filters=filters, limit=limit, offset=offset),
        )
        return page(
            "reviewer/items.html",
            rows=rows,
            names=accounts.names_of(db, {row.version.author_id for row in rows.items}),
            own=queries.touched_by(db, [row.version.id for row in rows.items], actor().account_id),
            origins=queries_adoption.origins_of(db, (row.version.id for row in rows.items)),
            lots=waiting,
            is_own_lot=lots.is_own,
            next_id=queries.next_in_queue(
                db,
                body_id=body_id,
                filters=filters,
                reviewer_id=actor().account_id,
                passed_over={row.version.id for lot in waiting for row in lot.rest},
            ),
            filters=filters,
            is_filtered=bool(bank_filters.in_address(filters)),
            kept=bank_filters.in_address(filters),
            authors=bank_filters.author_choices(db, actor()),
            choices=bank_filters,
            words=bank_pages,
        )


@blueprint.get("/items/<int:version_id>", endpoint="item")
@permit(APPROVE)
def review_item(version_id: int) -> str:
    return _review_page(version_id)


def _review_page(version_id: int, *, reason: str = "", problem: str = "") -> str:
    with database().reading() as db:
        version = queries.version_of(db, version_id, body_id=actor().body_id)
        row = queries.item_of(db, version.item_id, body_id=actor().body_id)
        history = queries.history_of(db, row.id, body_id=row.body_id)
        chosen = next(each for each in history if each.version.id == version_id)
        content = chosen.content
        approved = [each for each in history if each.version.state == "approved" and each is not chosen]
        names, origins = bank_pages.names_in(db, history), bank_pages.origins_in(db, history)
        kept = lots.kept_in_address()
        lot = lots.lot_in(db, kept, version_id=version_id)
        return page(
            "reviewer/item.html",
            item=row,
            version=version,
            kept=kept,
            lot=lot,
            is_in_sample=lot is not None and any(each.version.id == version_id for each in lot.sample),
            way_on=lots.way_on(lot, kept),
            is_waiting=version.state == "submitted",
            is_own=version_id in queries.touched_by(db, [version_id], actor().account_id),
            sides=bank_pages.sides_of(db, content, body_id=row.body_id),
            facts=bank_pages.facts_of(row, content),
            warnings=bank_pages.problems_shown(content, "warning"),
            twins=queries.alike(db, row, content),
            approved=approved[0].version if approved else None,
            changes=bank_pages.changes(approved[0].content, content) if approved else [],
            origin=bank_pages.origin_of(history, chosen, origins, names),
            timeline_rows=bank_pages.timeline_of(history, names, origins),
            reason=reason,
            problem=problem,
            words=bank_pages,
        )


@blueprint.get("/items/<int:version_id>/preview")
@permit(APPROVE)
def preview_item(version_id: int) -> str:
    """The question as a candidate sees it, without its key."""
    with database().reading() as db:
        version = queries.version_of(db, version_id, body_id=actor().body_id)
        row = queries.item_of(db, version.item_id, body_id=actor().body_id)
        content = queries.contents_of(db, [version_id])[version_id]
        return page(
            "reviewer/item_preview.html",
            item=row,
            version=version,
            kept=lots.kept_in_address(),
            sides=bank_pages.sides_of(db, content, body_id=row.body_id),
        )


@blueprint.get("/pictures/<sha256>")
@permit(APPROVE)
def picture(sha256: str) -> Response:
    with database().reading() as db:
        return bank_pages.picture_response(db, sha256, body_id=actor().body_id)


@blueprint.route("/items/<int:version_id>/approve", methods=["GET", "POST"])
@permit(APPROVE)
def approve_item(version_id: int) -> ResponseReturnValue:
    """The deed is bound to the hash and the area that stood on the page where it was decided."""
    kept = lots.kept_in_address()
    with database().reading() as db:
        version = queries.version_of(db, version_id, body_id=actor().body_id)
        row = queries.item_of(db, version.item_id, body_id=actor().body_id)
    if request.method == "GET":
        return page(
            "confirm.html",
            title=_("Approve question %(code)s", code=row.code),
            deed=_(
                "Version %(number)s enters the bank in both languages and may be drawn into tests.",
                number=version.number,
            ),
            final=_("An approved version cannot be changed any more: a correction needs a new version."),
            button=_("Approve"),
            facts=[(_("Question"), bank_pages.first_words(queries.content_of(version)))],
            # What the reviewer looked at comes from the page with the question, not from the database of this moment.
            fields={name: request.args.get(name, "") for name in ("content_hash", "area_seen")},
            action_url=url_for("reviewer.approve_item", version_id=version_id, **kept),
            cancel_url=url_for("reviewer.item", version_id=version_id, **kept),
        )
    try:
        with database().transaction() as db:
            reviewing.approve(
                db, version_id=version_id, content_hash=request.form.get("content_hash", ""),
                area=request.form.get("area_seen", ""), actor=actor(), now=now(),
            )  # fmt: skip
            way_on = lots.way_on(lots.lot_in(db, kept, version_id=version_id), kept)
    except Refusal as refusal:
        return _refused(version_id, refusal)
    flash(_("Question %(code)s is approved.", code=row.code), "good")
    return redirect(way_on)


@blueprint.post("/items/<int:version_id>/return")
@permit(APPROVE)
def return_item(version_id: int) -> ResponseReturnValue:
    kept = lots.kept_in_address()
    try:
        with database().transaction() as db:
            before = lots.lot_in(db, kept, version_id=version_id)
            version = reviewing.return_with_reason(
                db, version_id=version_id, content_hash=request.form.get("content_hash", ""),
                reason=request.form.get("reason", ""), actor=actor(), now=now(),
            )  # fmt: skip
            row = queries.item_of(db, version.item_id, body_id=actor().body_id)
            lot = lots.lot_in(db, kept, version_id=version_id)
            way_on = lots.way_on(lot, kept)
    except Refusal as refusal:
        return _refused(version_id, refusal)
    flash(_("Question %(code)s is returned to its author.", code=row.code), "good")
    if before and lot and (more := len(lot.sample) - len(before.sample)) > 0:
        flash(
            ngettext(
                "The sample has become larger by %(num)s question of this area.",
                "The sample has become larger by %(num)s questions of this area.",
                more,
            ),
            "info",
        )
    return redirect(way_on)


def _refused(version_id: int, refusal: Refusal) -> ResponseReturnValue:
    """The question as it is now, with what was typed and why nothing was done."""
    if refusal.code == "unknown":
        raise refusal
    text = _review_page(version_id, reason=request.form.get("reason", ""), problem=words_for(refusal))
    return text, 422 if refusal.field else 409
