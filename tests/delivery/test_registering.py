"""The right people are expected at the right sitting, once each, and only a hash of their code is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from cbt.accounts.actions import count_failure
from cbt.accounts.queries import is_guessing
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.delivery.actions.entering import Entry, sign_in
from cbt.delivery.actions.planning import cancel_sitting, open_sitting, plan_sitting
from cbt.delivery.actions.registering import (
    import_candidates,
    issue_codes,
    register_candidate,
    withdraw_registration,
)
from cbt.delivery.models import Candidate, Registration, Sitting
from cbt.errors import Refusal
from cbt.regulation.editions import DEFAULT_EDITION
from cbt.results.models import Result
from tests.delivery.hall import (
    NOW,
    VAULT,
    Hall,
    finish_attempt,
    iin_of,
    make_form,
    make_hall,
    make_sitting,
    person,
    plan_of,
)
from tests.factories import make_body, make_staff

CARE, SPECIALIST, ASSESSMENT = "att-care", "att-specialist", "att-needs-assessment"


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def register(session, hall: Hall, sitting: Sitting, number: int = 1, now: datetime = NOW, **changes) -> Registration:
    facts = {
        "iin": iin_of(number), "name": "Әбдіқадыров Ғалымжан", "position": CARE, "stage": "initial",
        "workplace": "other", "territory_id": hall.rayon.id, "actor": hall.secretary,
    }  # fmt: skip
    return register_candidate(session, sitting=sitting, vault=VAULT, now=now, **(facts | changes))


def failed(session, hall: Hall, sitting: Sitting, *, at: datetime, points: int = 49, number: int = 1) -> Registration:
    """A person whose attempt of that moment ended with these points."""
    registration = register(session, hall, sitting, number, now=at - timedelta(hours=1))
    attempt = finish_attempt(session, registration, hall.forms[CARE], at=at)
    session.add(
        Result(
            attempt_id=attempt.id, number=1, edition=DEFAULT_EDITION, stage=registration.stage, points=points,
            max_points=80, cut_score=50, admitted=points >= 50, outcome=None if points >= 50 else "repeat",
            source="AR r.15", profile="[]", events_digest="0" * 64, form_hash="0" * 64, announced_at=at,
        )
    )
    session.flush()
    return registration


def sitting_on(session, hall: Hall, day: datetime, **changes) -> Sitting:
    return make_sitting(
        session, hall, now=day - timedelta(days=2), opens_at=day, closes_at=day + timedelta(hours=8), **changes
    )


def test_a_registered_person_is_known_by_a_hash_and_a_cipher_only(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        register(session, hall, make_sitting(session, hall), name="  Әбдіқадыров   Ғалымжан ")
    with db.reading() as session:
        kept = session.scalars(select(Registration)).one()
        candidate = session.scalars(select(Candidate)).one()
        assert (kept.name, kept.ordinal, kept.stage, kept.code_hash) == ("Әбдіқадыров Ғалымжан", 1, "initial", None)
        assert iin_of(1).encode() not in candidate.iin_cipher and VAULT.decrypt_iin(candidate.iin_cipher) == iin_of(1)
        facts = session.scalars(select(AuditEntry.facts)).all()
        assert not any(iin_of(1) in text for text in facts)


@pytest.mark.parametrize(
    ("position", "workplace", "commission"),
    [
        (ASSESSMENT, "other", "oblast"),
        (ASSESSMENT, "medico_social", "oblast"),
        (SPECIALIST, "medico_social", "oblast"),
        (SPECIALIST, "other", "rayon"),
        (CARE, "other", "rayon"),
    ],
)
def test_the_commission_follows_from_the_post(db: Database, position: str, workplace: str, commission: str) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        row = register(session, hall, make_sitting(session, hall), position=position, workplace=workplace)
        assert row.commission_id == {"oblast": hall.oblast.id, "rayon": hall.rayon.id}[commission]


def test_a_city_without_rayons_holds_both_commissions(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        city = make_body(session)
        clerk = make_staff(session, city, "secretary")
        form = make_form(session, city, CARE)
        sitting = plan_sitting(session, plan=plan_of(hall, form_ids=[form.id]), actor=clerk, now=NOW)
        row = register(session, hall, sitting, territory_id=city.id, actor=clerk)
        assert row.commission_id == city.id


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"iin": "85031510001"}, "iin_length", "iin"),
        ({"iin": iin_of(1)[:-1] + str((int(iin_of(1)[-1]) + 1) % 10)}, "iin_wrong", "iin"),
        ({"iin": "851315100011"}, "iin_wrong", "iin"),
        ({"name": " "}, "text_missing", "name"),
        ({"name": "А"}, "text_short", "name"),
        ({"name": "А" * 201}, "text_long", "name"),
        ({"name": "Асан\u200bов"}, "forbidden_character", "name"),
        ({"name": "Асан\x07"}, "forbidden_character", "name"),
        ({"position": "att-consultant"}, "position_not_in_sitting", "position"),
        ({"position": "director"}, "position_not_in_sitting", "position"),
        ({"stage": "third"}, "stage_unknown", "stage"),
        ({"workplace": "school"}, "workplace_unknown", "workplace"),
        ({"territory_id": 0}, "territory_unknown", "territory"),
    ],
)
def test_wrong_facts_are_refused_at_their_field(db: Database, changes: dict, code: str, field: str) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        with pytest.raises(Refusal) as refused:
            register(session, hall, sitting, **changes)
        assert (refused.value.code, refused.value.field) == (code, field)
        assert session.scalar(select(func.count()).select_from(Candidate)) == 0


@pytest.mark.parametrize("length", [2, 200])
def test_names_of_every_allowed_length_are_kept(sqlite_db: Database, length: int) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        assert len(register(session, hall, make_sitting(session, hall), name="ө" * length).name) == length


def test_a_rayons_post_needs_a_rayon_and_a_foreign_territory_is_refused(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        with pytest.raises(Refusal, match="territory_needs_rayon"):
            register(session, hall, sitting, territory_id=hall.oblast.id)
        with pytest.raises(Refusal, match="territory_unknown"):
            register(session, hall, sitting, territory_id=make_body(session, "rayon").id)


def test_the_same_person_twice_in_a_sitting_is_refused_with_the_number_in_the_list(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        register(session, hall, sitting)
        with pytest.raises(Refusal) as refused:
            register(session, hall, sitting, position=ASSESSMENT)
    assert (refused.value.code, refused.value.facts["number"]) == ("already_registered", 1)


def test_list_numbers_follow_each_other_under_many_hands(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting_id = make_sitting(session, hall).id

    def press(number: int) -> None:
        with db.transaction() as session:
            register(session, hall, session.get_one(Sitting, sitting_id), number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, range(1, 17)))
    with db.reading() as session:
        assert sorted(session.scalars(select(Registration.ordinal))) == list(range(1, 17))


def test_one_person_registered_by_many_hands_is_one_row(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sittings = [sitting_on(session, hall, NOW + timedelta(days=days)).id for days in range(2, 10)]

    def press(turn: int) -> str:
        try:
            with db.transaction() as session:
                register(session, hall, session.get_one(Sitting, sittings[turn % len(sittings)]))
        except Refusal as refusal:
            return refusal.code
        return "registered"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(press, range(16)))
    assert outcomes == ["already_registered"] * 8 + ["registered"] * 8
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Candidate)) == 1


def test_one_person_pressed_into_many_sittings_of_one_day_is_expected_at_one(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        register(session, hall, sitting_on(session, hall, NOW + timedelta(days=9)))
        places = [make_sitting(session, hall, place_kk=f"{number}-кабинет").id for number in range(6)]

    def press(sitting_id: int) -> str:
        try:
            with db.transaction() as session:
                register(session, hall, session.get_one(Sitting, sitting_id))
        except Refusal as refusal:
            return refusal.code
        return "registered"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(press, places))
    assert outcomes == ["registered"] + ["registered_same_day"] * 5


def test_nobody_is_expected_at_two_sittings_on_one_day(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        register(session, hall, make_sitting(session, hall))
        other = make_sitting(session, hall, place_kk="Басқа орын", place_ru="Другое место")
        with pytest.raises(Refusal, match="registered_same_day"):
            register(session, hall, other)
        register(session, hall, sitting_on(session, hall, NOW + timedelta(days=1)))


def test_a_cancelled_sitting_holds_nobody_back(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        first = make_sitting(session, hall)
        register(session, hall, first)
        cancel_sitting(session, sitting=first, reason="Жарық жоқ", actor=hall.secretary, now=NOW)
        register(session, hall, make_sitting(session, hall))


def test_a_second_attempt_on_one_day_is_refused(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        failed(session, hall, make_sitting(session, hall), at=NOW + timedelta(hours=5), points=70)
        later = sitting_on(session, hall, NOW + timedelta(hours=9))
        with pytest.raises(Refusal, match="attempt_same_day"):
            register(session, hall, later, position=ASSESSMENT, now=NOW + timedelta(hours=6))


# The attempt was finished on 16 March 2026, so the term ends on 16 June and the repeat may be held from 17 June.
@pytest.mark.parametrize(
    ("stage", "day", "points", "code"),
    [
        # 19:00 in Greenwich is midnight here.
        ("repeat", utc(6, 15, 19), 49, "repeat_too_early"),
        ("repeat", utc(6, 16, 19), 49, None),
        ("repeat", utc(6, 16, 8), 49, "repeat_too_early"),
        ("repeat", utc(6, 17, 4), 49, None),
        ("repeat", utc(4, 1, 4), 60, "repeat_too_early"),
        ("initial", utc(6, 16, 8), 49, "initial_too_early"),
        ("initial", utc(6, 17, 4), 49, None),
        ("initial", utc(4, 1, 4), 50, None),
    ],
)
def test_after_too_few_points_the_term_of_three_months_is_kept(
    db: Database, stage: str, day: datetime, points: int, code: str | None
) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        failed(session, hall, make_sitting(session, hall), at=NOW + timedelta(hours=5), points=points)
        second = sitting_on(session, hall, day)
        if code is None:
            assert register(session, hall, second, stage=stage, now=day - timedelta(days=1)).stage == stage
            return
        with pytest.raises(Refusal) as refused:
            register(session, hall, second, stage=stage, now=day - timedelta(days=1))
    assert (refused.value.code, refused.value.field) == (code, "stage")
    assert str(refused.value.facts["earliest"]) == "2026-06-17"


def test_an_annulled_attempt_counts_for_nothing(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        registration = register(session, hall, make_sitting(session, hall))
        finish_attempt(session, registration, hall.forms[CARE], at=NOW + timedelta(hours=5), state="annulled")
        register(session, hall, sitting_on(session, hall, NOW + timedelta(hours=6)))


def test_the_list_is_closed_with_the_sitting(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        registration = register(session, hall, sitting)
        with pytest.raises(Refusal, match="sitting_list_closed"):
            register(session, hall, sitting, 2, now=sitting.closes_at)
        cancel_sitting(session, sitting=sitting, reason="Жарық жоқ", actor=hall.secretary, now=NOW)
        with pytest.raises(Refusal, match="sitting_list_closed"):
            issue_codes(session, registrations=[registration], vault=VAULT, actor=hall.secretary, now=NOW)


def test_a_withdrawn_person_may_be_registered_again_under_the_old_number(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        first = register(session, hall, sitting)
        issue_codes(session, registrations=[first], vault=VAULT, actor=hall.secretary, now=NOW)
        withdraw_registration(session, registration=first, actor=hall.secretary, now=NOW)
        assert first.withdrawn_at == NOW and first.code_hash is None
        again = register(session, hall, sitting, position=SPECIALIST)
        assert (again.id, again.ordinal, again.position, again.withdrawn_at) == (first.id, 1, SPECIALIST, None)


def test_nobody_is_withdrawn_after_the_start(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        registration = register(session, hall, make_sitting(session, hall))
        finish_attempt(session, registration, hall.forms[CARE], at=NOW, state="started")
        with pytest.raises(Refusal, match="attempt_exists"):
            withdraw_registration(session, registration=registration, actor=hall.secretary, now=NOW)


def test_a_code_opens_the_door_and_only_the_last_one_does(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall, opens_at=NOW, closes_at=NOW + timedelta(hours=5))
        registration = register(session, hall, sitting)
        open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        (_, first), = issue_codes(session, registrations=[registration], vault=VAULT, actor=hall.secretary, now=NOW)
        (_, second), = issue_codes(session, registrations=[registration], vault=VAULT, actor=hall.secretary, now=NOW)
        assert len(second) == 12 and second.isdecimal() and second not in (registration.code_hash or "")
        entered = [
            sign_in(session, vault=VAULT, iin=iin_of(1), code=code, device="d", now=NOW) for code in (first, second)
        ]
        assert isinstance(entered[0], Refusal) and entered[0].code == "code_wrong"
        assert isinstance(entered[1], Entry)
        assert session.scalar(select(func.count()).where(AuditEntry.tag == "candidate.code_issued")) == 2


def test_a_new_code_forgives_wrong_tries(db: Database) -> None:
    subject = VAULT.iin_hash(iin_of(1))
    with db.transaction() as session:
        hall = make_hall(session)
        registration = register(session, hall, make_sitting(session, hall))
        for _ in range(10):
            count_failure(session, subject, now=NOW)
        session.flush()
        assert is_guessing(session, subject, now=NOW)
        issue_codes(session, registrations=[registration], vault=VAULT, actor=hall.secretary, now=NOW)
        assert not is_guessing(session, subject, now=NOW)


def test_codes_come_in_the_order_of_the_list_and_not_for_the_withdrawn(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        rows = [register(session, hall, sitting, number) for number in (1, 2, 3)]
        issued = issue_codes(session, registrations=rows[::-1], vault=VAULT, actor=hall.secretary, now=NOW)
        assert [row.ordinal for row, _ in issued] == [1, 2, 3] and len({code for _, code in issued}) == 3
        withdraw_registration(session, registration=rows[0], actor=hall.secretary, now=NOW)
        with pytest.raises(Refusal, match="no_longer_registered"):
            issue_codes(session, registrations=rows, vault=VAULT, actor=hall.secretary, now=NOW)


# Lists


def load(session, hall: Hall, sitting: Sitting, people, found=None):
    rows = [(number, each, (found or {}).get(number, ())) for number, each in enumerate(people, start=2)]
    return import_candidates(session, rows, sitting=sitting, actor=hall.secretary, vault=VAULT, now=NOW)


def counts(session) -> tuple[int, int]:
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in (Registration, Candidate))  # type: ignore[return-value]


def test_a_sound_list_is_registered_whole_in_its_order(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        register(session, hall, sitting, 99)
        report = load(session, hall, sitting, [person(number, territory=hall.rayon.kato) for number in range(1, 41)])
        assert report.registered == 40 and not any(row.refusals for row in report.rows)
        rows = session.scalars(select(Registration).order_by(Registration.ordinal)).all()
        assert [row.ordinal for row in rows] == list(range(1, 42))
        assert rows[1].name == "Үміткер № 1"


@pytest.mark.parametrize("spelling", ["id", "kato", "kk", "ru"])
def test_a_territory_is_known_by_id_code_or_name(sqlite_db: Database, spelling: str) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        body = hall.rayon
        typed = {"id": str(body.id), "kato": body.kato, "kk": f" {body.name_kk.upper()} ", "ru": body.name_ru}[spelling]
        sitting = make_sitting(session, hall)
        assert load(session, hall, sitting, [person(1, position=CARE, territory=typed)]).registered == 1
        assert session.scalars(select(Registration)).one().commission_id == body.id


def test_one_bad_row_keeps_the_whole_list_out_and_every_fault_is_named(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        kato = hall.rayon.kato
        register(session, hall, sitting, 50)
        people = [
            person(1, territory=kato),
            person(2, iin="123", name="", territory=kato),
            person(3, territory="Жоқ аудан"),
            person(1, territory=kato),
            person(50, territory=kato),
            person(6, position="", territory=kato),
        ]
        found = {7: [Refusal("position_unknown", field="position")]}
        before = counts(session)
        report = load(session, hall, sitting, people, found)
        codes = {row.number: [(refusal.field, refusal.code) for refusal in row.refusals] for row in report.rows}
        assert codes == {
            2: [],
            3: [("iin", "iin_length"), ("name", "text_missing")],
            4: [("territory", "territory_unknown")],
            5: [("iin", "iin_twice_in_list")],
            6: [("iin", "already_registered")],
            7: [("position", "position_unknown")],
        }
        assert report.registered == 0 and counts(session) == before


def test_the_same_list_twice_registers_nobody_twice(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        people = [person(number, territory=hall.rayon.kato) for number in range(1, 6)]
        load(session, hall, sitting, people)
        report = load(session, hall, sitting, people)
        assert [[each.code for each in row.refusals] for row in report.rows] == [["already_registered"]] * 5
        assert report.registered == 0 and counts(session) == (5, 5)
