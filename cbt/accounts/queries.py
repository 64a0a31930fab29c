"""Who is signed in, which roles they hold where, and the tree of bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body, Membership, SignInFailure, WebSession
from cbt.accounts.vault import token_hash
from cbt.i18n import collation_key

GUESSES = 10
GUESS_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Staff:
    """The account behind a session: acting in one body, with all bodies it could act in."""

    actor: Actor
    bodies: tuple[Body, ...]
    token_hash: str


def session_of(session: Session, token: str, *, now: datetime) -> WebSession | None:
    row = session.get(WebSession, token_hash(token))
    return row if row and row.ended_at is None and row.expires_at > now else None


def staff_of(session: Session, web_session: WebSession) -> Staff | None:
    """The member of staff of a session, with roles as they are at this moment; None if disabled or without a role."""
    rows = session.execute(
        select(Account, Membership.role, Body)
        .join(Membership, Membership.account_id == Account.id)
        .join(Body, Body.id == Membership.body_id)
        .where(
            Account.id == web_session.account_id,
            Account.disabled_at.is_(None),
            Membership.ended_at.is_(None),
        )
        .order_by(Membership.id)
    ).all()
    if not rows:
        return None
    bodies = {body.id: body for _, _, body in rows}
    acting = bodies.get(web_session.body_id or 0) or rows[0][2]
    roles = frozenset(role for _, role, body in rows if body.id == acting.id)
    account = rows[0][0]
    actor = Actor(account_id=account.id, name=account.name, body_id=acting.id, body_kind=acting.kind, roles=roles)
    return Staff(actor=actor, bodies=tuple(bodies.values()), token_hash=web_session.token_hash)


def is_login(text: str) -> bool:
    """Whether a text can be a login: 3 to 64 Latin letters, digits, dots, hyphens, underscores or @."""
    return 3 <= len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in "._-@") for c in text)


def holds_a_role(session: Session, account_id: int) -> bool:
    live = select(Membership.id).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    return session.scalars(live.limit(1)).first() is not None


def bodies_of(session: Session, account_id: int) -> list[tuple[Body, list[str]]]:
    """The bodies where an account holds roles now, with the roles."""
    rows = session.execute(
        select(Body, Membership.role)
        .join(Membership, Membership.body_id == Body.id)
        .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
    ).all()
    bodies = {body.id: body for body, _role in rows}
    return [(body, [role for here, role in rows if here.id == body.id]) for body in bodies.values()]


def account_of(session: Session, account_id: int) -> Account:
    return session.get_one(Account, account_id)


def account_by_login(session: Session, login: str) -> Account | None:
    return session.scalars(select(Account).where(Account.login == login)).first()


def is_guessing(session: Session, subject_hash: str, *, now: datetime) -> bool:
    """Whether the account has had its tries for now; counted per account, never per address of a room."""
    count = session.scalar(
        select(func.count()).where(SignInFailure.subject_hash == subject_hash, SignInFailure.at > now - GUESS_WINDOW)
    )
    return (count or 0) >= GUESSES


def count_members(session: Session, body_ids: Iterable[int]) -> dict[int, int]:
    """How many people hold a role in each body now; bodies without any are left out."""
    rows = session.execute(
        select(Membership.body_id, func.count(Membership.account_id.distinct()).label("people"))
        .where(Membership.body_id.in_(list(body_ids)), Membership.ended_at.is_(None))
        .group_by(Membership.body_id)
    )
    return {row.body_id: row.people for row in rows}


def accounts_of(session: Session, body_id: int) -> list[Account]:
    """Everybody who holds or held a role in a body, by name."""
    rows = session.scalars(
        select(Account).where(Account.id.in_(select(Membership.account_id).where(Membership.body_id == body_id)))
    ).all()
    return sorted(rows, key=lambda account: (collation_key(account.name), account.id))


def body_of(session: Session, body_id: int) -> Body:
    return session.get_one(Body, body_id)


def oblast_of(session: Session, body_id: int) -> Body:
    """The oblast-level body that a body belongs to: the one that develops its tests. Source: AR r.13."""
    body = session.get_one(Body, body_id)
    if body.kind == "rayon":
        assert body.parent_id is not None
        return session.get_one(Body, body.parent_id)
    return body


def territory_of(session: Session, oblast_id: int) -> list[Body]:
    """An oblast-level body and the rayon-level bodies under it."""
    oblast = session.get_one(Body, oblast_id)
    rayons = session.scalars(select(Body).where(Body.parent_id == oblast_id, Body.kind == "rayon")).all()
    return [oblast, *sorted(rayons, key=lambda body: collation_key(body.name_kk))]


def members_of(session: Session, body_id: int) -> Sequence[tuple[Account, list[str]]]:
    """Accounts with a live role in a body, by name."""
    rows = session.execute(
        select(Account, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.body_id == body_id, Membership.ended_at.is_(None))
    ).all()
    roles: dict[int, list[str]] = {}
    accounts: dict[int, Account] = {}
    for account, role in rows:
        accounts[account.id] = account
        roles.setdefault(account.id, []).append(role)
    ordered = sorted(accounts.values(), key=lambda account: collation_key(account.name))
    return [(account, sorted(roles[account.id])) for account in ordered]


def names_of(session: Session, account_ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(account_ids))).all()
    return {row.id: row.name for row in rows}
