"""The first page, and the two addresses that machines ask."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user

from cbt.accounts.permissions import PUBLIC
from cbt.migrations.state import is_current
from cbt.regulation import editions
from cbt.web import navigation
from cbt.web.context import database
from cbt.web.guard import StaffUser, permit
from cbt.web.pages import page

blueprint = Blueprint("public", __name__, template_folder="templates")


@blueprint.get("/")
@permit(PUBLIC)
def home() -> ResponseReturnValue:
    """The three doors; somebody of the staff is led to the first section of their day."""
    user = current_user._get_current_object()
    if isinstance(user, StaffUser) and navigation.links(user.staff.actor):
        return redirect(navigation.home_of(user.staff.actor))
    edition = editions.edition(editions.DEFAULT_EDITION)
    return page(
        "public/home.html",
        test=edition.test,
        months=edition.repeat.min_months if edition.repeat else None,
        act=edition.act,
        adopted=edition.adopted,
    )


@blueprint.get("/healthz")
@permit(PUBLIC)
def healthz() -> Response:
    g.bare_page = True
    return jsonify(status="up")


@blueprint.get("/readyz")
@permit(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Ready when the database answers and its migrations are current."""
    g.bare_page = True
    try:
        ready = is_current(database())
    except Exception:  # whatever the driver raises, the answer is the same: not ready
        ready = False
    return jsonify(status="ready" if ready else "not ready"), 200 if ready else 503
