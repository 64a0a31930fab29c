"""Lots adopted from the reference library: a sample is read question by question, then the rest is approved together."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from cbt.accounts import queries as accounts
from cbt.bank import queries_adoption
from cbt.bank.actions import adopting
from cbt.bank.queries_adoption import Lot, LotRow
from cbt.errors import Refusal
from cbt.web import bank_filters, bank_pages
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.messages import STATUS, words_for
from cbt.web.pages import page, paged_list, position_title
from cbt.web.reviewer.blueprint import blueprint

APPROVE = "bank:item:approve"
_DECISIONS = {"approve": (_l("Approved"), "good"), "return": (_l("Returned"), "warning")}


def decision(row: LotRow) -> tuple[str, str]:
    """What a reviewer has said of a question of a lot, and the look of its tag."""
    words, look = _DECISIONS.get(row.deed or "", (_l("Not read yet"), "neutral"))
    return str(words), look


def is_own(lot: Lot) -> bool:
    return lot.adoption.adopted_by == actor().account_id


# The way from one question of a lot to the next


def kept_in_address() -> dict[str, Any]:
    """Where the reviewer came from: the filters of the queue, and the lot."""
    kept = bank_filters.in_address(bank_filters.filters_asked())
    asked = request.args.get("lot", "")
    return kept | {"lot": int(asked)} if asked.isascii() and asked.isdecimal() and len(asked) < 10 else kept


def lot_in(db: Session, kept: dict[str, Any], *, version_id: int) -> Lot | None:
    """The lot named in the address, where the version is one of it."""
    if "lot" not in kept:
        return None
    try:
        lot = queries_adoption.lot_of(db, kept["lot"], body_id=actor().body_id)
    except Refusal:
        return None
    return lot if any(row.version.id == version_id for row in lot.rows) else None


def way_on(lot: Lot | None, kept: dict[str, Any]) -> str:
    """The next question of the sample, the lot once its sample is read, or the queue."""
    if lot is None:
        return url_for("reviewer.queue", **{name: value for name, value in kept.items() if name != "lot"})
    if lot.unread:
        return url_for("reviewer.item", version_id=lot.unread[0].version.id, lot=lot.adoption.id)
    return url_for("reviewer.lot", adoption_id=lot.adoption.id)


# The lot


@blueprint.get("/lots/<int:adoption_id>")
@permit(APPROVE)
def lot(adoption_id: int) -> str:
    return _lot_page(adoption_id)


def _lot_page(adoption_id: int, problem: str = "") -> str:
    with database().reading() as db:
        shown = queries_adoption.lot_of(db, adoption_id, body_id=actor().body_id)
        return page(
            "reviewer/lot.html",
            lot=shown,
            adoption=shown.adoption,
            who=accounts.names_of(db, {shown.adoption.adopted_by})[shown.adoption.adopted_by],
            is_own=is_own(shown),
            rest=paged_list(shown.rest),
            next_url=way_on(shown, {}),
            decision=decision,
            problem=problem,
            words=bank_pages,
        )


@blueprint.route("/lots/<int:adoption_id>/approve", methods=["GET", "POST"])
@permit(APPROVE)
def approve_lot(adoption_id: int) -> ResponseReturnValue:
    """The deed is bound to the questions that stood on the page of the lot."""
    if request.method == "GET":
        return _confirmation(adoption_id)
    try:
        with database().transaction() as db:
            count = adopting.approve_lot(
                db, adoption_id=adoption_id, seen_digest=request.form.get("seen", ""), actor=actor(), now=now()
            )
    except Refusal as refusal:
        if refusal.code == "unknown":
            raise
        return _lot_page(adoption_id, words_for(refusal)), STATUS.get(refusal.code, 422)
    flash(ngettext("%(num)s question is approved.", "%(num)s questions are approved.", count), "good")
    return redirect(url_for("reviewer.lot", adoption_id=adoption_id))


def _confirmation(adoption_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        shown = queries_adoption.lot_of(db, adoption_id, body_id=actor().body_id)
    if is_own(shown) or shown.unread or not shown.rest:
        return redirect(url_for("reviewer.lot", adoption_id=adoption_id))
    count = len(shown.rest)
    title = ngettext("Approve %(num)s question", "Approve the remaining %(num)s questions", count)
    areas = Counter(row.item.area for row in shown.rest)
    return page(
        "reviewer/lot_approve.html",
        title=title,
        deed=ngettext(
            "%(num)s adopted question enters the bank in both languages and may be drawn into tests.",
            "%(num)s adopted questions enter the bank in both languages and may be drawn into tests.",
            count,
        ),
        final=_("An approved version cannot be changed any more: a correction needs a new version."),
        button=title,
        facts=[
            (_("Position"), position_title(shown.adoption.position)),
            (_("Edition of the library"), shown.adoption.edition),
        ],
        areas=[(bank_pages.area_title(shown.adoption.position, area), areas[area]) for area in sorted(areas)],
        practice=sum(row.item.practice for row in shown.rest),
        # What the reviewer looked at comes from the page of the lot, not from the database of this moment.
        fields={"seen": request.args.get("seen", "")},
        cancel_url=url_for("reviewer.lot", adoption_id=adoption_id),
    )
