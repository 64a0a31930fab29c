"""The whole way from answers to points and verdict: what counts, what does not, and only once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.delivery.actions.attempts import digest_of, events_of
from cbt.delivery.models import Attempt, LateAnswer
from cbt.delivery.queries_attempt import current_answers
from cbt.errors import Refusal
from cbt.results import actions as results
from cbt.results.models import Mark, Result
from tests import exam as exams
from tests.results.answers import Seated, in_threads, right, seat, sit

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def other_than(ids: frozenset[str]) -> frozenset[str]:
    return frozenset({next(letter for letter in "abcd" if letter not in ids)})


def reloaded(seated: Seated) -> Attempt:
    with seated.db.reading() as session:
        return session.get_one(Attempt, seated.attempt.id)


def how_many(db: Database, *tags: str) -> dict[str, int]:
    with db.reading() as session:
        rows = session.execute(
            select(AuditEntry.tag, func.count()).where(AuditEntry.tag.in_(tags)).group_by(AuditEntry.tag)
        )
        return {row.tag: row[1] for row in rows}


@pytest.mark.parametrize(
    ("stage", "points", "admitted", "outcome", "source"),
    [
        ("initial", 0, False, "REPEAT", "AR r.15"),
        ("initial", 49, False, "REPEAT", "AR r.15"),
        ("initial", 50, True, None, "AR r.15"),
        ("initial", 80, True, None, "AR r.15"),
        ("repeat", 49, False, "NOT_CONFORMS_BY_VOTE", "AR r.15, r.20"),
        ("repeat", 50, True, None, "AR r.15"),
    ],
)
def test_fifty_points_are_admitted_and_forty_nine_are_not(
    db: Database, now: datetime, stage: str, points: int, admitted: bool, outcome: str | None, source: str
) -> None:
    exam = exams.build(db, now=now, stage=stage)
    result = sit(db, exam, points=points, now=now)
    assert (result.points, result.admitted, result.outcome, result.source) == (points, admitted, outcome, source)
    assert (result.stage, result.max_points, result.cut_score, result.edition) == (stage, 80, 50, "kz-mlsp-2009-25o")


@pytest.mark.parametrize(
    ("chosen", "points"),
    [
        (lambda key: key, 1),
        (lambda key: frozenset(sorted(key)[:1]), 0),
        (lambda key: key | other_than(key), 0),
        (lambda key: frozenset("abcd") - key, 0),
        (lambda key: frozenset(), 0),
    ],
    ids=["all of them", "one of two", "one too many", "the others", "none"],
)
def test_an_item_with_several_right_options_is_right_as_a_whole_or_not_at_all(
    db: Database, now: datetime, chosen, points: int
) -> None:
    exam = exams.build(db, now=now, items=4, multiple=(2,))
    seated = seat(db, exam, now=now)
    choices = {2: chosen(exam.keys[2])}
    seated.answer(choices, now=now + SECOND)
    assert seated.submit(choices, now=now + 2 * SECOND).points == points


def test_no_answer_and_a_wrong_answer_are_both_nothing(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=10)
    seated = seat(db, exam, now=now)
    choices = {slot: other_than(exam.keys[slot]) for slot in range(1, 6)} | {6: exam.keys[6]}
    seated.answer(choices, now=now + SECOND)
    result = seated.submit(choices, now=now + 2 * SECOND)
    assert result.points == 1
    with db.reading() as session:
        marks = session.execute(select(Mark.slot, Mark.awarded, Mark.choice).order_by(Mark.slot)).all()
    assert [(slot, awarded) for slot, awarded, _ in marks] == [(slot, int(slot == 6)) for slot in range(1, 11)]
    assert [choice for _, _, choice in marks[6:]] == [""] * 4


def test_a_flag_changes_no_point(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=6)
    seated = seat(db, exam, now=now)
    seated.save(*(seated.event(slot, exam.keys[slot], flagged=slot % 2 == 0) for slot in range(1, 7)), now=now + SECOND)
    assert seated.submit(right(exam, 6), now=now + 2 * SECOND).points == 6


@pytest.mark.parametrize("clocks", [(1_000, 2_000), (2_000, 1_000), (10**12, -(10**12))])
def test_the_answer_that_arrived_last_counts_whatever_the_clock_of_the_browser_says(
    db: Database, now: datetime, clocks: tuple[int, int]
) -> None:
    exam = exams.build(db, now=now, items=4)
    seated = seat(db, exam, now=now)
    for key_first, slot in ((True, 1), (False, 2)):
        pair = [exam.keys[slot], other_than(exam.keys[slot])]
        for choice, at_ms in zip(pair if key_first else reversed(pair), clocks, strict=True):
            seated.save(seated.event(slot, choice, at_ms=at_ms), now=now + SECOND)
    final = {1: other_than(exam.keys[1]), 2: exam.keys[2]}
    result = seated.submit(final, now=now + 2 * SECOND)
    with db.reading() as session:
        awarded = session.scalars(select(Mark.awarded).where(Mark.result_id == result.id).order_by(Mark.slot)).all()
    assert list(awarded) == [0, 1, 0, 0]


def test_a_cleared_answer_is_no_answer(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=4)
    seated = seat(db, exam, now=now)
    seated.answer({1: exam.keys[1]}, now=now + SECOND)
    seated.answer({1: ()}, now=now + 2 * SECOND)
    assert seated.submit({}, now=now + 3 * SECOND).points == 0


def test_closed_twice_there_is_one_result(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=6)
    seated = seat(db, exam, now=now)
    seated.answer(right(exam, 3), now=now + SECOND)
    first = seated.submit(right(exam, 3), now=now + 2 * SECOND)
    again = seated.submit({}, now=now + 3 * SECOND)
    expired = seated.expire(now=now + 2 * HOUR)
    assert expired is not None
    assert first.id == again.id == expired.id
    assert reloaded(seated).finished_at == now + 2 * SECOND
    assert results.close_overdue(db, now=now + 2 * HOUR) == 0
    assert how_many(db, "attempt.closed", "result.announced") == {"attempt.closed": 1, "result.announced": 1}


@pytest.mark.parametrize(
    ("offset", "state", "finished"),
    [
        (-SECOND, "submitted", -SECOND),
        (-timedelta(milliseconds=1), "submitted", -timedelta(milliseconds=1)),
        (timedelta(0), "expired", timedelta(0)),
        (SECOND, "expired", timedelta(0)),
        (5 * HOUR, "expired", timedelta(0)),
    ],
)
def test_finished_before_the_deadline_or_closed_at_it(
    db: Database, now: datetime, offset: timedelta, state: str, finished: timedelta
) -> None:
    exam = exams.build(db, now=now, items=6)
    seated = seat(db, exam, now=now)
    seated.answer(right(exam, 3), now=now + SECOND)
    deadline = now + HOUR
    result = seated.submit(right(exam, 3), now=deadline + offset)
    attempt = reloaded(seated)
    assert (attempt.state, attempt.finished_at, attempt.closed_at) == (state, deadline + finished, deadline + offset)
    assert (result.points, result.announced_at) == (3, deadline + offset)


def test_an_answer_a_second_before_the_deadline_counts_and_a_second_after_it_does_not(
    db: Database, now: datetime
) -> None:
    exam = exams.build(db, now=now, items=6)
    seated = seat(db, exam, now=now)
    seated.answer({1: exam.keys[1]}, now=now + HOUR - SECOND)
    with pytest.raises(Refusal, match="attempt_closed"):
        seated.answer({2: exam.keys[2]}, now=now + HOUR + SECOND)
    result = seated.expire(now=now + HOUR + 2 * SECOND)
    assert result is not None
    assert result.points == 1
    with db.reading() as session:
        assert list(session.scalars(select(LateAnswer.slot))) == [seated.shown(2)]


def test_a_vanished_browser_is_closed_at_its_deadline_with_what_the_server_holds(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, minutes=30)
    seated = seat(db, exam, now=now)
    seated.answer(right(exam, 50), now=now + 20 * SECOND)
    deadline = now + timedelta(minutes=30)
    assert seated.expire(now=deadline - SECOND) is None
    assert results.close_overdue(db, now=deadline + SECOND) == 0, "saves may still be on their way to the disk"
    assert results.close_overdue(db, now=deadline + HOUR) == 1
    attempt = reloaded(seated)
    assert (attempt.state, attempt.finished_at, attempt.closed_at) == ("expired", deadline, deadline + HOUR)
    with db.reading() as session:
        result = session.scalars(select(Result)).one()
    assert (result.points, result.admitted) == (50, True)


def test_an_attempt_that_never_began_has_no_result(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=4)
    attempt = Attempt(
        id="a" * 32, registration_id=exam.registrations[0], form_id=exam.form_id, form_hash="0" * 64, state="issued",
        both_languages=True, minutes=60, number_of_items=4, permutation="{}", shape="4444", issued_at=now,
    )  # fmt: skip
    with db.transaction() as session:
        session.add(attempt)
    waiting = Seated(db=db, exam=exam, attempt=attempt, session_key="f" * 64)
    with pytest.raises(Refusal, match="not_started"):
        waiting.submit({}, now=now + SECOND)
    assert waiting.expire(now=now + 2 * HOUR) is None


def test_another_window_cannot_finish_the_test(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=4)
    seated = seat(db, exam, now=now)
    stranger = Seated(db=db, exam=exam, attempt=seated.attempt, session_key="f" * 64)
    with pytest.raises(Refusal, match="read_only_here"):
        stranger.submit({}, now=now + SECOND)
    assert reloaded(seated).state == "started"


def test_a_difference_is_named_question_by_question_and_nothing_is_closed(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    seated.answer({1: exam.keys[1], 2: exam.keys[2], 3: exam.keys[3]}, now=now + SECOND)
    told = {1: exam.keys[1], 2: other_than(exam.keys[2]), 4: exam.keys[4]}
    with pytest.raises(Refusal, match="answers_differ") as refused:
        seated.submit(told, now=now + 2 * SECOND)
    assert refused.value.facts == {"slots": sorted(seated.shown(slot) for slot in (2, 3, 4)), "count": 3}
    assert reloaded(seated).state == "started"
    assert how_many(db, "attempt.closed", "result.announced") == {}


def test_the_profile_adds_up_to_the_points_and_names_the_areas_of_the_blueprint(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    result = sit(db, exam, points=57, now=now)
    assert json.loads(result.profile) == [
        {"area": "D1", "kk": "Бөлім D1", "ru": "Раздел D1", "points": 40, "max_points": 40},
        {"area": "D2", "kk": "Бөлім D2", "ru": "Раздел D2", "points": 17, "max_points": 40},
    ]


def test_the_result_pins_the_form_and_the_answers_it_was_made_from(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=6)
    result = sit(db, exam, points=2, now=now)
    with db.reading() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert (result.form_hash, result.events_digest) == (attempt.form_hash, attempt.events_digest)
        assert digest_of(events_of(session, attempt.id)) == result.events_digest


def _held(seated: Seated) -> dict[int, tuple[str, ...]]:
    with seated.db.reading() as session:
        return {slot: answer.choice for slot, answer in current_answers(session, seated.attempt.id).items()}


def _write_until_closed(seated: Seated, slots: range, now: datetime) -> set[str]:
    """The keys the server has acknowledged before it said that the attempt is closed."""
    acknowledged: set[str] = set()
    for turn in range(5000):
        event = seated.event(slots[turn % len(slots)], {"abcd"[turn % 4]})
        try:
            acknowledged |= seated.save(event, now=now).seqs.keys()
        except Refusal as refusal:
            if refusal.code == "attempt_closed":
                return acknowledged
            raise
    raise AssertionError("the attempt was never closed")


def _submit_until_closed(seated: Seated, now: datetime) -> Result | None:
    """Finish as soon as what was read is still what the server holds; where writers are always faster, as the deadline."""
    for _ in range(15):
        held = _held(seated)
        try:
            with seated.db.transaction() as session:
                return results.submit_attempt(
                    session, attempt_id=seated.attempt.id, session_key=seated.session_key, count=len(held),
                    digest=results.answers_digest(held), answers=None, now=now,
                )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "answers_differ":
                raise
    return seated.expire(now=now + HOUR)


@pytest.mark.parametrize("close", ["submit", "expire"])
def test_no_acknowledged_answer_is_missing_from_what_was_scored(db: Database, now: datetime, close: str) -> None:
    exam = exams.build(db, now=now, items=8, candidates=3)
    inside = now + HOUR - SECOND
    for number in range(3):
        seated = seat(db, exam, number, now=now)
        writers = [partial(_write_until_closed, seated, range(first, first + 2), inside) for first in (1, 3, 5, 7)]
        closing = {
            "submit": partial(_submit_until_closed, seated, inside),
            "expire": partial(seated.expire, now=now + HOUR),
        }
        *written, result = in_threads(*writers, closing[close])
        assert isinstance(result, Result), result
        assert all(isinstance(keys, set) for keys in written), written
        with db.reading() as session:
            attempt = session.get_one(Attempt, seated.attempt.id)
            events = events_of(session, attempt.id)
            marked = session.execute(select(Mark.slot, Mark.choice).where(Mark.result_id == result.id))
            scored = {seated.shown(slot): seated.letters(slot, choice.split(",")) for slot, choice in marked if choice}
        assert {event.key for event in events} == set().union(*written)
        assert digest_of(events) == attempt.events_digest == result.events_digest, "an answer came after the closing"
        assert scored == {slot: choice for slot, choice in _held(seated).items() if choice}


def test_finishing_and_closing_at_the_same_moment_make_one_result(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    seated.answer(right(exam, 5), now=now + SECOND)
    late = now + HOUR + 3 * SECOND
    deeds = [
        lambda: seated.submit(right(exam, 5), now=late).id,
        lambda: results.close_overdue(db, now=late),
    ] * 6  # fmt: skip
    outcomes = in_threads(*deeds)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    assert len(set(outcomes[::2])) == 1
    assert sum(outcomes[1::2]) <= 6
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Result)) == 1
    assert how_many(db, "attempt.closed", "result.announced") == {"attempt.closed": 1, "result.announced": 1}
