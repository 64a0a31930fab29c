"""The first page, the pages of errors, and the log: honest, in both languages, without a trace of the inside."""

from __future__ import annotations

import io
import logging
import re

import pytest
from flask import Flask

from cbt.accounts.permissions import PUBLIC
from cbt.db import Database
from cbt.errors import Refusal
from cbt.logs import OneRecord
from cbt.web.guard import permit
from tests.factories import make_body, make_staff, sign_in

SECRET = "SELECT password_hash FROM account WHERE login = 'x'"


def test_the_first_page_has_three_doors_and_the_numbers_of_the_rules(app: Flask) -> None:
    page = app.test_client().get("/").get_data(as_text=True)
    for address in ("/candidate/login", "/practice", "/login", "#about"):
        assert f'href="{address}"' in page
    assert re.findall(r"<strong>(\d+)</strong>", page) == ["80", "60", "50", "2"]
    assert "25-ө" in page


@pytest.mark.parametrize(
    ("kind", "role", "place"),
    [
        ("oblast", "author", "/author/items"),
        ("oblast", "body_admin", None),
        ("oblast", "auditor", None),
        ("ministry", "ministry_admin", "/admin/members"),
        ("ministry", "auditor", None),
    ],
)
def test_the_day_of_staff_begins_at_their_first_section(app: Flask, kind: str, role: str, place: str | None) -> None:
    with app.extensions["cbt"].database.transaction() as session:
        make_staff(session, make_body(session, kind), role, login="somebody")
    client = sign_in(app.test_client(), "somebody")
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"] != "/"
    if place:
        assert response.headers["Location"] == place
    assert client.get(response.headers["Location"]).status_code == 200


def test_the_machine_room_asks_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "up"}
    assert client.get("/readyz").get_json() == {"status": "ready"}


def test_a_database_that_is_behind_is_not_ready(app: Flask) -> None:
    database: Database = app.extensions["cbt"].database
    with database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.get_json()) == (503, {"status": "not ready"})


def test_a_database_that_is_gone_is_not_ready_and_says_nothing_more(app: Flask) -> None:
    database: Database = app.extensions["cbt"].database
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.commit()
    assert app.test_client().get("/readyz").status_code == 503


# O09: pages of errors


@pytest.fixture
def broken(app: Flask) -> Flask:
    """The application with an address that fails inside, as a page and as data."""

    @permit(PUBLIC)
    def fault() -> str:
        raise RuntimeError(SECRET)

    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/fault", "fault", fault)
    app.add_url_rule("/api/fault", "api_fault", fault)
    return app


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_fault_shows_a_reference_and_nothing_of_the_inside(
    broken: Flask, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = broken.test_client()
    client.get(f"/language/{language}")
    response = client.get("/fault")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert f'<html lang="{language}">' in page
    for inside in (SECRET, "RuntimeError", "Traceback", "/work", "site-packages", "cbt.web"):
        assert inside not in page
    reference = re.search(r"fault ([0-9A-F]{8})", caplog.text)
    assert reference
    assert reference[1] in page
    assert SECRET in caplog.text


def test_a_fault_of_the_api_is_data_with_the_same_reference(broken: Flask, caplog: pytest.LogCaptureFixture) -> None:
    response = broken.test_client().get("/api/fault")
    data = response.get_json()
    assert response.status_code == 500
    assert set(data) == {"code", "message", "facts"}
    assert data["code"] == "fault"
    assert f"fault {data['facts']['reference']}" in caplog.text
    assert SECRET not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/login", 405), ("GET", "/logout", 405), ("GET", "/admin/members/x/new", 404)],
)
def test_errors_are_pages_for_people_and_data_for_programs(app: Flask, method: str, path: str, status: int) -> None:
    client = app.test_client()
    response = client.open(path, method=method)
    assert response.status_code == status
    assert "<h1>" in response.get_data(as_text=True)
    assert client.open(f"/api{path}").get_json()["code"].startswith("http_4")


def test_a_body_of_ten_megabytes_is_refused_in_a_sentence(app: Flask) -> None:
    client = app.test_client()
    response = client.post("/login", data={"login": "x" * 10_000_000, "password": "x"})
    assert response.status_code == 413
    assert "<h1>" in response.get_data(as_text=True)


def test_every_page_carries_the_headers_that_keep_it_to_itself(app: Flask) -> None:
    headers = app.test_client().get("/").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Server" not in headers or "Werkzeug" not in headers["Server"]


# I11: the log


def logged(*records: tuple[str, object]) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneRecord("%(levelname)s %(message)s"))
    logger = logging.getLogger("test.log")
    logger.handlers, logger.propagate = [handler], False
    for text, value in records:
        logger.error(text, value)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x1b[2K\n"])
def test_a_line_end_in_a_name_forges_no_line_of_the_log(end: str) -> None:
    lines = logged(("sign-in of %s", f"Ivan{end}ERROR account 1 signed in"))
    assert [line for line in lines if line.startswith("ERROR")] == [lines[0]]
    assert all(line.startswith("    | ") for line in lines[1:])
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]", "".join(lines))


def test_a_trace_in_the_log_is_set_in_under_its_record() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneRecord("%(levelname)s %(message)s"))
    logger = logging.getLogger("test.trace")
    logger.handlers, logger.propagate = [handler], False
    try:
        raise Refusal("unknown", name="x\nERROR forged")
    except Refusal:
        logger.exception("fault")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "ERROR fault"
    assert all(line.startswith("    | ") for line in lines[1:])
