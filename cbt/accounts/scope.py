"""How far an administrator reaches: which bodies, which roles in them, and which accounts as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body, Membership
from cbt.accounts.permissions import ROLES_OF_BODY
from cbt.errors import Refusal
from cbt.i18n import collation_key


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account seen from one body: the roles it holds there now, in the order of the list of roles."""

    account: Account
    roles: tuple[str, ...]
    is_whole: bool  # all its bodies are managed by the reader, who may then close it or set its password


def managed_bodies(session: Session, actor: Actor) -> list[Body]:
    """The body acted in, then those under it that the actor manages, by name."""
    own = session.get_one(Body, actor.body_id)
    if actor.roles.isdisjoint({"body_admin", "ministry_admin"}):
        return []
    below = session.scalars(select(Body).where(Body.parent_id == own.id)).all()
    return [own, *_by_name(below)]


def tree_under(session: Session, body: Body) -> list[tuple[int, Body]]:
    """All bodies under a body with their depth (1, 2), each after its parent, by name."""
    children: dict[int | None, list[Body]] = {}
    for row in session.scalars(select(Body)):
        children.setdefault(row.parent_id, []).append(row)
    found: list[tuple[int, Body]] = []
    waiting = [(1, child) for child in _by_name(children.get(body.id, []))]
    while waiting:
        depth, row = waiting.pop(0)
        found.append((depth, row))
        waiting = [(depth + 1, child) for child in _by_name(children.get(row.id, []))] + waiting
    return found


def _by_name(bodies: Iterable[Body]) -> list[Body]:
    return sorted(bodies, key=lambda body: collation_key(body.name_kk))


def managed_body(session: Session, body_id: int, *, actor: Actor) -> Body:
    """A body the actor manages. Refusal: unknown, for every other."""
    for body in managed_bodies(session, actor):
        if body.id == body_id:
            return body
    raise Refusal("unknown")


def roles_to_give(actor: Actor, body: Body) -> tuple[str, ...]:
    """The roles this administrator may give in a body they manage; the ministry only names an oblast's administrators."""
    if actor.body_kind == "ministry" and body.kind == "oblast":
        return ("body_admin",)
    return ROLES_OF_BODY[body.kind]


def people_of(session: Session, body: Body, *, actor: Actor) -> list[Person]:
    """Everybody who holds or held a role in the body that the actor may give, by name."""
    visible = roles_to_give(actor, body)
    rows = session.execute(
        select(Account, Membership.role, Membership.ended_at)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.body_id == body.id, Membership.role.in_(visible))
    ).all()
    accounts = {account.id: account for account, _role, _ended in rows}
    held: dict[int, set[str]] = {}
    for account, role, ended in rows:
        if ended is None:
            held.setdefault(account.id, set()).add(role)
    foreign = _with_roles_outside(session, set(accounts), actor)
    ordered = sorted(accounts.values(), key=lambda account: (collation_key(account.name), account.id))
    return [
        Person(
            account=account,
            roles=tuple(role for role in visible if role in held.get(account.id, ())),
            is_whole=account.id not in foreign,
        )
        for account in ordered
    ]


def person_of(session: Session, account_id: int, *, body: Body, actor: Actor) -> Person:
    """Somebody of the body. Refusal: unknown."""
    for person in people_of(session, body, actor=actor):
        if person.account.id == account_id:
            return person
    raise Refusal("unknown")


def require_whole(session: Session, account: Account, *, actor: Actor) -> None:
    """Only who manages every body of an account may touch the account itself.

    A password set in one body would otherwise open the door of another. Refusals: unknown, not_own_account,
    account_of_another_body.
    """
    if account.id == actor.account_id:
        raise Refusal("not_own_account")
    known = session.scalar(
        select(Membership.id).where(
            Membership.account_id == account.id,
            Membership.body_id.in_([body.id for body in managed_bodies(session, actor)]),
        )
    )
    if known is None:
        raise Refusal("unknown")
    if _with_roles_outside(session, {account.id}, actor):
        raise Refusal("account_of_another_body")


def _with_roles_outside(session: Session, account_ids: set[int], actor: Actor) -> set[int]:
    """Those who hold a live role in a body that the actor does not manage."""
    within = [body.id for body in managed_bodies(session, actor)]
    rows = session.scalars(
        select(Membership.account_id).where(
            Membership.account_id.in_(account_ids), Membership.ended_at.is_(None), Membership.body_id.not_in(within)
        )
    )
    return set(rows)
