"""Blueprints are drafted by one person and approved by another, as that person saw them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from cbt.accounts.actor import Actor
from cbt.assembly import actions, plan, queries
from cbt.assembly.models import Blueprint
from cbt.audit.queries import entries_about
from cbt.bank.formats.blueprint import Area
from cbt.db import Database
from cbt.errors import Refusal
from tests.assembly.people import People
from tests.factories import NOW, POSITION, make_body, make_staff


def other_areas() -> list[Area]:
    """One question moved from the second area to the first."""
    first, second, *rest = plan.standard_areas(POSITION)
    return [replace(first, items=first.items + 1), replace(second, items=second.items - 1), *rest]


def drafted(people: People) -> Blueprint:
    with people.db.transaction() as session:
        return actions.adopt_blueprint(session, position=POSITION, actor=people.author, now=NOW)


def approve(
    people: People, blueprint: Blueprint, *, areas_hash: str | None = None, actor: Actor | None = None
) -> Blueprint:
    with people.db.transaction() as session:
        return actions.approve_blueprint(
            session,
            blueprint_id=blueprint.id,
            areas_hash=areas_hash or plan.areas_hash(blueprint.areas),
            actor=actor or people.reviewer,
            now=NOW,
        )


def edit(people: People, blueprint: Blueprint, *, actor: Actor | None = None) -> Blueprint:
    with people.db.transaction() as session:
        return actions.edit_blueprint(
            session, blueprint_id=blueprint.id, areas=other_areas(), actor=actor or people.author, now=NOW
        )


def test_an_adopted_blueprint_holds_the_areas_of_the_product_and_adds_up_to_eighty(people: People) -> None:
    areas = plan.read_areas(drafted(people).areas)
    assert areas == plan.standard_areas(POSITION)
    assert sum(area.items for area in areas) == 80


def test_blueprints_of_a_position_are_numbered_one_after_another(people: People) -> None:
    assert [drafted(people).number for _ in range(3)] == [1, 2, 3]


def test_the_author_of_a_blueprint_cannot_approve_it(people: People) -> None:
    blueprint = drafted(people)
    with pytest.raises(Refusal) as refused:
        approve(people, blueprint, actor=people.author)
    assert refused.value.code == "planner_cannot_approve"


def test_another_person_approves_it_and_forms_are_drawn_by_the_newest(people: People) -> None:
    first, second = drafted(people), drafted(people)
    approve(people, second)
    approve(people, first)
    with people.db.transaction() as session:
        current = queries.current_blueprint(session, body_id=people.body.id, position=POSITION)
    assert current is not None
    assert (current.number, current.approved_by, current.approved_at) == (2, people.reviewer.account_id, NOW)


def test_what_changed_after_the_approver_looked_is_not_approved(people: People) -> None:
    blueprint = drafted(people)
    seen = plan.areas_hash(blueprint.areas)
    edit(people, blueprint)
    with pytest.raises(Refusal) as refused:
        approve(people, blueprint, areas_hash=seen)
    assert refused.value.code == "changed_since_seen"


def test_a_draft_that_does_not_add_up_cannot_be_approved_even_where_it_got_into_the_database(people: People) -> None:
    blueprint = drafted(people)
    stored = plan.write_areas(plan.standard_areas(POSITION)[1:])
    with people.db.transaction() as session:
        session.execute(text("UPDATE blueprint SET areas = :areas"), {"areas": stored})
    with pytest.raises(Refusal) as refused:
        approve(people, blueprint, areas_hash=plan.areas_hash(stored))
    assert refused.value.code == "sum_differs"


def test_only_its_author_changes_a_draft(people: People) -> None:
    blueprint = drafted(people)
    with people.db.transaction() as session, pytest.raises(Refusal) as refused:
        actions.edit_blueprint(
            session, blueprint_id=blueprint.id, areas=other_areas(), actor=people.second_author, now=NOW
        )
    assert refused.value.code == "not_your_blueprint"


@pytest.mark.parametrize("deed", ["edit", "approve"])
@pytest.mark.parametrize("state", ["approved", "withdrawn"])
def test_an_approved_or_withdrawn_blueprint_neither_changes_nor_is_approved_again(
    people: People, state: str, deed: str
) -> None:
    blueprint = drafted(people)
    if state == "approved":
        approve(people, blueprint)
    else:
        with people.db.transaction() as session:
            actions.withdraw_blueprint(session, blueprint_id=blueprint.id, actor=people.author, now=NOW)
    with pytest.raises(Refusal) as refused:
        {"edit": edit, "approve": approve}[deed](people, blueprint)
    assert refused.value.code == "move_not_allowed"


def test_a_withdrawn_blueprint_is_not_drawn_by_any_more(people: People) -> None:
    blueprint = approve(people, drafted(people))
    with people.db.transaction() as session:
        actions.withdraw_blueprint(session, blueprint_id=blueprint.id, actor=people.reviewer, now=NOW)
        assert queries.current_blueprint(session, body_id=people.body.id, position=POSITION) is None
        with pytest.raises(Refusal) as refused:
            actions.draw_forms(session, position=POSITION, number_of_forms=1, actor=people.author, now=NOW)
    assert refused.value.code == "no_blueprint"


def test_a_foreign_blueprint_is_unknown(people: People) -> None:
    blueprint = drafted(people)
    with people.db.transaction() as session:
        stranger = make_staff(session, make_body(session), "author", "reviewer")
        with pytest.raises(Refusal) as read:
            queries.blueprint_of(session, blueprint.id, body_id=stranger.body_id)
        with pytest.raises(Refusal) as approved:
            actions.approve_blueprint(
                session,
                blueprint_id=blueprint.id,
                areas_hash=plan.areas_hash(blueprint.areas),
                actor=stranger,
                now=NOW,
            )
        assert queries.blueprints(session, body_id=stranger.body_id) == []
    assert (read.value.code, approved.value.code) == ("unknown", "unknown")


def test_every_deed_on_a_blueprint_is_recorded(people: People) -> None:
    blueprint = approve(people, drafted(people))
    with people.db.transaction() as session:
        actions.withdraw_blueprint(session, blueprint_id=blueprint.id, actor=people.reviewer, now=NOW)
        tags = [entry.tag for entry in entries_about(session, [f"blueprint:{blueprint.id}"])]
    assert tags == ["blueprint.drafted", "blueprint.approved", "blueprint.withdrawn"]


@pytest.mark.parametrize(
    "statement",
    [
        # four eyes
        "UPDATE blueprint SET state = 'approved', approved_by = author_id, approved_at = created_at WHERE number = 2",
        "UPDATE blueprint SET state = 'approved' WHERE number = 2",
        # an approved one stays as it is
        "UPDATE blueprint SET areas = '[]' WHERE number = 1",
        "UPDATE blueprint SET approved_by = NULL, approved_at = NULL, state = 'drafted' WHERE number = 1",
        "UPDATE blueprint SET state = 'withdrawn' WHERE number = 1",
        "DELETE FROM blueprint WHERE number = 1",
        # a withdrawn one does not come back
        "UPDATE blueprint SET state = 'approved', withdrawn_at = NULL WHERE number = 3",
        "UPDATE blueprint SET state = 'drafted', withdrawn_at = NULL WHERE number = 4",
    ],
)
def test_the_database_itself_keeps_blueprints(people: People, statement: str) -> None:
    approve(people, drafted(people))
    drafted(people)
    for blueprint in (approve(people, drafted(people)), drafted(people)):
        with people.db.transaction() as session:
            actions.withdraw_blueprint(session, blueprint_id=blueprint.id, actor=people.author, now=NOW)
    refused_by_the_database(people.db, statement)


def refused_by_the_database(db: Database, statement: str) -> None:
    with pytest.raises(IntegrityError), db.transaction() as session:
        session.execute(text(statement))
