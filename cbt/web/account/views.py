"""Signing in and out of staff, one's own account, the language of the page, and the body one acts in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from cbt.accounts import actions, queries
from cbt.accounts.permissions import PUBLIC, STAFF
from cbt.errors import Refusal
from cbt.i18n import LOCALES
from cbt.web import guard, navigation
from cbt.web.account.forms import PasswordForm, SignInForm
from cbt.web.context import database, now
from cbt.web.guard import StaffUser, permit, safe_next
from cbt.web.messages import STATUS, words_for
from cbt.web.pages import current_locale, page

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.route("/login", methods=["GET", "POST"])
@permit(PUBLIC)
def login() -> ResponseReturnValue:
    if request.method == "GET" and isinstance(current_user._get_current_object(), StaffUser):
        return redirect(url_for("public.home"))
    form = SignInForm()
    if not form.validate_on_submit():
        return page("account/login.html", form=form), 422 if form.is_submitted() else 200
    with database().transaction() as db:
        outcome = actions.sign_in(
            db,
            login=form.login.data or "",
            password=form.password.data or "",
            replaces=guard.session_token(),
            now=now(),
        )
    if isinstance(outcome, Refusal):
        form.login.errors = [words_for(outcome)]
        return page("account/login.html", form=form), STATUS.get(outcome.code, 422)
    _new_session(outcome)
    return redirect(safe_next(request.args.get("next"), url_for("public.home")))


def _new_session(token: str) -> None:
    """Nothing of the session before survives the sign-in except the language."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    login_user(guard.load_user(token))


@blueprint.post("/logout")
@permit(STAFF)
def logout() -> Response:
    with database().transaction() as db:
        actions.sign_out(db, token=guard.session_token() or "", actor=guard.actor(), now=now())
    locale = session.get("locale")
    logout_user()
    session.clear()
    if locale:
        session["locale"] = locale
    response = redirect(url_for("public.home"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/account")
@permit(STAFF)
def mine() -> str:
    """Who I am here: name, login, and my roles in every body."""
    actor = guard.actor()
    with database().reading() as db:
        account = queries.account_of(db, actor.account_id)
        bodies = [
            (body, [navigation.role_name(role) for role in roles])
            for body, roles in queries.bodies_of(db, actor.account_id)
        ]
    return page("account/mine.html", account=account, bodies=bodies, here=actor.body_id, language=current_locale())


@blueprint.route("/account/password", methods=["GET", "POST"])
@permit(STAFF)
def password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return _password_page(form, 422 if form.is_submitted() else 200)
    try:
        with database().transaction() as db:
            outcome = actions.change_password(
                db,
                current=form.current.data or "",
                password=form.password.data or "",
                actor=guard.actor(),
                now=now(),
            )
    except Refusal as refusal:
        form.password.errors = [words_for(refusal)]
        return _password_page(form, 422)
    if isinstance(outcome, Refusal):
        form.current.errors = [words_for(outcome)]
        return _password_page(form, STATUS.get(outcome.code, 422))
    _new_session(outcome)
    flash(_("The password is changed. Other browsers are signed out."), "good")
    return redirect(url_for("account.mine"))


def _password_page(form: PasswordForm, status: int) -> tuple[str, int]:
    return page("account/password.html", form=form, shortest=actions.SHORTEST_PASSWORD), status


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
        actions.act_in_body(db, token=guard.session_token() or "", body_id=body_id, actor=guard.actor(), now=now())
    return redirect(url_for("public.home"))
