"""A bank file becomes drafts: all of it or nothing, and the same file twice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from cbt.audit.models import AuditEntry
from cbt.bank import queries
from cbt.bank.actions import authoring, importing, reviewing
from cbt.bank.content import Picture, Text, parse
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.yaml import BankFile, FileItem, read_file
from cbt.bank.models import Item, ItemEdit, ItemVersion
from cbt.bank.models import Picture as PictureRow
from cbt.errors import Refusal
from tests.factories import NOW, item_content, make_body, make_staff

TABLES = (Item, ItemVersion, ItemEdit, PictureRow, AuditEntry)


@pytest.fixture
def people(db):
    with db.transaction() as session:
        body = make_body(session)
        return [make_staff(session, body, role) for role in ("author", "reviewer", "author")]


def bank_file(*contents, area: str = "D1") -> BankFile:
    items = tuple(FileItem(f"CA-{area}-{number:03}", each) for number, each in enumerate(contents, start=1))
    return BankFile("D1.yaml", "att-care", area, items)


def take_in(db, file, actor):
    with db.transaction() as session:
        return importing.import_bank_file(session, file=file, actor=actor, now=NOW)


def rows(db) -> list[int]:
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def approve_all(db, people):
    with db.transaction() as session:
        for version in session.scalars(select(ItemVersion).where(ItemVersion.state == "draft")).all():
            authoring.submit(session, version_id=version.id, actor=people[0], now=NOW)
            item = session.get_one(Item, version.item_id)
            reviewing.approve(
                session, version_id=version.id, content_hash=version.content_hash, area=item.area, actor=people[1],
                now=NOW,
            )  # fmt: skip


def test_a_real_bank_file_comes_in_as_drafts_and_twice_is_once(db, people):
    file = read_file(QUESTION_BANKS / "att-care" / "D1.yaml")
    outcome = take_in(db, file, people[0])
    assert outcome.created == tuple(item.code for item in file.items)
    before = rows(db)
    again = take_in(db, file, people[0])
    assert (again.created, again.new_versions, again.updated_drafts) == ((), (), ())
    assert again.unchanged == outcome.created
    assert rows(db) == before
    with db.reading() as session:
        assert set(session.scalars(select(ItemVersion.state))) == {"draft"}
        kept = {item.code: item for item in session.scalars(select(Item))}
        assert {code: item.practice for code, item in kept.items()} == {i.code: i.practice for i in file.items}


def test_changed_content_of_an_approved_question_opens_its_next_version(db, people):
    old, new, same = item_content(), item_content(), item_content()
    take_in(db, bank_file(old, same), people[0])
    approve_all(db, people)
    outcome = take_in(db, bank_file(new, same), people[0])
    assert (outcome.new_versions, outcome.unchanged) == (("CA-D1-001",), ("CA-D1-002",))
    with db.reading() as session:
        item = queries.item_by_code(session, "CA-D1-001", body_id=people[0].body_id, position="att-care")
        versions = queries.versions_of(session, item.id)
        assert [(v.number, v.state, parse(v.content)) for v in versions] == [(1, "approved", old), (2, "draft", new)]
    assert take_in(db, bank_file(new, same), people[0]).unchanged == ("CA-D1-001", "CA-D1-002")
    assert take_in(db, bank_file(old, same), people[0]).unchanged == ("CA-D1-001", "CA-D1-002")


def test_ones_own_draft_follows_the_file(db, people):
    take_in(db, bank_file(item_content()), people[0])
    new = item_content()
    assert take_in(db, bank_file(new), people[0]).updated_drafts == ("CA-D1-001",)
    with db.reading() as session:
        assert [parse(content) for content in session.scalars(select(ItemVersion.content))] == [new]


def _touch(db, people):
    with db.transaction() as session:
        version = session.scalars(select(ItemVersion).order_by(ItemVersion.id)).first()
        authoring.edit_draft(
            session, version_id=version.id, seen_hash=version.content_hash, content=item_content(), actor=people[2],
            now=NOW,
        )  # fmt: skip


def _submit(db, people):
    with db.transaction() as session:
        version = session.scalars(select(ItemVersion).order_by(ItemVersion.id)).first()
        authoring.submit(session, version_id=version.id, actor=people[0], now=NOW)


@pytest.mark.parametrize(("meanwhile", "code"), [(_touch, "draft_of_another"), (_submit, "question_under_review")])
def test_what_others_are_at_is_not_overwritten_and_nothing_of_the_file_comes_in(db, people, meanwhile, code):
    take_in(db, bank_file(item_content()), people[0])
    meanwhile(db, people)
    before = rows(db)
    with pytest.raises(Refusal, match=code) as caught:
        take_in(db, bank_file(item_content(), item_content()), people[0])
    assert caught.value.facts["code"] == "CA-D1-001"
    assert rows(db) == before


def test_a_question_does_not_wander_to_another_area(db, people):
    content = item_content()
    take_in(db, bank_file(content), people[0])
    moved = replace(bank_file(content), area="D2")
    with pytest.raises(Refusal, match="question_moved"):
        take_in(db, moved, people[0])


def test_a_file_with_an_error_leaves_nothing(db, people):
    text = (
        (QUESTION_BANKS / "att-care" / "D1.yaml")
        .read_text(encoding="utf-8")
        .replace("correct: true", "correct: false", 1)
    )
    before = rows(db)
    with pytest.raises(Refusal, match="bank_file_wrong") as caught:
        take_in(db, read_file(text.encode(), "D1.yaml"), people[0])
    assert caught.value.facts == {"file": "D1.yaml", "count": 1}
    assert rows(db) == before


def test_a_refusal_late_in_the_file_undoes_its_beginning(db, people):
    missing = item_content(pictures=(Picture("0" * 64, Text(kk="Сурет", ru="Рисунок")),))
    before = rows(db)
    with pytest.raises(Refusal, match="picture_unknown"):
        take_in(db, bank_file(item_content(), item_content(), missing), people[0])
    assert rows(db) == before


def test_pictures_beside_the_file_come_with_it(db, people, tmp_path: Path):
    Image.new("RGB", (20, 10), "green").save(tmp_path / "plan.png")
    text = (QUESTION_BANKS / "att-care" / "D1.yaml").read_text(encoding="utf-8")
    picture = (
        '    pictures:\n      - file: plan.png\n        alt: {kk: "Бөлме сызбасы", ru: "План комнаты"}\n    options:\n'
    )
    (tmp_path / "D1.yaml").write_text(text.replace("    options:\n", picture, 1), encoding="utf-8")
    take_in(db, read_file(tmp_path / "D1.yaml"), people[0])
    with db.reading() as session:
        row = session.scalars(select(PictureRow)).one()
        assert (row.width, row.height, row.body_id) == (20, 10, people[0].body_id)


def test_a_retired_question_does_not_come_back_with_a_file(db, people):
    first = item_content()
    take_in(db, bank_file(first), people[0])
    approve_all(db, people)
    with db.transaction() as session:
        (version,) = session.scalars(select(ItemVersion)).all()
        reviewing.retire(session, version_id=version.id, reason="Ескірген", actor=people[1], now=NOW)
    before = rows(db)
    for content in (first, replace(first, level="judgement")):
        assert take_in(db, bank_file(content), people[0]).retired == ("CA-D1-001",)
    assert rows(db) == before
