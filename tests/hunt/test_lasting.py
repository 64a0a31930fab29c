"""What one failure may not take along: other attempts, other answers, other deeds of the keeper."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from cbt.cli.keeper import _Round
from cbt.db import Database
from cbt.delivery.actions import saving
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.results.actions import close_overdue
from tests import exam as exams


def event(slot: int) -> dict[str, object]:
    return {"key": str(uuid.uuid4()), "slot": slot, "choice": ["a"], "flagged": False, "language": "kk", "at_ms": 1}


def test_an_attempt_that_cannot_be_closed_holds_up_no_other(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8, candidates=2)
    first, _ = exams.start(db, exam, now=now, number=0)
    second, _ = exams.start(db, exam, now=now + timedelta(seconds=1), number=1)
    with db.transaction() as session:
        sitting = session.get_one(Sitting, exam.sitting_id)
        facts = {column.key: getattr(sitting, column.key) for column in Sitting.__table__.columns if column.key != "id"}
        unusable = Sitting(**facts | {"edition": "kz-mlsp-2023-210"})
        session.add(unusable)
        session.flush()
        session.get_one(Registration, exam.registrations[0]).sitting_id = unusable.id
    assert close_overdue(db, now=now + timedelta(hours=2)) == 1
    with db.reading() as session:
        assert session.get_one(Attempt, first.id).state == "started"
        assert session.get_one(Attempt, second.id).state == "expired"


def test_a_deed_of_the_keeper_that_fails_is_tried_again(now: datetime) -> None:
    done: list[datetime] = []

    def deed(moment: datetime) -> None:
        done.append(moment)
        raise ValueError("away")

    each = _Round(0, deed)
    each.go(now)
    each.go(now)
    assert done == [now, now]


def test_a_deed_of_the_keeper_waits_for_its_turn_whatever_the_clock_says(now: datetime) -> None:
    done: list[datetime] = []
    each = _Round(3600, done.append)
    for moment in (now, now + timedelta(days=1), now - timedelta(days=1)):
        each.go(moment)
    assert done == [now]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_answers_are_saved_again_once_the_database_is_back(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    attempt, key = exams.start(db, exam, now=now)

    def save(slot: int) -> None:
        body = {"events": [event(slot)]}
        saving.save_body(db, attempt_id=attempt.id, session_key=key, body=body, now=now)

    save(1)
    with db.reading() as session:
        session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
    with suppress(Exception):
        save(2)
    save(3)
