"""A question's road from draft to pool, with every no on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from cbt.audit.models import AuditEntry
from cbt.bank import queries
from cbt.bank.actions import authoring, pictures, reviewing
from cbt.bank.content import MULTIPLE, Picture, Text, parse
from cbt.bank.models import Item, ItemReview, ItemVersion
from cbt.errors import Refusal
from cbt.regulation.lifecycle import ITEM_VERSION
from tests.factories import NOW, item_content, make_approved, make_body, make_draft, make_staff, make_submitted


@pytest.fixture
def people(db):
    """A body with two authors and a reviewer, and a reviewer next door."""
    with db.transaction() as session:
        body, other = make_body(session), make_body(session)
        return {
            "author": make_staff(session, body, "author"),
            "second": make_staff(session, body, "author", "reviewer"),
            "reviewer": make_staff(session, body, "reviewer"),
            "stranger": make_staff(session, other, "author", "reviewer"),
        }


def tags(session, version) -> list[str]:
    rows = session.scalars(
        select(AuditEntry.tag).where(AuditEntry.subject == f"item:{version.item_id}").order_by(AuditEntry.id)
    )
    return list(rows)


def refused(call) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def approve(session, version, actor, area="D1"):
    return reviewing.approve(
        session, version_id=version.id, content_hash=version.content_hash, area=area, actor=actor, now=NOW
    )


def test_a_question_goes_from_draft_to_pool_and_every_deed_is_on_record(db, people):
    author, reviewer = people["author"], people["reviewer"]
    with db.transaction() as session:
        version = make_draft(session, author)
        version = authoring.edit_draft(
            session,
            version_id=version.id,
            seen_hash=version.content_hash,
            content=item_content(),
            actor=author,
            now=NOW,
        )
        authoring.submit(session, version_id=version.id, actor=author, now=NOW)
        reviewing.return_with_reason(
            session, version_id=version.id, content_hash=version.content_hash, reason="Unclear", actor=reviewer, now=NOW
        )
        authoring.submit(session, version_id=version.id, actor=author, now=NOW)
        approve(session, version, reviewer)
    with db.reading() as session:
        assert tags(session, version) == [
            "item.created", "item.edited", "item.submitted", "item.returned", "item.submitted", "item.approved",
        ]  # fmt: skip
        pool = queries.pool(session, body_id=author.body_id, position="att-care")
        assert [item.version_id for item in pool] == [version.id]
        assert queries.keys_of(session, [version.id]) == {version.id: frozenset({"b"})}
        assert [review.deed for review in session.scalars(select(ItemReview).order_by(ItemReview.id))] == [
            "return", "approve",
        ]  # fmt: skip


def test_only_the_moves_of_the_table_happen(db, people):
    for state in ITEM_VERSION.states:
        for deed in ITEM_VERSION.deeds:
            with db.transaction() as session:
                version = _in_state(session, state, people["author"], people["reviewer"])
            if after := ITEM_VERSION.moves.get((state, deed)):
                with db.transaction() as session:
                    assert _do(session, deed, version, people).state == after
                continue
            with pytest.raises(Refusal, match="move_not_allowed"), db.transaction() as session:
                _do(session, deed, version, people)
            with db.reading() as session:
                assert session.get_one(ItemVersion, version.id).state == state


def _do(session, deed, version, people):
    author = {"version_id": version.id, "actor": people["author"], "now": NOW}
    reviewer = {"version_id": version.id, "actor": people["reviewer"], "now": NOW, "content_hash": version.content_hash}
    if deed == "edit":
        return authoring.edit_draft(session, seen_hash=version.content_hash, content=item_content(), **author)
    if deed == "submit":
        return authoring.submit(session, **author)
    if deed == "return":
        return reviewing.return_with_reason(session, reason="No", **reviewer)
    if deed == "approve":
        return reviewing.approve(session, area="D1", **reviewer)
    return reviewing.retire(session, reason="Old", **author)


def _in_state(session, state, author, reviewer):
    if state == "draft":
        return make_draft(session, author)
    if state in ("submitted", "returned"):
        version = make_submitted(session, author)
        if state == "returned":
            reviewing.return_with_reason(
                session, version_id=version.id, content_hash=version.content_hash, reason="No", actor=reviewer, now=NOW
            )
        return version
    version = make_approved(session, author, reviewer)
    if state == "retired":
        reviewing.retire(session, version_id=version.id, reason="Old", actor=author, now=NOW)
    return version


# Four eyes


def test_an_author_cannot_approve_their_own_question(db, people):
    second = people["second"]
    with db.transaction() as session:
        version = make_submitted(session, second)
        assert refused(lambda: approve(session, version, second)).code == "author_cannot_approve"


@pytest.mark.parametrize("hands", [("second",), ("second", "author")], ids=["last hand", "a hand before the last"])
def test_nobody_approves_a_question_they_put_their_hand_to(db, people, hands):
    with db.transaction() as session:
        version = make_draft(session, people["author"])
        for hand in hands:
            version = authoring.edit_draft(
                session, version_id=version.id, seen_hash=version.content_hash, content=item_content(),
                actor=people[hand], now=NOW,
            )  # fmt: skip
        authoring.submit(session, version_id=version.id, actor=people["author"], now=NOW)
        assert refused(lambda: approve(session, version, people["second"])).code == "author_cannot_approve"
        assert approve(session, version, people["reviewer"]).state == "approved"


def test_the_database_itself_refuses_an_approval_by_the_author(db, people):
    with db.transaction() as session:
        version = make_submitted(session, people["second"])
    with db.transaction() as session:
        row = session.get_one(ItemVersion, version.id)
        row.state, row.approved_by, row.approved_at = "approved", people["second"].account_id, NOW
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


# What was seen is what is decided on


def test_approval_is_bound_to_the_content_the_reviewer_saw(db, people):
    author, reviewer = people["author"], people["reviewer"]
    with db.transaction() as session:
        version = make_submitted(session, author)
        seen = version.content_hash
        reviewing.return_with_reason(
            session, version_id=version.id, content_hash=seen, reason="Unclear", actor=people["second"], now=NOW
        )
        authoring.edit_draft(
            session, version_id=version.id, seen_hash=seen, content=item_content(key=("c",)), actor=author, now=NOW
        )
        authoring.submit(session, version_id=version.id, actor=author, now=NOW)
        refusal = refused(
            lambda: reviewing.approve(
                session, version_id=version.id, content_hash=seen, area="D1", actor=reviewer, now=NOW
            )
        )
        assert refusal.code == "content_changed"
        refusal = refused(
            lambda: reviewing.return_with_reason(
                session, version_id=version.id, content_hash=seen, reason="x", actor=reviewer, now=NOW
            )
        )
        assert refusal.code == "content_changed"
        assert version.state == "submitted"


def test_approval_is_bound_to_the_area_the_reviewer_saw(db, people):
    with db.transaction() as session:
        version = make_submitted(session, people["author"], area="D2")
        assert refused(lambda: approve(session, version, people["reviewer"], area="D1")).code == "content_changed"
        assert approve(session, version, people["reviewer"], area="D2").state == "approved"


def test_editing_an_old_copy_is_refused(db, people):
    with db.transaction() as session:
        version = make_draft(session, people["author"])
        old = version.content_hash
        change = {"version_id": version.id, "now": NOW}
        authoring.edit_draft(session, **change, seen_hash=old, content=item_content(), actor=people["second"])
        refusal = refused(
            lambda: authoring.edit_draft(session, **change, seen_hash=old, content=item_content(), actor=people["author"])
        )
        assert refusal.code == "content_changed"


def test_saving_the_same_content_again_changes_nothing(db, people):
    with db.transaction() as session:
        version = make_draft(session, people["author"])
        before = tags(session, version)
        authoring.edit_draft(
            session, version_id=version.id, seen_hash=version.content_hash, content=parse(version.content),
            area="D1", actor=people["second"], now=NOW,
        )  # fmt: skip
        assert tags(session, version) == before
        assert version.editor_id == people["author"].account_id


# Versions


def test_approving_the_next_version_retires_the_one_before(db, people):
    author, reviewer = people["author"], people["reviewer"]
    with db.transaction() as session:
        first = make_approved(session, author, reviewer)
        second = authoring.open_new_version(session, item_id=first.item_id, actor=author, now=NOW)
        assert (second.number, second.state, second.content_hash) == (2, "draft", first.content_hash)
        second = authoring.edit_draft(
            session, version_id=second.id, seen_hash=second.content_hash, content=item_content(), actor=author, now=NOW
        )
        authoring.submit(session, version_id=second.id, actor=author, now=NOW)
        pool = queries.pool(session, body_id=author.body_id, position="att-care")
        assert [item.version_id for item in pool] == [first.id]
        approve(session, second, reviewer)
    with db.reading() as session:
        first, second = queries.versions_of(session, first.item_id)
        assert (first.state, second.state) == ("retired", "approved")
        pool = queries.pool(session, body_id=author.body_id, position="att-care")
        assert [item.version_id for item in pool] == [second.id]
        assert tags(session, first)[-2:] == ["item.retired", "item.approved"]


def test_a_new_version_opened_twice_is_one(db, people):
    with db.transaction() as session:
        first = make_approved(session, people["author"], people["reviewer"])
        opened = {
            authoring.open_new_version(session, item_id=first.item_id, actor=people[who], now=NOW).id
            for who in ("author", "second", "author")
        }
        assert len(opened) == 1


def test_a_retired_question_has_no_new_version(db, people):
    with db.transaction() as session:
        version = make_approved(session, people["author"], people["reviewer"])
        reviewing.retire(session, version_id=version.id, reason="The law changed", actor=people["author"], now=NOW)
        refusal = refused(
            lambda: authoring.open_new_version(session, item_id=version.item_id, actor=people["author"], now=NOW)
        )
        assert refusal.code == "move_not_allowed"
        assert queries.pool(session, body_id=people["author"].body_id, position="att-care") == []


@pytest.mark.parametrize(("column", "value"), [("content", "{}"), ("content_hash", "0" * 64), ("state", "draft")])
def test_an_approved_version_is_frozen_in_the_database(db, people, column, value):
    with db.transaction() as session:
        version = make_approved(session, people["author"], people["reviewer"])
    with db.transaction() as session:
        setattr(session.get_one(ItemVersion, version.id), column, value)
        with pytest.raises(DBAPIError, match="may not change"):
            session.flush()
        session.rollback()


# Drafts


def test_a_draft_may_be_unfinished_but_not_be_submitted(db, people):
    content = item_content()
    unfinished = replace(content, stem=Text(kk="", ru=content.stem.ru), options=content.options[:2])
    with db.transaction() as session:
        version = make_draft(session, people["author"], unfinished)
        refusal = refused(lambda: authoring.submit(session, version_id=version.id, actor=people["author"], now=NOW))
        assert (refusal.code, refusal.facts["count"]) == ("question_wrong", 2)
        assert version.state == "draft"


@pytest.mark.parametrize(
    "content",
    [
        item_content(stem_kk="<script>alert(1)</script>"),
        item_content(stem_ru="a" * 2001),
        item_content(stem_ru="невиди\u200bмый"),
        item_content(difficulty=0),
        item_content(options=8).__class__(**{**vars(item_content()), "level": "guessing"}),
    ],
    ids=["html", "too long", "invisible", "difficulty", "level"],
)
def test_what_no_draft_may_hold_is_refused_and_nothing_is_kept(db, people, content):
    with pytest.raises(Refusal, match="question_wrong"), db.transaction() as session:
        make_draft(session, people["author"], content)
    with db.reading() as session:
        assert session.scalars(select(Item)).all() == []


def test_the_same_client_key_is_one_question(db, people):
    made = set()
    for _ in range(3):
        with db.transaction() as session:
            version = authoring.create_item(
                session, position="att-care", area="D1", content=item_content("same"), client_key="k1",
                actor=people["author"], now=NOW,
            )  # fmt: skip
            made.add(version.id)
    with db.reading() as session:
        assert len(made) == 1 == len(session.scalars(select(Item)).all())


def test_codes_count_up_within_an_area_and_stay_clear_of_those_of_files(db, people):
    with db.transaction() as session:
        items = [
            session.get_one(Item, make_draft(session, people["author"], area=area).item_id)
            for area in ("D1", "D1", "D2")
        ]
        next_door = session.get_one(Item, make_draft(session, people["stranger"]).item_id)
        assert [item.code for item in items] == ["CA-D1-1001", "CA-D1-1002", "CA-D2-1001"]
        assert next_door.code == "CA-D1-1001"


def test_the_area_may_change_until_the_question_was_approved(db, people):
    author, reviewer = people["author"], people["reviewer"]
    with db.transaction() as session:
        version = make_draft(session, author)
        same = {"content": parse(version.content), "actor": author, "now": NOW}
        authoring.edit_draft(session, version_id=version.id, seen_hash=version.content_hash, area="D3", **same)
        assert session.get_one(Item, version.item_id).area == "D3"
        authoring.submit(session, version_id=version.id, actor=author, now=NOW)
        approve(session, version, reviewer, area="D3")
        second = authoring.open_new_version(session, item_id=version.item_id, actor=author, now=NOW)
        refusal = refused(
            lambda: authoring.edit_draft(session, version_id=second.id, seen_hash=second.content_hash, area="D1", **same)
        )
        assert (refusal.code, refusal.field) == ("area_fixed", "area")


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"position": "att-nobody", "area": "D1"}, "position_unknown"),
        ({"position": "att-care", "area": "A1"}, "area_unknown"),
    ],
)
def test_a_place_outside_the_blueprint_is_refused(db, people, place, code):
    with db.transaction() as session:
        assert refused(lambda: make_draft(session, people["author"], **place)).code == code


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "reason_missing"),
        (" \n\t", "reason_missing"),
        ("a" * 2001, "reason_too_long"),
        ("a\u202eb", "forbidden_character"),
    ],
)
def test_a_return_and_a_retirement_need_a_reason_that_can_be_read(db, people, reason, code):
    with db.transaction() as session:
        waiting = make_submitted(session, people["author"])
        approved = make_approved(session, people["author"], people["reviewer"])
        given = {"reason": reason, "actor": people["reviewer"], "now": NOW}
        calls = (
            lambda: reviewing.return_with_reason(
                session, version_id=waiting.id, content_hash=waiting.content_hash, **given
            ),
            lambda: reviewing.retire(session, version_id=approved.id, **given),
        )
        assert [refused(call).code for call in calls] == [code, code]


# Another body


def test_a_stranger_meets_nothing_but_unknown(db, people):
    with db.transaction() as session:
        version = make_submitted(session, people["author"])
        approved = make_approved(session, people["author"], people["reviewer"])
        who = {"actor": people["stranger"], "now": NOW}
        seen = {"version_id": version.id, "content_hash": version.content_hash}
        calls = (
            lambda: authoring.edit_draft(
                session, version_id=version.id, seen_hash=version.content_hash, content=item_content(), **who
            ),
            lambda: authoring.submit(session, version_id=version.id, **who),
            lambda: reviewing.return_with_reason(session, **seen, reason="No", **who),
            lambda: reviewing.approve(session, **seen, area="D1", **who),
            lambda: reviewing.retire(session, version_id=approved.id, reason="No", **who),
            lambda: authoring.open_new_version(session, item_id=approved.item_id, **who),
            lambda: queries.item_of(session, version.item_id, body_id=people["stranger"].body_id),
            lambda: queries.version_of(session, version.id, body_id=people["stranger"].body_id),
            lambda: queries.history_of(session, version.item_id, body_id=people["stranger"].body_id),
            lambda: authoring.submit(session, version_id=10**9, **who),
        )
        assert {refused(call).code for call in calls} == {"unknown"}


# Pictures


def _png(colour: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (8, 6), colour).save(data, "PNG")
    return data.getvalue()


def test_a_picture_added_twice_is_one_and_belongs_to_its_body(db, people):
    alt = Text(kk="Қызыл төртбұрыш", ru="Красный прямоугольник")
    with db.transaction() as session:
        first = pictures.add_picture(session, data=_png("red"), actor=people["author"], now=NOW)
        again = pictures.add_picture(session, data=_png("red"), actor=people["second"], now=NOW)
        assert first.id == again.id
        content = item_content(pictures=(Picture(first.sha256, alt),))
        make_draft(session, people["author"], content)
        assert refused(lambda: make_draft(session, people["stranger"], content)).code == "picture_unknown"
        foreign = people["stranger"].body_id
        assert refused(lambda: queries.picture_of(session, first.sha256, body_id=foreign)).code == "unknown"
        assert queries.picture_of(session, first.sha256, body_id=people["author"].body_id).width == 8


def test_a_broken_picture_is_refused(db, people):
    with db.transaction() as session:
        refusal = refused(lambda: pictures.add_picture(session, data=b"<svg/>", actor=people["author"], now=NOW))
        assert refusal.code == "picture_not_readable"


# What the record and the pool say


def test_the_record_names_the_hash_and_never_the_words(db, people):
    with db.transaction() as session:
        version = make_approved(session, people["author"], people["reviewer"], item_content("secretword"))
        facts = session.scalars(select(AuditEntry.facts).where(AuditEntry.subject == f"item:{version.item_id}")).all()
        assert not any("secretword" in fact for fact in facts)
        assert all(json.loads(fact).get("hash", version.content_hash) == version.content_hash for fact in facts)


def test_a_question_with_several_right_answers_is_kept_with_all_of_them(db, people):
    content = item_content(kind=MULTIPLE, key=("a", "c"))
    with db.transaction() as session:
        version = make_approved(session, people["author"], people["reviewer"], content)
        assert queries.keys_of(session, [version.id]) == {version.id: frozenset({"a", "c"})}
        assert queries.contents_of(session, [version.id]) == {version.id: content}
