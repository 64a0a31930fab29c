"""Whose bank a command works on, and as whom."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts import queries as accounts
from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.errors import Refusal


def body_of(session: Session, kato: str) -> Body:
    body = session.scalars(select(Body).where(Body.kato == kato)).first()
    if body is None:
        raise Refusal("body_unknown", kato=kato)
    return body


def author_of(session: Session, body: Body, login: str | None) -> Actor:
    """The author of that login, by default the one who has been there longest."""
    authors = [
        (account, roles)
        for account, roles in accounts.members_of(session, body.id)
        if "author" in roles and account.disabled_at is None and login in (None, account.login)
    ]
    if not authors:
        raise Refusal("author_unknown", login=login) if login else Refusal("no_author")
    account, roles = min(authors, key=lambda row: row[0].id)
    return Actor(account_id=account.id, name=account.name, body_id=body.id, body_kind=body.kind, roles=frozenset(roles))
