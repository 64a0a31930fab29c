"""A candidate's browser is sent the questions at their time and never anything that tells their keys."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cbt.app import create_app
from cbt.bank.content import ItemContent, Option, Text
from cbt.db import Database
from cbt.delivery import sheet
from cbt.delivery.models import Attempt
from cbt.delivery.sheet import ShownItem, shown_items, write_permutation
from cbt.regulation import draw
from tests import exam as exams
from tests.access.recording import Recorder, leaks, whole_attempt
from tests.conftest import settings_for
from tests.exam import Exam

BANK_IDS = "wxyz"
SECRETS = {
    "the rationale in Kazakh": "Түсіндірме құпия",
    "the rationale in Russian": "Пояснение секретное",
    "the basis of the key": "Test act",
    "the code of a question": "T-D1-",
    "the people who made it": "approver",
    "the seed of the draw": "seed-of-the-draw",
    **{f"the bank's name of option {id_}": f'"{id_}"' for id_ in BANK_IDS},
}


def strange_ids(number: int, *, kind: str = "single") -> ItemContent:
    """The questions of tests/exam.py by an author who always writes the key first; the bank's names stand nowhere else."""
    content = ORIGINAL(number, kind=kind)
    keys = sum(option.correct for option in content.options)
    options = tuple(
        Option(
            id=id_,
            text=Text(kk=f"Жауап {(place * 7 + number) % 9}", ru=f"Ответ {(place * 7 + number) % 9}"),
            correct=place < keys,
        )
        for place, id_ in enumerate(BANK_IDS)
    )
    return replace(content, options=options)


ORIGINAL: Callable[..., ItemContent] = exams.content_of


def made(app: Flask, now: datetime) -> Exam:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exams, "content_of", strange_ids)
        database = app.extensions["cbt"].database
        return exams.build(database, now=now, candidates=3, multiple=(7, 33, 70))


@pytest.fixture
def exam(app: Flask) -> Exam:
    return made(app, datetime.now(UTC))


@dataclass(frozen=True)
class Taken:
    """An exam whose first candidate has been through it, and all that was sent on the way."""

    app: Flask
    exam: Exam
    record: Recorder


@pytest.fixture(scope="module")
def taken(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    path = tmp_path_factory.mktemp("taken") / "cbt.db"
    shutil.copy(sqlite_template, path)
    app = create_app(settings_for(f"sqlite:///{path}"))
    exam = made(app, datetime.now(UTC))
    yield Taken(app, exam, whole_attempt(app, exam))
    app.extensions["cbt"].database.dispose()


# C01: no key, by any road


def test_a_whole_attempt_tells_no_key(taken: Taken) -> None:
    record = taken.record
    assert len(record.exchanges) > 200
    assert {each.mimetype for each in record.exchanges} >= {
        "text/html", "application/json", "application/pdf", "text/css", "text/javascript",
    }  # fmt: skip
    assert all(each.status < 500 for each in record.exchanges)
    assert list(leaks(record.exchanges, SECRETS)) == []


def test_the_questions_are_in_the_record_so_the_search_can_find_something(taken: Taken) -> None:
    record = taken.record
    text = "\n".join(each.text for each in record.exchanges)
    assert all(f"Сұрақ мәтіні № {number}:" in text for number in range(1, 81))
    assert all(f"Текст вопроса № {number}:" in text for number in range(1, 81))


def with_the_key(item: ShownItem) -> dict[str, object]:
    shown = AS_JSON(item)
    shown["options"] = [option | {"correct": False} for option in shown["options"]]  # type: ignore[union-attr, attr-defined]
    return shown


def with_a_silent_field(item: ShownItem) -> dict[str, object]:
    return AS_JSON(item) | {"hint": 1}


AS_JSON = ShownItem.as_json


@pytest.mark.parametrize("faulty", [with_the_key, with_a_silent_field])
def test_a_planted_field_in_the_questions_is_seen(
    app: Flask, exam: Exam, monkeypatch: pytest.MonkeyPatch, faulty: Callable[[ShownItem], dict[str, object]]
) -> None:
    monkeypatch.setattr(ShownItem, "as_json", faulty)
    assert any("/api/attempt/form: the field" in found for found in leaks(whole_attempt(app, exam).exchanges, SECRETS))


def test_planted_bank_identities_are_seen(app: Flask, exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    def unmasked(session, attempt: Attempt) -> list[ShownItem]:
        options = sheet.read_permutation(attempt.permutation)
        return [
            replace(
                item,
                options=tuple(
                    replace(option, id=bank_id)
                    for option, bank_id in zip(
                        item.options, options.options[options.items[item.slot - 1] - 1], strict=True
                    )
                ),
            )
            for item in shown_items(session, attempt)
        ]

    monkeypatch.setattr(sheet, "shown_items", unmasked)
    assert any("bank's name" in found for found in leaks(whole_attempt(app, exam).exchanges, SECRETS))


def test_a_planted_mark_on_the_key_of_a_page_is_seen(taken: Taken) -> None:
    record = taken.record
    page = next(each for each in record.exchanges if each.path == "/candidate/exam")
    marked = replace(page, text=page.text.replace('<label class="option">', '<label class="option"> ', 1))
    assert not list(leaks([page], SECRETS))
    assert list(leaks([marked], SECRETS))
    assert list(leaks([replace(page, text=page.text + "<!-- Пояснение секретное -->")], SECRETS))


# C01, C02: the order tells nothing

ATTEMPTS, ITEMS, OPTIONS = 300, 80, 4
# Upper hundredth of the chi-square distribution by degrees of freedom.
CRITICAL = {3: 11.345, 12: 26.217, 240: 293.888}
# The author's habit that must not show.
KEY = "a"


def attempt_id(number: int) -> str:
    return random.Random(number).randbytes(16).hex()


def order_of(number: int) -> draw.Permutation:
    ids = dict.fromkeys(range(1, ITEMS + 1), ("a", "b", "c", "d"))
    return draw.permutation(attempt_id(number), number_of_items=ITEMS, option_ids_by_slot=ids)


def keys_by_place(orders: Iterable[draw.Permutation]) -> list[tuple[int, int, int]]:
    """Of every question shown: its place in the attempt, its slot in the form, the place of its key."""
    return [
        (shown, slot, order.options[slot - 1].index(KEY))
        for order in orders
        for shown, slot in enumerate(order.items, start=1)
    ]


def chi_square(table: Counter, rows: int, columns: int) -> float:
    """Against all cells alike: how far a table of counts is from chance."""
    expected = sum(table.values()) / (rows * columns)
    return sum((table[row, column] - expected) ** 2 / expected for row in range(rows) for column in range(columns))


def test_the_key_stands_in_every_place_alike() -> None:
    seen = keys_by_place(map(order_of, range(ATTEMPTS)))
    assert len(seen) == ATTEMPTS * ITEMS
    assert chi_square(Counter((0, place) for _, _, place in seen), 1, OPTIONS) < CRITICAL[3]
    # ... whether the question comes early or late,
    assert chi_square(Counter(((shown - 1) // 20, place) for shown, _, place in seen), 4, OPTIONS) < CRITICAL[12]
    # ... whatever its slot in the form.
    assert chi_square(Counter((slot - 1, place) for _, slot, place in seen), ITEMS, OPTIONS) < CRITICAL[240]


def test_one_question_in_forty_left_in_the_authors_order_is_seen() -> None:
    orders = [
        replace(order, options=(("a", "b", "c", "d"),) * 2 + order.options[2:])
        for order in map(order_of, range(ATTEMPTS))
    ]
    seen = keys_by_place(orders)
    assert chi_square(Counter((0, place) for _, _, place in seen), 1, OPTIONS) > CRITICAL[3]
    assert chi_square(Counter((slot - 1, place) for _, slot, place in seen), ITEMS, OPTIONS) > CRITICAL[240]


def test_the_order_of_a_real_attempt_cannot_be_found_by_what_the_candidate_knows(taken: Taken) -> None:
    database: Database = taken.app.extensions["cbt"].database
    with database.reading() as session:
        attempt = session.scalars(select(Attempt)).one()
        items = sheet.form_items(session, form_id=attempt.form_id, form_hash=attempt.form_hash)
        ids = {slot: tuple(item.options) for slot, item in enumerate(items, start=1)}
        order = sheet.read_permutation(attempt.permutation)
        assert sorted(order.items) == sorted(ids)
        assert [sorted(options) for options in order.options] == [sorted(options) for options in ids.values()]
        for known in (attempt.id, str(attempt.registration_id), attempt.form_hash):
            assert draw.permutation(known, number_of_items=ITEMS, option_ids_by_slot=ids) != order


def responses(app: Flask, exam: Exam, numbers: Iterable[int]) -> list[tuple[int, list[dict], int]]:
    """The questions as the server would send them for many attempts: attempt, the question's options, key's place."""
    database: Database = app.extensions["cbt"].database
    keys = exam.keys
    found = []
    with database.reading() as session:
        content = session.scalars(select(sheet.FormContent)).one()
        items = sheet.form_items(session, form_id=exam.form_id, form_hash=content.content_hash)
        ids = {slot: tuple(item.options) for slot, item in enumerate(items, start=1)}
        for number in numbers:
            order = draw.permutation(attempt_id(number), number_of_items=ITEMS, option_ids_by_slot=ids)
            attempt = Attempt(
                id=attempt_id(number), form_id=exam.form_id, form_hash=content.content_hash, language="kk",
                both_languages=True, permutation=write_permutation(order),
            )  # fmt: skip
            for item in shown_items(session, attempt):
                slot = order.items[item.slot - 1]
                if len(keys[slot]) == 1:
                    place = order.options[slot - 1].index(next(iter(keys[slot])))
                    found.append((number, item.as_json(), place))
    return found


def features(number: int, item: dict, place: int) -> Iterable[tuple[object, ...]]:
    """What anyone could look at without reading the options: places, numbers, names, sizes of everything around them."""
    option = item["options"][place]
    yield "place", place
    yield "place, question", place, item["slot"]
    yield "place, attempt", place, attempt_id(number)[-1]
    yield "place, question by threes", place, item["slot"] % 3
    yield "fields", tuple(option)
    yield "bytes without texts", len(json.dumps({name: value for name, value in option.items() if name == "id"}))
    yield "place, length of the stem", place, len(item["stem"]["ru"]) % 5


def accuracy(questions: list[tuple[int, dict, int]]) -> float:
    """Share of keys a learner finds that has seen half of the attempts with their keys."""
    learned: Counter = Counter()
    known, unknown = (
        [row for row in questions if row[0] < ATTEMPTS // 2],
        [row for row in questions if row[0] >= ATTEMPTS // 2],
    )
    totals: Counter = Counter()
    for number, item, key in known:
        for place in range(OPTIONS):
            for feature in features(number, item, place):
                totals[feature] += 1
                learned[feature] += place == key
    hits = 0
    for number, item, key in unknown:
        scores = [
            sum(learned[feature] / max(1, totals[feature]) for feature in features(number, item, place))
            for place in range(OPTIONS)
        ]
        hits += scores.index(max(scores)) == key
    return hits / len(unknown)


def test_a_learner_that_knows_half_the_keys_finds_the_others_by_chance(app: Flask, exam: Exam) -> None:
    questions = responses(app, exam, range(0, ATTEMPTS, 3))
    assert len(questions) > 4000
    assert abs(accuracy(questions) - 1 / OPTIONS) < 0.03


def test_the_learner_finds_a_key_that_shows(app: Flask, exam: Exam) -> None:
    """A habit in one place out of four is enough for it."""
    questions = [
        (number, item, 2 if item["slot"] % 3 == 0 else key)
        for number, item, key in responses(app, exam, range(0, ATTEMPTS, 6))
    ]
    assert accuracy(questions) > 0.35


# C03: only at their time


def signed_in(app: Flask, exam: Exam, number: int = 0) -> Recorder:
    browser = Recorder(app)
    browser.post("/candidate/login", {"iin": exam.iins[number], "code": exam.codes[number]})
    return browser


QUESTIONS = ("/api/attempt/form", "/candidate/exam", "/candidate/exam?slot=5", "/candidate/picture/1", "/api/attempt")


def shows_a_question(browser: Recorder) -> bool:
    return any("Сұрақ мәтіні" in each.text or "Текст вопроса" in each.text for each in browser.exchanges)


def test_nothing_of_the_questions_is_shown_before_the_start(app: Flask, exam: Exam) -> None:
    browser = signed_in(app, exam)
    for url in QUESTIONS:
        assert browser.get(url).status_code in {302, 404, 409, 422}
    assert not shows_a_question(browser)


def test_nothing_of_the_questions_is_shown_after_the_end(taken: Taken) -> None:
    browser = signed_in(taken.app, taken.exam)
    for url in QUESTIONS[:-1]:
        assert browser.get(url).status_code in {302, 404, 409, 422}
    assert browser.get("/api/attempt").status_code == 200
    assert not shows_a_question(browser)


def test_nothing_of_the_questions_is_shown_after_the_deadline(app: Flask) -> None:
    """The browser lost its way for an hour: what it asks for then is the result."""
    then = datetime.now(UTC) - timedelta(minutes=61)
    exam = made(app, then)
    exams.start(app.extensions["cbt"].database, exam, 1, now=then)
    browser = signed_in(app, exam, 1)
    for url in QUESTIONS:
        browser.get(url)
    assert not shows_a_question(browser)
    assert browser.get("/candidate/result").status_code == 200


def test_another_candidate_sees_only_their_own_order(app: Flask, exam: Exam) -> None:
    first, second = signed_in(app, exam, 0), signed_in(app, exam, 1)
    forms = []
    for browser in (first, second):
        browser.post("/candidate/start", {"language": "ru"})
        forms.append(browser.get("/api/attempt/form").get_json())
    assert forms[0]["attempt"] != forms[1]["attempt"]
    assert [item["stem"] for item in forms[0]["items"]] != [item["stem"] for item in forms[1]["items"]]


# C04: nothing to guess


def test_an_attempt_is_named_by_128_bits_and_nothing_is_found_by_guessing(taken: Taken) -> None:
    with taken.app.extensions["cbt"].database.reading() as session:
        known = session.scalars(select(Attempt.id)).one()
    assert len(known) == 32 and int(known, 16) >= 0
    guess, client = random.Random(4), taken.app.test_client()
    for _ in range(300):
        tried = guess.randbytes(16).hex()
        assert client.get(f"/candidate/check/{tried}/{guess.randbytes(8).hex()}").status_code == 404
    assert client.get(f"/candidate/check/{known}/{'0' * 16}").status_code == 404


# C05, I02: nothing stays, and nothing strange runs

STAY = ("/static/", "/candidate/player.js")
POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
}


def test_no_page_and_no_paper_stays_on_the_computer(taken: Taken) -> None:
    for each in taken.record.exchanges:
        if each.url.startswith(STAY):
            assert "immutable" in each.headers["Cache-Control"]
        else:
            assert each.headers["Cache-Control"] == "no-store", each.url


def test_every_answer_carries_the_policy(taken: Taken) -> None:
    for each in taken.record.exchanges:
        parts = (part.strip().partition(" ") for part in each.headers["Content-Security-Policy"].split(";"))
        assert {name: rest for name, _, rest in parts} == POLICY, each.url
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert each.headers["Referrer-Policy"] == "same-origin"


def test_signing_out_clears_the_computer(app: Flask, exam: Exam) -> None:
    browser = signed_in(app, exam)
    response = browser.post("/candidate/logout")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/candidate").status_code == 302


def test_questions_are_sent_once_and_named_by_their_attempt(app: Flask, exam: Exam) -> None:
    browser = signed_in(app, exam)
    browser.post("/candidate/start", {"language": "kk"})
    etag = browser.get("/api/attempt/form").headers["ETag"].strip('"')
    assert len(etag) == 32
    assert browser.get("/api/attempt/form", headers={"If-None-Match": f'"{etag}"'}).status_code == 304
