"""Two oblasts alike, side by side: whoever belongs to one must never see or touch the other."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.accounts.permissions import ROLES, ROLES_OF_BODY
from cbt.accounts.vault import Vault, token_hash
from cbt.assembly import actions as assembly
from cbt.assembly import plan
from cbt.bank.actions import adopting, pictures
from cbt.bank.content import Picture, Text
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.reference import bank_of
from cbt.db import Database
from cbt.delivery.actions import attempts, entering, planning, registering, saving
from cbt.delivery.models import Attempt, Candidate, Registration, Sitting
from cbt.results import actions as results
from tests import factories
from tests.conftest import DATA_KEY
from tests.delivery.hall import iin_of

POSITION, AREA = factories.POSITION, factories.AREA
VAULT = Vault(DATA_KEY)
EMPTY_DIGEST = sha256(b"").hexdigest()
CODES = "482915307{:03d}"


@dataclass
class Side:
    """One oblast: `ids` are its objects by what they are called in addresses; `mark` stands in all its texts."""

    mark: str
    body_id: int
    rayon_id: int
    logins: dict[str, str]
    actors: dict[str, Actor]
    ids: dict[str, object] = field(default_factory=dict)
    candidates: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class World:
    """A database file with two oblasts, made at this moment."""

    path: Path
    own: Side
    foreign: Side

    def login(self, role: str) -> str:
        return self.own.logins[role]


def build(path: Path) -> World:
    db = Database(f"sqlite:///{path}")
    now = datetime.now(UTC)
    own, foreign = (_side(db, mark, number, now) for number, mark in enumerate(("Бірінші-өңір", "Екінші-өңір")))
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return World(path, own, foreign)


def _side(db: Database, mark: str, number: int, now: datetime) -> Side:
    earlier = now - timedelta(hours=3)
    with db.transaction() as session:
        side = _people(session, mark, number, earlier)
        _questions(session, side, earlier)
        _forms(session, side, earlier)
    with db.transaction() as session:
        _sittings(session, side, now)
    _attempts(db, side, now)
    return side


def _people(session: Session, mark: str, number: int, now: datetime) -> Side:
    ministry = factories.make_body(session, "ministry", now=now)
    body = factories.make_body(session, parent=ministry, name=f"{mark} басқармасы", now=now)
    rayon = factories.make_body(session, "rayon", parent=body, name=f"{mark} ауданы", now=now)
    actors: dict[str, Actor] = {}
    for role in ROLES:
        home = body if role in ROLES_OF_BODY["oblast"] else ministry
        login = f"{role.replace('_', '-')}-{number}"
        actors[role] = factories.make_staff(session, home, role, login=login, name=f"{mark} {role}", now=now)
    actors["second author"] = factories.make_staff(session, body, "author", name=f"{mark} екінші автор", now=now)
    actors["rayon secretary"] = factories.make_staff(session, rayon, "secretary", name=f"{mark} аудан хатшысы", now=now)
    logins = {role: factories.login_of(session, actor) for role, actor in actors.items()}
    side = Side(mark, body.id, rayon.id, logins, actors)
    side.ids |= {
        "body_id": body.id, "parent_id": body.id, "account_id": actors["author"].account_id, "role": "author",
        "ministry_id": ministry.id, "position": POSITION, "code": "ru",
        "oblast_admin_id": actors["body_admin"].account_id,
    }  # fmt: skip
    return side


def _stem(side: Side, what: str) -> dict[str, str]:
    return {
        "stem_kk": f"{side.mark}: қызмет алушының құқығы қай жауапта дұрыс көрсетілген ({what})?",
        "stem_ru": f"{side.mark}: в каком ответе право получателя услуг названо верно ({what})?",
    }


def _questions(session: Session, side: Side, now: datetime) -> None:
    author, reviewer = side.actors["author"], side.actors["reviewer"]
    picture = pictures.add_picture(session, data=_png(), actor=author, now=now)
    alt = Text(kk="Көше көрінісі", ru="Вид улицы")
    shown = factories.item_content(**_stem(side, "сурет"), pictures=(Picture(picture.sha256, alt),))
    draft = factories.make_draft(session, author, factories.item_content(**_stem(side, "жоба")), now=now)
    waiting = factories.make_submitted(session, author, factories.item_content(**_stem(side, "кезек")), now=now)
    approved = factories.make_approved(session, author, reviewer, shown, now=now)
    factories.approved_bank(session, session.get_one(Body, side.body_id), author=author, reviewer=reviewer, now=now)
    side.ids |= {
        "item_id": draft.item_id, "approved_item_id": approved.item_id, "version_id": waiting.id,
        "sha256": picture.sha256, "adoption_id": _lot(session, author, now),
    }  # fmt: skip


def _lot(session: Session, author: Actor, now: datetime) -> int:
    """A lot of one area that waits for a reviewer; an adoption bears no text of its own, so none is marked."""
    bank = bank_of(QUESTION_BANKS, POSITION)
    taken = adopting.adopt(session, bank=bank, seen_digest=bank.digest, areas={"D7"}, actor=author, now=now)
    return taken.adoption_id


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (24, 16), "#336699").save(file, "PNG")
    return file.getvalue()


def _forms(session: Session, side: Side, now: datetime) -> None:
    author, reviewer = side.actors["author"], side.actors["reviewer"]
    first = assembly.adopt_blueprint(session, position=POSITION, actor=author, now=now)
    seen = plan.areas_hash(first.areas)
    assembly.approve_blueprint(session, blueprint_id=first.id, areas_hash=seen, actor=reviewer, now=now)
    second = assembly.adopt_blueprint(session, position=POSITION, actor=author, now=now)
    forms = assembly.draw_forms(
        session, position=POSITION, number_of_forms=2, seed="seed-1", actor=author, now=now
    )  # fmt: skip
    assembly.approve_form(session, form_id=forms[0].id, items_hash=forms[0].items_hash, actor=reviewer, now=now)
    side.ids |= {
        "blueprint_id": second.id, "approved_blueprint_id": first.id, "form_id": forms[1].id,
        "approved_form_id": forms[0].id, "blueprint_hash": plan.areas_hash(second.areas),
        "form_hash": forms[1].items_hash,
    }  # fmt: skip


def _sittings(session: Session, side: Side, now: datetime) -> None:
    """One that is going on, with three candidates, and one planned for later."""
    secretary = side.actors["secretary"]
    going_on = _plan(side, now - timedelta(hours=2), now + timedelta(hours=5), "бүгін")
    later = _plan(side, now + timedelta(days=2), now + timedelta(days=2, hours=4), "кейін")
    sitting = planning.plan_sitting(session, plan=going_on, actor=secretary, now=now - timedelta(hours=3))
    planned = planning.plan_sitting(session, plan=later, actor=secretary, now=now)
    registered = [_register(session, side, sitting, number, now) for number in range(3)]
    elsewhere = _register(session, side, planned, 3, now)
    for registration in registered:
        code = CODES.format(registration.id)
        registration.code_hash = VAULT.code_hash(registration_id=registration.id, code=code)
        registration.code_issued_at = now
        iin = VAULT.decrypt_iin(_cipher(session, registration))
        side.candidates.append((iin, code))
    planning.open_sitting(session, sitting=sitting, actor=side.actors["invigilator"], now=now - timedelta(hours=2))
    side.ids |= {
        "sitting_id": sitting.id, "planned_sitting_id": planned.id, "registration_id": registered[0].id,
        "running_registration_id": registered[1].id, "waiting_registration_id": registered[2].id,
        "planned_registration_id": elsewhere.id,
    }  # fmt: skip


def _cipher(session: Session, registration: Registration) -> bytes:
    return session.scalars(select(Candidate.iin_cipher).where(Candidate.id == registration.candidate_id)).one()


def _plan(side: Side, opens_at: datetime, closes_at: datetime, what: str) -> planning.Plan:
    return planning.Plan(
        place_kk=f"{side.mark}, 3-кабинет ({what})", place_ru=f"{side.mark}, кабинет 3 ({what})", opens_at=opens_at,
        closes_at=closes_at, minutes=60, both_languages=True, supervisor=f"{side.mark} бақылаушы",
        form_ids=[int(str(side.ids["approved_form_id"]))],
    )  # fmt: skip


def _register(session: Session, side: Side, sitting: Sitting, number: int, now: datetime) -> Registration:
    registration = registering.register_candidate(
        session, sitting=sitting, iin=iin_of(side.body_id * 10 + number + 1), name=f"{side.mark} үміткер {number}",
        position=POSITION, stage="initial", workplace="other", territory_id=side.rayon_id,
        actor=side.actors["secretary"], vault=VAULT, now=now - timedelta(hours=3),
    )  # fmt: skip
    # The oblast's own commission, so that one set of staff meets every page.
    registration.commission_id = side.body_id
    return registration


def _attempts(db: Database, side: Side, now: datetime) -> None:
    """The first candidate has finished, the second is writing, the third has only signed in once."""
    _, first_key = _started(db, side, 0, now - timedelta(minutes=90))
    attempt_id, _ = _started(db, side, 1, now - timedelta(minutes=5))
    with db.transaction() as session:
        done = _attempt_of(session, side.ids["registration_id"])
        results.submit_attempt(
            session, attempt_id=done, session_key=first_key, count=0, digest=EMPTY_DIGEST, answers=None,
            now=now - timedelta(minutes=40),
        )  # fmt: skip
    side.ids |= {"attempt_id": done, "running_attempt_id": attempt_id}


def _started(db: Database, side: Side, number: int, at: datetime) -> tuple[str, str]:
    iin, code = side.candidates[number]
    with db.transaction() as session:
        entry = entering.sign_in(session, vault=VAULT, iin=iin, code=code, device="device", now=at)
    assert isinstance(entry, entering.Entry), entry
    key = token_hash(entry.token)
    with db.transaction() as session:
        attempt = attempts.start_attempt(
            session, registration_id=entry.registration_id, language="kk", session_key=key, now=at
        )
    if number:
        event = {"key": str(uuid.uuid4()), "slot": 1, "choice": ["a"], "flagged": False, "language": "kk", "at_ms": 1}
        saving.save_body(db, attempt_id=attempt.id, session_key=key, body={"events": [event]}, now=at)
    return attempt.id, key


def _attempt_of(session: Session, registration_id: object) -> str:
    return session.scalars(select(Attempt.id).where(Attempt.registration_id == registration_id)).one()
