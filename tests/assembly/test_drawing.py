"""Forms are drawn by the approved blueprint: exactly eighty, repeatable, with as little in common as the bank allows."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.assembly import actions, plan, queries
from cbt.assembly.models import Form
from cbt.audit.queries import entries_about
from cbt.bank.models import Item, ItemVersion
from cbt.errors import Refusal
from tests.assembly.bank import approve_new_text, retire
from tests.assembly.people import People, make_people
from tests.factories import NOW, POSITION, make_approved, make_submitted


def version_ids(session: Session, form: Form) -> list[int]:
    return [row.version_id for row in queries.items_of(session, form)]


def test_a_form_has_exactly_eighty_questions_by_area_in_the_order_of_the_blueprint(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        detail = queries.form_detail(session, form.id, body_id=oblast.body.id)
    planned = {area.code: area.items for area in plan.standard_areas(POSITION)}
    assert [row.slot for row in detail.rows] == list(range(1, 81))
    assert detail.balance.areas == planned
    assert list(dict.fromkeys(row.area for row in detail.rows)) == list(planned)
    assert len({row.code for row in detail.rows}) == 80


def test_the_same_seed_draws_the_same_form_and_another_seed_another(oblast: People) -> None:
    first, again, other = oblast.drawn(seed="a")[0], oblast.drawn(seed="a")[0], oblast.drawn(seed="b")[0]
    with oblast.db.transaction() as session:
        assert version_ids(session, first) == version_ids(session, again)
        assert version_ids(session, first) != version_ids(session, other)
    assert first.items_hash == again.items_hash != other.items_hash
    assert (first.number, again.number, other.number) == (1, 2, 3)


def test_without_a_seed_nobody_can_foretell_the_form(oblast: People) -> None:
    one, other = oblast.drawn(seed=None)[0], oblast.drawn(seed=None)[0]
    assert one.seed != other.seed
    assert one.items_hash != other.items_hash


def test_the_hash_of_a_form_is_over_the_texts_in_slot_order(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        stored = {row.id: row.content_hash for row in session.scalars(select(ItemVersion))}
        hashes = [stored[version_id] for version_id in version_ids(session, form)]
    assert form.items_hash == actions.hash_of_items(hashes)
    assert form.items_hash != actions.hash_of_items(hashes[::-1])


def test_parallel_forms_share_only_what_the_bank_forces_them_to(oblast: People) -> None:
    forms = oblast.drawn(number_of_forms=2)
    with oblast.db.transaction() as session:
        shared = queries.overlaps(session, [form.id for form in forms])
        one, other = (set(version_ids(session, form)) for form in forms)
    # Each area holds one and a half times what a form takes of it, rounded down.
    forced = sum(2 * area.items - area.items * 3 // 2 for area in plan.standard_areas(POSITION))
    assert shared == {(forms[0].id, forms[1].id): forced}
    assert len(one & other) == forced


def test_parallel_forms_know_their_place_in_the_draw_and_one_another(oblast: People) -> None:
    forms = oblast.drawn(number_of_forms=3)
    alone = oblast.drawn(number_of_forms=1, seed="seed-2")
    with oblast.db.transaction() as session:
        assert [form.id for form in queries.drawn_together(session, forms[1])] == [form.id for form in forms]
        assert [form.id for form in queries.drawn_together(session, alone[0])] == [alone[0].id]
    assert [(form.number, form.draw_ordinal) for form in forms] == [(1, 1), (2, 2), (3, 3)]


def test_a_question_with_a_new_text_is_still_the_same_question_in_the_overlap(oblast: People) -> None:
    first = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        for row in queries.items_of(session, first):
            approve_new_text(session, oblast, item_id=row.item_id)
    second = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        assert not set(version_ids(session, first)) & set(version_ids(session, second))
        assert queries.overlaps(session, [first.id, second.id]) == {(first.id, second.id): 80}
        assert [(form.id, shared) for form, shared in queries.shared_with_others(session, first)] == [(second.id, 80)]


def test_every_short_area_is_named_with_what_is_needed_and_what_there_is(people: People) -> None:
    with people.db.transaction() as session:
        for _ in range(3):
            make_approved(session, people.author, people.reviewer, area="D2")
    with pytest.raises(Refusal) as refused:
        people.drawn()
    planned = {area.code: area.items for area in plan.standard_areas(POSITION)}
    assert refused.value.code == "area_short"
    assert refused.value.facts["areas"] == [
        {"area": code, "needed": needed, "available": 3 if code == "D2" else 0} for code, needed in planned.items()
    ]


def test_a_refused_draw_leaves_no_form_behind(people: People) -> None:
    with pytest.raises(Refusal):
        people.drawn()
    with people.db.transaction() as session:
        assert queries.forms(session, body_id=people.body.id) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number_of_forms": 0}, "number_of_forms_wrong"),
        ({"number_of_forms": -1}, "number_of_forms_wrong"),
        ({"number_of_forms": actions.MOST_FORMS + 1}, "number_of_forms_wrong"),
        ({"seed": "екі сөз"}, "seed_wrong"),
        ({"seed": "x" * 65}, "seed_wrong"),
        ({"seed": "a\n"}, "seed_wrong"),
        ({"position": "att-driver"}, "position_not_attested"),
        ({"position": "att-specialist"}, "no_blueprint"),
    ],
)
def test_a_draw_asked_for_wrongly_is_refused(people: People, changes: dict[str, object], code: str) -> None:
    asked = {"position": POSITION, "number_of_forms": 1, "seed": "a", "actor": people.author, "now": NOW} | changes
    with people.db.transaction() as session, pytest.raises(Refusal) as refused:
        actions.draw_forms(session, **asked)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_drafts_retired_questions_and_those_of_other_banks_are_never_drawn(oblast: People) -> None:
    with oblast.db.transaction() as session:
        make_submitted(session, oblast.author)
        make_approved(session, oblast.author, oblast.reviewer, position="att-specialist", area="B1")
        neighbour = make_people(session, oblast.db)
        make_approved(session, neighbour.author, neighbour.reviewer)
        for row in in_bank(session, oblast)[::3]:
            retire(session, oblast, version_id=row.id)
        allowed = {row.id for row in in_bank(session, oblast)}
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        assert set(version_ids(session, form)) == allowed


def in_bank(session: Session, people: People) -> list[ItemVersion]:
    """The approved versions of the position, by the columns themselves."""
    return list(
        session.scalars(
            select(ItemVersion)
            .join(Item, Item.id == ItemVersion.item_id)
            .where(Item.body_id == people.body.id, Item.position == POSITION, ItemVersion.state == "approved")
            .order_by(Item.code)
        )
    )


def test_a_draw_is_recorded_with_its_seed_and_hash(oblast: People) -> None:
    form = oblast.drawn(seed="open-draw")[0]
    with oblast.db.transaction() as session:
        entries = entries_about(session, [f"form:{form.id}"])
    assert [entry.tag for entry in entries] == ["form.drawn"]
    assert '"open-draw"' in entries[0].facts
    assert form.items_hash in entries[0].facts


def test_the_balance_counts_areas_levels_and_difficulty(oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        balance = queries.form_detail(session, form.id, body_id=oblast.body.id).balance
    assert balance.levels == {"knowledge": 80, "application": 0, "judgement": 0}
    assert balance.difficulty == {"easy": 0, "medium": 80, "hard": 0}
    assert Counter(balance.areas).total() == 80


def test_the_depth_of_the_bank_is_told_area_by_area(oblast: People) -> None:
    areas = plan.standard_areas(POSITION)
    with oblast.db.transaction() as session:
        found = queries.depth(session, body_id=oblast.body.id, position=POSITION, areas=areas)
        empty = queries.depth(session, body_id=oblast.body.id, position="att-specialist", areas=areas)
    assert [(row.approved, row.short) for row in found] == [(area.items * 3 // 2, 0) for area in areas]
    assert [(row.approved, row.short) for row in empty] == [(0, area.items) for area in areas]
