"""The ministry, the 20 oblast-level bodies and the rayon-level bodies under them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from cbt.accounts import actions, queries, scope
from cbt.accounts.models import Body
from cbt.accounts.reference import MINISTRY, OBLASTS
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.errors import Refusal
from tests.factories import NOW, make_body, make_staff

KATO = {
    "100000000", "110000000", "150000000", "190000000", "230000000", "270000000", "310000000", "330000000", "350000000",
    "390000000", "430000000", "470000000", "550000000", "590000000", "610000000", "620000000", "630000000", "710000000",
    "750000000", "790000000",
}  # fmt: skip


def test_there_are_twenty_oblast_level_bodies_with_their_codes_and_three_names() -> None:
    assert {body.kato for body in OBLASTS} == KATO
    assert len(OBLASTS) == 20
    for names in zip(*[(body.kk, body.ru, body.en) for body in (MINISTRY, *OBLASTS)], strict=True):
        assert len(set(names)) == 21
        assert all(3 <= len(name) <= 200 for name in names)


def test_reference_bodies_are_made_once(db: Database) -> None:
    for _ in range(2):
        with db.transaction() as session:
            bodies = actions.create_reference_bodies(session, NOW)
    assert len(bodies) == 21
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Body)) == 21
        created = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.tag == "body.created"))
        assert created == 21
        ministry = session.scalars(select(Body).where(Body.kind == "ministry")).one()
        assert {body.parent_id for body in session.scalars(select(Body).where(Body.kind == "oblast"))} == {ministry.id}


def test_a_body_that_was_there_before_keeps_its_name(db: Database) -> None:
    with db.transaction() as session:
        ministry = make_body(session, "ministry")
        kept = actions.create_body(
            session, kind="oblast", parent_id=ministry.id, kato="110000000", name_kk="Бұрынғы атау", name_ru="Прежнее имя",
            name_en="Former name", now=NOW,
        )  # fmt: skip
        ministry.kato = MINISTRY.kato
        session.flush()
        bodies = actions.create_reference_bodies(session, NOW)
        assert kept in bodies
        assert kept.name_kk == "Бұрынғы атау"


def _add(session, parent: Body, actor, **changes: str) -> Body:
    names = {"kato": "", "name_kk": "Аудан бөлімі", "name_ru": "Отдел района", "name_en": "District department"}
    return actions.add_body(session, parent=parent, actor=actor, now=NOW, **(names | changes))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kato": "12345678"}, "kato_wrong", "kato"),
        ({"kato": "1234567890"}, "kato_wrong", "kato"),
        ({"kato": "11340000٠"}, "kato_wrong", "kato"),
        ({"kato": "11340000a"}, "kato_wrong", "kato"),
        ({"kato": "113400000"}, "kato_not_of_oblast", "kato"),
        ({"name_kk": " "}, "text_missing", "name_kk"),
        ({"name_ru": "О"}, "text_short", "name_ru"),
        ({"name_en": "x" * 201}, "text_long", "name_en"),
        ({"name_kk": "Аудан\x00бөлімі"}, "forbidden_character", "name_kk"),
        ({"name_ru": "Отдел\r\nрайона"}, "forbidden_character", "name_ru"),
        ({"name_ru": "Отдел\u202eрайона"}, "forbidden_character", "name_ru"),
    ],
)
def test_a_wrong_body_is_refused_at_its_field(db: Database, changes: dict[str, str], code: str, field: str) -> None:
    with db.transaction() as session:
        oblast = make_body(session)
        admin = make_staff(session, oblast, "body_admin")
        with pytest.raises(Refusal) as found:
            _add(session, oblast, admin, **({"kato": f"{oblast.kato[:2]}9400000"} | changes))
        assert (found.value.code, found.value.field) == (code, field)


def test_a_rayon_takes_the_first_digits_of_its_oblast_and_is_named_in_the_record(db: Database) -> None:
    with db.transaction() as session:
        oblast = make_body(session)
        admin = make_staff(session, oblast, "body_admin")
        rayon = _add(session, oblast, admin, kato=f"{oblast.kato[:2]} 9400 000")
        assert (rayon.kind, rayon.parent_id, rayon.kato) == ("rayon", oblast.id, f"{oblast.kato[:2]}9400000")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"body:{rayon.id}")).one()
        assert (entry.tag, entry.actor) == ("body.created", admin.label)


def test_one_code_is_one_body(db: Database) -> None:
    with db.transaction() as session:
        oblast = make_body(session)
        admin = make_staff(session, oblast, "body_admin")
        kato = f"{oblast.kato[:2]}9400000"
        _add(session, oblast, admin, kato=kato)
        with pytest.raises(Refusal, match="kato_taken"):
            _add(session, oblast, admin, kato=kato)


def test_bodies_are_added_only_under_those_one_manages(db: Database) -> None:
    with db.transaction() as session:
        ministry = make_body(session, "ministry")
        oblast, other = make_body(session), make_body(session)
        rayon = make_body(session, "rayon", parent=oblast)
        admin = make_staff(session, oblast, "body_admin")
        head = make_staff(session, ministry, "ministry_admin")
        author = make_staff(session, oblast, "author")
        rayon_admin = make_staff(session, rayon, "body_admin")
        for actor, parent, code in [
            (admin, other, "unknown"),
            (admin, ministry, "unknown"),
            (author, oblast, "unknown"),
            (admin, rayon, "unknown"),
            (head, oblast, "unknown"),
            (rayon_admin, rayon, "no_body_below"),
        ]:
            with pytest.raises(Refusal) as found:
                _add(session, parent, actor, kato=f"{parent.kato[:2]}9400000")
            assert found.value.code == code
        assert _add(session, ministry, head, kato="880000000").kind == "oblast"
        assert _add(session, oblast, admin, kato=f"{oblast.kato[:2]}9500000").kind == "rayon"


def test_the_tree_stands_in_kazakh_order_with_children_under_their_parent(db: Database) -> None:
    with db.transaction() as session:
        ministry = make_body(session, "ministry")
        second = make_body(session, name="Қарағанды")
        first = make_body(session, name="Ақмола")
        below = [make_body(session, "rayon", parent=first, name=name) for name in ("Үржар", "Ұлан", "Аршалы")]
        tree = scope.tree_under(session, ministry)
    assert [(depth, body.name_kk) for depth, body in tree] == [
        (1, "Ақмола"), (2, "Аршалы"), (2, "Ұлан"), (2, "Үржар"), (1, "Қарағанды"),
    ]  # fmt: skip
    assert {body.id for _depth, body in tree} == {first.id, second.id, *(body.id for body in below)}


def test_a_rayon_belongs_to_the_oblast_that_develops_its_tests(db: Database) -> None:
    with db.transaction() as session:
        oblast = make_body(session)
        rayon = make_body(session, "rayon", parent=oblast)
        assert queries.oblast_of(session, rayon.id) == oblast
        assert queries.oblast_of(session, oblast.id) == oblast
        assert queries.territory_of(session, oblast.id) == [oblast, rayon]
