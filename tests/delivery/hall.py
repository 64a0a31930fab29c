"""An oblast with a rayon, a secretary and approved forms: where sittings are planned and people registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.iin import check_digit
from cbt.accounts.models import Body
from cbt.accounts.vault import Vault
from cbt.assembly.models import Blueprint, Form
from cbt.delivery.actions.planning import Plan, plan_sitting
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.delivery.typed import Person
from tests.conftest import DATA_KEY
from tests.factories import make_body, make_staff

NOW = datetime(2026, 3, 16, 5, 0, tzinfo=UTC)
VAULT = Vault(DATA_KEY)
POSITIONS = ("att-care", "att-specialist", "att-needs-assessment")


@dataclass
class Hall:
    oblast: Body
    rayon: Body
    secretary: Actor
    forms: dict[str, int]


def make_hall(session: Session, *, now: datetime = NOW) -> Hall:
    oblast = make_body(session, now=now)
    rayon = make_body(session, "rayon", parent=oblast, now=now)
    secretary = make_staff(session, oblast, "secretary", "invigilator", now=now)
    forms = {position: make_form(session, oblast, position, now=now).id for position in POSITIONS}
    return Hall(oblast, rayon, secretary, forms)


def make_form(session: Session, body: Body, position: str, *, state: str = "approved", now: datetime = NOW) -> Form:
    """A form row without items, as the actions of assembly leave it; its content does not matter here."""
    author, reviewer = (make_staff(session, body, role, now=now).account_id for role in ("author", "reviewer"))
    blueprint = Blueprint(
        body_id=body.id, position=position, number=author, state="approved", areas="[]", author_id=author,
        created_at=now, approved_by=reviewer, approved_at=now,
    )  # fmt: skip
    session.add(blueprint)
    session.flush()
    form = Form(
        body_id=body.id, position=position, blueprint_id=blueprint.id, number=author, seed="seed", draw_ordinal=1,
        state="drafted", items_hash=sha256(b"items").hexdigest(), drawn_by=author, drawn_at=now,
    )  # fmt: skip
    session.add(form)
    session.flush()
    if state != "drafted":
        form.approved_by, form.approved_at = reviewer, now
        form.state = state
    if state == "withdrawn":
        form.withdrawn_at, form.withdrawn_by, form.withdrawal_reason = now, reviewer, "Сұрақ баспасөзде шықты"
    session.flush()
    return form


def plan_of(hall: Hall, **changes: object) -> Plan:
    facts: dict[str, object] = {
        "place_kk": "Көкшетау қаласы, Абай көшесі 96, 3-кабинет",
        "place_ru": "Кокшетау, улица Абая 96, кабинет 3",
        "opens_at": NOW + timedelta(hours=4),
        "closes_at": NOW + timedelta(hours=8),
        "minutes": 60,
        "both_languages": True,
        "supervisor": "Әбдіқадырова Күләш Ғабдолқызы",
        "form_ids": list(hall.forms.values()),
    }
    return Plan(**(facts | changes))  # type: ignore[arg-type]


def make_sitting(session: Session, hall: Hall, *, now: datetime = NOW, **changes: object) -> Sitting:
    return plan_sitting(session, plan=plan_of(hall, **changes), actor=hall.secretary, now=now)


def iin_of(number: int) -> str:
    """Numbers with a right check digit and a birth date in the nineteenth century: they are nobody's."""
    serial = number * 11
    while True:
        first = f"8503151{serial:04d}"
        if (digit := check_digit(first)) is not None:
            return first + str(digit)
        serial += 1


def person(number: int = 1, **changes: str) -> Person:
    facts = {
        "iin": iin_of(number), "name": f"Үміткер № {number}", "position": "att-needs-assessment", "stage": "initial",
        "workplace": "other", "territory": "",
    }  # fmt: skip
    return Person(**(facts | changes))


def finish_attempt(
    session: Session, registration: Registration, form_id: int, *, at: datetime, state: str = "submitted"
) -> Attempt:
    """An attempt as it stands when it was finished at that moment."""
    attempt = Attempt(
        id=f"{registration.id:032x}", registration_id=registration.id, form_id=form_id, form_hash="0" * 64, state=state,
        language="kk", both_languages=True, minutes=60, number_of_items=80, permutation="{}", shape="4" * 80, issued_at=at,
        started_at=at - timedelta(minutes=50), deadline=at + timedelta(minutes=10),
        finished_at=at if state in {"submitted", "expired"} else None,
        closed_at=at if state in {"submitted", "expired"} else None,
        events_digest="0" * 64 if state in {"submitted", "expired"} else None,
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt
