"""Create bodies and accounts, grant and end roles, sign in and out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cbt.accounts import queries, scope, vault
from cbt.accounts.actor import Actor, account_label
from cbt.accounts.models import Account, Body, Membership, SignInFailure, WebSession
from cbt.accounts.permissions import ROLES_OF_BODY
from cbt.accounts.reference import MINISTRY, OBLASTS
from cbt.accounts.typed import clean_name
from cbt.audit.actions import SYSTEM, record
from cbt.errors import Refusal

KIND_BELOW = {"ministry": "oblast", "oblast": "rayon"}
SESSION_LIFE = timedelta(hours=12)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256


def create_body(
    session: Session,
    *,
    kind: str,
    parent_id: int | None,
    kato: str,
    name_kk: str,
    name_ru: str,
    name_en: str,
    actor: str = SYSTEM,
    now: datetime,
) -> Body:
    """Refusals: kato_wrong, kato_taken, kato_not_of_oblast, and those of a line of text."""
    kato = "".join(kato.split())
    if len(kato) != 9 or not (kato.isascii() and kato.isdecimal()):
        raise Refusal("kato_wrong", field="kato")
    digits = session.get_one(Body, parent_id).kato[:2] if kind == "rayon" else kato[:2]
    if not kato.startswith(digits):
        raise Refusal("kato_not_of_oblast", field="kato", digits=digits)
    if session.scalar(select(Body.id).where(Body.kato == kato)):
        raise Refusal("kato_taken", field="kato", kato=kato)
    body = Body(
        kind=kind,
        parent_id=parent_id,
        kato=kato,
        name_kk=clean_name(name_kk, field="name_kk"),
        name_ru=clean_name(name_ru, field="name_ru"),
        name_en=clean_name(name_en, field="name_en"),
    )
    session.add(body)
    _flush_or(session, Refusal("kato_taken", field="kato", kato=kato))
    record(
        session, "body.created", actor=actor, subject=f"body:{body.id}", body_id=body.id, now=now,
        kato=kato, name_kk=body.name_kk, name_ru=body.name_ru,
    )  # fmt: skip
    return body


def create_reference_bodies(session: Session, now: datetime) -> list[Body]:
    """The ministry and the 20 oblast-level bodies; those already there are left as they are."""
    there = {body.kato: body for body in session.scalars(select(Body))}
    bodies: list[Body] = []
    for wanted in (MINISTRY, *OBLASTS):
        body = there.get(wanted.kato) or create_body(
            session,
            kind=wanted.kind,
            parent_id=bodies[0].id if bodies else None,
            kato=wanted.kato,
            name_kk=wanted.kk,
            name_ru=wanted.ru,
            name_en=wanted.en,
            now=now,
        )
        bodies.append(body)
    return bodies


def add_body(
    session: Session, *, parent: Body, kato: str, name_kk: str, name_ru: str, name_en: str, actor: Actor, now: datetime
) -> Body:
    """A body under the one the actor administers: an oblast under the ministry, a rayon under an oblast.

    Refusals: unknown, no_body_below, and those of `create_body`.
    """
    scope.managed_body(session, parent.id, actor=actor)
    if parent.id != actor.body_id:
        raise Refusal("unknown")
    kind = KIND_BELOW.get(parent.kind)
    if kind is None:
        raise Refusal("no_body_below")
    return create_body(
        session, kind=kind, parent_id=parent.id, kato=kato, name_kk=name_kk, name_ru=name_ru, name_en=name_en,
        actor=actor.label, now=now,
    )  # fmt: skip


def _flush_or(session: Session, refusal: Refusal) -> None:
    """Of two that add the same thing at once the database lets one through; the other hears the refusal."""
    try:
        session.flush()
    except IntegrityError:
        raise refusal from None


def create_account(
    session: Session,
    *,
    login: str,
    name: str,
    password: str,
    actor: str = SYSTEM,
    body_id: int | None = None,
    now: datetime,
) -> Account:
    """Refusals: login_wrong, login_taken, password_short, password_long, password_weak, and those of a line of text."""
    login = login.strip().lower()
    if not queries.is_login(login):
        raise Refusal("login_wrong", field="login")
    if queries.account_by_login(session, login):
        raise Refusal("login_taken", field="login", login=login)
    name = clean_name(name, field="name")
    _require_password(password, login=login)
    account = Account(login=login, name=name, password_hash=vault.hash_password(password), created_at=now)
    session.add(account)
    _flush_or(session, Refusal("login_taken", field="login", login=login))
    record(
        session, "account.created", actor=actor, subject=account_label(account.id), body_id=body_id, now=now,
        login=login, name=account.name,
    )  # fmt: skip
    return account


def add_member(
    session: Session,
    *,
    body: Body,
    login: str,
    name: str,
    password: str,
    roles: Iterable[str],
    actor: Actor,
    now: datetime,
) -> Account:
    """A new account with its first roles. Refusals: role_missing, and those of `create_account` and `give_role`."""
    scope.managed_body(session, body.id, actor=actor)
    wanted = tuple(roles)
    if not wanted:
        raise Refusal("role_missing", field="roles")
    account = create_account(
        session, login=login, name=name, password=password, actor=actor.label, body_id=body.id, now=now
    )
    for role in wanted:
        give_role(session, account=account, body=body, role=role, actor=actor, now=now)
    return account


def _require_password(password: str, *, login: str, field: str = "password") -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("password_short", field=field, shortest=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refusal("password_long", field=field, longest=LONGEST_PASSWORD)
    if password.casefold() == login or len(set(password)) < 4:
        raise Refusal("password_weak", field=field)


def reset_password(session: Session, *, account: Account, password: str, actor: Actor, now: datetime) -> None:
    """Give somebody a new password and end their sessions. Refusals: those of `scope.require_whole`, password_*."""
    scope.require_whole(session, account, actor=actor)
    _require_password(password, login=account.login)
    _set_password(session, account, password, actor=actor, now=now)


def change_password(session: Session, *, current: str, password: str, actor: Actor, now: datetime) -> str | Refusal:
    """Change one's own password: a token of a new session, all others are ended.

    A wrong current password is returned and not raised, so that it is counted as a try at signing in.
    Refusals: password_wrong_now, too_many_tries (returned), password_short, password_long, password_weak (raised).
    """
    account = session.get_one(Account, actor.account_id)
    _require_password(password, login=account.login)
    subject_hash = _login_subject(account.login)
    one_try_at_a_time(session, subject_hash)
    if queries.is_guessing(session, subject_hash, now=now):
        return Refusal("too_many_tries", field="current")
    if not vault.password_matches(account.password_hash, current):
        count_failure(session, subject_hash, now=now)
        return Refusal("password_wrong_now", field="current")
    forgive_failures(session, subject_hash)
    _set_password(session, account, password, actor=actor, now=now)
    return open_session(session, account_id=account.id, body_id=actor.body_id, now=now)


def _set_password(session: Session, account: Account, password: str, *, actor: Actor, now: datetime) -> None:
    account.password_hash = vault.hash_password(password)
    _end_sessions(session, account_id=account.id, now=now)
    record(
        session, "account.password_set", actor=actor.label, subject=account_label(account.id), body_id=actor.body_id,
        now=now, login=account.login,
    )  # fmt: skip


def disable_account(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    """Close an account: its sessions end at once, its roles stay. Refusals: those of `scope.require_whole`."""
    scope.require_whole(session, account, actor=actor)
    if account.disabled_at is not None:
        return
    account.disabled_at = now
    _end_sessions(session, account_id=account.id, now=now)
    record(
        session, "account.disabled", actor=actor.label, subject=account_label(account.id), body_id=actor.body_id, now=now,
        login=account.login,
    )  # fmt: skip


def enable_account(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    """Open a closed account again. Refusals: those of `scope.require_whole`."""
    scope.require_whole(session, account, actor=actor)
    if account.disabled_at is None:
        return
    account.disabled_at = None
    record(
        session, "account.enabled", actor=actor.label, subject=account_label(account.id), body_id=actor.body_id, now=now,
        login=account.login,
    )  # fmt: skip


def give_role(session: Session, *, account: Account, body: Body, role: str, actor: Actor, now: datetime) -> Membership:
    """Give a role to somebody else. Refusals: unknown, role_not_of_body, cannot_give_to_self."""
    scope.managed_body(session, body.id, actor=actor)
    if role not in scope.roles_to_give(actor, body):
        raise Refusal("role_not_of_body", field="role", role=role)
    if account.id == actor.account_id:
        raise Refusal("cannot_give_to_self", field="role")
    return grant_role(
        session, account_id=account.id, body=body, role=role, actor_id=actor.account_id, actor=actor.label, now=now
    )


def grant_role(
    session: Session,
    *,
    account_id: int,
    body: Body,
    role: str,
    actor_id: int | None,
    actor: str = SYSTEM,
    now: datetime,
) -> Membership:
    """Write a role down; giving it twice is one row. Refusal: role_not_of_body."""
    if role not in ROLES_OF_BODY[body.kind]:
        raise Refusal("role_not_of_body", field="role", role=role)
    held = _live_membership(session, account_id=account_id, body_id=body.id, role=role)
    if held:
        return held
    membership = Membership(account_id=account_id, body_id=body.id, role=role, granted_by=actor_id, granted_at=now)
    session.add(membership)
    _flush_or(session, Refusal("move_not_allowed"))
    record(
        session, "member.granted", actor=actor, subject=account_label(account_id), body_id=body.id, now=now,
        role=role, body=body.id,
    )  # fmt: skip
    return membership


def _live_membership(session: Session, *, account_id: int, body_id: int, role: str) -> Membership | None:
    return session.scalars(
        select(Membership).where(
            Membership.account_id == account_id,
            Membership.body_id == body_id,
            Membership.role == role,
            Membership.ended_at.is_(None),
        )
    ).first()


def end_role(session: Session, *, account_id: int, body_id: int, role: str, actor: Actor, now: datetime) -> None:
    """Take a role back; it is gone at the next request. Refusals: unknown, role_not_held, cannot_end_own_role."""
    body = scope.managed_body(session, body_id, actor=actor)
    if role not in scope.roles_to_give(actor, body):
        raise Refusal("unknown")
    membership = _live_membership(session, account_id=account_id, body_id=body_id, role=role)
    if membership is None:
        raise Refusal("role_not_held", role=role)
    if account_id == actor.account_id and role.endswith("_admin"):
        raise Refusal("cannot_end_own_role", role=role)
    membership.ended_at = now
    membership.ended_by = actor.account_id
    record(
        session, "member.ended", actor=actor.label, subject=account_label(account_id), body_id=body_id, now=now,
        role=role, body=body_id,
    )  # fmt: skip


def sign_in(
    session: Session, *, login: str, password: str, replaces: str | None = None, now: datetime
) -> str | Refusal:
    """A session token, or the refusal, returned and not raised so that the failure is counted.

    `replaces`: the token this browser came with; it is dead afterwards.
    Refusals: sign_in_wrong, too_many_tries, no_role_held.
    """
    login = login.strip().lower()
    account = queries.account_by_login(session, login) if queries.is_login(login) else None
    label = account_label(account.id) if account else "account:unknown"
    subject_hash = _login_subject(login)
    one_try_at_a_time(session, subject_hash)
    if queries.is_guessing(session, subject_hash, now=now):
        return _refused(session, label, "too_many_tries", now)
    right = vault.password_matches(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        count_failure(session, subject_hash, now=now)
        return _refused(session, label, "sign_in_wrong", now)
    forgive_failures(session, subject_hash)
    if not queries.holds_a_role(session, account.id):
        return _refused(session, label, "no_role_held", now)
    if replaces:
        end_session(session, token=replaces, now=now)
    token = open_session(session, account_id=account.id, now=now)
    record(session, "account.signed_in", actor=label, subject=label, now=now)
    return token


def _login_subject(login: str) -> str:
    return sha256(f"login:{login}".encode()).hexdigest()


def one_try_at_a_time(session: Session, subject_hash: str) -> None:
    """Many tries sent at once are counted one after another; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(subject_hash[:15], 16)})


def _refused(session: Session, label: str, code: str, now: datetime) -> Refusal:
    record(session, "account.sign_in_refused", actor=label, subject=label, now=now, code=code)
    return Refusal(code, field="login")


def count_failure(session: Session, subject_hash: str, *, now: datetime) -> None:
    session.add(SignInFailure(subject_hash=subject_hash, at=now))


def forgive_failures(session: Session, subject_hash: str) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.subject_hash == subject_hash))


def open_session(
    session: Session,
    *,
    account_id: int | None = None,
    registration_id: int | None = None,
    body_id: int | None = None,
    device: str | None = None,
    now: datetime,
) -> str:
    """A new browser session; only the hash of its token is kept."""
    token = vault.new_token()
    session.add(
        WebSession(
            token_hash=vault.token_hash(token),
            account_id=account_id,
            registration_id=registration_id,
            body_id=body_id,
            device_hash=vault.token_hash(device) if device else None,
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    session.flush()
    return token


def end_session(session: Session, *, token: str, now: datetime) -> None:
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == vault.token_hash(token), WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _end_sessions(session: Session, *, account_id: int, now: datetime) -> None:
    session.execute(
        update(WebSession)
        .where(WebSession.account_id == account_id, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def sign_out(session: Session, *, token: str, actor: Actor, now: datetime) -> None:
    end_session(session, token=token, now=now)
    record(session, "account.signed_out", actor=actor.label, subject=actor.label, body_id=actor.body_id, now=now)


def act_in_body(session: Session, *, token: str, body_id: int, actor: Actor, now: datetime) -> None:
    """Continue in another body where the account holds a role. Refusal: unknown."""
    held = session.scalars(
        select(Membership.id).where(
            Membership.account_id == actor.account_id, Membership.body_id == body_id, Membership.ended_at.is_(None)
        )
    ).first()
    if held is None:
        raise Refusal("unknown")
    session.get_one(WebSession, vault.token_hash(token)).body_id = body_id
    record(session, "account.acts_in", actor=actor.label, subject=actor.label, body_id=body_id, now=now, body=body_id)


def drop_old_sessions(session: Session, *, now: datetime) -> None:
    """Forget sessions and failures that can no longer matter."""
    session.execute(delete(WebSession).where(WebSession.expires_at < now - timedelta(days=1)))
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - timedelta(days=1)))
