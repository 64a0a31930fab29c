"""Staff of the bodies one manages, and the bodies themselves."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from cbt.accounts import actions, queries, scope
from cbt.accounts.models import Body
from cbt.accounts.scope import Person
from cbt.errors import Refusal
from cbt.web.admin.forms import BodyForm, KnownMemberForm, MoreRolesForm, NewMemberForm, NewPasswordForm, blame
from cbt.web.admin.record import audit_page
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.messages import words_for
from cbt.web.navigation import role_name
from cbt.web.pages import current_locale, page, paged_list

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")

MANAGE = "accounts:member:manage"
Deed = Callable[[Session], None]


# People


@blueprint.get("/members")
@permit(MANAGE)
def members() -> str:
    """The people of a body: with a role now, or with roles that have ended (`show=all`)."""
    with database().reading() as db:
        bodies = scope.managed_bodies(db, actor())
        asked = request.args.get("body", "")
        body = scope.managed_body(db, int(asked), actor=actor()) if _is_id(asked) else bodies[0]
        people = scope.people_of(db, body, actor=actor())
    words = request.args.get("q", "").strip()
    show = "all" if request.args.get("show") == "all" else "now"
    found = [one for one in people if _has(one, words) and (show == "all" or one.roles)]
    return page(
        "admin/members.html",
        body=body,
        choices=[(one.id, one.name(current_locale())) for one in bodies],
        people=paged_list(found),
        everybody=len(people),
        words=words,
        show=show,
        role_name=role_name,
        language=current_locale(),
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _has(person: Person, words: str) -> bool:
    """Whether a person answers a search: every word is in the name, the login or a role."""
    roles = " ".join(role_name(role) for role in person.roles)
    text = f"{person.account.name} {person.account.login} {roles}".casefold()
    return all(word in text for word in words.casefold().split())


def _body(db: Session, body_id: int) -> Body:
    return scope.managed_body(db, body_id, actor=actor())


def _person(db: Session, body: Body, account_id: int) -> Person:
    return scope.person_of(db, account_id, body=body, actor=actor())


@blueprint.route("/members/<int:body_id>/new", methods=["GET", "POST"])
@permit(MANAGE)
def new_member(body_id: int) -> ResponseReturnValue:
    """A new account with its first roles; where the login is known, the way to give that person roles."""
    form = NewMemberForm()
    known = None
    with database().reading() as db:
        body = _body(db, body_id)
        form.roles.offer(scope.roles_to_give(actor(), body))
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                account = actions.add_member(
                    db,
                    body=_body(db, body_id),
                    login=form.login.data or "",
                    name=form.name.data or "",
                    password=form.password.data or "",
                    roles=form.roles.data or (),
                    actor=actor(),
                    now=now(),
                )
        except Refusal as refusal:
            blame(form, refusal)
            known = refusal.facts.get("login") if refusal.code == "login_taken" else None
        else:
            flash(
                _("%(name)s can sign in now. Hand over the login and the password in person.", name=account.name),
                "good",
            )
            return redirect(url_for("admin.member", body_id=body_id, account_id=account.id))
    status = 422 if form.is_submitted() else 200
    return page(
        "admin/new_member.html",
        form=form, body=body, known=known, shortest=actions.SHORTEST_PASSWORD, language=current_locale(),
    ), status  # fmt: skip


@blueprint.route("/members/<int:body_id>/known", methods=["GET", "POST"])
@permit(MANAGE)
def known_member(body_id: int) -> ResponseReturnValue:
    """Roles for somebody who has an account already, in this body or in another."""
    form = KnownMemberForm(login=request.args.get("login"))
    with database().reading() as db:
        body = _body(db, body_id)
        form.roles.offer(scope.roles_to_give(actor(), body))
    if form.validate_on_submit():
        login = (form.login.data or "").strip().lower()
        try:
            with database().transaction() as db:
                account = queries.account_by_login(db, login) if queries.is_login(login) else None
                if account is None:
                    raise Refusal("login_unknown", field="login", login=login)
                for role in form.roles.data or ():
                    actions.give_role(db, account=account, body=_body(db, body_id), role=role, actor=actor(), now=now())
        except Refusal as refusal:
            blame(form, refusal)
        else:
            flash(_("%(name)s has the roles from now on.", name=account.name), "good")
            return redirect(url_for("admin.member", body_id=body_id, account_id=account.id))
    return page(
        "admin/known_member.html", form=form, body=body, language=current_locale()
    ), 422 if form.is_submitted() else 200


@blueprint.route("/members/<int:body_id>/<int:account_id>", methods=["GET", "POST"])
@permit(MANAGE)
def member(body_id: int, account_id: int) -> ResponseReturnValue:
    """One person in one body; the form gives more roles."""
    form = MoreRolesForm()
    with database().reading() as db:
        body = _body(db, body_id)
        person = _person(db, body, account_id)
        form.roles.offer(tuple(role for role in scope.roles_to_give(actor(), body) if role not in person.roles))
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                account = _person(db, body, account_id).account
                for role in form.roles.data or ():
                    actions.give_role(db, account=account, body=body, role=role, actor=actor(), now=now())
        except Refusal as refusal:
            blame(form, refusal)
        else:
            flash(_("The roles are given. They count from the next click."), "good")
            return redirect(url_for("admin.member", body_id=body_id, account_id=account_id))
    return page(
        "admin/member.html",
        form=form, body=body, person=person, is_me=account_id == actor().account_id, role_name=role_name,
        language=current_locale(),
    ), 422 if form.is_submitted() else 200  # fmt: skip


@blueprint.route("/members/<int:body_id>/<int:account_id>/end/<role>", methods=["GET", "POST"])
@permit(MANAGE)
def end_role(body_id: int, account_id: int, role: str) -> ResponseReturnValue:
    with database().reading() as db:
        person = _person(db, _body(db, body_id), account_id)
        if role not in person.roles:
            abort(404)
    return _confirmed(
        body_id,
        account_id,
        deed=lambda db: actions.end_role(
            db, account_id=account_id, body_id=body_id, role=role, actor=actor(), now=now()
        ),
        done=_("The role is taken back."),
        title=_("Take back a role"),
        sentence=_("%(name)s will not be “%(role)s” any more.", name=person.account.name, role=role_name(role)),
        final=_(
            "It counts at once: the next click of this person is refused. What was done before stays in the record."
        ),
        button=_("Take the role back"),
    )


@blueprint.route("/members/<int:body_id>/<int:account_id>/close", methods=["GET", "POST"])
@permit(MANAGE)
def close_account(body_id: int, account_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        person = _person(db, _body(db, body_id), account_id)
    return _confirmed(
        body_id,
        account_id,
        deed=lambda db: actions.disable_account(
            db, account=queries.account_of(db, account_id), actor=actor(), now=now()
        ),
        done=_("The account is closed."),
        title=_("Close the account"),
        sentence=_("%(name)s will not be able to sign in.", name=person.account.name),
        final=_("Every browser where this person is signed in is signed out at once. The account can be opened again."),
        button=_("Close the account"),
    )


@blueprint.route("/members/<int:body_id>/<int:account_id>/open", methods=["GET", "POST"])
@permit(MANAGE)
def open_account(body_id: int, account_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        person = _person(db, _body(db, body_id), account_id)
    return _confirmed(
        body_id,
        account_id,
        deed=lambda db: actions.enable_account(
            db, account=queries.account_of(db, account_id), actor=actor(), now=now()
        ),
        done=_("The account is open again."),
        title=_("Open the account again"),
        sentence=_(
            "%(name)s will be able to sign in with the same login, password and roles.", name=person.account.name
        ),
        final=None,
        button=_("Open the account"),
        kind="primary",
    )


def _confirmed(
    body_id: int, account_id: int, *, deed: Deed, done: str, title: str, sentence: str, final: str | None, button: str,
    kind: str = "danger",
) -> ResponseReturnValue:  # fmt: skip
    """The page of a deed that needs a second look, and the deed itself."""
    back = url_for("admin.member", body_id=body_id, account_id=account_id)
    errors = []
    if request.method == "POST":
        try:
            with database().transaction() as db:
                _person(db, _body(db, body_id), account_id)
                deed(db)
        except Refusal as refusal:
            if refusal.code == "unknown":
                raise
            errors = [words_for(refusal)]
        else:
            flash(done, "good")
            return redirect(back)
    return page(
        "admin/confirm.html",
        title=title, deed=sentence, final=final, button=button, kind=kind, cancel_url=back, errors=errors,
    ), 422 if errors else 200  # fmt: skip


@blueprint.route("/members/<int:body_id>/<int:account_id>/password", methods=["GET", "POST"])
@permit(MANAGE)
def member_password(body_id: int, account_id: int) -> ResponseReturnValue:
    form = NewPasswordForm()
    with database().reading() as db:
        body = _body(db, body_id)
        person = _person(db, body, account_id)
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                account = _person(db, body, account_id).account
                actions.reset_password(db, account=account, password=form.password.data or "", actor=actor(), now=now())
        except Refusal as refusal:
            blame(form, refusal)
        else:
            flash(_("The new password is set. Hand it over in person."), "good")
            return redirect(url_for("admin.member", body_id=body_id, account_id=account_id))
    return page(
        "admin/password.html", form=form, body=body, person=person, shortest=actions.SHORTEST_PASSWORD
    ), 422 if form.is_submitted() else 200


# Bodies


@blueprint.get("/bodies")
@permit("accounts:body:manage")
def bodies() -> str:
    """The body acted in and all bodies under it; links lead to those one manages."""
    with database().reading() as db:
        managed = scope.managed_bodies(db, actor())
        own = managed[0]
        tree = scope.tree_under(db, own)
        counts = queries.count_members(db, [own.id, *(body.id for _depth, body in tree)])
    words = request.args.get("q", "").strip()
    wanted = words.casefold()
    found = [
        (depth, body)
        for depth, body in tree
        if wanted in f"{body.name_kk} {body.name_ru} {body.name_en} {body.kato}".casefold()
    ]
    return page(
        "admin/bodies.html",
        own=own,
        rows=paged_list(found, size=50),
        all_below=len(tree),
        managed={body.id for body in managed},
        counts=counts,
        words=words,
        kind_below=actions.KIND_BELOW,
        language=current_locale(),
    )


@blueprint.route("/bodies/<int:parent_id>/new", methods=["GET", "POST"])
@permit("accounts:body:manage")
def new_body(parent_id: int) -> ResponseReturnValue:
    form = BodyForm()
    with database().reading() as db:
        parent = _body(db, parent_id)
    kind = actions.KIND_BELOW.get(parent.kind)
    if kind is None or parent.id != actor().body_id:
        abort(404)
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                added = actions.add_body(
                    db,
                    parent=parent,
                    kato=form.kato.data or "",
                    name_kk=form.name_kk.data or "",
                    name_ru=form.name_ru.data or "",
                    name_en=form.name_en.data or "",
                    actor=actor(),
                    now=now(),
                )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            flash(_("The body is in the list: %(name)s.", name=added.name(current_locale())), "good")
            return redirect(url_for("admin.bodies"))
    status = 422 if form.is_submitted() else 200
    return page("admin/new_body.html", form=form, parent=parent, kind=kind, language=current_locale()), status


# The record


@blueprint.get("/audit")
@permit("audit:entry:read")
def audit() -> str:
    return audit_page()
