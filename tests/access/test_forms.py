"""What a form may change: nothing without its token, nothing it does not offer, nothing once the role is gone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import select

from cbt.accounts import actions as accounts
from cbt.accounts.models import Account, Body, Membership
from cbt.delivery.models import Registration
from tests import factories
from tests.access.conftest import House, text_of
from tests.access.matrix import CANDIDATE, MATRIX, NOBODY, WHO
from tests.access.test_matrix import address, methods_of, own

POSTS = sorted(name for name in MATRIX if name not in {"public.home", "static_file"})


def someone(endpoint: str) -> str:
    """One of those who may use a route; nobody in particular where everybody may."""
    return NOBODY if NOBODY in MATRIX[endpoint].roles else sorted(MATRIX[endpoint].roles)[0]


# S12: no form without its token


def no_token(house: House, who: str) -> dict[str, str]:
    return {}


def empty_token(house: House, who: str) -> dict[str, str]:
    return {"X-CSRFToken": ""}


def token_of_another(house: House, who: str) -> dict[str, str]:
    return {"X-CSRFToken": house.passes["auditor" if who != "auditor" else "chair"].token}


def token_cut_short(house: House, who: str) -> dict[str, str]:
    return {"X-CSRFToken": house.passes[who].token[:-1]}


@pytest.mark.parametrize("forged", [no_token, empty_token, token_of_another, token_cut_short])
def test_no_form_is_taken_without_its_own_token(house: House, forged: Callable[[House, str], dict[str, str]]) -> None:
    watch, tried = house.watch(), 0
    for endpoint in POSTS:
        if "POST" not in methods_of(house, endpoint):
            continue
        who = someone(endpoint)
        url = address(house, endpoint, MATRIX[endpoint], own(house.world.own, MATRIX[endpoint], who), "POST")
        client, headers = house.browser(who), forged(house, who)
        if url.startswith("/api/"):
            response = client.post(url, json={"events": []}, headers=headers)
        else:
            response = client.post(url, data={"reason": "x", "csrf_token": ""}, headers=headers)
        assert response.status_code == 400, f"{endpoint} as {who}: {response.status_code}"
        assert not watch.saw_a_change(), endpoint
        tried += 1
    assert tried > 35


def test_nothing_is_changed_by_following_a_link(house: House) -> None:
    """A page that is only looked at leaves the tables as they are; opening a file is recorded, and papers are."""
    recorded = {"audit_entry", "web_session"}
    for endpoint in POSTS:
        if "GET" not in methods_of(house, endpoint):
            continue
        who = someone(endpoint)
        before = tables(house)
        house.ask(
            who, "GET", address(house, endpoint, MATRIX[endpoint], own(house.world.own, MATRIX[endpoint], who), "GET")
        )
        changed = {name for name, rows in tables(house).items() if rows != before[name]}
        assert changed <= recorded, endpoint


def tables(house: House) -> dict[str, list[tuple]]:
    connection = sqlite3.connect(house.world.path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    connection.close()
    return found


# Z03: fields that a form does not offer

EXTRA: dict[str, object] = {
    "id": "1", "body_id": "{foreign}", "role": "body_admin", "roles_held": "body_admin", "state": "approved",
    "score": "80", "points": "80", "admitted": "1", "is_correct": "1", "awarded": "1", "actor": "account:1",
    "author_id": "{stranger}", "approved_by": "{stranger}", "account_id": "{stranger}", "commission_id": "{foreign}",
    "created_at": "2020-01-01", "deadline": "2030-01-01T00:00:00+00:00", "minutes_left": "600", "permissions": "all",
    "code_hash": "0", "live_session": "0", "now": "2020-01-01T00:00:00+00:00",
}  # fmt: skip


def extra(house: House) -> dict[str, object]:
    places = {"foreign": house.world.foreign.body_id, "stranger": house.world.foreign.ids["account_id"]}
    return {name: str(value).format(**places) for name, value in EXTRA.items()}


def question() -> dict[str, object]:
    data: dict[str, object] = {
        "client_key": "a" * 32, "place": "att-care:D2", "kind": "single", "level": "application", "difficulty": "55",
        "act": "Бұйрық", "provision": "13-тармақ", "as_of": "2025-01-01",
        "stem_kk": "Қызметкер ең алдымен не істеуі керек?", "stem_ru": "Что работник должен сделать прежде всего?",
        "rationale_kk": "Ережеде солай көрсетілген.", "rationale_ru": "Так указано в правилах.",
        "options-1-correct": "y", "deed": "save",
    }  # fmt: skip
    for place, letter in enumerate("abc"):
        data |= {
            f"options-{place}-id": letter, f"options-{place}-kk": f"Қазақша нұсқа {letter}",
            f"options-{place}-ru": f"Русский вариант {letter}",
        }  # fmt: skip
    return data


def test_a_question_belongs_to_its_author_whatever_the_form_says(house: House) -> None:
    before = tables(house)["item"]
    response = house.ask("author", "POST", "/author/items/new", question() | extra(house))
    assert response.status_code == 302, re.findall(r'field-error"[^>]*>(.*?)</p>', text_of(response))
    (made,) = rows(house, "SELECT i.body_id, v.author_id, v.state, v.approved_by FROM item i JOIN item_version v"
                          " ON v.item_id = i.id ORDER BY i.id DESC LIMIT 1")  # fmt: skip
    assert len(tables(house)["item"]) == len(before) + 1
    assert made == (house.world.own.body_id, house.world.own.ids["account_id"], "draft", None)


def test_an_answer_brings_no_points(house: House) -> None:
    """The attempt's own rows change only by its rules: no deadline, state or mark comes from a form."""
    attempt_id = house.world.own.ids["running_attempt_id"]
    before = rows(house, f"SELECT state, deadline, minutes, form_id FROM attempt WHERE id = '{attempt_id}'")
    event = {
        "key": "7f1f4a3e-0000-4000-8000-000000000001", "slot": 2, "choice": ["a"], "flagged": False, "language": "kk",
        "at_ms": 1,
    }  # fmt: skip
    response = house.ask(CANDIDATE, "POST", "/api/attempt/events", {"events": [event | extra(house)]} | extra(house))
    assert response.status_code == 200
    form = {"slot": "3", "choice": "a", "key": "7f1f4a3e-0000-4000-8000-000000000002", "language": "kk"}
    assert house.ask(CANDIDATE, "POST", "/candidate/answer", form | extra(house)).status_code == 302
    assert rows(house, f"SELECT state, deadline, minutes, form_id FROM attempt WHERE id = '{attempt_id}'") == before
    assert rows(house, f"SELECT count(*) FROM answer_event WHERE attempt_id = '{attempt_id}'") == [(3,)]
    assert rows(house, "SELECT count(*) FROM mark WHERE result_id IN (SELECT id FROM result WHERE points > 0)") == [
        (0,)
    ]


def test_finishing_with_points_in_the_form_gives_none(house: House) -> None:
    attempt_id = house.world.own.ids["running_attempt_id"]
    assert house.ask(CANDIDATE, "POST", "/candidate/finish", extra(house)).status_code == 302
    ((points, most, admitted),) = rows(
        house, f"SELECT points, max_points, admitted FROM result WHERE attempt_id = '{attempt_id}'"
    )
    assert points <= 1 and most == 80 and not admitted


def test_a_new_member_gets_only_the_roles_that_were_offered(house: House) -> None:
    own_side, foreign = house.world.own, house.world.foreign
    data = extra(house) | {"name": "Жаңа адам", "login": "new-person", "password": "correct-horse-battery"}
    url = f"/admin/members/{own_side.body_id}/new"
    refused = house.ask("body_admin", "POST", url, data | {"roles": "ministry_admin"})
    assert refused.status_code == 422
    assert rows(house, "SELECT count(*) FROM account WHERE login = 'new-person'") == [(0,)]
    assert house.ask("body_admin", "POST", url, data | {"roles": "member"}).status_code == 302
    held = rows(house, "SELECT m.body_id, m.role FROM membership m JOIN account a ON a.id = m.account_id"
                       " WHERE a.login = 'new-person'")  # fmt: skip
    assert held == [(own_side.body_id, "member")]
    assert foreign.body_id not in {body_id for body_id, _ in held}


def test_a_form_approved_by_its_maker_stays_unapproved(house: House) -> None:
    """Both roles in one person and an approver named in the form: still four eyes."""
    side = house.world.own
    with house.app.extensions["cbt"].database.transaction() as session:
        body = session.get_one(Body, side.body_id)
        accounts.grant_role(
            session, account_id=side.actors["author"].account_id, body=body, role="reviewer", actor_id=None,
            now=factories.NOW,
        )  # fmt: skip
    for url, seen in (
        (f"/reviewer/forms/{side.ids['form_id']}/approve", {"seen": side.ids["form_hash"]}),
        (f"/reviewer/blueprints/{side.ids['blueprint_id']}/approve", {"seen": side.ids["blueprint_hash"]}),
    ):
        house.ask("author", "POST", url, extra(house) | seen)
    states = rows(house, f"SELECT state FROM form WHERE id = {side.ids['form_id']}")
    states += rows(house, f"SELECT state FROM blueprint WHERE id = {side.ids['blueprint_id']}")
    assert states == [("drafted",), ("drafted",)]


def test_a_sitting_stays_in_its_body_whatever_the_form_says(house: House) -> None:
    side = house.world.own
    before = rows(house, "SELECT id, body_id, state FROM sitting")
    for who in ("secretary", "invigilator"):
        for path in ("edit", "register", "cancel"):
            house.ask(who, "POST", f"/invigilator/sittings/{side.ids['planned_sitting_id']}/{path}", extra(house))
    assert rows(house, "SELECT id, body_id, state FROM sitting") == before


def rows(house: House, statement: str) -> list[tuple]:
    connection = sqlite3.connect(house.world.path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


# Z05: a role taken back counts from the next request

PAGES = {
    "author": "/author/items",
    "reviewer": "/reviewer/queue",
    "invigilator": "/invigilator/sittings",
    "secretary": "/commission/sittings",
    "member": "/commission/sittings",
    "chair": "/commission/sittings",
    "body_admin": "/admin/members",
    "ministry_admin": "/admin/bodies",
    "auditor": "/admin/audit",
}


# Another role stays, so that what is refused is the page and not the whole account.
SPARE = {"auditor": "author", "ministry_admin": "auditor", "body_admin": "member"}


@pytest.mark.parametrize("who", sorted(PAGES))
def test_a_role_taken_back_closes_the_next_page(house: House, who: str) -> None:
    assert house.ask(who, "GET", PAGES[who]).status_code == 200
    actor = house.world.own.actors[who]
    with house.app.extensions["cbt"].database.transaction() as session:
        body = session.get_one(Body, actor.body_id)
        spare = SPARE.get(who, "body_admin")
        accounts.grant_role(
            session, account_id=actor.account_id, body=body, role=spare, actor_id=None, now=factories.NOW
        )
        held = select(Membership).where(Membership.account_id == actor.account_id, Membership.role == who)
        session.scalars(held).one().ended_at = factories.NOW
    assert house.ask(who, "GET", PAGES[who]).status_code == (200 if PAGES[who] in ALSO_OPEN.get(spare, ()) else 403)
    assert house.ask(who, "GET", "/account").status_code == 200


# What the role that stays opens by itself.
ALSO_OPEN = {"body_admin": {"/invigilator/sittings"}}


@pytest.mark.parametrize("who", ["author", "secretary", "ministry_admin"])
def test_a_closed_account_is_signed_out_at_once(house: House, who: str) -> None:
    with house.app.extensions["cbt"].database.transaction() as session:
        account = session.get_one(Account, house.world.own.actors[who].account_id)
        account.disabled_at = factories.NOW
    response = house.ask(who, "GET", PAGES[who])
    assert (response.status_code, response.location.partition("?")[0]) == (302, "/login")


def test_a_candidate_taken_off_the_list_is_signed_out_at_once(house: House) -> None:
    assert house.ask(CANDIDATE, "GET", "/candidate/exam").status_code == 200
    with house.app.extensions["cbt"].database.transaction() as session:
        registration = session.get_one(Registration, house.world.own.ids["running_registration_id"])
        registration.withdrawn_at = factories.NOW
    assert house.ask(CANDIDATE, "GET", "/candidate/exam").status_code == 302
    assert house.ask(CANDIDATE, "GET", "/api/attempt").status_code == 401


def test_everybody_is_asked_for(house: House) -> None:
    assert set(PAGES) | {CANDIDATE, NOBODY} == set(WHO)
