"""A sitting with an approved form, ready for candidates: rows as the actions of the floors below leave them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from cbt.accounts.models import Account, Body
from cbt.accounts.vault import Vault, token_hash
from cbt.assembly.models import Blueprint, Form, FormContent, FormItem
from cbt.assembly.sheet import SheetItem, pack
from cbt.bank.content import Basis, ItemContent, Option, Text, canonical, content_hash, search_text
from cbt.bank.models import Item, ItemVersion
from cbt.db import Database
from cbt.delivery.actions import attempts, entering
from cbt.delivery.models import Attempt, Candidate, Registration, Sitting, SittingForm

AREAS = ("D1", "D2")
POSITION = "att-care"
DATA_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210-data"
VAULT = Vault(DATA_KEY)


@dataclass
class Exam:
    """What a test needs to know of the exam it sits: ids, codes, and the keys by form slot."""

    sitting_id: int
    body_id: int
    form_id: int
    registrations: list[int]
    keys: dict[int, frozenset[str]]
    iins: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def content_of(number: int, *, kind: str = "single") -> ItemContent:
    """Item `number`: the key is the option after its number (and the next one too, if several are right)."""
    ids = "abcd"
    right = {ids[number % 4]} | ({ids[(number + 1) % 4]} if kind == "multiple" else set())
    return ItemContent(
        kind=kind,
        level="knowledge",
        difficulty=0.6,
        basis=Basis(act="Test act", provision="p. 1", as_of=date(2025, 1, 1)),
        stem=Text(kk=f"Сұрақ мәтіні № {number}: қандай жауап дұрыс?", ru=f"Текст вопроса № {number}: какой ответ верен?"),
        options=tuple(
            Option(id=each, text=Text(kk=f"Жауап нұсқасы {each}{number}", ru=f"Вариант ответа {each}{number}"), correct=each in right)
            for each in ids
        ),
        rationale=Text(kk="Түсіндірме құпия", ru="Пояснение секретное"),
    )


def iin_of(number: int) -> str:
    """A number with a right check digit whose holder would have been born in the 1800s."""
    from cbt.accounts.iin import check_digit

    serial = number * 7
    while True:
        first = f"8503151{serial % 10000:04d}"
        digit = check_digit(first)
        if digit is not None:
            return first + str(digit)
        serial += 1


def build(
    db: Database,
    *,
    now: datetime,
    candidates: int = 1,
    items: int = 80,
    multiple: Sequence[int] = (),
    stage: str = "initial",
    minutes: int = 60,
    both_languages: bool = True,
) -> Exam:
    """An open sitting of one position with one form in use and `candidates` registered."""
    with db.transaction() as session:
        body = _bodies(session)
        author, approver = _people(session, now)
        form_id, keys = _form(session, body, author, approver, items, multiple, now)
        sitting = Sitting(
            body_id=body.id, place_kk="Көкшетау, 3-кабинет", place_ru="Кокшетау, кабинет 3", opens_at=now - timedelta(minutes=10),
            closes_at=now + timedelta(hours=6), minutes=minutes, both_languages=both_languages,
            edition="kz-mlsp-2009-25o", state="open", created_by=author, created_at=now, supervisor="Бақылаушы",
        )  # fmt: skip
        session.add(sitting)
        session.flush()
        session.add(SittingForm(sitting_id=sitting.id, form_id=form_id, position=POSITION))
        exam = Exam(sitting_id=sitting.id, body_id=body.id, form_id=form_id, registrations=[], keys=keys)
        for number in range(candidates):
            _register(session, exam, number, stage, author, now)
        return exam


def _bodies(session: Session) -> Body:
    ministry = Body(kind="ministry", kato="000000000", name_kk="Министрлік", name_ru="Министерство", name_en="Ministry")
    session.add(ministry)
    session.flush()
    body = Body(
        kind="oblast", parent_id=ministry.id, kato="110000000", name_kk="Ақмола облысы", name_ru="Акмолинская область",
        name_en="Akmola",
    )  # fmt: skip
    session.add(body)
    session.flush()
    return body


def _people(session: Session, now: datetime) -> tuple[int, int]:
    people = [Account(login=login, name=login, password_hash="x", created_at=now) for login in ("author", "approver")]
    session.add_all(people)
    session.flush()
    return people[0].id, people[1].id


def _form(
    session: Session, body: Body, author: int, approver: int, items: int, multiple: Sequence[int], now: datetime
) -> tuple[int, dict[int, frozenset[str]]]:
    half = items // 2
    areas = [
        {"code": code, "kk": f"Бөлім {code}", "ru": f"Раздел {code}", "items": count}
        for code, count in zip(AREAS, (half, items - half), strict=True)
    ]
    blueprint = Blueprint(
        body_id=body.id, position=POSITION, number=1, state="approved", areas=json.dumps(areas), author_id=author,
        created_at=now, approved_by=approver, approved_at=now,
    )  # fmt: skip
    session.add(blueprint)
    session.flush()
    form = Form(
        body_id=body.id, position=POSITION, blueprint_id=blueprint.id, number=1, seed="seed", draw_ordinal=1, state="drafted",
        items_hash=sha256(b"items").hexdigest(), drawn_by=author, drawn_at=now,
    )  # fmt: skip
    session.add(form)
    session.flush()
    keys, sheet = {}, []
    for slot in range(1, items + 1):
        content = content_of(slot, kind="multiple" if slot in multiple else "single")
        version = _version(session, body, content, slot, author, approver, now, area=AREAS[0 if slot <= half else 1])
        session.add(FormItem(form_id=form.id, slot=slot, version_id=version, area=AREAS[0 if slot <= half else 1]))
        keys[slot] = frozenset(option.id for option in content.options if option.correct)
        sheet.append(
            SheetItem(
                kind=content.kind,
                stem={"kk": f"<p>{content.stem.kk}</p>", "ru": f"<p>{content.stem.ru}</p>"},
                options={option.id: {"kk": option.text.kk, "ru": option.text.ru} for option in content.options},
            )
        )
    session.flush()
    packed, packed_hash = pack(sheet)
    session.add(FormContent(form_id=form.id, content=packed, content_hash=packed_hash))
    form.state, form.approved_by, form.approved_at = "in_use", approver, now
    session.flush()
    return form.id, keys


def _version(
    session: Session, body: Body, content: ItemContent, number: int, author: int, approver: int, now: datetime, *, area: str
) -> int:
    item = Item(body_id=body.id, position=POSITION, area=area, code=f"T-{area}-{number:03d}", created_at=now)
    session.add(item)
    session.flush()
    version = ItemVersion(
        item_id=item.id, number=1, state="approved", kind=content.kind, level=content.level, content=canonical(content),
        content_hash=content_hash(content), search_text=search_text(content), author_id=author, editor_id=author,
        created_at=now, edited_at=now, submitted_at=now, approved_by=approver, approved_at=now,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version.id


def _register(session: Session, exam: Exam, number: int, stage: str, author: int, now: datetime) -> None:
    iin, code = iin_of(number), f"{number:012d}"
    candidate = Candidate(iin_hash=VAULT.iin_hash(iin), iin_cipher=VAULT.encrypt_iin(iin), created_at=now)
    session.add(candidate)
    session.flush()
    registration = Registration(
        sitting_id=exam.sitting_id, candidate_id=candidate.id, ordinal=number + 1, name=f"Үміткер {number}",
        position=POSITION, stage=stage, workplace="other", territory_id=exam.body_id, commission_id=exam.body_id,
        registered_by=author, registered_at=now,
    )  # fmt: skip
    session.add(registration)
    session.flush()
    registration.code_hash = VAULT.code_hash(registration_id=registration.id, code=code)
    registration.code_issued_at = now
    exam.registrations.append(registration.id)
    exam.iins.append(iin)
    exam.codes.append(code)


def enter(db: Database, exam: Exam, number: int = 0, *, device: str = "device", now: datetime) -> entering.Entry:
    with db.transaction() as session:
        entry = entering.sign_in(session, vault=VAULT, iin=exam.iins[number], code=exam.codes[number], device=device, now=now)
    assert isinstance(entry, entering.Entry), entry
    return entry


def start(db: Database, exam: Exam, number: int = 0, *, now: datetime, language: str = "kk") -> tuple[Attempt, str]:
    """A started attempt and the key of the session that runs it."""
    entry = enter(db, exam, number, now=now)
    key = token_hash(entry.token)
    with db.transaction() as session:
        attempt = attempts.start_attempt(
            session, registration_id=entry.registration_id, language=language, session_key=key, now=now
        )
    return attempt, key
