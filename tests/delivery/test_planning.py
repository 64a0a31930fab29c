"""Sittings are planned within the rules, opened with approved forms, and closed when nobody is writing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cbt.assembly.models import Form
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.delivery.actions.planning import (
    cancel_sitting,
    close_sitting,
    edit_sitting,
    open_sitting,
    plan_sitting,
)
from cbt.delivery.actions.registering import register_candidate
from cbt.delivery.models import Registration, Sitting, SittingForm
from cbt.errors import Refusal
from tests.delivery.hall import NOW, VAULT, Hall, finish_attempt, iin_of, make_form, make_hall, make_sitting, plan_of
from tests.factories import make_body, make_staff


def register(session, hall: Hall, sitting: Sitting, number: int = 1, position: str = "att-needs-assessment") -> Registration:
    return register_candidate(
        session, sitting=sitting, iin=iin_of(number), name="Үміткер Асан", position=position, stage="initial",
        workplace="other", territory_id=hall.rayon.id, actor=hall.secretary, vault=VAULT, now=NOW,
    )  # fmt: skip


def test_a_planned_sitting_keeps_what_was_typed_and_leaves_its_trace(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall, place_kk="  Көкшетау,   3-кабинет ")
    with db.reading() as session:
        kept = session.get_one(Sitting, sitting.id)
        assert (kept.place_kk, kept.state, kept.body_id) == ("Көкшетау, 3-кабинет", "planned", hall.oblast.id)
        assert kept.opens_at == NOW + timedelta(hours=4)
        forms = session.scalars(select(SittingForm).where(SittingForm.sitting_id == sitting.id)).all()
        assert {row.position: row.form_id for row in forms} == hall.forms
        assert session.scalar(select(func.count()).where(AuditEntry.tag == "sitting.planned")) == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"minutes": 61}, "too_long", "minutes"),
        ({"minutes": 0}, "too_short", "minutes"),
        ({"closes_at": NOW + timedelta(hours=4)}, "window_backwards", "closes"),
        ({"opens_at": NOW - timedelta(hours=2), "closes_at": NOW}, "window_past", "closes"),
        ({"opens_at": NOW + timedelta(days=367), "closes_at": NOW + timedelta(days=368)}, "window_far", "day"),
        ({"form_ids": []}, "forms_missing", "forms"),
        ({"form_ids": [999_999]}, "form_not_usable", "forms"),
        ({"place_kk": " "}, "text_missing", "place_kk"),
        ({"place_ru": "я" * 201}, "text_long", "place_ru"),
        ({"supervisor": "Асан\u202eнасА"}, "forbidden_character", "supervisor"),
    ],
)
def test_a_plan_outside_the_rules_is_refused_at_its_field(
    db: Database, changes: dict[str, object], code: str, field: str
) -> None:
    with db.transaction() as session, pytest.raises(Refusal) as refused:
        make_sitting(session, make_hall(session), **changes)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("minutes", [1, 60])
def test_any_length_up_to_the_ceiling_is_taken(sqlite_db: Database, minutes: int) -> None:
    with sqlite_db.transaction() as session:
        assert make_sitting(session, make_hall(session), minutes=minutes).minutes == minutes


@pytest.mark.parametrize("state", ["drafted", "withdrawn"])
def test_a_form_that_is_not_approved_cannot_be_chosen(sqlite_db: Database, state: str) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        form = make_form(session, hall.oblast, "att-care", state=state)
        with pytest.raises(Refusal, match="form_not_usable"):
            make_sitting(session, hall, form_ids=[form.id])


def test_a_rayon_uses_the_forms_of_its_oblast_and_of_no_other(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        secretary = make_staff(session, hall.rayon, "secretary")
        assert plan_sitting(session, plan=plan_of(hall), actor=secretary, now=NOW).body_id == hall.rayon.id
        stranger = make_staff(session, make_body(session), "secretary")
        with pytest.raises(Refusal, match="form_not_usable"):
            plan_sitting(session, plan=plan_of(hall), actor=stranger, now=NOW)


def test_one_button_pressed_by_two_hands_plans_one_sitting(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)

    def press(_: int) -> str:
        try:
            with db.transaction() as session:
                make_sitting(session, hall)
        except Refusal as refusal:
            return refusal.code
        return "planned"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(press, range(6)))
    assert outcomes == ["planned"] + ["sitting_repeated"] * 5


def test_a_plan_is_changed_until_the_sitting_opens(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        care = hall.forms["att-care"]
        edit_sitting(session, sitting=sitting, plan=plan_of(hall, minutes=45, form_ids=[care]), actor=hall.secretary, now=NOW)
        assert sitting.minutes == 45
        assert session.scalars(select(SittingForm.form_id).where(SittingForm.sitting_id == sitting.id)).all() == [care]
        open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        with pytest.raises(Refusal, match="move_not_allowed"):
            edit_sitting(session, sitting=sitting, plan=plan_of(hall), actor=hall.secretary, now=NOW)


def test_opening_puts_the_forms_in_use(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        register(session, hall, sitting)
        open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        assert sitting.state == "open"
        assert {form.state for form in session.scalars(select(Form).where(Form.id.in_(hall.forms.values())))} == {"in_use"}


def test_a_sitting_without_a_form_for_a_registered_position_does_not_open(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        register(session, hall, sitting, position="att-needs-assessment")
        plan = plan_of(hall, form_ids=[hall.forms["att-care"]])
        edit_sitting(session, sitting=sitting, plan=plan, actor=hall.secretary, now=NOW)
        with pytest.raises(Refusal) as refused:
            open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
    assert (refused.value.code, refused.value.facts["position"]) == ("no_form_for_position", "att-needs-assessment")


def test_a_sitting_whose_form_was_withdrawn_does_not_open(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        form = session.get_one(Form, hall.forms["att-care"])
        form.state, form.withdrawn_at, form.withdrawn_by = "withdrawn", NOW, hall.secretary.account_id
        form.withdrawal_reason = "Сұрақ баспасөзде шықты"
        session.flush()
        with pytest.raises(Refusal, match="form_not_usable"):
            open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)


def test_a_sitting_is_not_opened_after_its_window(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        with pytest.raises(Refusal, match="window_past"):
            open_sitting(session, sitting=sitting, actor=hall.secretary, now=sitting.closes_at)


@pytest.mark.parametrize("state", ["started", "paused"])
def test_a_sitting_is_not_closed_while_somebody_is_writing(db: Database, state: str) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        registration = register(session, hall, sitting)
        open_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        attempt = finish_attempt(session, registration, hall.forms["att-care"], at=NOW, state=state)
        with pytest.raises(Refusal) as refused:
            close_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        assert (refused.value.code, refused.value.facts["count"]) == ("attempts_running", 1)
        attempt.state, attempt.finished_at, attempt.events_digest = "expired", NOW, "0" * 64
        session.flush()
        close_sitting(session, sitting=sitting, actor=hall.secretary, now=NOW)
        assert sitting.state == "closed"


def test_a_planned_sitting_is_cancelled_with_a_reason_and_an_open_one_is_not(db: Database) -> None:
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        with pytest.raises(Refusal) as refused:
            cancel_sitting(session, sitting=sitting, reason=" ", actor=hall.secretary, now=NOW)
        assert (refused.value.code, refused.value.field) == ("text_missing", "reason")
    with db.transaction() as session:
        hall = make_hall(session)
        sitting = make_sitting(session, hall)
        cancel_sitting(session, sitting=sitting, reason="Жарық өшіп қалды", actor=hall.secretary, now=NOW)
        assert sitting.state == "cancelled"
        other = make_sitting(session, hall)
        open_sitting(session, sitting=other, actor=hall.secretary, now=NOW)
        with pytest.raises(Refusal, match="move_not_allowed"):
            cancel_sitting(session, sitting=other, reason="Жарық өшіп қалды", actor=hall.secretary, now=NOW)
