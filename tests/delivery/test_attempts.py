"""An attempt begins once, closes once, and knows only its own browser."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from cbt.accounts.vault import token_hash
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.delivery import sheet
from cbt.delivery.actions import attempts, entering
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.errors import Refusal
from tests import exam as exams
from tests.delivery.test_saving import _in_threads


def begin(db: Database, registration_id: int, key: str, now: datetime, language: str | None = "kk") -> Attempt:
    with db.transaction() as session:
        return attempts.start_attempt(
            session, registration_id=registration_id, language=language, session_key=key, now=now
        )


def test_fifty_parallel_starts_make_one_attempt(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    entry = exams.enter(db, exam, now=now)
    key = token_hash(entry.token)
    outcomes = _in_threads(50, lambda _: begin(db, entry.registration_id, key, now).id)
    assert len(set(outcomes)) == 1, outcomes
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1
        started = select(func.count()).select_from(AuditEntry).where(AuditEntry.tag == "attempt.started")
        assert session.scalar(started) == 1


def test_pressed_again_start_gives_the_same_attempt_and_the_same_deadline(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    attempt, key = exams.start(db, exam, now=now)
    again = begin(db, exam.registrations[0], key, now + timedelta(minutes=5), language="ru")
    assert (again.id, again.deadline, again.language) == (attempt.id, now + timedelta(minutes=60), "kk")


@pytest.mark.parametrize("language", [None, "", "en", "KK"])
def test_no_language_is_taken_silently(db: Database, now: datetime, language: str | None) -> None:
    exam = exams.build(db, now=now)
    entry = exams.enter(db, exam, now=now)
    with pytest.raises(Refusal, match="language_needed"):
        begin(db, entry.registration_id, token_hash(entry.token), now, language)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "planned"}, "sitting_not_opened"),
        ({"state": "closed"}, "sitting_over"),
        ({"state": "cancelled"}, "sitting_over"),
        ({"opens_at": timedelta(minutes=1)}, "sitting_not_open"),
        ({"closes_at": timedelta(0)}, "sitting_over"),
    ],
)
def test_a_start_outside_the_sitting_is_refused(
    db: Database, now: datetime, changes: dict[str, object], code: str
) -> None:
    exam = exams.build(db, now=now)
    entry = exams.enter(db, exam, now=now)
    with db.transaction() as session:
        sitting = session.get_one(Sitting, exam.sitting_id)
        for name, value in changes.items():
            setattr(sitting, name, now + value if isinstance(value, timedelta) else value)
    with pytest.raises(Refusal, match=code):
        begin(db, entry.registration_id, token_hash(entry.token), now)


def test_the_door_is_closed_before_and_after_the_sitting(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    for moment, code in ((now - timedelta(hours=2), "sitting_not_open"), (now + timedelta(hours=7), "sitting_over")):
        with db.transaction() as session:
            outcome = entering.sign_in(
                session, vault=exams.VAULT, iin=exam.iins[0], code=exam.codes[0], device="d", now=moment
            )
        assert isinstance(outcome, Refusal)
        assert outcome.code == code


def test_a_wrong_code_is_counted_for_the_number_and_not_for_the_room(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=2)

    def knock(number: int, code: str) -> str:
        with db.transaction() as session:
            outcome = entering.sign_in(
                session, vault=exams.VAULT, iin=exam.iins[number], code=code, device="d", now=now
            )
        return outcome.code if isinstance(outcome, Refusal) else "in"

    assert [knock(0, f"{number:012d}"[::-1].replace("0", "9")) for number in range(1, 11)] == ["code_wrong"] * 10
    assert knock(0, exam.codes[0]) == "too_many_tries"
    assert knock(1, exam.codes[1]) == "in"
    with db.transaction() as session:
        outcome = entering.sign_in(
            session, vault=exams.VAULT, iin=exam.iins[0], code=exam.codes[0], device="d", now=now + timedelta(minutes=16)
        )
    assert isinstance(outcome, entering.Entry)


def test_released_by_the_invigilator_another_computer_goes_on(db: Database, now: datetime) -> None:
    from cbt.accounts.actor import Actor

    exam = exams.build(db, now=now)
    attempt, _ = exams.start(db, exam, now=now)
    assert exams.enter(db, exam, device="other", now=now).read_only
    invigilator = Actor(account_id=1, name="A", body_id=exam.body_id, body_kind="oblast", roles=frozenset({"invigilator"}))
    with db.transaction() as session:
        registration = session.get_one(Registration, exam.registrations[0])
        entering.release_device(session, registration=registration, body_id=exam.body_id, actor=invigilator, now=now)
    entry = exams.enter(db, exam, device="other", now=now)
    assert not entry.read_only
    again = begin(db, entry.registration_id, token_hash(entry.token), now)
    assert (again.id, again.deadline) == (attempt.id, attempt.deadline)


def test_option_names_say_nothing_of_the_bank(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    attempt, _ = exams.start(db, exam, now=now)
    with db.reading() as session:
        items = sheet.shown_items(session, attempt)
    permutation = sheet.read_permutation(attempt.permutation)
    assert [option.id for option in items[0].options] == ["a", "b", "c", "d"]
    places = [
        sorted(exam.keys[permutation.items[slot - 1]])[0]
        != next(
            letter
            for letter in "abcd"
            if sheet.bank_choice(permutation, slot=slot, choice=letter) == exam.keys[permutation.items[slot - 1]]
        )
        for slot in range(1, 81)
    ]
    assert any(places), "the letters shown are the letters of the bank"
    assert permutation.items != tuple(range(1, 81))


@pytest.mark.parametrize(("both", "languages"), [(True, {"kk", "ru"}), (False, {"ru"})])
def test_only_allowed_languages_are_handed_out(
    db: Database, now: datetime, both: bool, languages: set[str]
) -> None:
    exam = exams.build(db, now=now, both_languages=both)
    attempt, _ = exams.start(db, exam, now=now, language="ru")
    with db.reading() as session:
        item = sheet.shown_items(session, attempt)[0].as_json()
    assert set(item["stem"]) == languages  # type: ignore[call-overload]
    assert all(set(option) == languages | {"id"} for option in item["options"])  # type: ignore[attr-defined]


def test_what_was_handed_out_cannot_be_changed_in_the_database(db: Database, now: datetime) -> None:
    exams.start(db, exams.build(db, now=now), now=now)
    for change in ("permutation = '{}'", "shape = ''", "started_at = '2020-01-01'", "language = 'ru'", "form_id = 2"):
        with pytest.raises(Exception, match=r"may not change|FOREIGN KEY"), db.one_statement() as connection:
            connection.exec_driver_sql(f"UPDATE attempt SET {change}")
