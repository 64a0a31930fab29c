"""A candidate's file: what happened and whether it still stands as it was sealed, without one answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from cbt.audit.actions import record, seal
from cbt.db import Database
from cbt.delivery.models import AnswerEvent, Attempt
from cbt.errors import Refusal
from cbt.results.actions import note_file_opened
from cbt.results.queries_file import CandidateFile, Minute, activity_of, file_of
from tests import exam as exams
from tests.exam import VAULT, Exam
from tests.factories import make_body, make_staff
from tests.results.answers import seat, sit

MINUTE = timedelta(minutes=1)


def opened(db: Database, exam: Exam, number: int = 0, *, now: datetime) -> CandidateFile:
    with db.reading() as session:
        return file_of(session, exam.registrations[number], body_id=exam.body_id, vault=VAULT, now=now)


def past_the_guards(db: Database, table: str, statement: str) -> None:
    """What only an owner of the database can do."""
    with db.engine.connect() as connection:
        if db.is_sqlite:
            found = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"), {"table": table}
            )
            for name in found.scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement)
        connection.commit()


def test_the_file_of_anothers_candidate_does_not_exist(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    with db.transaction() as session:
        stranger = make_body(session).id
    with db.reading() as session:
        for registration in (exam.registrations[0], exam.registrations[0] + 1):
            with pytest.raises(Refusal, match="unknown"):
                file_of(session, registration, body_id=stranger, vault=VAULT, now=now)


def test_the_number_of_the_person_is_masked_but_for_its_end(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    assert opened(db, exam, now=now).iin == "•" * 8 + exam.iins[0][-4:]


def test_jurisdiction_and_its_paragraph_follow_from_the_post(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    found = opened(db, exam, now=now).jurisdiction
    assert (found.commission, found.outcome_document) == ("rayon", "protocol_copy")
    assert found.source == "AR r.7, r.12-1, r.13, r.25"


def test_before_the_start_there_is_no_attempt_and_while_it_runs_no_result(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    before = opened(db, exam, now=now)
    assert (before.state, before.attempt, before.result, before.activity) == ("expected", None, None, ())
    seat(db, exam, now=now).answer({1: exam.keys[1]}, now=now + MINUTE)
    running = opened(db, exam, now=now)
    assert running.attempt is not None
    assert (running.state, running.result, running.attempt.events_digest, running.attempt.answers_hold) == (
        "running", None, None, None,
    )  # fmt: skip


def test_a_closed_attempt_shows_its_result_its_form_and_that_its_answers_hold(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    result = sit(db, exam, points=57, now=now)
    file = opened(db, exam, now=now)
    assert file.attempt is not None
    assert file.result is not None
    assert (file.result.points, file.result.source, file.attempt.form_number) == (57, "AR r.15", 1)
    assert (file.attempt.form_hash, file.attempt.events_digest) == (result.form_hash, result.events_digest)
    assert (file.attempt.answers_hold, file.attempt.duration) == (True, 40 * MINUTE)
    assert [deed.tag for deed in file.deeds] == [
        "candidate.signed_in", "attempt.issued", "attempt.started", "attempt.closed", "result.announced",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE answer_event SET choice = CASE choice WHEN 'd' THEN 'a' ELSE 'd' END WHERE seq = (SELECT min(seq) FROM answer_event)",
        "DELETE FROM answer_event WHERE seq = (SELECT max(seq) FROM answer_event)",
        "UPDATE answer_event SET at_ms = at_ms + 1 WHERE seq = (SELECT min(seq) FROM answer_event)",
    ],
)
def test_an_answer_changed_past_the_guards_shows(db: Database, now: datetime, statement: str) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    seated.answer({1: exam.keys[1], 2: {"a"}}, now=now + MINUTE)
    seated.expire(now=now + 61 * MINUTE)
    past_the_guards(db, "answer_event", statement)
    file = opened(db, exam, now=now)
    assert file.attempt is not None
    assert file.attempt.answers_hold is False


def test_every_deed_says_in_which_batch_it_is_sealed(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    assert {deed.seal.batch for deed in opened(db, exam, now=now).deeds} == {None}
    with db.transaction() as session:
        seal(session, now=now)
    seated.expire(now=now + 61 * MINUTE)
    file = opened(db, exam, now=now)
    assert [(deed.tag, deed.seal.batch) for deed in file.deeds[-3:]] == [
        ("attempt.started", 1), ("attempt.closed", None), ("result.announced", None),
    ]  # fmt: skip
    assert all(deed.seal.holds for deed in file.deeds)


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("audit_entry", "UPDATE audit_entry SET actor = 'account:9' WHERE tag = 'attempt.started'"),
        ("audit_batch", "UPDATE audit_batch SET root = head"),
        ("audit_batch", "UPDATE audit_batch SET leaves = leaves || 'x'"),
    ],
)
def test_a_sealed_deed_that_was_changed_shows(db: Database, now: datetime, table: str, statement: str) -> None:
    exam = exams.build(db, now=now, items=8)
    seat(db, exam, now=now)
    with db.transaction() as session:
        seal(session, now=now)
    past_the_guards(db, table, statement)
    broken = {deed.tag for deed in opened(db, exam, now=now).deeds if not deed.seal.holds}
    assert "attempt.started" in broken
    assert len(broken) == (1 if table == "audit_entry" else 3)


def test_the_same_refusal_many_times_is_one_line(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    for turn in range(20):
        with db.transaction() as session:
            record(
                session, "attempt.save_refused", actor=f"registration:{exam.registrations[0]}",
                subject=f"attempt:{seated.attempt.id}", now=now + turn * MINUTE, code="read_only_here",
            )  # fmt: skip
    last = opened(db, exam, now=now).deeds[-1]
    assert (last.tag, last.times, last.at, last.until) == ("attempt.save_refused", 20, now, now + 19 * MINUTE)


def test_who_opened_the_file_is_kept_apart_from_what_happened(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    with db.transaction() as session:
        chair = make_staff(session, make_body(session), "chair", name="Төраға")
        note_file_opened(session, registration_id=exam.registrations[0], actor=chair, now=now)
    file = opened(db, exam, now=now)
    assert [deed.actor_name for deed in file.openings] == ["Төраға"]
    assert "file.opened" not in {deed.tag for deed in file.deeds}


def test_activity_counts_what_arrived_in_each_minute_and_not_what_it_was(now: datetime) -> None:
    def event(slot: int, choice: str, seconds: int, *, flagged: bool = False, language: str = "kk") -> AnswerEvent:
        return AnswerEvent(
            slot=slot, choice=choice, flagged=flagged, language=language, received_at=now + timedelta(seconds=seconds)
        )

    events = [
        event(1, "a", 5),
        event(1, "b", 10),
        event(1, "b", 15, flagged=True),
        event(1, "b", 20, flagged=True, language="ru"),
        event(2, "c", 59, language="ru"),
        event(2, "", 60),
        event(1, "b", 185),
    ]
    assert activity_of(events, Attempt(started_at=now, language="kk")) == [
        Minute(minute=0, answers=3, flagged=1, other_language=2),
        Minute(minute=1, cleared=1),
        Minute(minute=2),
        Minute(minute=3),
    ]
    assert activity_of([], Attempt(started_at=None)) == []


def test_the_file_has_no_place_for_an_answer() -> None:
    shapes = {name for kind in (CandidateFile, Minute) for name in kind.__dataclass_fields__}
    assert shapes == {
        "registration_id", "name", "iin", "position", "stage", "workplace", "territory", "commission", "registered_by",
        "registered_at", "withdrawn_at", "sitting", "jurisdiction", "state", "attempt", "result", "incidents",
        "late_answers", "activity", "deeds", "openings", "minute", "answers", "cleared", "flagged", "other_language",
    }  # fmt: skip
