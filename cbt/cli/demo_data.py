"""Demo data made by the same actions people use: reference banks, accounts for every role, sittings, candidates."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random

from sqlalchemy.orm import Session

from cbt.accounts import actions as accounts
from cbt.accounts.actor import Actor
from cbt.accounts.iin import check_digit
from cbt.accounts.models import Body
from cbt.accounts.vault import Vault, token_hash
from cbt.assembly import actions as assembly
from cbt.assembly import queries as forms
from cbt.assembly.models import Form
from cbt.assembly.plan import areas_hash
from cbt.bank import queries_adoption as lots
from cbt.bank.actions import adopting, reviewing
from cbt.bank.content import key as key_of
from cbt.bank.formats import reference
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.db import Database
from cbt.delivery.actions import attempts, entering, planning, registering, saving
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.delivery.sheet import LETTERS, read_permutation
from cbt.results import actions as results
from cbt.results.actions import answers_digest

OBLAST_KATO = "110000000"
RAYON_KATO = "111000000"
NUMBER_OF_FORMS = 4
YESTERDAYS_CANDIDATES = 30
BATCH = 500
MARK = "demo.author"

# Role, body, name: one account each, so that duties stay apart.
STAFF = (
    ("author", "oblast", "Сәуле Ахметова"),
    ("reviewer", "oblast", "Марат Жүнісов"),
    ("invigilator", "oblast", "Ольга Павлова"),
    ("secretary", "oblast", "Айгерім Тілеубаева"),
    ("member", "oblast", "Қайрат Омаров"),
    ("chair", "oblast", "Гүлнар Сейтқали"),
    ("body_admin", "oblast", "Ерлан Мұқанов"),
    ("auditor", "oblast", "Наталья Ким"),
    ("secretary", "rayon", "Динара Қасымова"),
    ("member", "rayon", "Виктор Лысенко"),
    ("chair", "rayon", "Бақытжан Әбенов"),
    ("body_admin", "rayon", "Жанна Искакова"),
    ("ministry_admin", "ministry", "Әсел Нұрланова"),
)
# Family and given names that agree with each other, mostly women, as in the profession.
_WOMEN = (
    "Әбдіқалықова Ғабитова Ермекова Иванова Кәрімова Мырзабекова Нұрғалиева Петрова Рақышева Сәрсенбаева Тоқтарова "
    "Хасенова Шәріпова".split(),
    "Айгүл Гүлмира Елена Жанар Ирина Кәмшат Людмила Мөлдір Салтанат Татьяна Ұлжан Шолпан Эльмира Рая Светлана".split(),
)
_MEN = (
    "Бекмағамбетов Дүйсенбаев Жақсылықов Қожахметов Өтегенов Үсенов Литвиненко".split(),
    "Бақыт Дәулет Қуаныш Нұрбол Өміржан Сергей Ержан Виктор Асқар".split(),
)


@dataclass
class DemoCandidate:
    iin: str
    code: str
    sitting_id: int
    position: str


@dataclass
class Demo:
    """What the demo prints and writes to its file."""

    staff: list[dict[str, str]] = field(default_factory=list)
    sittings: list[dict[str, object]] = field(default_factory=list)
    candidates: list[DemoCandidate] = field(default_factory=list)


@dataclass(frozen=True)
class _People:
    bodies: dict[str, Body]
    actors: dict[tuple[str, str], Actor]

    def of(self, role: str, body: str = "oblast") -> Actor:
        return self.actors[role, body]


def make(database: Database, vault: Vault, *, candidates: int, now: datetime) -> Demo:
    """Fill a fresh database. The banks that are there decide the positions."""
    demo = Demo()
    with database.transaction() as session:
        people = _people(session, demo, now - timedelta(days=30))
    for position in sorted(reference.positions_in(QUESTION_BANKS)):
        _bank(database, people, position, now - timedelta(days=14))
        sitting = _sitting(database, people, position, opens_at=now - timedelta(minutes=10), hours=10, now=now)
        demo.sittings.append({"id": sitting.id, "position": position})
    yesterday = (now - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    for row in demo.sittings[:1]:
        _yesterday(database, vault, people, str(row["position"]), yesterday)
    numbers = iins(first=1000)
    for place, row in enumerate(demo.sittings):
        share = candidates // len(demo.sittings) + (place < candidates % len(demo.sittings))
        rows = _register(database, vault, people, int(str(row["id"])), str(row["position"]), share, numbers, now)
        demo.candidates.extend(DemoCandidate(iin, code, registration.sitting_id, registration.position) for registration, iin, code in rows)
    return demo


def _people(session: Session, demo: Demo, now: datetime) -> _People:
    accounts.create_reference_bodies(session, now=now)
    bodies = {body.kato: body for body in session.query(Body)}
    oblast = bodies[OBLAST_KATO]
    rayon = accounts.create_body(
        session,
        kind="rayon",
        parent_id=oblast.id,
        kato=RAYON_KATO,
        name_kk="Көкшетау қаласының жұмыспен қамту және әлеуметтік бағдарламалар бөлімі",
        name_ru="Отдел занятости и социальных программ города Кокшетау",
        name_en="Kokshetau city section of employment and social programmes",
        now=now,
    )
    ministry = next(body for body in bodies.values() if body.kind == "ministry")
    by_kind = {"oblast": oblast, "rayon": rayon, "ministry": ministry}
    actors = {}
    for role, kind, name in STAFF:
        login = f"demo.{role}" if kind != "rayon" else f"demo.rayon.{role}"
        password = f"{login}-2026"
        account = accounts.create_account(session, login=login, name=name, password=password, now=now)
        body = by_kind[kind]
        accounts.grant_role(session, account_id=account.id, body=body, role=role, actor_id=None, now=now)
        actors[role, kind] = Actor(
            account_id=account.id, name=name, body_id=body.id, body_kind=kind, roles=frozenset({role})
        )
        demo.staff.append({"role": role, "body": body.name_ru, "login": login, "password": password})
    return _People(by_kind, actors)


def _bank(database: Database, people: _People, position: str, now: datetime) -> None:
    """Adopt the reference bank, approve it by another person, and freeze parallel forms."""
    author, reviewer = people.of("author"), people.of("reviewer")
    library = reference.bank_of(QUESTION_BANKS, position)
    areas = {item.area for item in library.items}
    with database.transaction() as session:
        taken = adopting.adopt(
            session, bank=library, seen_digest=library.digest, areas=areas, actor=author, now=now
        )
    with database.transaction() as session:
        for row in lots.lot_of(session, taken.adoption_id, body_id=author.body_id).sample:
            reviewing.approve(
                session,
                version_id=row.version.id,
                content_hash=row.version.content_hash,
                area=row.item.area,
                actor=reviewer,
                now=now,
            )
    with database.transaction() as session:
        rest = lots.lot_of(session, taken.adoption_id, body_id=author.body_id)
        adopting.approve_lot(
            session, adoption_id=taken.adoption_id, seen_digest=rest.digest, actor=reviewer, now=now
        )
    with database.transaction() as session:
        blueprint = assembly.adopt_blueprint(session, position=position, actor=author, now=now)
        assembly.approve_blueprint(
            session, blueprint_id=blueprint.id, areas_hash=areas_hash(blueprint.areas), actor=reviewer, now=now
        )
        drawn = assembly.draw_forms(
            session, position=position, number_of_forms=NUMBER_OF_FORMS, seed=f"{position}-2026-1", actor=author, now=now
        )
        for form in drawn:
            assembly.approve_form(session, form_id=form.id, items_hash=form.items_hash, actor=reviewer, now=now)


def _sitting(
    database: Database, people: _People, position: str, *, opens_at: datetime, hours: int, now: datetime
) -> Sitting:
    secretary = people.of("secretary")
    with database.transaction() as session:
        usable = forms.usable_forms(session, body_id=secretary.body_id, position=position)
        plan = planning.Plan(
            place_kk="Көкшетау қ., Абай көшесі, 89, 3-кабинет",
            place_ru="г. Кокшетау, ул. Абая, 89, кабинет 3",
            opens_at=opens_at,
            closes_at=opens_at + timedelta(hours=hours),
            minutes=60,
            both_languages=True,
            supervisor=people.of("invigilator").name,
            form_ids=[form.id for form in usable],
        )
        return planning.plan_sitting(session, plan=plan, actor=secretary, now=opens_at - timedelta(hours=1))


def iins(*, first: int) -> Iterator[str]:
    """Numbers with a right check digit whose holders would have been born in the 1800s: of nobody alive."""
    day = date(1860, 1, 1)
    for serial in range(first, first + 10_000_000):
        born = day + timedelta(days=serial % 14_000)
        eleven = f"{born:%y%m%d}{1 + serial % 2}{serial // 14_000 + 1:04d}"
        digit = check_digit(eleven)
        if digit is not None:
            yield eleven + str(digit)


def name_of(number: int) -> str:
    families, given = _MEN if number % 4 == 1 else _WOMEN
    return f"{families[number % len(families)]} {given[(number // len(families) + number) % len(given)]}"


def _register(
    database: Database,
    vault: Vault,
    people: _People,
    sitting_id: int,
    position: str,
    number: int,
    numbers: Iterator[str],
    now: datetime,
) -> list[tuple[Registration, str, str]]:
    """Register people at a sitting, open it, and give everybody a code."""
    secretary = people.of("secretary")
    chosen = list(islice(numbers, number))
    rows = []
    for begin in range(0, number, BATCH):
        with database.transaction() as session:
            sitting = session.get_one(Sitting, sitting_id)
            registrations = [
                registering.register_candidate(
                    session,
                    sitting=sitting,
                    iin=iin,
                    name=name_of(begin + place),
                    position=position,
                    stage="initial",
                    workplace="other",
                    territory_id=people.bodies["rayon"].id,
                    actor=secretary,
                    vault=vault,
                    now=now,
                )
                for place, iin in enumerate(chosen[begin : begin + BATCH])
            ]
            issued = registering.issue_codes(
                session, registrations=registrations, vault=vault, actor=secretary, now=now
            )
        rows += [
            (registration, iin, code)
            for (registration, code), iin in zip(issued, chosen[begin : begin + BATCH], strict=True)
        ]
    with database.transaction() as session:
        planning.open_sitting(
            session, sitting=session.get_one(Sitting, sitting_id), actor=people.of("invigilator"), now=now
        )
    return rows


def _yesterday(database: Database, vault: Vault, people: _People, position: str, opens_at: datetime) -> None:
    """A sitting that is over, so that the commission has results to look at."""
    sitting = _sitting(database, people, position, opens_at=opens_at, hours=3, now=opens_at)
    rows = _register(
        database, vault, people, sitting.id, position, YESTERDAYS_CANDIDATES, iins(first=1), opens_at
    )
    for place, (registration, iin, code) in enumerate(rows[:-2]):
        begun = opens_at + timedelta(minutes=place % 7, seconds=13 * place)
        chance = Random(3400 + place)  # noqa: S311 - the same people every time, whatever questions they got
        _sit(database, vault, registration, iin, code, chance, begun)
    with database.transaction() as session:
        planning.close_sitting(
            session,
            sitting=session.get_one(Sitting, sitting.id),
            actor=people.of("invigilator"),
            now=opens_at + timedelta(hours=3),
        )


def _sit(
    database: Database, vault: Vault, registration: Registration, iin: str, code: str, chance: Random, now: datetime
) -> None:
    """One whole attempt: in, start, eighty answers, finish."""
    with database.transaction() as session:
        entry = entering.sign_in(session, vault=vault, iin=iin, code=code, device=uuid.uuid4().hex, now=now)
    assert isinstance(entry, entering.Entry)
    key = token_hash(entry.token)
    language = "kk" if chance.random() < 0.7 else "ru"
    with database.transaction() as session:
        attempt = attempts.start_attempt(
            session, registration_id=registration.id, language=language, session_key=key, now=now
        )
        right = _right_letters(session, attempt)
    skill, minutes, answers = chance.gauss(0.55, 0.16), chance.uniform(24, 57), {}
    for slot, letters in right.items():
        options = int(attempt.shape[slot - 1]) if attempt.shape[slot - 1].isdecimal() else 4
        choice = letters if chance.random() < skill else tuple(chance.sample(LETTERS[:options], len(letters)))
        event = saving.Event(
            key=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            slot=slot,
            choice=",".join(sorted(choice)),
            flagged=chance.random() < 0.08,
            language=language,
            at_ms=int((now + timedelta(minutes=minutes) * slot / 80).timestamp() * 1000),
        )
        answers[slot] = tuple(sorted(choice))
        saving.save(
            database,
            attempt_id=attempt.id,
            session_key=key,
            events=[event],
            now=now + timedelta(minutes=minutes) * slot / 80,
        )
    with database.transaction() as session:
        results.submit_attempt(
            session,
            attempt_id=attempt.id,
            session_key=key,
            count=len(answers),
            digest=answers_digest(answers),
            answers=answers,
            now=now + timedelta(minutes=minutes),
        )


def _right_letters(session: Session, attempt: Attempt) -> dict[int, tuple[str, ...]]:
    """For the demo's own candidates only: the letters, as shown, that would score."""
    permutation = read_permutation(attempt.permutation)
    rows = forms.items_of(session, session.get_one(Form, attempt.form_id))
    keys = {row.slot: key_of(row.content) for row in rows}
    return {
        slot: tuple(
            letter
            for letter, option in zip(LETTERS, permutation.options[place - 1], strict=False)
            if option in keys[place]
        )
        for slot, place in enumerate(permutation.items, start=1)
    }
