"""A commission's lists: its own candidates only, no points before closing, order and filters that mean what they say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cbt.db import Database
from cbt.delivery.actions import attempts
from cbt.delivery.models import Attempt, LateAnswer, Registration, Sitting
from cbt.errors import Refusal
from cbt.results import queries_commission as queries
from cbt.results.models import Result
from cbt.results.queries_commission import CandidateRow, Wanted
from tests import exam as exams
from tests.exam import Exam
from tests.factories import make_body
from tests.results.answers import seat, sit

DAY = timedelta(days=1)


def rows_of(db: Database, exam: Exam, *, now: datetime, body_id: int | None = None) -> dict[int, CandidateRow]:
    """The rows of a commission by the number of the candidate in the exam."""
    body_id = body_id or exam.body_id
    with db.reading() as session:
        sitting = queries.sitting_of(session, exam.sitting_id, body_id=body_id)
        rows = queries.candidates_of(session, sitting=sitting, body_id=body_id, now=now)
    return {exam.registrations.index(row.registration_id): row for row in rows}


def give_to_another(db: Database, exam: Exam, *numbers: int) -> int:
    """Registrations that fall to the commission of another body; that body."""
    with db.transaction() as session:
        body = make_body(session, "rayon")
        for number in numbers:
            session.get_one(Registration, exam.registrations[number]).commission_id = body.id
        return body.id


def test_a_commission_sees_the_candidates_of_its_own_jurisdiction_and_no_others(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=4, items=8)
    other = give_to_another(db, exam, 1, 3)
    assert set(rows_of(db, exam, now=now)) == {0, 2}
    assert set(rows_of(db, exam, now=now, body_id=other)) == {1, 3}


def test_a_sitting_without_own_candidates_is_as_if_it_did_not_exist(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=1, items=8)
    with db.transaction() as session:
        stranger = make_body(session).id
    with db.reading() as session:
        assert queries.sittings_of(session, body_id=stranger) == []
        for sitting_id in (exam.sitting_id, exam.sitting_id + 1):
            with pytest.raises(Refusal, match="unknown"):
                queries.sitting_of(session, sitting_id, body_id=stranger)


def test_the_list_of_sittings_counts_own_candidates_only(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=5)
    for number, points in enumerate((60, 49, 70)):
        sit(db, exam, number, points=points, now=now)
    seat(db, exam, 3, now=now)
    other = give_to_another(db, exam, 2)
    with db.reading() as session:
        (own,) = queries.sittings_of(session, body_id=exam.body_id)
        (foreign,) = queries.sittings_of(session, body_id=other)
    assert (own.registered, own.tested, own.admitted, own.mean) == (4, 2, 1, 54.5)
    assert (foreign.registered, foreign.tested, foreign.admitted, foreign.mean) == (1, 1, 1, 70.0)


def test_a_sitting_before_its_first_result_has_no_mean(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=2, items=8)
    with db.reading() as session:
        (row,) = queries.sittings_of(session, body_id=exam.body_id)
    assert (row.registered, row.tested, row.admitted, row.mean) == (2, 0, 0, None)


def test_there_are_no_points_before_the_test_is_closed(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, items=8)
    seated = seat(db, exam, now=now)
    seated.answer({1: exam.keys[1]}, now=now + timedelta(minutes=1))
    row = rows_of(db, exam, now=now)[0]
    assert (row.state, row.points, row.admitted, row.duration, row.gate) == ("running", None, None, None, "none")
    seated.submit({1: exam.keys[1]}, now=now + timedelta(minutes=2))
    row = rows_of(db, exam, now=now)[0]
    assert (row.state, row.points, row.gate, row.duration) == ("submitted", 1, "not_admitted", timedelta(minutes=2))


def test_the_newest_result_is_the_one_that_counts(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now)
    first = sit(db, exam, points=49, now=now)
    with db.transaction() as session:
        facts = {column.key: getattr(first, column.key) for column in Result.__table__.columns if column.key != "id"}
        session.add(Result(**facts | {"number": 2, "points": 51, "admitted": True, "outcome": None}))
    assert rows_of(db, exam, now=now)[0].points == 51
    with db.reading() as session:
        (sitting,) = queries.sittings_of(session, body_id=exam.body_id)
    assert (sitting.registered, sitting.tested, sitting.admitted, sitting.mean) == (1, 1, 1, 51.0)


@pytest.mark.parametrize(
    ("sitting", "offset", "state"),
    [
        ("planned", timedelta(0), "expected"),
        ("open", timedelta(0), "expected"),
        ("open", DAY, "absent"),
        ("closed", timedelta(0), "absent"),
        ("cancelled", DAY, "cancelled"),
    ],
)
def test_who_has_not_started_is_expected_until_the_sitting_is_over(
    db: Database, now: datetime, sitting: str, offset: timedelta, state: str
) -> None:
    exam = exams.build(db, now=now, items=8)
    with db.transaction() as session:
        session.get_one(Sitting, exam.sitting_id).state = sitting
    assert rows_of(db, exam, now=now + offset)[0].state == state


def test_a_form_handed_out_and_never_started_is_not_an_attempt_yet(now: datetime) -> None:
    sitting = Sitting(state="open", closes_at=now + DAY)
    assert queries.state_of(Attempt(state="issued"), sitting, now=now) == "expected"
    assert queries.state_of(Attempt(state="issued"), sitting, now=now + DAY) == "absent"
    assert queries.state_of(Attempt(state="paused"), sitting, now=now) == "running"
    assert queries.state_of(Attempt(state="annulled"), sitting, now=now) == "annulled"


def test_who_was_taken_off_the_list_is_gone_unless_there_was_an_attempt(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=2, items=8)
    seat(db, exam, 0, now=now)
    with db.transaction() as session:
        for registration in exam.registrations:
            session.get_one(Registration, registration).withdrawn_at = now
    assert set(rows_of(db, exam, now=now)) == {0}


def test_incidents_and_late_answers_are_counted_with_their_own_attempt(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=2, items=8)
    quiet, loud = (seat(db, exam, number, now=now) for number in range(2))
    late = now + timedelta(hours=1, seconds=1)
    with pytest.raises(Refusal, match="attempt_closed"):
        loud.save(loud.event(1, "a"), loud.event(2, "b"), now=late)
    with db.transaction() as session:
        attempts.note_incident(session, attempt_id=loud.attempt.id, kind="power_cut", actor="account:1", now=late)
    for seated in (quiet, loud):
        seated.expire(now=late)
    rows = rows_of(db, exam, now=late)
    assert (rows[0].incidents, rows[0].late_answers) == ((), 0)
    assert (rows[1].incidents, rows[1].late_answers) == (("late_answers", "power_cut"), 2)
    with db.reading() as session:
        assert session.query(LateAnswer).count() == 2


def row(number: int, **changes: object) -> CandidateRow:
    facts: dict[str, object] = {
        "registration_id": number,
        "name": f"Үміткер {number}",
        "position": "att-care",
        "stage": "initial",
        "state": "submitted",
        "language": "kk",
        "points": 57,
        "max_points": 80,
        "admitted": True,
        "outcome": None,
        "source": "AR r.15",
        "duration": timedelta(minutes=40),
        "incidents": (),
        "late_answers": 0,
    }
    return CandidateRow(**facts | changes)  # type: ignore[arg-type]


ABSENT = {"state": "absent", "language": None, "points": None, "admitted": None, "duration": None}


@pytest.mark.parametrize(
    ("order", "values", "expected"),
    [
        (
            "name",
            {"name": ["Яна", "Әсел", "Асхат", "Һасан", "Ғани", "Гүл", "Іңкәр", "Ислам"]},
            [2, 1, 5, 4, 7, 3, 6, 0],
        ),
        ("-name", {"name": ["Асхат", "Әсел", "Баян"]}, [2, 1, 0]),
        ("position", {"position": ["att-care", "att-needs-assessment", "att-specialist"]}, [1, 2, 0]),
        ("points", {"points": [60, None, 3, 49]}, [2, 3, 0, 1]),
        ("-points", {"points": [60, None, 3, 49]}, [0, 3, 2, 1]),
        ("duration", {"duration": [timedelta(minutes=9), timedelta(minutes=7), None]}, [1, 0, 2]),
        ("-incidents", {"incidents": [(), ("a", "b"), ("a",)]}, [1, 2, 0]),
        ("-late", {"late_answers": [0, 2, 1]}, [1, 2, 0]),
        ("state", {"state": ["absent", "running", "submitted"]}, [1, 2, 0]),
        ("language", {"language": ["ru", None, "kk"]}, [2, 0, 1]),
        ("stage", {"stage": ["repeat", "initial"]}, [1, 0]),
        ("gate", {"admitted": [False, True, None]}, [1, 0, 2]),
        ("nonsense", {"points": [1, 2, 3]}, [0, 1, 2]),
        ("", {"points": [1, 2, 3]}, [0, 1, 2]),
    ],
)
def test_rows_stand_in_the_order_of_the_asked_column(
    order: str, values: dict[str, list[object]], expected: list[int]
) -> None:
    ((field, column),) = values.items()
    rows = [row(number, **{field: value}) for number, value in enumerate(column)]
    assert [each.registration_id for each in queries.in_order(reversed(rows), order)] == expected


def test_equal_rows_stand_by_name(now: datetime) -> None:
    rows = [row(1, name="Ұлан"), row(2, name="Әсел"), row(3, name="Әсел")]
    for order in ("points", "-points"):
        assert [each.registration_id for each in queries.in_order(rows, order)] == [2, 3, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), {1, 2, 3, 4}),
        (Wanted(name="әсел"), {1}),
        (Wanted(position="att-specialist"), {2}),
        (Wanted(gate="admitted"), {1}),
        (Wanted(gate="not_admitted"), {2}),
        (Wanted(gate="by_vote"), {3}),
        (Wanted(gate="none"), {4}),
        (Wanted(state="absent"), {4}),
        (Wanted(language="ru"), {2}),
        (Wanted(incidents="with"), {2, 3}),
        (Wanted(incidents="without"), {1, 4}),
        (Wanted(incidents="with", language="ru"), {2}),
        (Wanted(gate="nonsense"), set()),
    ],
)
def test_a_filter_takes_what_it_names(wanted: Wanted, found: set[int]) -> None:
    rows = [
        row(1, name="ӘСЕЛ Қайратқызы"),
        row(2, position="att-specialist", language="ru", points=49, admitted=False, outcome="REPEAT", incidents=("x",)),
        row(3, points=49, admitted=False, outcome="NOT_CONFORMS_BY_VOTE", late_answers=1),
        row(4, **ABSENT),
    ]
    assert {each.registration_id for each in rows if wanted.takes(each)} == found


def test_figures_and_distribution_count_people_with_points() -> None:
    rows = [
        row(1, points=50),
        row(2, points=49, admitted=False, outcome="REPEAT"),
        row(3, points=50),
        row(4, points=57),
        row(5, **ABSENT),
        row(6, **ABSENT | {"state": "running"}),
    ]
    counted = queries.figures_of(rows)
    assert (counted.registered, counted.tested, counted.admitted, counted.not_admitted) == (6, 4, 3, 1)
    assert (counted.absent, counted.running, counted.median) == (1, 1, 50.0)
    assert queries.distribution_of(rows) == {49: 1, 50: 2, 57: 1}
    assert queries.figures_of([]).median is None
