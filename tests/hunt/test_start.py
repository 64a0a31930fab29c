"""What a start may not do, also when somebody else's deed is just being done."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import pytest
from sqlalchemy import func, select

from cbt.accounts.models import WebSession
from cbt.assembly.models import Form
from cbt.db import Database
from cbt.delivery.actions import attempts
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.errors import Refusal
from tests import exam as exams


def start(db: Database, exam: exams.Exam, now: datetime, number: int = 0) -> Attempt | Refusal:
    try:
        with db.transaction() as session:
            return attempts.start_attempt(
                session, registration_id=exam.registrations[number], language="kk", session_key="s", now=now
            )
    except Refusal as refusal:
        return refusal


def test_a_form_withdrawn_while_the_sitting_is_open_is_not_handed_out(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8, candidates=2)
    assert isinstance(start(db, exam, now), Attempt)
    with db.transaction() as session:
        form = session.get_one(Form, exam.form_id)
        form.state, form.withdrawn_at, form.withdrawn_by, form.withdrawal_reason = "withdrawn", now, form.drawn_by, "leak"
    refused = start(db, exam, now, number=1)
    assert isinstance(refused, Refusal)
    assert refused.code == "no_form_for_position"
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_start_that_waited_for_a_withdrawal_sees_it(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    outcome: list[Attempt | Refusal] = []
    with db.transaction() as session:
        session.get_one(Sitting, exam.sitting_id, with_for_update=True)
        session.get_one(Registration, exam.registrations[0]).withdrawn_at = now
        session.flush()
        starter = threading.Thread(target=lambda: outcome.append(start(db, exam, now)))
        starter.start()
        time.sleep(0.5)
        assert not outcome, "the start waits for the sitting"
    starter.join(10)
    assert isinstance(outcome[0], Refusal)
    assert outcome[0].code == "registration_withdrawn"
