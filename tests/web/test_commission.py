"""The commission's pages: own candidates, points and verdicts in words, and never an answer."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from cbt.accounts.models import Body
from cbt.audit.models import AuditEntry
from cbt.audit.tags import TAGS
from cbt.db import Database
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.errors import Refusal
from cbt.web.commission import words
from tests import exam as exams
from tests.exam import Exam
from tests.factories import login_of, make_body, make_staff, sign_in
from tests.results.answers import seat, sit

MINUTE = timedelta(minutes=1)
LONG_NAME = "Һәкімжанова-Өмірзақова Іңкәр Ғұмарқызы"


@dataclass(frozen=True)
class Scene:
    """A database file with an exam whose candidates fall to the commissions of several bodies."""

    path: Path
    exam: Exam
    twins: int
    crowd: int


@pytest.fixture(scope="module")
def scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Five of the first body: 62 and 49 points, 44 at the repeat stage, one still at it, one who has not come.

    Number 5 with 70 points is another body's, 6 and 7 the twins', all others the crowd's. The application has the
    real clock: the test was two hours ago.
    """
    path = tmp_path_factory.mktemp("commission") / "scene.db"
    shutil.copy(sqlite_template, path)
    db = Database(f"sqlite:///{path}")
    now = datetime.now(UTC) - timedelta(hours=2)
    exam = exams.build(db, now=now, candidates=38, multiple=(3, 7))
    with db.transaction() as session:
        others = {5: make_body(session, "rayon").id}
        twins, crowd = make_body(session).id, make_body(session).id
        others |= dict.fromkeys((6, 7), twins) | dict.fromkeys(range(8, 38), crowd)
    for number, body_id in others.items():
        change(db, exam, number, commission_id=body_id)
    change(db, exam, 2, stage="repeat")
    for number, points in ((0, 62), (1, 49), (2, 44), (5, 70)):
        sit(db, exam, number, points=points, now=now, language="ru" if number == 1 else "kk")
    running = datetime.now(UTC) - 5 * MINUTE
    seat(db, exam, 3, now=running).answer({1: exam.keys[1]}, now=running + MINUTE)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return Scene(path, exam, twins, crowd)


@pytest.fixture
def sqlite_db(scene: Scene, tmp_path: Path) -> Iterator[Database]:
    """The scene, for one test to do with as it likes; the application stands on it."""
    path = tmp_path / "cbt.db"
    shutil.copy(scene.path, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def exam(scene: Scene) -> Exam:
    return scene.exam


def signed_in(app: Flask, db: Database, body_id: int, *roles: str, language: str = "ru") -> FlaskClient:
    with db.transaction() as session:
        login = login_of(session, make_staff(session, session.get_one(Body, body_id), *roles))
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return sign_in(client, login)


def change(db: Database, exam: Exam, number: int, **values: object) -> int:
    registration_id = exam.registrations[number]
    with db.transaction() as session:
        registration = session.get_one(Registration, registration_id)
        for name, value in values.items():
            setattr(registration, name, value)
    return registration_id


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    return response.get_data(as_text=True)


def names_in(page: str, exam: Exam) -> list[int]:
    """The numbers of the candidates in the order in which a page shows them."""
    return [int(number) for number in re.findall(r"<th scope=\"row\">(?:<a[^>]*>)?Үміткер (\d+)", page)]


@pytest.fixture
def chair(app: Flask, sqlite_db: Database, exam: Exam) -> FlaskClient:
    return signed_in(app, sqlite_db, exam.body_id, "chair")


def test_the_sittings_of_the_commission_are_listed_with_their_figures(chair: FlaskClient, exam: Exam) -> None:
    page = text_of(chair, "/commission/sittings")
    assert f"/commission/sittings/{exam.sitting_id}" in page
    assert re.findall(r'<td class="num">([^<]+)</td>', page) == ["5", "3", "1", "33&nbsp;%", "51,7"]


def test_a_commission_without_candidates_reads_why_its_list_is_empty(app: Flask, sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        body = make_body(session).id
    page = text_of(signed_in(app, sqlite_db, body, "member"), "/commission/sittings")
    assert 'class="empty"' in page
    assert "<table" not in page


@pytest.mark.parametrize(
    "path", ["sittings/{sitting}", "sittings/{sitting}/scores.xlsx", "sittings/{sitting}/scores.pdf"]
)
def test_a_sitting_of_others_is_not_there(app: Flask, sqlite_db: Database, exam: Exam, path: str) -> None:
    with sqlite_db.transaction() as session:
        stranger = make_body(session).id
    client = signed_in(app, sqlite_db, stranger, "chair")
    for sitting in (exam.sitting_id, 10**6, 2**63 - 1, 2**63, 2**80):
        assert client.get("/commission/" + path.format(sitting=sitting)).status_code == 404


def test_the_file_of_anothers_candidate_is_not_there_and_its_opening_leaves_no_trace(
    chair: FlaskClient, sqlite_db: Database, exam: Exam
) -> None:
    for registration in (exam.registrations[5], 10**6, 2**63):
        assert chair.get(f"/commission/candidates/{registration}").status_code == 404
    with sqlite_db.reading() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.tag == "file.opened")).all() == []


def test_the_list_shows_own_candidates_and_no_points_of_a_running_test(chair: FlaskClient, exam: Exam) -> None:
    page = text_of(chair, f"/commission/sittings/{exam.sitting_id}")
    assert names_in(page, exam) == [0, 1, 2, 3, 4]
    rows = re.findall(r"<tr>\s*<th scope=\"row\"><a.*?</tr>", page, re.S)
    shown = [re.findall(r'<td class="num">(?:<strong>)?([^<]+)', row)[0] for row in rows]
    assert shown == ["62", "49", "44", "–", "–"]


def test_the_line_of_the_distribution_stands_at_fifty(chair: FlaskClient, exam: Exam) -> None:
    page = text_of(chair, f"/commission/sittings/{exam.sitting_id}")
    assert 'class="chart-cut"' in page
    assert re.search(r'class="chart-cut-word"[^>]*>50<', page)
    assert len(re.findall(r'class="chart-bar is-below"', page)) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("?sort=points", [2, 1, 0, 3, 4]),
        ("?sort=-points", [0, 1, 2, 3, 4]),
        ("?sort=-name", [4, 3, 2, 1, 0]),
        ("?gate=admitted", [0]),
        ("?gate=not_admitted", [1]),
        ("?gate=by_vote", [2]),
        ("?state=running", [3]),
        ("?state=expected", [4]),
        ("?language=ru", [1]),
        ("?q=МІТКЕР 2", [2]),
        ("?sort=%27;--&gate=&page=999", [0, 1, 2, 3, 4]),
    ],
)
def test_filters_and_order_live_in_the_address(chair: FlaskClient, exam: Exam, query: str, found: list[int]) -> None:
    assert names_in(text_of(chair, f"/commission/sittings/{exam.sitting_id}{query}"), exam) == found


def test_conditions_nobody_meets_leave_a_way_back(chair: FlaskClient, exam: Exam) -> None:
    page = text_of(chair, f"/commission/sittings/{exam.sitting_id}?q=<b>жоқ</b>")
    assert 'class="empty"' in page
    assert "&lt;b&gt;жоқ&lt;/b&gt;" in page
    assert f'href="/commission/sittings/{exam.sitting_id}"' in page


def test_many_candidates_come_in_pages_that_keep_filter_and_order(
    app: Flask, sqlite_db: Database, scene: Scene, exam: Exam
) -> None:
    client = signed_in(app, sqlite_db, scene.crowd, "chair")
    path = f"/commission/sittings/{exam.sitting_id}?state=expected&sort=-name"
    first, second = text_of(client, path), text_of(client, f"{path}&page=2")
    assert (len(names_in(first, exam)), len(names_in(second, exam))) == (25, 5)
    (link,) = set(re.findall(r'rel="next" href="([^"]+)"', first))
    assert {"state=expected", "sort=-name", "page=2"} <= set(link.partition("?")[2].replace("&amp;", "&").split("&"))


@pytest.mark.parametrize(
    ("number", "gate", "sentence"),
    [
        (0, "admitted", "Admitted to the interview"),
        (1, "not_admitted", "Not admitted to the interview, subject to re-attestation"),
        (2, "by_vote", "Not admitted to the interview, the commission takes the decision"),
    ],
)
def test_a_file_says_the_verdict_in_a_whole_sentence(
    chair: FlaskClient, exam: Exam, app: Flask, number: int, gate: str, sentence: str
) -> None:
    page = text_of(chair, f"/commission/candidates/{exam.registrations[number]}")
    assert f'class="verdict is-{gate}"' in page
    with app.test_request_context(headers={"Accept-Language": "ru"}):
        assert str(words.VERDICTS[gate]) in page
    assert words.VERDICTS[gate]._args[0] == sentence
    assert ("notice is-warning" in page) is (gate == "by_vote")


@pytest.mark.parametrize("number", [3, 4])
def test_without_a_result_a_file_has_no_points(chair: FlaskClient, exam: Exam, number: int) -> None:
    page = text_of(chair, f"/commission/candidates/{exam.registrations[number]}")
    assert 'class="verdict' not in page
    assert "table profile" not in page


def _comparable(page: str) -> str:
    """A page without what tells any two people apart."""
    page = re.sub(r"[0-9a-f]{64}", "HASH", page)
    page = re.sub(r"Үміткер \d|•+\d{4}|/candidates/\d+", "PERSON", page)
    return re.sub(r'content="[^"]+"|value="[^"]+"|next=[^"]+', "TOKEN", page)


def test_two_people_with_other_answers_and_the_same_points_have_the_same_file(
    app: Flask, sqlite_db: Database, scene: Scene, exam: Exam
) -> None:
    now = datetime.now(UTC) - 30 * MINUTE
    for number, good in ((6, (1, 3)), (7, (2, 4))):
        seated = seat(sqlite_db, exam, number, now=now)
        wrong = {slot: {next(letter for letter in "abcd" if letter not in exam.keys[slot])} for slot in range(1, 5)}
        chosen = {slot: exam.keys[slot] if slot in good else wrong[slot] for slot in range(1, 5)}
        seated.answer(chosen, now=now + MINUTE)
        assert seated.submit(chosen, now=now + 2 * MINUTE).points == 2
        with pytest.raises(Refusal, match="attempt_closed"):
            seated.save(seated.event(number, exam.keys[number]), now=now + 3 * MINUTE)
    client = signed_in(app, sqlite_db, scene.twins, "chair")
    one, other = (text_of(client, f"/commission/candidates/{exam.registrations[number]}") for number in (6, 7))
    assert _comparable(one) == _comparable(other)


def test_no_page_and_no_export_holds_a_question_a_choice_or_a_key(
    chair: FlaskClient, sqlite_db: Database, exam: Exam
) -> None:
    base = f"/commission/sittings/{exam.sitting_id}"
    texts = [
        text_of(chair, base),
        *(text_of(chair, f"/commission/candidates/{exam.registrations[n]}") for n in range(5)),
    ]
    book = load_workbook(io.BytesIO(chair.get(f"{base}/scores.xlsx").data)).active
    texts += [" ".join(str(cell.value) for row in book.iter_rows() for cell in row)]  # type: ignore[union-attr]
    texts += [page.extract_text() for page in PdfReader(io.BytesIO(chair.get(f"{base}/scores.pdf").data)).pages]
    with sqlite_db.reading() as session:
        secrets = [attempt.permutation for attempt in session.scalars(select(Attempt))]
    secrets += [
        "Жауап нұсқасы",
        "Вариант ответа",
        "Сұрақ мәтіні",
        "Текст вопроса",
        "Түсіндірме құпия",
        "Пояснение секретное",
    ]
    secrets += ["permutation", "&#34;choice&#34;", '"choice"', "correct", "awarded", *exam.iins, *exam.codes]
    for text in texts:
        assert not [secret for secret in secrets if secret in text]


def test_the_spreadsheet_holds_the_rows_of_the_page_in_its_order(chair: FlaskClient, exam: Exam) -> None:
    response = chair.get(f"/commission/sittings/{exam.sitting_id}/scores.xlsx?state=submitted&sort=points")
    book = load_workbook(io.BytesIO(response.data)).active
    rows = list(book.iter_rows(min_row=2, values_only=True))  # type: ignore[union-attr]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("Үміткер 2", 44, 80), ("Үміткер 1", 49, 80), ("Үміткер 0", 62, 80),
    ]  # fmt: skip
    assert rows[0][7] == timedelta(minutes=40)


def test_a_name_that_looks_like_a_formula_is_exported_as_text(
    chair: FlaskClient, sqlite_db: Database, exam: Exam
) -> None:
    name = '=HYPERLINK("http://example.org";"Үміткер")'
    change(sqlite_db, exam, 0, name=name)
    response = chair.get(f"/commission/sittings/{exam.sitting_id}/scores.xlsx?gate=admitted")
    cell = load_workbook(io.BytesIO(response.data)).active["A2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == (name, "s")


def test_the_printed_list_holds_everybody_whatever_the_filter(chair: FlaskClient, exam: Exam) -> None:
    response = chair.get(f"/commission/sittings/{exam.sitting_id}/scores.pdf?gate=admitted")
    assert response.content_type == "application/pdf"
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages)
    assert sorted(set(re.findall(r"Үміткер (\d)", text))) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("place", ['Көкшетау; "3"-кабинет', "a\r\nX-Evil: 1", "../../etc/passwd", "Ә" * 200, "…"])
@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_the_name_of_a_download_holds_any_place_and_breaks_no_header(
    chair: FlaskClient, sqlite_db: Database, exam: Exam, place: str, kind: str
) -> None:
    with sqlite_db.transaction() as session:
        session.get_one(Sitting, exam.sitting_id).place_ru = place
    response = chair.get(f"/commission/sittings/{exam.sitting_id}/scores.{kind}")
    assert response.status_code == 200
    header = response.headers["Content-Disposition"]
    assert "X-Evil" not in response.headers
    plain, encoded = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._-]+)\"; filename\*=UTF-8''(\S+)", header
    ).groups()  # type: ignore[union-attr]
    assert plain.endswith(f".{kind}")
    assert encoded.isascii()
    assert "/" not in unquote(encoded)
    assert unquote(encoded).endswith(f".{kind}")


def test_opening_a_file_and_taking_scores_away_are_kept_in_the_record(
    chair: FlaskClient, sqlite_db: Database, exam: Exam
) -> None:
    chair.get(f"/commission/candidates/{exam.registrations[0]}")
    chair.get(f"/commission/sittings/{exam.sitting_id}/scores.xlsx?gate=admitted")
    chair.get(f"/commission/sittings/{exam.sitting_id}/scores.pdf")
    with sqlite_db.reading() as session:
        kept = session.execute(
            select(AuditEntry.tag, AuditEntry.subject, AuditEntry.facts, AuditEntry.body_id)
            .where(AuditEntry.tag.in_(("file.opened", "scores.exported")))
            .order_by(AuditEntry.id)
        ).all()
    sitting = f"sitting:{exam.sitting_id}"
    assert [tuple(row) for row in kept] == [
        ("file.opened", f"registration:{exam.registrations[0]}", "{}", exam.body_id),
        ("scores.exported", sitting, f'{{"rows":1,"sitting":{exam.sitting_id}}}', exam.body_id),
        ("scores.exported", sitting, f'{{"rows":5,"sitting":{exam.sitting_id}}}', exam.body_id),
    ]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("chair", {"list", "file", "export"}),
        ("secretary", {"list", "file", "export"}),
        ("member", {"list", "file"}),
        ("auditor", {"list"}),
        ("invigilator", set()),
        ("author", set()),
        ("body_admin", set()),
    ],
)
def test_each_role_reaches_its_part_and_sees_no_link_to_the_rest(
    app: Flask, sqlite_db: Database, exam: Exam, role: str, allowed: set[str]
) -> None:
    client = signed_in(app, sqlite_db, exam.body_id, role)
    base = f"/commission/sittings/{exam.sitting_id}"
    paths = {
        "list": ["/commission/sittings", base],
        "file": [f"/commission/candidates/{exam.registrations[0]}"],
        "export": [f"{base}/scores.xlsx", f"{base}/scores.pdf"],
    }
    for part, addresses in paths.items():
        for address in addresses:
            assert client.get(address).status_code == (200 if part in allowed else 403), (part, address)
    if "list" in allowed:
        page = text_of(client, base)
        assert ("/commission/candidates/" in page) is ("file" in allowed)
        assert ("scores.xlsx" in page) is ("export" in allowed)


def test_a_guest_is_led_to_the_sign_in(app: Flask, exam: Exam) -> None:
    response = app.test_client().get(f"/commission/candidates/{exam.registrations[0]}")
    assert (response.status_code, response.headers["Location"].partition("?")[0]) == (302, "/login")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_there_is_no_way_to_change_a_score(chair: FlaskClient, exam: Exam, method: str) -> None:
    for path in (f"/commission/sittings/{exam.sitting_id}", f"/commission/candidates/{exam.registrations[0]}"):
        assert getattr(chair, method)(path, data={"points": "80"}).status_code in {400, 405}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_pages_open_in_both_languages_with_long_names(
    app: Flask, sqlite_db: Database, exam: Exam, language: str
) -> None:
    registration = change(sqlite_db, exam, 0, name=LONG_NAME)
    client = signed_in(app, sqlite_db, exam.body_id, "chair", language=language)
    for path in (
        "/commission/sittings",
        f"/commission/sittings/{exam.sitting_id}",
        f"/commission/candidates/{registration}",
    ):
        page = text_of(client, path)
        assert f'<html lang="{language}">' in page
    assert LONG_NAME in page


def test_every_deed_about_a_candidate_has_words() -> None:
    about = {tag for tag in TAGS if tag.partition(".")[0] in {"candidate", "attempt", "result"}}
    assert about == set(words._DEEDS)
