"""Addresses that nobody would type in good faith: a plain answer, never an error of the server."""

from __future__ import annotations

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
    tried = 0
    for url in odd_addresses(site):
        for browser in browsers:
            for method in ("GET", "POST"):
                if method == "POST" and "logout" in url:
                    continue
                response = browser.open(url, method=method, headers={"X-CSRFToken": "wrong"})
                assert response.status_code in ANSWERS, f"{method} {url[:200]}: {response.status_code}"
                tried += 1
    assert tried > 1000


def test_no_odd_question_in_an_address_breaks_the_server(site: Flask, browsers: list[FlaskClient]) -> None:
    pages = [
        rule.rule
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "public.readyz"
    ]
    for page in pages:
        for value in (*NUMBERS, *TEXTS):
            asked = "&".join(f"{name}={quote(value)}" for name in QUERY_NAMES)
            for browser in browsers:
                response = browser.get(f"{page}?{asked}")
                assert response.status_code in ANSWERS, f"{page} {value[:40]!r}: {response.status_code}"
