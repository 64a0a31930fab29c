"""Odd requests on the candidate's road: none breaks the server, none costs an answer."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cbt.db import Database
from cbt.delivery.models import AnswerEvent, Attempt
from cbt.delivery.queries_attempt import current_answers
from tests import exam as exams
from tests.web.candidate.test_views import answer, sign_in, start, token

PATH = "/api/attempt/events"


@pytest.fixture
def exam(sqlite_db: Database) -> exams.Exam:
    return exams.build(sqlite_db, now=datetime.now(UTC), candidates=2)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def event(slot: int, **changes: object) -> dict[str, object]:
    return {
        "key": str(uuid.uuid4()), "slot": slot, "choice": ["b"], "flagged": False, "language": "kk", "at_ms": 1,
    } | changes  # fmt: skip


def save(client: FlaskClient, *events: dict[str, object], content_type: str | None = "application/json"):
    headers = {"X-CSRFToken": token(client, "/candidate/exam")}
    return client.post(PATH, data=json.dumps({"events": events}), content_type=content_type, headers=headers)


def held(database: Database) -> dict[int, tuple[str, ...]]:
    with database.reading() as session:
        attempt_id = session.scalars(select(Attempt.id)).one()
        return {slot: each.choice for slot, each in current_answers(session, attempt_id).items()}


def test_a_cookie_that_lost_its_attempt_costs_no_answer(
    client: FlaskClient, exam: exams.Exam, sqlite_db: Database
) -> None:
    start(client, exam)
    with client.session_transaction() as browser:
        del browser["attempt"]
    assert save(client, event(17)).status_code == 200
    assert held(sqlite_db) == {17: ("b",)}


def test_an_answer_before_the_start_is_refused(client: FlaskClient, exam: exams.Exam) -> None:
    sign_in(client, exam)
    refused = save(client, event(17))
    assert (refused.status_code, refused.json["code"]) == (422, "not_started")


def test_an_answer_of_a_session_that_ended_is_asked_to_sign_in(client: FlaskClient, exam: exams.Exam) -> None:
    sign_in(client, exam)
    with client.session_transaction() as browser:
        browser["_user_id"] = "nobody's"
    assert save(client, event(17)).status_code == 401


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "text/plain", None])
def test_what_is_json_is_read_as_json(client: FlaskClient, exam: exams.Exam, content_type: str | None) -> None:
    start(client, exam)
    assert save(client, event(1), content_type=content_type).status_code == 200


def test_a_key_comes_back_as_it_was_sent(client: FlaskClient, exam: exams.Exam, sqlite_db: Database) -> None:
    start(client, exam)
    key = uuid.uuid4()
    for written in (key.hex, str(key).upper(), str(key)):
        assert [each["key"] for each in save(client, event(1, key=written)).json["saved"]] == [written]


@pytest.mark.parametrize("slot", ["9" * 5000, "1000", "-1", "x"])
def test_odd_slots_of_a_finish_are_nobodys(client: FlaskClient, exam: exams.Exam, slot: str) -> None:
    start(client, exam)
    told = {"count": 5, "digest": "0" * 64, "answers": {slot: ["a"]}}
    headers = {"X-CSRFToken": token(client, "/candidate/exam")}
    refused = client.post("/api/attempt/submit", json=told, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (409, "answers_differ")


@pytest.mark.parametrize("place", ["9" * 5000, "٣", "-1", ""])
def test_an_odd_place_to_go_to_breaks_nothing(client: FlaskClient, exam: exams.Exam, place: str) -> None:
    start(client, exam)
    assert answer(client, 1, "a", action=f"goto:{place}").status_code == 302


def test_the_session_a_browser_came_with_is_dead_after_somebody_else_signs_in(
    app: Flask, client: FlaskClient, exam: exams.Exam
) -> None:
    sign_in(client, exam, 0)
    with client.session_transaction() as browser:
        before = dict(browser)
    sign_in(client, exam, 1)
    assert client.get("/candidate").status_code == 200
    other = app.test_client()
    with other.session_transaction() as browser:
        browser.update(before)
    assert other.get("/candidate").location.startswith("/candidate/login")


@pytest.mark.parametrize("path", [PATH, "/api/attempt/submit"])
def test_a_page_left_open_does_not_send_its_answers_into_another_persons_test(
    client: FlaskClient, exam: exams.Exam, sqlite_db: Database, path: str
) -> None:
    start(client, exam, 0)
    theirs = client.get("/api/attempt").json["id"]
    start(client, exam, 1)
    headers = {"X-CSRFToken": token(client, "/candidate/exam")}
    told = {"attempt": theirs, "events": [event(17)], "count": 0, "digest": sha256(b"").hexdigest()}
    refused = client.post(path, json=told, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (409, "read_only_here")
    own = client.get("/api/attempt").json
    assert (own["state"], own["answers"]) == ("started", {})
    told["attempt"] = own["id"]
    assert client.post(path, json=told, headers=headers).status_code == 200


def test_another_choice_on_a_page_that_the_browser_kept_is_saved(
    client: FlaskClient, exam: exams.Exam, sqlite_db: Database
) -> None:
    start(client, exam)
    kept = {"csrf_token": token(client), "key": str(uuid.uuid4()), "slot": 5, "language": "kk", "action": "next"}
    for letter in "abba":
        assert client.post("/candidate/answer", data=kept | {"choice": letter}).status_code == 302
        assert held(sqlite_db) == {5: (letter,)}
    with sqlite_db.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerEvent)) == 3, "a second click is no answer"
