"""The candidate's pages as plain forms: every step and every refusal of the road, in the candidate's language."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cbt.db import Database
from cbt.delivery.models import Attempt, Sitting
from cbt.delivery.queries_attempt import current_answers
from tests import exam as exams

Exam = exams.Exam


@pytest.fixture
def exam(sqlite_db: Database) -> Exam:
    return exams.build(sqlite_db, now=datetime.now(UTC), candidates=3, multiple=(3,))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient, path: str = "/candidate/login") -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path, follow_redirects=True).text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client), **data})


def sign_in(client: FlaskClient, exam: Exam, number: int = 0) -> TestResponse:
    return post(client, "/candidate/login", iin=exam.iins[number], code=exam.codes[number])


def start(client: FlaskClient, exam: Exam, number: int = 0, language: str = "kk") -> None:
    assert sign_in(client, exam, number).status_code == 302
    assert post(client, "/candidate/start", language=language).location == "/candidate/exam"


def answer(client: FlaskClient, slot: int, *choice: str, action: str = "next", **more: object) -> TestResponse:
    return post(
        client,
        "/candidate/answer",
        key=str(uuid.uuid4()),
        slot=slot,
        choice=list(choice),
        action=action,
        language="kk",
        **more,
    )


def held(database: Database) -> dict[int, tuple[str, ...]]:
    with database.reading() as session:
        attempt_id = session.scalars(select(Attempt.id)).one()
        return {slot: each.choice for slot, each in current_answers(session, attempt_id).items()}


def turn_clock(app: Flask, ahead: timedelta) -> None:
    """From now on the server's clock goes that much ahead."""

    def read_clock() -> None:
        g.now = datetime.now(UTC) + ahead

    app.before_request_funcs.setdefault(None, []).append(read_clock)


def change_sitting(database: Database, **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(Sitting).values(**values))


def test_the_road_from_sign_in_to_the_result(client: FlaskClient, exam: Exam, sqlite_db: Database) -> None:
    assert client.get("/candidate").location.startswith("/candidate/login")
    assert sign_in(client, exam).location == "/candidate"
    waiting = client.get("/candidate").text
    assert "Үміткер 0" in waiting
    assert "80" in waiting
    assert client.get("/candidate/exam").location == "/candidate"
    confirmation = client.get("/candidate/start?language=kk").text
    assert 'name="language" value="kk"' in confirmation
    assert post(client, "/candidate/start", language="kk").location == "/candidate/exam"
    assert client.get("/candidate").location == "/candidate/exam"
    for slot in range(1, 81):
        gone = answer(client, slot, "b").location
        assert gone == (f"/candidate/exam?slot={slot + 1}" if slot < 80 else "/candidate/finish?slot=80")
    assert held(sqlite_db) == dict.fromkeys(range(1, 81), ("b",))
    assert post(client, "/candidate/finish").location == "/candidate/result"
    result = client.get("/candidate/result").text
    assert 'class="score"' in result
    assert client.get("/candidate/exam").location == "/candidate/result"
    assert client.get("/candidate").location == "/candidate/result"


def test_no_language_is_chosen_for_the_candidate(client: FlaskClient, exam: Exam) -> None:
    sign_in(client, exam)
    waiting = client.get("/candidate").text
    assert not re.search(r"<input[^>]*name=.language.[^>]*checked", waiting)
    refused = client.get("/candidate/start")
    assert refused.status_code == 422
    assert 'id="language-error"' in refused.text
    assert post(client, "/candidate/start").status_code == 422
    assert post(client, "/candidate/start", language="en").status_code == 422


@pytest.mark.parametrize(
    ("iin", "code", "field"),
    [
        ("", "", "iin"),
        ("123", "000000000000", "iin"),
        ("123456789012", "000000000000", "iin"),
        ("right", "999999999999", "code"),
        ("right", "", "code"),
    ],
)
def test_a_wrong_number_or_code_is_told_at_its_field_and_stays_typed(
    client: FlaskClient, exam: Exam, iin: str, code: str, field: str
) -> None:
    typed = exam.iins[0] if iin == "right" else iin
    refused = post(client, "/candidate/login", iin=typed, code=code)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert f'value="{typed}"' in refused.text
    assert client.get("/candidate").status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"opens_at": datetime.now(UTC) + timedelta(minutes=20), "closes_at": datetime.now(UTC) + timedelta(hours=3)},
        {"state": "planned"},
    ],
)
def test_a_sitting_that_is_not_open_lets_the_candidate_wait_but_not_start(
    client: FlaskClient, exam: Exam, sqlite_db: Database, change: dict[str, object]
) -> None:
    change_sitting(sqlite_db, **change)
    sign_in(client, exam)
    waiting = client.get("/candidate")
    assert waiting.status_code == 200
    assert 'id="start"' not in waiting.text
    assert client.get("/candidate/start?language=kk").location == "/candidate"
    assert post(client, "/candidate/start", language="kk").location == "/candidate"
    assert client.get("/candidate/exam").location == "/candidate"


def test_start_pressed_twice_is_one_attempt(client: FlaskClient, exam: Exam, sqlite_db: Database) -> None:
    start(client, exam)
    assert post(client, "/candidate/start", language="ru").location == "/candidate/exam"
    with sqlite_db.reading() as session:
        assert session.scalars(select(Attempt.language)).all() == ["kk"]


@pytest.mark.parametrize(
    ("action", "gone"),
    [
        ("next", "/candidate/exam?slot=6"),
        ("previous", "/candidate/exam?slot=4"),
        ("goto:33", "/candidate/exam?slot=33"),
        ("goto:x", "/candidate/exam?slot=5"),
        ("peek", "/candidate/exam?slot=5&language=ru"),
        ("overview", "/candidate/finish?slot=5"),
        ("nonsense", "/candidate/exam?slot=5"),
    ],
)
def test_every_move_saves_the_answer_first(
    client: FlaskClient, exam: Exam, sqlite_db: Database, action: str, gone: str
) -> None:
    start(client, exam)
    assert answer(client, 5, "c", action=action).location == gone
    assert held(sqlite_db) == {5: ("c",)}


def test_an_answer_that_did_not_change_is_no_new_event(client: FlaskClient, exam: Exam, sqlite_db: Database) -> None:
    start(client, exam)
    answer(client, 5)
    assert held(sqlite_db) == {}
    answer(client, 5, "c", flagged="1")
    answer(client, 5, "c", flagged="1", action="clear")
    assert held(sqlite_db) == {5: ()}
    assert 'id="flag" name="flagged" value="1" checked' in client.get("/candidate/exam?slot=5").text


@pytest.mark.parametrize(
    "form",
    [
        {"slot": "81", "choice": "a"},
        {"slot": "x", "choice": "a"},
        {"slot": "5", "choice": "z"},
        {"slot": "5", "choice": ["a", "b"]},
        {"slot": "5", "choice": "a", "key": "not a key"},
        {"slot": "5", "choice": "a", "language": "en"},
    ],
)
def test_a_malformed_answer_is_refused_and_leaves_nothing(
    client: FlaskClient, exam: Exam, sqlite_db: Database, form: dict[str, object]
) -> None:
    start(client, exam)
    # The item of several answers may stand at slot 5: ask for one that is not.
    with sqlite_db.reading() as session:
        shape = session.scalars(select(Attempt.shape)).one()
    if shape[4] == "D" and form.get("choice") == ["a", "b"]:
        form = form | {"slot": "6"}
    refused = post(client, "/candidate/answer", **({"key": str(uuid.uuid4()), "language": "kk"} | form))
    assert refused.status_code == 422
    assert held(sqlite_db) == {}


@pytest.mark.parametrize("slot", ["0", "-1", "81", "x", "9999999999"])
def test_an_odd_number_of_a_question_shows_a_question(client: FlaskClient, exam: Exam, slot: str) -> None:
    start(client, exam)
    assert client.get(f"/candidate/exam?slot={slot}").status_code == 200


def test_the_other_language_is_shown_only_where_the_sitting_allows_it(
    client: FlaskClient, exam: Exam, sqlite_db: Database
) -> None:
    change_sitting(sqlite_db, both_languages=False)
    start(client, exam)
    shown = client.get("/candidate/exam?slot=1&language=ru").text
    assert "Текст вопроса" not in shown
    assert 'id="peek"' not in shown


def test_after_the_deadline_the_answer_leads_to_the_result_and_is_not_counted(
    app: Flask, client: FlaskClient, exam: Exam, sqlite_db: Database
) -> None:
    start(client, exam)
    answer(client, 1, "a")
    turn_clock(app, timedelta(minutes=60, seconds=1))
    assert answer(client, 2, "a").location == "/candidate/result"
    assert held(sqlite_db) == {1: ("a",)}
    closing = client.get("/candidate/result").text
    assert 'http-equiv="refresh"' in closing


def test_a_result_is_there_once_the_last_saves_have_settled(app: Flask, client: FlaskClient, exam: Exam) -> None:
    start(client, exam)
    turn_clock(app, timedelta(minutes=60, seconds=3))
    assert 'class="score"' in client.get("/candidate/result").text


def test_a_second_computer_sees_a_locked_page(app: Flask, client: FlaskClient, exam: Exam, sqlite_db: Database) -> None:
    start(client, exam)
    second = app.test_client()
    sign_in(second, exam)
    shown = second.get("/candidate/exam").text
    assert re.search(r"<fieldset[^>]*disabled", shown)
    assert re.search(r'<div id="notice-other">', shown)
    answer(second, 1, "a")
    assert post(second, "/candidate/finish").status_code == 409
    assert held(sqlite_db) == {}
    answer(client, 1, "b")
    assert held(sqlite_db) == {1: ("b",)}


def test_signing_in_again_inside_the_test_is_for_the_same_person_only(
    app: Flask, client: FlaskClient, exam: Exam, sqlite_db: Database
) -> None:
    start(client, exam)
    with sqlite_db.reading() as session:
        attempt_id = session.scalars(select(Attempt.id)).one()
    client.delete_cookie("cbt")
    asked = {"Accept": "application/json"}

    def again(number: int) -> TestResponse:
        fresh = client.get("/candidate/login", headers=asked).json
        assert fresh
        return client.post(
            "/candidate/login",
            headers=asked,
            data={
                "csrf_token": fresh["csrf_token"],
                "iin": exam.iins[number],
                "code": exam.codes[number],
                "attempt": attempt_id,
            },
        )

    refused = again(1)
    assert refused.status_code == 422
    assert refused.json
    assert refused.json["code"] == "another_person"
    assert client.get("/api/attempt").status_code == 401
    assert again(0).status_code == 200
    state = client.get("/api/attempt").json
    assert state
    assert state["id"] == attempt_id
    assert state["read_only"] is False


def test_signing_out_leaves_nothing_on_the_computer(client: FlaskClient, exam: Exam) -> None:
    sign_in(client, exam)
    gone = post(client, "/candidate/logout")
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/candidate").location.startswith("/candidate/login")


@pytest.mark.parametrize(
    "path", ["/candidate", "/candidate/exam", "/candidate/finish", "/api/attempt", "/api/attempt/form"]
)
def test_no_page_of_the_exam_is_kept_by_the_browser(client: FlaskClient, exam: Exam, path: str) -> None:
    start(client, exam)
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_the_result_sheet_is_a_pdf_that_can_be_checked(client: FlaskClient, exam: Exam) -> None:
    start(client, exam)
    assert client.get("/candidate/result.pdf").status_code == 404
    post(client, "/candidate/finish")
    sheet = client.get("/candidate/result.pdf")
    assert sheet.content_type == "application/pdf"
    assert sheet.data.startswith(b"%PDF")
    attempt = client.get("/api/attempt").json
    assert attempt
    with client.application.extensions["cbt"].database.reading() as session:
        from cbt.results.queries import own_result
        from cbt.web.candidate.printing import check_value

        own = own_result(session, registration_id=exam.registrations[0])
        assert own
        value = check_value(own)
    stranger = client.application.test_client()
    told = stranger.get(f"/candidate/check/{own.attempt_id}/{value}")
    assert told.status_code == 200
    assert "Үміткер" not in told.text
    assert stranger.get(f"/candidate/check/{own.attempt_id}/AAAA-BBBB-CCCC").status_code == 404
    assert stranger.get(f"/candidate/check/{'0' * 32}/{value}").status_code == 404


def test_the_script_is_one_file_that_browsers_keep(client: FlaskClient, exam: Exam) -> None:
    sign_in(client, exam)
    address = re.search(r'src="(/candidate/player\.js\?v=[^"]+)"', client.get("/candidate").text)
    assert address
    assert "immutable" in client.get(address[1]).headers["Cache-Control"]
    assert client.get("/candidate/player.js?v=old").headers["Cache-Control"] == "no-cache"
