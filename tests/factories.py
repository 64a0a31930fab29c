"""Bodies, people, questions and signed-in browsers, made by the actions that make them in earnest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts import actions as accounts
from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body
from cbt.bank.actions import authoring, reviewing
from cbt.bank.content import SINGLE, Basis, ItemContent, Option, Picture, Text
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.bank.models import ItemVersion

NOW = datetime(2026, 3, 16, 5, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
POSITION, AREA = "att-care", "D1"

_numbers = count(1)


def make_body(
    session: Session, kind: str = "oblast", *, parent: Body | None = None, name: str = "", now: datetime = NOW
) -> Body:
    """A body of its own; its parents are made where none is given. There is one ministry."""
    if kind == "ministry" and (there := session.scalars(select(Body).where(Body.kind == "ministry")).first()):
        return there
    if kind != "ministry" and parent is None:
        parent = make_body(session, {"oblast": "ministry", "rayon": "oblast"}[kind], now=now)
    number = next(_numbers)
    return accounts.create_body(
        session,
        kind=kind,
        parent_id=parent.id if parent else None,
        kato=f"{100_000_000 + number}",
        name_kk=name or f"Басқарма {number}",
        name_ru=name or f"Управление {number}",
        name_en=name or f"Body {number}",
        now=now,
    )


def make_staff(
    session: Session, body: Body, *roles: str, login: str = "", name: str = "", now: datetime = NOW
) -> Actor:
    """A person with these roles in the body; `login_of` tells the login, the password is PASSWORD."""
    login = login or f"{roles[0] if roles else 'nobody'}-{next(_numbers)}".replace("_", "-")
    account = accounts.create_account(session, login=login, name=name or f"Адам {login}", password=PASSWORD, now=now)
    for role in roles:
        accounts.grant_role(session, account_id=account.id, body=body, role=role, actor_id=None, now=now)
    return Actor(account_id=account.id, name=account.name, body_id=body.id, body_kind=body.kind, roles=frozenset(roles))


def login_of(session: Session, actor: Actor) -> str:
    return session.get_one(Account, actor.account_id).login


# Browsers


def csrf(client: FlaskClient, path: str = "/no-such-page") -> str:
    """A token for forms posted by this client; every page has one, and the one for a wrong address costs least."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found, f"{path} has no CSRF token"
    return found[1]


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> FlaskClient:
    """The client, signed in as a member of staff."""
    response = client.post("/login", data={"login": login, "password": password, "csrf_token": csrf(client)})
    assert response.status_code == 302, response.get_data(as_text=True)
    return client


def post(client: FlaskClient, path: str, data: Mapping[str, object] | None = None, **more: object):
    """A form posted as a page would, with its CSRF token."""
    return client.post(path, data={"csrf_token": csrf(client), **(data or {})}, **more)  # type: ignore[arg-type]


# Questions


def item_content(
    stem: str = "",
    *,
    stem_kk: str = "",
    stem_ru: str = "",
    kind: str = SINGLE,
    level: str = "knowledge",
    difficulty: float = 0.6,
    options: int = 4,
    key: Iterable[str] = ("b",),
    pictures: tuple[Picture, ...] = (),
) -> ItemContent:
    """A question without errors; each call has a stem of its own unless one is given."""
    mark = stem or f"№ {next(_numbers)}"
    right = set(key)
    return ItemContent(
        kind=kind,
        level=level,
        difficulty=difficulty,
        basis=Basis(act="Order 25-ө", provision="paragraph 13", as_of=date(2025, 1, 1)),
        stem=Text(
            kk=stem_kk or f"Қызмет алушының құқығы қай жауапта дұрыс көрсетілген? {mark}",
            ru=stem_ru or f"В каком ответе право получателя услуг названо верно? {mark}",
        ),
        options=tuple(
            Option(
                id=letter,
                text=Text(kk=f"Қазақша жауап нұсқасы {letter}", ru=f"Вариант ответа на русском {letter}"),
                correct=letter in right,
            )
            for letter in "abcdefgh"[:options]
        ),
        rationale=Text(kk="Ереженің тиісті тармағында көрсетілген.", ru="Так указано в соответствующем пункте правил."),
        pictures=pictures,
    )


def make_draft(
    session: Session,
    author: Actor,
    content: ItemContent | None = None,
    *,
    position: str = POSITION,
    area: str = AREA,
    now: datetime = NOW,
) -> ItemVersion:
    return authoring.create_item(
        session, position=position, area=area, content=content or item_content(), actor=author, now=now
    )


def make_submitted(session: Session, author: Actor, content: ItemContent | None = None, **place) -> ItemVersion:
    version = make_draft(session, author, content, **place)
    return authoring.submit(session, version_id=version.id, actor=author, now=place.get("now", NOW))


def make_approved(
    session: Session,
    author: Actor,
    reviewer: Actor,
    content: ItemContent | None = None,
    *,
    area: str = AREA,
    now: datetime = NOW,
    **place,
) -> ItemVersion:
    version = make_submitted(session, author, content, area=area, now=now, **place)
    return reviewing.approve(
        session, version_id=version.id, content_hash=version.content_hash, area=area, actor=reviewer, now=now
    )


def approved_bank(
    session: Session,
    body: Body,
    position: str = POSITION,
    *,
    areas: Mapping[str, int] | None = None,
    author: Actor | None = None,
    reviewer: Actor | None = None,
    now: datetime = NOW,
) -> list[ItemVersion]:
    """Approved questions: `areas` says how many of each, by default as many as one form takes (80)."""
    author = author or make_staff(session, body, "author", now=now)
    reviewer = reviewer or make_staff(session, body, "reviewer", now=now)
    if areas is None:
        planned = standard_blueprint().position(position)
        assert planned
        areas = {area.code: area.items for area in planned.areas}
    return [
        make_approved(session, author, reviewer, position=position, area=area, now=now)
        for area, needed in areas.items()
        for _ in range(needed)
    ]
