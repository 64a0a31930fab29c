"""Create bodies and accounts, grant and end roles, sign in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cbt.accounts import queries, vault
from cbt.accounts.actor import Actor, account_label
from cbt.accounts.models import Account, Body, Membership, SignInFailure, WebSession
from cbt.accounts.permissions import ROLES_OF_BODY
from cbt.audit.actions import SYSTEM, record
from cbt.errors import Refusal

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
    """Refusals: kato_wrong, kato_taken."""
    if len(kato) != 9 or not kato.isdecimal():
        raise Refusal("kato_wrong", field="kato")
    if session.scalar(select(Body.id).where(Body.kato == kato)):
        raise Refusal("kato_taken", field="kato", kato=kato)
    body = Body(kind=kind, parent_id=parent_id, kato=kato, name_kk=name_kk, name_ru=name_ru, name_en=name_en)
    session.add(body)
    session.flush()
    record(
        session, "body.created", actor=actor, subject=f"body:{body.id}", body_id=body.id, now=now,
        kato=kato, name_kk=name_kk, name_ru=name_ru,
    )  # fmt: skip
    return body


def create_account(
    session: Session, *, login: str, name: str, password: str, actor: str = SYSTEM, now: datetime
) -> Account:
    """Refusals: login_wrong, login_taken, password_short, password_long, password_is_login."""
    login = login.strip().lower()
    if not 3 <= len(login) <= 64 or not all(c.isascii() and (c.isalnum() or c in "._-@") for c in login):
        raise Refusal("login_wrong", field="login")
    if queries.account_by_login(session, login):
        raise Refusal("login_taken", field="login", login=login)
    _require_password(password, login=login)
    account = Account(login=login, name=name.strip(), password_hash=vault.hash_password(password), created_at=now)
    session.add(account)
    session.flush()
    record(
        session, "account.created", actor=actor, subject=account_label(account.id), now=now, login=login, name=account.name
    )
    return account


def _require_password(password: str, *, login: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("password_short", field="password", shortest=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refusal("password_long", field="password", longest=LONGEST_PASSWORD)
    if password.casefold() == login or len(set(password)) < 4:
        raise Refusal("password_weak", field="password")


def set_password(session: Session, *, account: Account, password: str, actor: str, now: datetime) -> None:
    """Set a new password and end every session of the account."""
    _require_password(password, login=account.login)
    account.password_hash = vault.hash_password(password)
    _end_sessions(session, account_id=account.id, now=now)
    record(session, "account.password_set", actor=actor, subject=account_label(account.id), now=now, login=account.login)


def disable_account(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    if account.id == actor.account_id:
        raise Refusal("cannot_disable_self")
    account.disabled_at = now
    _end_sessions(session, account_id=account.id, now=now)
    record(
        session, "account.disabled", actor=actor.label, subject=account_label(account.id), body_id=actor.body_id, now=now,
        login=account.login,
    )  # fmt: skip


def enable_account(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    account.disabled_at = None
    record(
        session, "account.enabled", actor=actor.label, subject=account_label(account.id), body_id=actor.body_id, now=now,
        login=account.login,
    )  # fmt: skip


def grant_role(
    session: Session, *, account_id: int, body: Body, role: str, actor_id: int | None, actor: str = SYSTEM, now: datetime
) -> Membership:
    """Give a role within a body; giving it twice is one row. Refusal: role_not_of_body."""
    if role not in ROLES_OF_BODY[body.kind]:
        raise Refusal("role_not_of_body", field="role", role=role)
    held = session.scalars(
        select(Membership).where(
            Membership.account_id == account_id,
            Membership.body_id == body.id,
            Membership.role == role,
            Membership.ended_at.is_(None),
        )
    ).first()
    if held:
        return held
    membership = Membership(account_id=account_id, body_id=body.id, role=role, granted_by=actor_id, granted_at=now)
    session.add(membership)
    session.flush()
    record(
        session, "member.granted", actor=actor, subject=account_label(account_id), body_id=body.id, now=now,
        role=role, body=body.id,
    )  # fmt: skip
    return membership


def end_role(session: Session, *, account_id: int, body_id: int, role: str, actor: Actor, now: datetime) -> None:
    """Take a role back; it is gone at the next request. Refusals: role_not_held, cannot_end_own_role."""
    membership = session.scalars(
        select(Membership).where(
            Membership.account_id == account_id,
            Membership.body_id == body_id,
            Membership.role == role,
            Membership.ended_at.is_(None),
        )
    ).first()
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


def sign_in(session: Session, *, login: str, password: str, now: datetime) -> str | Refusal:
    """A session token, or the refusal, returned and not raised so that the failure is counted.

    Refusals: sign_in_wrong, too_many_tries.
    """
    login = login.strip().lower()
    subject_hash = sha256(f"login:{login}".encode()).hexdigest()
    account = queries.account_by_login(session, login)
    label = account_label(account.id) if account else "account:unknown"
    if queries.is_guessing(session, subject_hash, now=now):
        return _refused(session, label, "too_many_tries", now)
    right = vault.password_matches(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        count_failure(session, subject_hash, now=now)
        return _refused(session, label, "sign_in_wrong", now)
    forgive_failures(session, subject_hash)
    token = open_session(session, account_id=account.id, now=now)
    record(session, "account.signed_in", actor=label, subject=label, now=now)
    return token


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


def act_in_body(session: Session, *, token: str, body_id: int) -> None:
    """Continue in another body where the account holds a role. Refusal: role_not_held."""
    row = session.get_one(WebSession, vault.token_hash(token))
    held = session.scalar(
        select(Membership.id).where(
            Membership.account_id == row.account_id, Membership.body_id == body_id, Membership.ended_at.is_(None)
        )
    )
    if held is None:
        raise Refusal("role_not_held", role="")
    row.body_id = body_id


def drop_old_sessions(session: Session, *, now: datetime) -> None:
    """Forget sessions and failures that can no longer matter."""
    session.execute(delete(WebSession).where(WebSession.expires_at < now - timedelta(days=1)))
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - timedelta(days=1)))
