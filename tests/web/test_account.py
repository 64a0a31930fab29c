"""Signing in and out in a browser, cookies, the language, one's own account, and the body one acts in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from cbt.accounts import actions
from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, Body, Membership
from cbt.app import create_app
from cbt.db import Database
from tests.conftest import settings_for
from tests.factories import PASSWORD, csrf, make_body, make_staff, post, sign_in

ANOTHER = "quite another words"


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["cbt"].database


@pytest.fixture
def author(database: Database) -> Actor:
    with database.transaction() as session:
        return make_staff(session, make_body(session), "author", login="author")


def token_of(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return session["_user_id"]


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


# S01: fixation


def test_a_session_known_before_signing_in_is_worth_nothing_after(app: Flask, author: Actor) -> None:
    victim, thief = app.test_client(), app.test_client()
    thief.get("/login")
    planted = thief.get_cookie("cbt")
    assert planted is not None
    victim.set_cookie("cbt", planted.value)
    sign_in(victim, "author")
    assert is_signed_in(victim)
    assert not is_signed_in(thief)
    assert victim.get_cookie("cbt").value != planted.value  # type: ignore[union-attr]


def test_signing_in_again_makes_a_new_token_and_kills_the_old_one(app: Flask, author: Actor) -> None:
    client, copy = app.test_client(), app.test_client()
    sign_in(client, "author")
    first = token_of(client)
    copy.set_cookie("cbt", client.get_cookie("cbt").value)  # type: ignore[union-attr]
    assert is_signed_in(copy)
    token = csrf(client, "/account")
    client.post("/login", data={"login": "author", "password": PASSWORD, "csrf_token": token})
    assert token_of(client) != first
    assert is_signed_in(client)
    assert not is_signed_in(copy)


def test_a_form_token_of_before_the_sign_in_is_dead_after_it(app: Flask, author: Actor) -> None:
    client = app.test_client()
    before = csrf(client)
    sign_in(client, "author")
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


# S02, Z05: leavers


def test_signing_out_kills_the_session_and_not_only_the_cookie(app: Flask, author: Actor) -> None:
    client, copy = sign_in(app.test_client(), "author"), app.test_client()
    copy.set_cookie("cbt", client.get_cookie("cbt").value)  # type: ignore[union-attr]
    response = client.post("/logout", data={"csrf_token": csrf(client, "/account")})
    assert response.status_code == 302
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert not is_signed_in(client)
    assert not is_signed_in(copy)


def test_a_closed_account_is_out_at_the_next_request(app: Flask, database: Database, author: Actor) -> None:
    client = sign_in(app.test_client(), "author")
    with database.transaction() as session:
        admin = make_staff(session, session.get_one(Body, author.body_id), "body_admin")
        actions.disable_account(
            session, account=session.get_one(Account, author.account_id), actor=admin, now=datetime.now(UTC)
        )
    assert client.get("/account").status_code == 302


def test_a_role_taken_away_is_gone_at_the_next_request(app: Flask, database: Database, author: Actor) -> None:
    client = sign_in(app.test_client(), "author")
    with database.transaction() as session:
        body = session.get_one(Body, author.body_id)
        actions.grant_role(
            session, account_id=author.account_id, body=body, role="auditor", actor_id=None, now=datetime.now(UTC)
        )
    assert client.get("/admin/audit").status_code == 200
    with database.transaction() as session:
        row = session.query(Membership).filter_by(account_id=author.account_id, role="auditor").one()
        row.ended_at = datetime.now(UTC)
    assert client.get("/admin/audit").status_code == 403
    assert client.get("/account").status_code == 200


# S03: cookies


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("http://127.0.0.1:8000", "cbt", False), ("https://attest.example.kz", "__Host-cbt", True)],
)
def test_the_cookie_of_the_session_is_kept_from_scripts_and_other_sites(
    sqlite_db: Database, public_url: str, name: str, secure: bool
) -> None:
    application = create_app(settings_for(sqlite_db.url, public_url=public_url))
    response = application.test_client().get("/login", base_url=public_url)
    assert ("Strict-Transport-Security" in response.headers) == secure
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    parts = [part.strip() for part in cookies[0].split(";")]
    assert parts[0].startswith(f"{name}=")
    assert "HttpOnly" in parts
    assert "SameSite=Lax" in parts
    assert "Path=/" in parts
    assert ("Secure" in parts) is secure
    assert not any(part.startswith(("Domain", "Expires", "Max-Age")) for part in parts)
    application.extensions["cbt"].database.dispose()


# S04: guessing


def test_guessing_locks_one_account_and_not_the_address_it_comes_from(
    app: Flask, database: Database, author: Actor
) -> None:
    with database.transaction() as session:
        make_staff(session, make_body(session), "author", login="neighbour")
    client = app.test_client()
    answers = [post(client, "/login", {"login": "author", "password": f"guess {n}"}).status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert post(client, "/login", {"login": "author", "password": PASSWORD}).status_code == 429
    assert is_signed_in(sign_in(client, "neighbour"))


def test_a_refused_sign_in_keeps_the_login_and_never_the_password(app: Flask, author: Actor) -> None:
    page = post(app.test_client(), "/login", {"login": "Author", "password": "guess 1234567"}).get_data(as_text=True)
    assert 'value="Author"' in page
    assert "guess 1234567" not in page
    assert 'href="#login"' in page


@pytest.mark.parametrize(
    "data", [{}, {"login": "author"}, {"password": "x"}, {"login": "a" * 999, "password": "x" * 999}]
)
def test_an_incomplete_sign_in_is_told_at_the_field(app: Flask, data: dict[str, str]) -> None:
    response = post(app.test_client(), "/login", data)
    assert response.status_code == 422
    assert "field-error" in response.get_data(as_text=True)


@pytest.mark.parametrize("login", ["Сәуле", "a' OR 1=1 --", "<script>", "x\r\nSet-Cookie: a=b"])
def test_a_strange_login_is_wrong_and_nothing_worse(app: Flask, login: str) -> None:
    response = post(app.test_client(), "/login", {"login": login, "password": "x" * 12})
    assert response.status_code == 422
    assert "<script>x" not in response.get_data(as_text=True)


# The way back


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/account", "/account"),
        ("/admin/audit?tag=item.approved", "/admin/audit?tag=item.approved"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_comes_back_to_a_page_of_ours(app: Flask, author: Actor, target: str, place: str) -> None:
    client = app.test_client()
    data = {"login": "author", "password": PASSWORD, "csrf_token": csrf(client)}
    response = client.post("/login", query_string={"next": target}, data=data)
    assert response.headers["Location"] == place


@pytest.mark.parametrize("target", ["/\t/evil.example", "/\n/evil.example", "/%09/evil.example", "/ /evil.example"])
def test_a_way_back_with_hidden_characters_stays_on_our_host(app: Flask, author: Actor, target: str) -> None:
    client = app.test_client()
    data = {"login": "author", "password": PASSWORD, "csrf_token": csrf(client)}
    place = client.post("/login", query_string={"next": target}, data=data).headers["Location"]
    assert re.match(r"/(?![/\\\s])", place)


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(app: Flask, author: Actor) -> None:
    client = app.test_client()
    response = client.get("/account?x=1")
    assert response.headers["Location"] == "/login?next=/account?x%3D1"
    data = {"login": "author", "password": PASSWORD, "csrf_token": csrf(client)}
    assert client.post(response.headers["Location"], data=data).headers["Location"] == "/account?x=1"


def test_who_is_signed_in_does_not_see_the_sign_in_again(app: Flask, author: Actor) -> None:
    assert sign_in(app.test_client(), "author").get("/login").headers["Location"] == "/"


# Language


def test_the_language_changes_and_the_page_with_its_filters_stays(app: Flask, author: Actor) -> None:
    client = sign_in(app.test_client(), "author")
    address = "/account?q=%D3%99&page=2"
    page = client.get(address).get_data(as_text=True)
    link = re.search(r'href="(/language/ru\?[^"]+)"', page)
    assert link
    response = client.get(link[1].replace("&amp;", "&"))
    assert response.headers["Location"] == address
    assert '<html lang="ru">' in client.get(address).get_data(as_text=True)


def test_the_language_outlives_signing_in_and_out(app: Flask, author: Actor) -> None:
    client = app.test_client()
    client.get("/language/ru")
    sign_in(client, "author")
    assert '<html lang="ru">' in client.get("/account").get_data(as_text=True)
    client.post("/logout", data={"csrf_token": csrf(client, "/account")})
    assert '<html lang="ru">' in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("accepted", "language"), [("ru", "ru"), ("kk", "kk"), ("de", "kk"), ("en, ru;q=0.5", "ru"), (None, "kk")]
)
def test_the_first_page_speaks_the_language_of_the_browser(app: Flask, accepted: str | None, language: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    assert f'<html lang="{language}">' in app.test_client().get("/", headers=headers).get_data(as_text=True)


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/language/xx?next=//evil.example").headers["Location"] == "/"
    assert '<html lang="kk">' in client.get("/").get_data(as_text=True)


# Acting in a body


def test_one_acts_in_the_body_one_chooses_and_only_where_one_holds_a_role(
    app: Flask, database: Database, author: Actor
) -> None:
    with database.transaction() as session:
        second, foreign = make_body(session, name="Екінші басқарма"), make_body(session)
        actions.grant_role(
            session, account_id=author.account_id, body=second, role="auditor", actor_id=None, now=datetime.now(UTC)
        )
    client = sign_in(app.test_client(), "author")
    assert client.get("/admin/audit").status_code == 403
    token = csrf(client, "/account")
    assert client.post(f"/act-in/{second.id}", data={"csrf_token": token}).status_code == 302
    assert client.get("/admin/audit").status_code == 200
    assert "Екінші басқарма" in client.get("/account").get_data(as_text=True)
    for number in (foreign.id, 999_999):
        assert client.post(f"/act-in/{number}", data={"csrf_token": token}).status_code == 404
    assert client.get("/admin/audit").status_code == 200


# One's own password


def test_a_new_password_keeps_this_browser_in_and_puts_the_others_out(app: Flask, author: Actor) -> None:
    here, there = sign_in(app.test_client(), "author"), sign_in(app.test_client(), "author")
    data = {"current": PASSWORD, "password": ANOTHER, "again": ANOTHER, "csrf_token": csrf(here, "/account")}
    assert here.post("/account/password", data=data).headers["Location"] == "/account"
    assert is_signed_in(here)
    assert not is_signed_in(there)
    sign_in(app.test_client(), "author", ANOTHER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"current": "wrong"}, "current"),
        ({"current": ""}, "current"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "something else"}, "again"),
    ],
)
def test_a_wrong_new_password_is_told_at_its_field_and_changes_nothing(
    app: Flask, author: Actor, changes: dict[str, str], field: str
) -> None:
    client = sign_in(app.test_client(), "author")
    data = {"current": PASSWORD, "password": ANOTHER, "again": ANOTHER, "csrf_token": csrf(client, "/account")}
    response = client.post("/account/password", data=data | changes)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    sign_in(app.test_client(), "author")


# S12: forged forms


def test_no_address_takes_a_form_without_its_token(app: Flask, author: Actor) -> None:
    client = sign_in(app.test_client(), "author")
    tried = 0
    for rule in app.url_map.iter_rules():
        whole = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
        values = {name: 1 if name in whole else "x" for name in rule.arguments}
        for method in {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
            for who in (client, app.test_client()):
                response = who.open(path, method=method, data={})
                assert response.status_code in {400, 401, 403}, (method, path, response.status_code)
                tried += 1
    assert tried > 20
    assert is_signed_in(client)
