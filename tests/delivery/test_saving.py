"""The road of an answer: kept once, in order, in time, by its owner, or not at all."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from cbt.db import Database
from cbt.delivery.actions import saving
from cbt.delivery.models import AnswerEvent, Attempt, Incident, LateAnswer
from cbt.delivery.queries_attempt import current_answers
from cbt.errors import Refusal
from tests import exam as exams


def raw(slot: int, *choice: str, key: str | None = None, flagged: bool = False) -> dict[str, object]:
    return {
        "key": key or str(uuid.uuid4()), "slot": slot, "choice": list(choice), "flagged": flagged, "language": "kk",
        "at_ms": 1_700_000_000_000,
    }  # fmt: skip


def save(db: Database, attempt: Attempt, key: str, now: datetime, *events: dict[str, object]) -> saving.Saved:
    return saving.save_body(db, attempt_id=attempt.id, session_key=key, body={"events": list(events)}, now=now)


def choices(db: Database, attempt: Attempt) -> dict[int, tuple[str, ...]]:
    with db.reading() as session:
        return {slot: answer.choice for slot, answer in current_answers(session, attempt.id).items()}


def count(db: Database, model: type = AnswerEvent) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_an_answer_is_kept_and_numbered(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    event = raw(17, "b")
    saved = save(db, attempt, key, now, event)
    assert list(saved.seqs) == [event["key"]]
    assert saved.deadline == now + timedelta(minutes=60)
    assert choices(db, attempt) == {17: ("b",)}


def test_a_repeated_key_keeps_its_first_number(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    first, second = raw(1, "a"), raw(1, "b")
    number = save(db, attempt, key, now, first).seqs[str(first["key"])]
    both = save(db, attempt, key, now, first, second).seqs
    assert both[str(first["key"])] == number
    assert both[str(second["key"])] > number
    assert count(db) == 2
    assert choices(db, attempt) == {1: ("b",)}


def test_a_repeated_key_cannot_change_the_answer(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    event = raw(1, "a")
    save(db, attempt, key, now, event)
    save(db, attempt, key, now, event | {"choice": ["c"]})
    assert choices(db, attempt) == {1: ("a",)}


def test_order_of_arrival_decides_and_all_are_kept(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    for letter, at_ms in (("a", 5), ("b", 3), ("c", 4)):
        save(db, attempt, key, now, raw(9, letter) | {"at_ms": at_ms})
    assert choices(db, attempt) == {9: ("c",)}
    assert count(db) == 3


def test_two_hundred_events_in_one_request_keep_their_order(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    events = [raw(1 + number % 80, "abcd"[number % 4]) for number in range(200)]
    saved = save(db, attempt, key, now, *events)
    numbers = [saved.seqs[str(event["key"])] for event in events]
    assert numbers == sorted(numbers)
    assert choices(db, attempt)[40] == ("abcd"[199 % 4],)


def test_clearing_an_answer_is_an_answer_too(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    save(db, attempt, key, now, raw(3, "a"))
    save(db, attempt, key, now, raw(3, flagged=True))
    assert choices(db, attempt) == {3: ()}


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [(-1, True), (-0.001, True), (0, False), (0.001, False), (1, False), (60, False), (86_400, False)],
)
def test_the_servers_deadline_is_the_only_deadline(db: Database, now: datetime, seconds: float, kept: bool) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    assert attempt.deadline is not None
    moment = attempt.deadline + timedelta(seconds=seconds)
    if kept:
        save(db, attempt, key, moment, raw(1, "a"))
        assert choices(db, attempt) == {1: ("a",)}
        return
    with pytest.raises(Refusal, match="attempt_closed"):
        save(db, attempt, key, moment, raw(1, "a"))
    assert choices(db, attempt) == {}
    with db.reading() as session:
        late = session.scalars(select(LateAnswer)).one()
        assert (late.slot, late.choice, late.received_at) == (1, "a", moment)
        assert session.scalars(select(Incident.kind)).one() == "late_answers"


def test_a_late_answer_sent_again_is_one_piece_of_evidence(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    event = raw(1, "a")
    for _ in range(3):
        with pytest.raises(Refusal, match="attempt_closed"):
            save(db, attempt, key, now + timedelta(minutes=61), event)
    assert count(db, LateAnswer) == 1
    assert count(db, Incident) == 1


def test_a_saved_key_is_still_acknowledged_after_the_deadline(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    event = raw(1, "a")
    number = save(db, attempt, key, now, event).seqs
    assert save(db, attempt, key, now + timedelta(hours=2), event).seqs == number


def test_another_browser_cannot_answer(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    attempt, key = exams.start(db, exam, now=now)
    other = exams.enter(db, exam, device="another computer", now=now)
    assert other.read_only
    with pytest.raises(Refusal, match="read_only_here"):
        save(db, attempt, exams.token_hash(other.token), now, raw(1, "a"))
    assert count(db) == 0
    save(db, attempt, key, now, raw(1, "b"))


def test_the_same_browser_goes_on_after_a_crash(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    attempt, key = exams.start(db, exam, now=now)
    again = exams.enter(db, exam, device="device", now=now)
    assert not again.read_only
    save(db, attempt, exams.token_hash(again.token), now, raw(1, "a"))
    with pytest.raises(Refusal, match="read_only_here"):
        save(db, attempt, key, now, raw(1, "b"))


def test_nobody_saves_into_the_attempt_of_another(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=2)
    mine, my_key = exams.start(db, exam, 0, now=now)
    theirs, _ = exams.start(db, exam, 1, now=now)
    with pytest.raises(Refusal, match="read_only_here"):
        save(db, theirs, my_key, now, raw(1, "a"))
    assert choices(db, theirs) == {}
    assert mine.id != theirs.id


BAD = [
    ("not events", {"events": []}, "events_malformed"),
    ("a list", [1], "events_malformed"),
    ("no slot", {"events": [raw(1) | {"slot": None}]}, "events_malformed"),
    ("slot as text", {"events": [raw(1) | {"slot": "1"}]}, "events_malformed"),
    ("slot as truth", {"events": [raw(1) | {"slot": True}]}, "events_malformed"),
    ("slot 0", {"events": [raw(0, "a")]}, "unknown_slot"),
    ("slot 81", {"events": [raw(81, "a")]}, "unknown_slot"),
    ("option e of four", {"events": [raw(1, "e")]}, "unknown_option"),
    ("capital letter", {"events": [raw(1, "A")]}, "unknown_option"),
    ("empty letter", {"events": [raw(1, "")]}, "unknown_option"),
    ("two letters in one", {"events": [raw(1, "ab")]}, "unknown_option"),
    ("the same twice", {"events": [raw(2, "a", "a")]}, "unknown_option"),
    ("two answers to a single", {"events": [raw(1, "a", "b")]}, "one_choice_only"),
    ("choice as text", {"events": [raw(1) | {"choice": "a"}]}, "events_malformed"),
    ("choice of numbers", {"events": [raw(1) | {"choice": [1]}]}, "events_malformed"),
    ("key of words", {"events": [raw(1, "a", key="hello")]}, "events_malformed"),
    ("language en", {"events": [raw(1, "a") | {"language": "en"}]}, "events_malformed"),
    ("time as text", {"events": [raw(1, "a") | {"at_ms": "now"}]}, "events_malformed"),
    ("time without end", {"events": [raw(1, "a") | {"at_ms": float("inf")}]}, "events_malformed"),
    ("flag as text", {"events": [raw(1, "a") | {"flagged": "yes"}]}, "events_malformed"),
    ("201 events", {"events": [raw(1, "a") for _ in range(201)]}, "too_many_events"),
]


@pytest.mark.parametrize(("what", "body", "code"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_request_is_named_and_leaves_nothing(
    sqlite_db: Database, now: datetime, what: str, body: object, code: str
) -> None:
    attempt, key = exams.start(sqlite_db, exams.build(sqlite_db, now=now), now=now)
    good = raw(5, "a")
    if isinstance(body, dict) and body["events"] and len(body["events"]) == 1:
        body = {"events": [good, *body["events"]]}
    with pytest.raises(Refusal, match=code):
        saving.save_body(sqlite_db, attempt_id=attempt.id, session_key=key, body=body, now=now)
    assert count(sqlite_db) == 0


def test_several_answers_fit_a_several_answer_item(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, multiple=range(1, 81))
    attempt, key = exams.start(db, exam, now=now)
    save(db, attempt, key, now, raw(1, "c", "a"))
    assert choices(db, attempt) == {1: ("a", "c")}


def _in_threads(number: int, work) -> list[object]:
    """Run `work(n)` at the same moment in many threads; what each returned or raised."""
    barrier, outcomes = threading.Barrier(number), [None] * number

    def run(place: int) -> None:
        barrier.wait()
        try:
            outcomes[place] = work(place)
        except Exception as error:  # the outcome is the test's to judge
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_sixteen_writers_of_one_key_leave_one_row_and_one_number(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    for slot in range(1, 11):
        event = raw(slot, "a")
        outcomes = _in_threads(16, lambda _, event=event: save(db, attempt, key, now, event).seqs)
        assert all(outcome == outcomes[0] for outcome in outcomes), outcomes
        assert count(db) == slot


def test_sixteen_writers_of_many_keys_lose_none(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)

    def write(place: int) -> dict[str, int]:
        seqs: dict[str, int] = {}
        for number in range(25):
            seqs |= save(db, attempt, key, now, raw(1 + (place * 25 + number) % 80, "abcd"[number % 4])).seqs
        return seqs

    outcomes = _in_threads(16, write)
    acknowledged = {name: seq for outcome in outcomes for name, seq in outcome.items()}  # type: ignore[attr-defined]
    assert len(acknowledged) == 16 * 25
    with db.reading() as session:
        held = {row.key: row.seq for row in session.scalars(select(AnswerEvent))}
    assert held == acknowledged


def test_the_database_refuses_to_edit_or_delete_an_event(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    save(db, attempt, key, now, raw(1, "a"))
    for statement in ("UPDATE answer_event SET choice = 'b'", "DELETE FROM answer_event"):
        with pytest.raises(Exception, match="may not change"), db.one_statement() as connection:
            connection.exec_driver_sql(statement)
    assert choices(db, attempt) == {1: ("a",)}
