"""Administrators in a browser: their people, their bodies, the record, and nothing of anybody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cbt.accounts import actions, queries
from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body, Membership
from cbt.audit import queries as audit
from cbt.audit.actions import record, seal
from cbt.audit.tags import TAGS
from cbt.db import Database
from cbt.web.admin.words import FACT_WORDS, TAG_WORDS
from tests.factories import PASSWORD, csrf, make_body, make_staff, sign_in

NOW = datetime.now(UTC)


@dataclass
class Place:
    app: Flask
    database: Database
    ministry: Body
    oblast: Body
    rayon: Body
    foreign: Body
    admin: Actor
    author: Actor
    stranger: Actor

    def client(self, login: str = "admin") -> FlaskClient:
        return sign_in(self.app.test_client(), login)

    def roles_of(self, account_id: int) -> dict[int, set[str]]:
        with self.database.reading() as session:
            return {body.id: set(roles) for body, roles in queries.bodies_of(session, account_id)}


@pytest.fixture
def place(app: Flask) -> Place:
    database = app.extensions["cbt"].database
    with database.transaction() as session:
        ministry = make_body(session, "ministry")
        oblast, foreign = make_body(session, name="Ақмола"), make_body(session, name="Абай")
        rayon = make_body(session, "rayon", parent=oblast, name="Аршалы")
        make_staff(session, ministry, "ministry_admin", login="head")
        make_staff(session, rayon, "body_admin", login="rayon")
        return Place(
            app=app,
            database=database,
            ministry=ministry,
            oblast=oblast,
            rayon=rayon,
            foreign=foreign,
            admin=make_staff(session, oblast, "body_admin", login="admin", name="Ерлан Мұқанов"),
            author=make_staff(session, oblast, "author", login="author", name="Сәуле Ахметова"),
            stranger=make_staff(session, foreign, "body_admin", login="stranger", name="Бөтен Адам"),
        )


def post(client: FlaskClient, path: str, **data: object):
    return client.post(path, data={"csrf_token": csrf(client, "/account"), **data})


def text(response) -> str:
    return response.get_data(as_text=True)


# People


def test_the_list_shows_the_people_of_the_body_with_their_roles_in_words(place: Place) -> None:
    page = text(place.client().get("/admin/members"))
    assert "Сәуле Ахметова" in page
    assert "Ерлан Мұқанов" in page
    assert "Бөтен Адам" not in page
    assert "body_admin" not in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("сәуле", True), ("AUTHOR", True), ("ахметова сәуле", True), ("nobody", False), ("%", False)],
)
def test_people_are_found_by_name_login_or_role(place: Place, words: str, found: bool) -> None:
    response = place.client().get("/admin/members", query_string={"q": words})
    assert response.status_code == 200
    assert ("Сәуле Ахметова" in text(response)) is found
    assert ('class="empty"' in text(response)) is not found


def test_a_long_list_has_pages(place: Place) -> None:
    with place.database.transaction() as session:
        body = session.get_one(Body, place.oblast.id)
        for number in range(30):
            account = Account(login=f"p{number}", name=f"Адам {number:02d}", password_hash="x", created_at=NOW)
            session.add(account)
            session.flush()
            actions.grant_role(session, account_id=account.id, body=body, role="member", actor_id=None, now=NOW)
    client = place.client()
    assert len(re.findall('<th scope="row">', text(client.get("/admin/members")))) == 25
    assert len(re.findall('<th scope="row">', text(client.get("/admin/members?page=2")))) == 7
    assert client.get("/admin/members?page=999&body=&show=x").status_code == 200


def test_a_person_is_added_and_can_sign_in(place: Place) -> None:
    client = place.client()
    response = post(
        client, f"/admin/members/{place.oblast.id}/new",
        name="Жаңа Адам", login="New.Person", password="quite another words", roles=["author", "member"],
    )  # fmt: skip
    assert response.status_code == 302
    page = text(client.get(response.headers["Location"]))
    assert "Жаңа Адам" in page
    sign_in(place.app.test_client(), "new.person", "quite another words")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": ""}, "login"),
        ({"login": "сауле"}, "login"),
        ({"login": "a\x01bc"}, "login"),
        ({"name": " "}, "name"),
        ({"name": "<b>\u200b"}, "name"),
        ({"name": "ә" * 201}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "z" * 300}, "password"),
        ({"roles": []}, "roles"),
        ({"roles": ["ministry_admin"]}, "roles"),
    ],
)
def test_a_wrong_new_person_is_told_at_the_field_and_what_was_typed_stays(
    place: Place, changes: dict[str, object], field: str
) -> None:
    given = {"name": "Жаңа Адам", "login": "newcomer", "password": "quite another words", "roles": ["author"]} | changes
    response = post(place.client(), f"/admin/members/{place.oblast.id}/new", **given)
    page = text(response)
    assert response.status_code == 422
    assert f'id="{field}-error"' in page
    assert "quite another words" not in page
    if field != "name":
        assert 'value="Жаңа Адам"' in page
    with place.database.reading() as session:
        assert queries.account_by_login(session, "newcomer") is None


def test_a_known_login_leads_to_roles_for_the_same_account(place: Place) -> None:
    client = place.client()
    given = {"name": "Бөтен Адам", "login": "stranger", "password": "quite another words", "roles": ["author"]}
    response = post(client, f"/admin/members/{place.oblast.id}/new", **given)
    assert response.status_code == 422
    link = f"/admin/members/{place.oblast.id}/known?login=stranger"
    assert f'href="{link}"' in text(response)
    assert 'value="stranger"' in text(client.get(link))
    response = post(client, link, login="stranger", roles=["member"])
    assert response.status_code == 302
    assert place.roles_of(place.stranger.account_id) == {
        place.foreign.id: {"body_admin"}, place.oblast.id: {"member"},
    }  # fmt: skip
    page = text(client.get(response.headers["Location"]))
    assert "/password" not in page
    assert "/close" not in page


@pytest.mark.parametrize("login", ["nobody", "", "әлия", "x" * 300])
def test_a_login_that_nobody_has_is_told_at_the_field(place: Place, login: str) -> None:
    response = post(place.client(), f"/admin/members/{place.oblast.id}/known", login=login, roles=["member"])
    assert response.status_code == 422
    assert 'id="login-error"' in text(response)


def test_roles_are_given_and_taken_back_after_a_second_look(place: Place) -> None:
    client = place.client()
    here = f"/admin/members/{place.oblast.id}/{place.author.account_id}"
    assert post(client, here, roles=["reviewer"]).status_code == 302
    assert place.roles_of(place.author.account_id)[place.oblast.id] == {"author", "reviewer"}
    question = client.get(f"{here}/end/author")
    assert question.status_code == 200
    assert place.roles_of(place.author.account_id)[place.oblast.id] == {"author", "reviewer"}
    assert post(client, f"{here}/end/author").headers["Location"] == here
    assert place.roles_of(place.author.account_id)[place.oblast.id] == {"reviewer"}
    assert client.get(f"{here}/end/author").status_code == 404


def test_an_administrator_changes_nothing_about_themselves(place: Place) -> None:
    client = place.client()
    here = f"/admin/members/{place.oblast.id}/{place.admin.account_id}"
    page = text(client.get(here))
    assert 'name="roles"' not in page
    assert post(client, here, roles=["reviewer"]).status_code == 422
    for deed in ("end/body_admin", "close"):
        assert post(client, f"{here}/{deed}").status_code == 422
    assert post(client, f"{here}/password", password="quite another words").status_code == 422
    assert place.roles_of(place.admin.account_id) == {place.oblast.id: {"body_admin"}}


def test_an_account_is_closed_and_opened_and_its_browser_is_out_at_once(place: Place) -> None:
    client, other = place.client(), place.client("author")
    here = f"/admin/members/{place.oblast.id}/{place.author.account_id}"
    assert client.get(f"{here}/close").status_code == 200
    assert other.get("/account").status_code == 200
    assert post(client, f"{here}/close").status_code == 302
    assert other.get("/account").status_code == 302
    assert post(client, f"{here}/open").status_code == 302
    sign_in(place.app.test_client(), "author")


def test_a_new_password_for_somebody_replaces_the_old_one(place: Place) -> None:
    client, other = place.client(), place.client("author")
    here = f"/admin/members/{place.oblast.id}/{place.author.account_id}/password"
    assert post(client, here, password="short").status_code == 422
    assert post(client, here, password="quite another words").status_code == 302
    assert other.get("/account").status_code == 302
    sign_in(place.app.test_client(), "author", "quite another words")


# Whose people: foreign bodies are not there


def addresses(body_id: int, account_id: int) -> list[tuple[str, str]]:
    person = f"/admin/members/{body_id}/{account_id}"
    pages = [
        f"/admin/members?body={body_id}", f"/admin/members/{body_id}/new", f"/admin/members/{body_id}/known", person,
        f"{person}/end/body_admin", f"{person}/close", f"{person}/open", f"{person}/password",
        f"/admin/bodies/{body_id}/new",
    ]  # fmt: skip
    return [("GET", page) for page in pages] + [("POST", page) for page in pages[1:]]


@pytest.mark.parametrize("login", ["admin", "rayon"])
def test_a_foreign_body_is_not_there(place: Place, login: str) -> None:
    client = place.client(login)
    token = csrf(client, "/account")
    for method, path in addresses(place.foreign.id, place.stranger.account_id):
        data = {"csrf_token": token, "login": "stranger", "name": "Адам", "password": PASSWORD, "roles": "author"}
        response = client.open(path, method=method, data=data if method == "POST" else None)
        assert response.status_code == 404, (method, path)
    assert place.roles_of(place.stranger.account_id) == {place.foreign.id: {"body_admin"}}
    sign_in(place.app.test_client(), "stranger")


def test_a_foreign_person_is_not_there_in_ones_own_body(place: Place) -> None:
    client = place.client()
    token = csrf(client, "/account")
    for method, path in addresses(place.oblast.id, place.stranger.account_id):
        if str(place.stranger.account_id) in path.split("/"):
            response = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert response.status_code == 404, (method, path)


@pytest.mark.parametrize("login", ["author"])
def test_who_is_no_administrator_sees_none_of_these_pages(place: Place, login: str) -> None:
    client = place.client(login)
    token = csrf(client, "/account")
    for method, path in [*addresses(place.oblast.id, place.author.account_id), ("GET", "/admin/audit")]:
        response = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert response.status_code == 403, (method, path)


def test_the_ministry_names_the_administrators_of_oblasts_and_no_other_role(place: Place) -> None:
    client = place.client("head")
    page = text(client.get(f"/admin/members?body={place.oblast.id}"))
    assert "Ерлан Мұқанов" in page
    assert "Сәуле Ахметова" not in page
    path = f"/admin/members/{place.oblast.id}/new"
    assert re.findall(r'name="roles"[^>]*value="(\w+)"', text(client.get(path))) == ["body_admin"]
    given = {"name": "Жаңа Адам", "login": "newcomer", "password": "quite another words"}
    assert post(client, path, roles=["author"], **given).status_code == 422
    assert post(client, path, roles=["body_admin"], **given).status_code == 302
    assert client.get(f"/admin/members?body={place.rayon.id}").status_code == 404


def test_an_oblast_manages_the_people_of_its_rayons(place: Place) -> None:
    client = place.client()
    given = {"name": "Аудан Адамы", "login": "newcomer", "password": "quite another words", "roles": ["chair"]}
    assert post(client, f"/admin/members/{place.rayon.id}/new", **given).status_code == 302
    assert "Аудан Адамы" in text(client.get(f"/admin/members?body={place.rayon.id}"))


# Bodies


def test_the_tree_of_bodies_shows_what_is_under_one(place: Place) -> None:
    page = text(place.client().get("/admin/bodies"))
    assert "Аршалы" in page
    assert "Абай" not in page
    everything = text(place.client("head").get("/admin/bodies"))
    assert all(name in everything for name in ("Ақмола", "Абай", "Аршалы"))
    assert text(place.client("head").get("/admin/bodies?q=арша")).count('<th scope="row"') == 1
    assert 'class="empty"' in text(place.client("head").get("/admin/bodies?q=zzzz"))


def test_a_rayon_body_is_added_with_a_code_of_the_oblast(place: Place) -> None:
    client = place.client()
    path = f"/admin/bodies/{place.oblast.id}/new"
    given = {"name_kk": "Целиноград ауданы", "name_ru": "Целиноградский район", "name_en": "Tselinograd District"}
    wrong = post(client, path, kato="990000000", **given)
    assert wrong.status_code == 422
    assert 'id="kato-error"' in text(wrong)
    assert 'value="Целиноградский район"' in text(wrong)
    assert post(client, path, kato=f"{place.oblast.kato[:2]}9900000", **given).status_code == 302
    assert "Целиноград ауданы" in text(client.get("/admin/bodies"))
    with place.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Body).where(Body.parent_id == place.oblast.id)) == 2


def test_a_rayon_has_nothing_under_it(place: Place) -> None:
    client = place.client("rayon")
    assert client.get("/admin/bodies").status_code == 200
    assert client.get(f"/admin/bodies/{place.rayon.id}/new").status_code == 404


# The record


def test_every_tag_and_every_fact_has_words() -> None:
    assert set(TAG_WORDS) == set(TAGS)
    assert {fact for facts in TAGS.values() for fact in facts} == set(FACT_WORDS)


def test_the_record_shows_deeds_of_ones_body_in_words(place: Place) -> None:
    client = place.client()
    page = text(client.get("/admin/audit"))
    assert "Сәуле Ахметова" in page
    assert "Бөтен Адам" not in page
    assert "member.granted" not in re.sub(r"<option[^>]*>", "", page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"tag": "account.created"}, True),
        ({"tag": "item.approved"}, False),
        ({"tag": "no.such.tag"}, True),
        ({"actor": "system"}, True),
        ({"actor": "account:999"}, False),
        ({"subject": "SELF"}, True),
        ({"since": "TODAY"}, False),
        ({"until": "2026-03-16"}, True),
        ({"until": "2026-03-15"}, False),
        ({"since": "2026-02-30"}, True),
        ({"page": "99999"}, True),
        ({"since": "9999-12-31", "until": "0001-01-01"}, True),
    ],
)
def test_the_record_is_searched_by_deed_person_thing_and_day(place: Place, query: dict[str, str], found: bool) -> None:
    client = place.client()
    marks = {"SELF": place.author.label, "TODAY": f"{NOW + timedelta(days=2):%Y-%m-%d}"}
    response = client.get("/admin/audit", query_string={name: marks.get(value, value) for name, value in query.items()})
    assert response.status_code == 200
    table = text(response).partition("<tbody>")[2]
    assert ("Сәуле Ахметова" in table) is found


def test_the_head_of_the_chain_is_shown_as_it_stands(place: Place) -> None:
    client = place.client()
    with place.database.transaction() as session:
        seal(session, now=NOW)
    with place.database.reading() as session:
        head = audit.head(session)
    shown = re.findall(r"<span>([0-9a-f]{8})</span>", text(client.get("/admin/audit")))
    assert "".join(shown) == head


def test_facts_of_the_record_are_shown_as_text_and_never_as_markup(place: Place) -> None:
    with place.database.transaction() as session:
        record(
            session, "item.retired", actor=place.author.label, subject="item:1", body_id=place.oblast.id, now=NOW,
            version=1, reason="<script>alert(1)</script>",
        )  # fmt: skip
    page = text(place.client().get("/admin/audit"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("tag", "facts", "words"),
    [
        ("attempt.started", {"language": "ru"}, "</span> орыс<"),
        ("blueprint.drafted", {"areas": {"D1": 10, "D2": 14}}, "D1: 10, D2: 14"),
    ],
)
def test_facts_kept_as_codes_are_read_in_words(place: Place, tag: str, facts: dict[str, object], words: str) -> None:
    rest = {"deadline": NOW.isoformat(), "position": "att-care", "number": 1}
    rest = {name: value for name, value in rest.items() if name in TAGS[tag]}
    with place.database.transaction() as session:
        record(
            session, tag, actor=place.author.label, subject="item:1", body_id=place.oblast.id, now=NOW, **rest, **facts
        )
    assert words in text(place.client().get(f"/admin/audit?tag={tag}"))


def test_every_kind_of_entry_can_be_shown(place: Place) -> None:
    values: dict[str, object] = {"role": "author", "position": "att-care", "code": "sign_in_wrong", "admitted": True}
    values |= dict.fromkeys(("opens_at", "closes_at", "deadline", "finished_at", "received_at"), NOW)
    with place.database.transaction() as session:
        for tag, facts in TAGS.items():
            record(
                session, tag, actor="system", subject="attempt:1", body_id=place.oblast.id, now=NOW,
                **{name: values.get(name, "x" * 64 if "hash" in name else "1") for name in facts},
            )  # fmt: skip
    client = place.client()
    for number in (1, 2, 3):
        assert client.get(f"/admin/audit?subject=attempt:1&page={number}").status_code == 200


def test_memberships_keep_who_gave_and_who_took(place: Place) -> None:
    client = place.client()
    here = f"/admin/members/{place.oblast.id}/{place.author.account_id}"
    post(client, here, roles=["member"])
    post(client, f"{here}/end/member")
    with place.database.reading() as session:
        row = session.scalars(select(Membership).where(Membership.role == "member")).one()
        assert (row.granted_by, row.ended_by) == (place.admin.account_id, place.admin.account_id)
