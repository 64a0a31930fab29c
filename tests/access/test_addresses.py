"""Addresses that nobody would type in good faith: a plain answer, never an error of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BaseConverter, IntegerConverter

from cbt.accounts.permissions import ROLES_OF_BODY
from cbt.app import create_app
from cbt.db import Database
from tests import exam as exams
from tests import factories
from tests.conftest import settings_for

NUMBERS = ("0", "1", "999999", str(2**31), str(2**63 - 1), str(2**63), "9" * 40, "-1", "1.5", "٣")
TEXTS = ("x", "\x00", "a\x00b", "'; --", "../..", "%", "Ә" * 300, "9" * 5000, "\u202e", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"))  # fmt: skip
QUERY_NAMES = (
    "q", "page", "sort", "position", "area", "state", "body", "show", "tag", "actor", "subject", "since", "until", "next",
    "slot", "language", "v", "when", "author", "from", "to", "number", "seen", "gate", "incidents", "login",
)  # fmt: skip
ANSWERS = {200, 302, 304, 308, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429}


@pytest.fixture
def site(db: Database) -> Iterator[Flask]:
    app = create_app(settings_for(db.url))
    yield app
    app.extensions["cbt"].database.dispose()


@pytest.fixture
def browsers(site: Flask, db: Database) -> list[FlaskClient]:
    """One person with every role of an oblast, the ministry's administrator, and a candidate who is writing."""
    now = datetime.now(UTC)
    exam = exams.build(db, now=now)
    with db.transaction() as session:
        ministry = factories.make_body(session, "ministry", now=now)
        oblast = factories.make_body(session, parent=ministry, now=now)
        staff = factories.make_staff(session, oblast, *ROLES_OF_BODY["oblast"], now=now)
        head = factories.make_staff(session, ministry, "ministry_admin", now=now)
        logins = [factories.login_of(session, each) for each in (staff, head)]
    exams.start(db, exam, now=now)
    signed_in = [factories.sign_in(site.test_client(), login) for login in logins]
    writing = site.test_client()
    writing.set_cookie("cbt-device", "device")
    factories.post(writing, "/candidate/login", {"iin": exam.iins[0], "code": exam.codes[0]})
    return [*signed_in, writing]


def browser_for(url: str, browsers: list[FlaskClient]) -> FlaskClient:
    """Whoever gets past the door there."""
    staff, head, writing = browsers
    if url.startswith(("/candidate", "/api/")):
        return writing
    return head if url.startswith("/admin") else staff


def values_for(converter: BaseConverter) -> tuple[str, ...]:
    return NUMBERS if isinstance(converter, IntegerConverter) else TEXTS


def odd_addresses(site: Flask) -> Iterator[str]:
    """Each argument of each address in turn replaced by something odd, the others being plain."""
    for rule in site.url_map.iter_rules():
        for chosen, converter in rule._converters.items():
            for value in values_for(converter):
                parts = {
                    name: quote(value if name == chosen else "1", safe="") for name in rule._converters
                }  # fmt: skip
                yield "".join(parts[part] if is_dynamic else part for is_dynamic, part in rule._trace[1:])


def test_no_odd_address_breaks_the_server(site: Flask, browsers: list[FlaskClient]) -> None:
    tried, broken = 0, set()
    for url in odd_addresses(site):
        for method in ("GET", "POST"):
            response = browser_for(url, browsers).open(url, method=method, headers={"X-CSRFToken": "wrong"})
            if response.status_code not in ANSWERS:
                broken.add(f"{method} {url[:200]}: {response.status_code}")
            tried += 1
    assert not broken
    assert tried > 1000


def test_no_odd_question_in_an_address_breaks_the_server(site: Flask, browsers: list[FlaskClient]) -> None:
    pages = [
        rule.rule
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "public.readyz"
    ]
    broken = set()
    for page in pages:
        for value in ("0", "-1", str(2**63), "9" * 40, "٣", "\x00", "'; --", "Ә" * 300, "\u202e"):
            asked = "&".join(f"{name}={quote(value)}" for name in QUERY_NAMES)
            response = browser_for(page, browsers).get(f"{page}?{asked}")
            if response.status_code not in ANSWERS:
                broken.add(f"{page} {value[:40]!r}: {response.status_code}")
    assert not broken


def test_no_odd_character_in_a_form_breaks_the_server(site: Flask, browsers: list[FlaskClient]) -> None:
    """The zero character in every field that a page offers: PostgreSQL could neither keep it nor look for it."""
    broken, tried = set(), 0
    for rule in site.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/") or "logout" in rule.rule:
            continue
        url = re.sub(r"<int[^>]*>", "1", re.sub(r"<(?!int)[^>]*>", "att-care", rule.rule))
        browser = browser_for(url, browsers)
        page = browser.get(url).get_data(as_text=True) if "GET" in (rule.methods or ()) else ""
        names = set(re.findall(r'name="([^"]+)"', page)) | {"reason", "q", "name", "login", "code", "iin", "seen"}
        token = factories.csrf(browser, "/account" if browser is not browsers[-1] else "/login")
        data = dict.fromkeys(names - {"csrf-token", "csrf_token"}, "a\x00b") | {"csrf_token": token}
        response = browser.post(url, data=data)
        tried += 1
        if response.status_code not in ANSWERS:
            broken.add(f"{url}: {response.status_code}")
    assert not broken
    assert tried > 30
