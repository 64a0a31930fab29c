"""A form is frozen by another person, as that person saw it, and stays what it was."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from threading import Barrier, Thread

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.assembly import actions, queries
from cbt.assembly.models import Form, FormContent
from cbt.assembly.sheet import SheetPicture, unpack
from cbt.audit.queries import entries_about
from cbt.bank import content as bank_content
from cbt.bank.actions import pictures
from cbt.bank.models import Item
from cbt.errors import Refusal
from tests.assembly.bank import approve_new_text, retire
from tests.assembly.people import People
from tests.factories import NOW, POSITION, item_content, make_approved, make_body, make_staff


def test_the_drawer_of_a_form_cannot_approve_it(oblast: People) -> None:
    form = oblast.drawn()[0]
    with pytest.raises(Refusal) as refused:
        oblast.approve(form, actor=oblast.author)
    assert refused.value.code == "drawer_cannot_approve"


def test_another_person_approves_and_the_content_for_candidates_is_built_once(oblast: People) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        content = session.get_one(FormContent, form.id)
        entries = entries_about(session, [f"form:{form.id}"])
    assert (form.state, form.approved_by, form.approved_at) == ("approved", oblast.reviewer.account_id, NOW)
    assert [entry.tag for entry in entries] == ["form.drawn", "form.approved"]
    assert content.content_hash in entries[1].facts
    assert form.items_hash in entries[1].facts


def test_a_candidates_content_follows_the_slots_in_both_languages(oblast: People) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        shown = unpack(session.get_one(FormContent, form.id).content)
        rows = queries.items_of(session, form)
    assert len(shown) == 80
    for item, row in zip(shown, rows, strict=True):
        assert item.stem == {"kk": f"<p>{row.content.stem.kk}</p>", "ru": f"<p>{row.content.stem.ru}</p>"}
        assert item.options == {
            option.id: {"kk": option.text.kk, "ru": option.text.ru} for option in row.content.options
        }


def test_a_candidates_content_holds_no_key_and_no_rationale(oblast: People) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        stored = zlib.decompress(session.get_one(FormContent, form.id).content).decode()
        rows = queries.items_of(session, form)
    names = set(re.findall(r'"([a-z_0-9]+)":', stored))
    assert names == {"kind", "stem", "options", "pictures", "kk", "ru", "a", "b", "c", "d"}
    for row in rows:
        for secret in (row.content.rationale.kk, row.content.rationale.ru, row.content.basis.provision, row.code):
            assert secret not in stored
    assert not re.search("correct|key|rationale|weight|difficulty|level", stored)


def test_two_questions_that_differ_in_the_key_alone_look_the_same_to_a_candidate(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        content = queries.items_of(session, form)[0].content
    swapped = bank_content.parse(
        bank_content.canonical(content)
        .replace('"correct":true', '"correct":null')
        .replace('"correct":false', '"correct":true')
    )
    assert bank_content.key(swapped) != bank_content.key(content)
    assert actions._sheet_item(swapped, {}) == actions._sheet_item(content, {})


def test_pictures_are_named_by_hash_with_their_size_and_words_in_both_languages(oblast: People) -> None:
    alt = bank_content.Text(kk="Қол жуу тәртібі", ru="Порядок мытья рук")
    with oblast.db.transaction() as session:
        picture = pictures.add_picture(session, data=png(30, 20), actor=oblast.author, now=NOW)
        content = item_content(pictures=(bank_content.Picture(picture.sha256, alt),))
        for item_id in oblast_items(session, oblast, area="D1"):
            approve_new_text(session, oblast, item_id=item_id, content=content)
    form = oblast.approved()
    with oblast.db.transaction() as session:
        items = unpack(session.get_one(FormContent, form.id).content)
    expected = SheetPicture(sha256=picture.sha256, width=30, height=20, alt={"kk": alt.kk, "ru": alt.ru})
    assert [item.pictures for item in items] == [(expected,)] * 10 + [()] * 70


def oblast_items(session: Session, people: People, *, area: str) -> list[int]:
    return list(session.scalars(select(Item.id).where(Item.body_id == people.body.id, Item.area == area)))


def png(width: int, height: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "#005a73").save(buffer, "PNG")
    return buffer.getvalue()


def test_what_the_approver_did_not_see_is_not_approved(oblast: People) -> None:
    form = oblast.drawn()[0]
    with pytest.raises(Refusal) as refused:
        oblast.approve(form, items_hash="0" * 64)
    assert refused.value.code == "changed_since_seen"


def test_a_text_changed_behind_the_back_of_the_bank_is_not_approved(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        version_id = queries.items_of(session, form)[7].version_id
        drop = "DROP TRIGGER keep_item_version_update" + (" ON item_version" if not oblast.db.is_sqlite else "")
        session.execute(text(drop))
        session.execute(
            text("UPDATE item_version SET content = replace(content, 'Вариант', 'Варианты') WHERE id = :id"),
            {"id": version_id},
        )
    with pytest.raises(Refusal) as refused:
        oblast.approve(form)
    assert refused.value.code == "changed_since_seen"


def retire_first(people: People, form: Form) -> str:
    with people.db.transaction() as session:
        row = queries.items_of(session, form)[0]
        retire(session, people, version_id=row.version_id)
    return row.code


def renew_first(people: People, form: Form) -> str:
    with people.db.transaction() as session:
        row = queries.items_of(session, form)[0]
        approve_new_text(session, people, item_id=row.item_id)
    return row.code


@pytest.mark.parametrize("change", [retire_first, renew_first])
def test_a_form_whose_question_left_the_bank_since_the_draw_is_not_approved(
    oblast: People, change: Callable[[People, Form], str]
) -> None:
    form = oblast.drawn()[0]
    code = change(oblast, form)
    with pytest.raises(Refusal) as refused:
        oblast.approve(form)
    assert (refused.value.code, refused.value.facts) == ("items_left_bank", {"codes": [code]})
    with oblast.db.transaction() as session:
        assert session.get_one(Form, form.id).state == "drafted"
        assert session.get(FormContent, form.id) is None


@pytest.mark.parametrize("change", [retire_first, renew_first])
def test_an_approved_form_stays_readable_whatever_becomes_of_its_questions(
    oblast: People, change: Callable[[People, Form], str]
) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        before = queries.form_detail(session, form.id, body_id=oblast.body.id).rows
        content = session.get_one(FormContent, form.id).content
    change(oblast, form)
    with oblast.db.transaction() as session:
        assert queries.form_detail(session, form.id, body_id=oblast.body.id).rows == before
        assert session.get_one(FormContent, form.id).content == content
        assert [each.id for each in queries.usable_forms(session, body_id=oblast.body.id, position=POSITION)] == [
            form.id
        ]


def test_a_form_of_a_withdrawn_blueprint_is_not_approved(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        actions.withdraw_blueprint(session, blueprint_id=form.blueprint_id, actor=oblast.author, now=NOW)
    with pytest.raises(Refusal) as refused:
        oblast.approve(form)
    assert refused.value.code == "blueprint_not_approved"


@pytest.mark.parametrize("missing", [1, 40])
def test_a_form_with_fewer_than_eighty_questions_is_not_approved(oblast: People, missing: int) -> None:
    """No action makes such a form: it is put into the database by hand."""
    whole = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        rows = queries.items_of(session, whole)[missing:]
        items_hash = actions.hash_of_items([bank_content.content_hash(row.content) for row in rows])
        session.execute(
            text(
                "INSERT INTO form (id, body_id, position, blueprint_id, number, seed, draw_ordinal, state, items_hash,"
                " drawn_by, drawn_at) SELECT id + 1, body_id, position, blueprint_id, number + 1, seed, 1, state,"
                " :items_hash, drawn_by, drawn_at FROM form"
            ),
            {"items_hash": items_hash},
        )
        session.execute(
            text(
                "INSERT INTO form_item (form_id, slot, version_id, area)"
                " SELECT form_id + 1, slot, version_id, area FROM form_item WHERE slot > :missing"
            ),
            {"missing": missing},
        )
        short = queries.form_of(session, whole.id + 1, body_id=oblast.body.id)
    with pytest.raises(Refusal) as refused:
        oblast.approve(short)
    assert refused.value.code == "form_differs_from_blueprint"
    assert refused.value.facts == {"items": 80 - missing, "needed": 80}


def test_two_approvers_at_once_leave_one_approval_that_both_see(oblast: People) -> None:
    form = oblast.drawn()[0]
    outcomes: dict[int, str] = {}
    barrier = Barrier(2)

    def approve(actor: Actor) -> None:
        barrier.wait()
        try:
            outcomes[actor.account_id] = oblast.approve(form, actor=actor).state
        except Refusal as refusal:
            outcomes[actor.account_id] = refusal.code

    threads = [Thread(target=approve, args=(actor,)) for actor in (oblast.reviewer, oblast.second_reviewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values()) == ["approved", "move_not_allowed"]
    with oblast.db.transaction() as session:
        seen = queries.form_of(session, form.id, body_id=oblast.body.id)
        tags = [entry.tag for entry in entries_about(session, [f"form:{form.id}"])]
        assert session.scalar(select(func.count()).select_from(FormContent)) == 1
    assert outcomes[seen.approved_by or 0] == "approved"
    assert tags == ["form.drawn", "form.approved"]


def test_two_draws_at_once_number_their_forms_one_after_another(oblast: People) -> None:
    oblast.drawn()
    barrier = Barrier(3)
    faults: list[BaseException] = []

    def draw(seed: str) -> None:
        barrier.wait()
        try:
            oblast.drawn(number_of_forms=2, seed=seed)
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=draw, args=(seed,)) for seed in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with oblast.db.transaction() as session:
        numbers = [form.number for form in queries.forms(session, body_id=oblast.body.id)]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7]


def test_a_form_is_put_in_use_by_its_own_oblast_and_the_rayons_under_it(oblast: People) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        rayon = make_staff(session, make_body(session, "rayon", parent=oblast.body), "secretary")
        for _ in range(2):
            assert [used.state for used in put_in_use(session, form, rayon)] == ["in_use"]
        usable = queries.usable_forms(session, body_id=rayon.body_id, position=POSITION)
        stranger = make_staff(session, make_body(session), "secretary")
        with pytest.raises(Refusal) as refused:
            put_in_use(session, form, stranger)
        assert queries.usable_forms(session, body_id=stranger.body_id, position=POSITION) == []
    assert [each.id for each in usable] == [form.id]
    assert refused.value.code == "unknown"


def put_in_use(session: Session, form: Form, actor: Actor) -> list[Form]:
    return actions.put_in_use(session, form_ids=[form.id], sitting_id=1, actor=actor, now=NOW)


def test_a_draft_or_a_withdrawn_form_is_neither_usable_nor_put_in_use(oblast: People) -> None:
    draft, withdrawn = oblast.drawn(number_of_forms=2)
    oblast.withdraw(withdrawn)
    with oblast.db.transaction() as session:
        assert queries.usable_forms(session, body_id=oblast.body.id, position=POSITION) == []
        for form in (draft, withdrawn):
            with pytest.raises(Refusal) as refused:
                put_in_use(session, form, oblast.author)
            assert refused.value.code == "move_not_allowed"


def test_a_form_is_withdrawn_with_a_reason_that_stays(oblast: People) -> None:
    form = oblast.withdraw(oblast.approved(), reason="  сұрақ  ашылып қалды ")
    assert (form.state, form.withdrawal_reason, form.withdrawn_by) == (
        "withdrawn",
        "сұрақ ашылып қалды",
        oblast.reviewer.account_id,
    )
    with pytest.raises(Refusal) as refused:
        oblast.withdraw(form)
    assert refused.value.code == "move_not_allowed"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "reason_missing"),
        (" \n ", "reason_missing"),
        ("x" * (actions.LONGEST_REASON + 1), "reason_too_long"),
        ("ашылды\u202e", "forbidden_character"),
    ],
)
def test_a_withdrawal_needs_a_readable_reason(people: People, reason: str, code: str) -> None:
    with people.db.transaction() as session:
        form = by_hand(session, people)
        with pytest.raises(Refusal) as refused:
            actions.withdraw_form(session, form_id=form.id, reason=reason, actor=people.reviewer, now=NOW)
    assert (refused.value.code, refused.value.field) == (code, "reason")


def by_hand(session: Session, people: People) -> Form:
    """A drafted form without questions, for deeds that do not look at them."""
    blueprint = actions.adopt_blueprint(session, position=POSITION, actor=people.author, now=NOW)
    form = Form(
        body_id=people.body.id,
        position=POSITION,
        blueprint_id=blueprint.id,
        number=1,
        seed="a",
        draw_ordinal=1,
        state="drafted",
        items_hash="0" * 64,
        drawn_by=people.author.account_id,
        drawn_at=NOW,
    )
    session.add(form)
    session.flush()
    return form


def test_a_foreign_form_is_unknown_to_every_deed_and_query(people: People) -> None:
    with people.db.transaction() as session:
        form = by_hand(session, people)
        stranger = make_staff(session, make_body(session), "author", "reviewer")
        deeds = [
            lambda: actions.approve_form(session, form_id=form.id, items_hash="", actor=stranger, now=NOW),
            lambda: actions.withdraw_form(session, form_id=form.id, reason="x", actor=stranger, now=NOW),
            lambda: actions.record_proof(session, form_id=form.id, actor=stranger, now=NOW),
            lambda: queries.form_of(session, form.id, body_id=stranger.body_id),
            lambda: queries.form_detail(session, form.id, body_id=stranger.body_id),
        ]
        for deed in deeds:
            with pytest.raises(Refusal) as refused:
                deed()
            assert refused.value.code == "unknown"
        assert queries.forms(session, body_id=stranger.body_id) == []


def test_every_printed_proof_is_recorded_with_the_number_of_its_copy(people: People) -> None:
    with people.db.transaction() as session:
        form = by_hand(session, people)
        copies = [
            actions.record_proof(session, form_id=form.id, actor=actor, now=NOW)
            for actor in (people.author, people.reviewer)
        ]
        entries = entries_about(session, [f"form:{form.id}"])
    assert copies == [1, 2]
    assert [(entry.tag, entry.actor) for entry in entries] == [
        ("form.proof_printed", people.author.label),
        ("form.proof_printed", people.reviewer.label),
    ]


FROZEN = [
    "UPDATE form_item SET version_id = (SELECT max(id) FROM item_version) WHERE slot = 1",
    "UPDATE form_item SET slot = 79 WHERE slot = 80",
    "UPDATE form_item SET area = 'D8' WHERE slot = 1",
    "DELETE FROM form_item WHERE slot = 80",
    "UPDATE form SET items_hash = 'x'",
    "UPDATE form SET seed = 'x'",
    "UPDATE form SET draw_ordinal = 2",
    "UPDATE form SET drawn_by = approved_by",
    "UPDATE form SET approved_by = (SELECT max(id) FROM account)",
    "UPDATE form SET state = 'drafted', approved_by = NULL, approved_at = NULL",
    "UPDATE form SET state = 'drafted'",
    "UPDATE form SET state = 'withdrawn'",
    "DELETE FROM form",
    "UPDATE form_content SET content_hash = 'x'",
    "UPDATE form_content SET content = (SELECT content FROM form_content)",
    "DELETE FROM form_content",
]


def test_the_database_itself_keeps_an_approved_form(oblast: People) -> None:
    form = oblast.approved()
    with oblast.db.transaction() as session:
        spare = session.scalar(
            text("SELECT max(id) FROM item_version WHERE id NOT IN (SELECT version_id FROM form_item)")
        )
    insert = f"INSERT INTO form_item (form_id, slot, version_id, area) VALUES ({form.id}, 80, {spare}, 'D1')"
    let_through = [statement for statement in [*FROZEN, insert] if not refuses(oblast, statement)]
    assert let_through == []


def test_no_question_joins_an_approved_form_even_where_a_slot_is_free(people: People) -> None:
    with people.db.transaction() as session:
        version = make_approved(session, people.author, people.reviewer)
        form = by_hand(session, people)
        form.state, form.approved_by, form.approved_at = "approved", people.reviewer.account_id, NOW
    insert = f"INSERT INTO form_item (form_id, slot, version_id, area) VALUES ({form.id}, 1, {version.id}, 'D1')"
    assert refuses(people, insert)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE form SET state = 'approved', approved_by = drawn_by, approved_at = drawn_at",
        "UPDATE form SET state = 'approved'",
        "UPDATE form SET state = 'in_use'",
        "UPDATE form SET state = 'withdrawn'",
        "UPDATE form SET state = 'lost'",
    ],
)
def test_the_database_itself_asks_for_four_eyes_and_a_moment(people: People, statement: str) -> None:
    with people.db.transaction() as session:
        by_hand(session, people)
    assert refuses(people, statement)


def test_the_database_itself_never_moves_a_form_backwards(people: People) -> None:
    with people.db.transaction() as session:
        form = by_hand(session, people)
        form.state, form.approved_by, form.approved_at = "approved", people.reviewer.account_id, NOW
        actions.put_in_use(session, form_ids=[form.id], sitting_id=1, actor=people.author, now=NOW)
    assert refuses(people, "UPDATE form SET state = 'approved'")
    people.withdraw(form)
    back = "withdrawn_at = NULL, withdrawn_by = NULL, withdrawal_reason = NULL"
    assert refuses(people, f"UPDATE form SET state = 'approved', {back}")
    assert refuses(people, f"UPDATE form SET state = 'in_use', {back}")
    assert refuses(people, "UPDATE form SET withdrawal_reason = 'другая причина'")


def refuses(people: People, statement: str) -> bool:
    """Whether the database refuses a statement that no action of ours would send."""
    try:
        with people.db.transaction() as session:
            session.execute(text(statement))
    except IntegrityError:
        return True
    return False
