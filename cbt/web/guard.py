"""Closed by default: a view without a stamp answers 403, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from cbt.accounts import queries
from cbt.accounts.actor import Actor
from cbt.accounts.permissions import CANDIDATE, PUBLIC, STAFF
from cbt.delivery import queries as delivery
from cbt.web.context import database, now

# Pairs of a session's secret and a token signed for it. A pair that was right once stays right: tokens do not expire.
_VERIFIED: set[tuple[str | None, str | None]] = set()
_MOST_VERIFIED = 50_000
View = TypeVar("View", bound=Callable[..., object])
# The road of an answer: its one statement checks the session by itself, so no user is loaded for it.
SELF_CHECKED = "candidate:self_checked"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_TOKEN = "_user_id"  # noqa: S105 - where Flask-Login keeps what `get_id` gives


def permit(permission: str) -> Callable[[View], View]:
    """Stamp a view with what it asks for: a permission, or PUBLIC, CANDIDATE, STAFF."""

    def stamp(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return stamp


@dataclass(frozen=True)
class StaffUser:
    """What Flask-Login holds for a member of staff."""

    token: str
    staff: queries.Staff
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


@dataclass(frozen=True)
class CandidateUser:
    """What Flask-Login holds for a candidate."""

    token: str
    registration_id: int
    session_key: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


def load_user(token: str) -> StaffUser | CandidateUser | None:
    with database().reading() as db:
        row = queries.session_of(db, token, now=now())
        if row is None:
            return None
        if row.registration_id is not None:
            if not delivery.is_registered(db, row.registration_id):
                return None
            return CandidateUser(token=token, registration_id=row.registration_id, session_key=row.token_hash)
        staff = queries.staff_of(db, row)
        return StaffUser(token=token, staff=staff) if staff else None


def actor() -> Actor:
    """The member of staff behind this request; only for views that ask for a staff permission."""
    return current_user.staff.actor


def candidate() -> CandidateUser:
    """The candidate behind this request; only for views stamped CANDIDATE."""
    user = current_user._get_current_object()
    assert isinstance(user, CandidateUser)
    return user


def session_token() -> str | None:
    return session.get(_TOKEN)


def _check() -> Response | None:
    g.pop("now", None)
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # 404 and 405 are said by the router
    permission = getattr(view, "permission", None)
    if permission in {PUBLIC, SELF_CHECKED}:
        return None
    user = current_user._get_current_object()
    if permission == CANDIDATE:
        return None if isinstance(user, CandidateUser) else _to_sign_in("candidate.login")
    if not isinstance(user, StaffUser):
        return _to_sign_in("account.login")
    if permission == STAFF or permission in user.staff.actor.permissions:
        return None
    abort(403)


def _refuse_unwritable() -> None:
    """Nobody types the zero character, and PostgreSQL cannot keep or look for it."""
    if "\x00" in request.path or b"%00" in request.query_string:
        abort(404)
    if request.mimetype in FORMS and any("\x00" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _to_sign_in(endpoint: str) -> Response:
    """401 for programs, the sign-in page for people, with the way back."""
    if request.path.startswith("/api/") or request.method != "GET":
        abort(401)
    return redirect(url_for(endpoint, next=request.full_path.rstrip("?")))


def require_csrf() -> None:
    """The CSRF check of Flask-WTF for a road where it would cost as much as the save: each token is verified once."""
    pair = (session.get("csrf_token"), request.headers.get("X-CSRFToken"))
    if pair not in _VERIFIED:
        try:
            validate_csrf(pair[1])
        except ValidationError as error:
            raise CSRFError(error.args[0]) from None
        if len(_VERIFIED) >= _MOST_VERIFIED:
            _VERIFIED.clear()
        _VERIFIED.add(pair)


def safe_next(target: str | None, fallback: str) -> str:
    """A local address to go back to, never another host: browsers drop tabs and line ends, and read \\ as /."""
    if (
        target
        and target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
    ):
        return target
    return fallback


def init_guard(app: Flask) -> None:
    login_manager = LoginManager(app, add_context_processor=False)
    login_manager.session_protection = None
    login_manager.user_loader(load_user)
    app.before_request(_check)
    app.before_request(_refuse_unwritable)
