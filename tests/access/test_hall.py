"""One hall, one address: everybody gets in at once, and only who guesses is stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask

from cbt.accounts.queries import GUESSES
from cbt.app import create_app
from cbt.db import Database
from tests import exam as exams
from tests.conftest import settings_for
from tests.exam import Exam
from tests.factories import csrf

HALL = 60
ADDRESS = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def site(db: Database) -> Iterator[Flask]:
    app = create_app(settings_for(db.url))
    yield app
    app.extensions["cbt"].database.dispose()


@pytest.fixture
def exam(db: Database) -> Exam:
    return exams.build(db, now=datetime.now(UTC), candidates=HALL + 1)


def sign_in(site: Flask, exam: Exam, number: int, code: str = "") -> int:
    """The answer to one candidate's sign-in from the hall's only address."""
    client = site.test_client()
    data = {
        "iin": exam.iins[number],
        "code": code or exam.codes[number],
        "csrf_token": csrf(client, "/candidate/login"),
    }
    return client.post("/candidate/login", data=data, environ_base=ADDRESS).status_code


def test_sixty_candidates_behind_one_address_sign_in_at_once(site: Flask, exam: Exam) -> None:
    assert sign_in(site, exam, HALL) == 302, "the server has been up for a while"
    together = Barrier(HALL)

    def enter(number: int) -> int:
        together.wait()
        return sign_in(site, exam, number)

    with ThreadPoolExecutor(HALL) as threads:
        answers = Counter(threads.map(enter, range(HALL)))
    assert answers == {302: HALL}


def test_a_hall_that_mistypes_is_not_locked_out(site: Flask, exam: Exam) -> None:
    """Nine wrong codes by each of twenty people, and then everybody's right one."""
    people, tries = range(20), GUESSES - 1
    with ThreadPoolExecutor(8) as threads:
        wrong = Counter(threads.map(lambda number: sign_in(site, exam, number, "999999999999"), [*people] * tries))
        right = Counter(threads.map(lambda number: sign_in(site, exam, number), people))
    assert wrong == {422: len(people) * tries}
    assert right == {302: len(people)}


def test_guessing_one_persons_code_stops_at_ten_and_stops_nobody_else(site: Flask, exam: Exam) -> None:
    answers = [sign_in(site, exam, 0, f"{guess:012d}") for guess in range(100, 100 + GUESSES + 3)]
    assert answers == [422] * 10 + [429] * 3
    assert sign_in(site, exam, 0) == 429
    assert sign_in(site, exam, 1) == 302


def test_guesses_sent_all_at_once_are_counted_one_by_one(site: Flask, exam: Exam) -> None:
    tries, together = 30, Barrier(30)

    def guess(number: int) -> int:
        together.wait()
        return sign_in(site, exam, 0, f"{number + 100:012d}")

    with ThreadPoolExecutor(tries) as threads:
        answers = Counter(threads.map(guess, range(tries)))
    assert answers == {422: 10, 429: 20}
