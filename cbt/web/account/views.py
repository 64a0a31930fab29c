"""Signing in and out of staff, the language of the page, and the body one acts in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from cbt.accounts import actions
from cbt.accounts.permissions import PUBLIC, STAFF
from cbt.errors import Refusal
from cbt.i18n import LOCALES
from cbt.web import guard
from cbt.web.account.forms import SignInForm
from cbt.web.context import database, now
from cbt.web.guard import permit, safe_next
from cbt.web.messages import words_for
from cbt.web.pages import page

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.route("/login", methods=["GET", "POST"])
@permit(PUBLIC)
def login() -> object:
    form = SignInForm()
    if not form.validate_on_submit():
        return page("account/login.html", form=form), 422 if form.is_submitted() else 200
    with database().transaction() as db:
        outcome = actions.sign_in(db, login=form.login.data or "", password=form.password.data or "", now=now())
    if isinstance(outcome, Refusal):
        form.login.errors = [words_for(outcome)]
        return page("account/login.html", form=form), 429 if outcome.code == "too_many_tries" else 422
    _new_session(outcome)
    return redirect(safe_next(request.args.get("next"), url_for("public.home")))


def _new_session(token: str) -> None:
    """Nothing of the session before survives the sign-in except the language."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    user = guard.load_user(token)
    login_user(user)


@blueprint.post("/logout")
@permit(STAFF)
def logout() -> Response:
    with database().transaction() as db:
        actions.sign_out(db, token=guard.session_token() or "", actor=guard.actor(), now=now())
    logout_user()
    session.clear()
    response = redirect(url_for("public.home"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/language/<code>")
@permit(PUBLIC)
def language(code: str) -> Response:
    """Change the language of the interface and stay on the page."""
    if code in LOCALES:
        session["locale"] = code
    return redirect(safe_next(request.args.get("next"), url_for("public.home")))


@blueprint.post("/act-in/<int:body_id>")
@permit(STAFF)
def act_in(body_id: int) -> Response:
    with database().transaction() as db:
        actions.act_in_body(db, token=guard.session_token() or "", body_id=body_id)
    return redirect(url_for("public.home"))
