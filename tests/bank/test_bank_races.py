"""Two people at one question at the same moment: the database says who comes first."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from cbt.audit.models import AuditEntry
from cbt.bank import queries
from cbt.bank.actions import adopting, authoring, reviewing
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.reference import bank_of
from cbt.bank.models import Item, ItemReview, ItemVersion
from cbt.errors import Refusal
from tests.bank.adopting_office import Office, later_edition, small_library
from tests.factories import NOW, item_content, make_approved, make_body, make_staff, make_submitted

TRIES = 200


@pytest.fixture
def people(db):
    with db.transaction() as session:
        body = make_body(session)
        return [make_staff(session, body, role) for role in ("author", "reviewer", "reviewer")]


def at_once(*calls) -> list[object]:
    """What each call gave or raised, all of them begun together."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        barrier.wait()
        try:
            outcomes[place] = calls[place]()
        except (Refusal, DBAPIError) as problem:
            outcomes[place] = problem

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_nobody_slips_another_text_under_an_approval(db, people):
    """Z09: while one reviewer approves, another returns and the author changes the text and hands it in again."""
    author, reviewer, other = people
    approved = returned = 0
    for _ in range(TRIES):
        with db.transaction() as session:
            version = make_submitted(session, author)
        seen = {"version_id": version.id, "content_hash": version.content_hash}

        def approve(seen=seen):
            with db.transaction() as session:
                reviewing.approve(session, **seen, area="D1", actor=reviewer, now=NOW)

        def change(seen=seen):
            with db.transaction() as session:
                reviewing.return_with_reason(session, **seen, reason="Unclear", actor=other, now=NOW)
                content = item_content(key=("c",))
                authoring.edit_draft(
                    session, version_id=seen["version_id"], seen_hash=seen["content_hash"], content=content,
                    actor=author, now=NOW,
                )  # fmt: skip
                authoring.submit(session, version_id=seen["version_id"], actor=author, now=NOW)

        outcomes = at_once(approve, change)
        assert all(outcome is None or isinstance(outcome, Refusal) for outcome in outcomes), outcomes
        with db.reading() as session:
            now = session.get_one(ItemVersion, version.id)
            if now.state == "approved":
                approved += 1
                assert now.content_hash == seen["content_hash"], "another text was approved than the one seen"
            else:
                returned += 1
                assert (now.state, outcomes[0].code) == ("submitted", "content_changed")
    assert approved + returned == TRIES
    with db.reading() as session:
        rows = session.execute(
            select(ItemReview.content_hash, ItemVersion.content_hash)
            .join(ItemVersion, ItemVersion.id == ItemReview.version_id)
            .where(ItemReview.deed == "approve")
        ).all()
        assert len(rows) == approved and all(reviewed == kept for reviewed, kept in rows)


def test_a_form_sent_sixteen_times_at_once_is_one_question(db, people):
    content = item_content()

    def create():
        with db.transaction() as session:
            return authoring.create_item(
                session, position="att-care", area="D1", content=content, client_key="k", actor=people[0], now=NOW
            ).id

    assert len(set(at_once(*[create] * 16))) == 1
    with db.reading() as session:
        assert len(session.scalars(select(Item)).all()) == 1


def test_different_questions_made_at_once_have_different_codes(db, people):
    def create():
        with db.transaction() as session:
            authoring.create_item(
                session, position="att-care", area="D1", content=item_content(), actor=people[0], now=NOW
            )

    assert at_once(*[create] * 16) == [None] * 16
    with db.reading() as session:
        codes = session.scalars(select(Item.code).order_by(Item.code)).all()
        assert codes == [f"CA-D1-{number}" for number in range(1001, 1017)]


def test_a_new_version_opened_by_eight_at_once_is_one(db, people):
    with db.transaction() as session:
        version = make_approved(session, people[0], people[1])

    def renew():
        with db.transaction() as session:
            return authoring.open_new_version(session, item_id=version.item_id, actor=people[0], now=NOW).id

    assert len(set(at_once(*[renew] * 8))) == 1
    with db.reading() as session:
        assert len(queries.versions_of(session, version.item_id)) == 2


def test_of_two_approvals_at_once_one_counts(db, people):
    with db.transaction() as session:
        version = make_submitted(session, people[0])
    seen = {"version_id": version.id, "content_hash": version.content_hash, "area": "D1", "now": NOW}

    def approve_as(actor):
        def approve():
            with db.transaction() as session:
                reviewing.approve(session, **seen, actor=actor)

        return approve

    outcomes = at_once(approve_as(people[1]), approve_as(people[2]))
    assert sorted(getattr(outcome, "code", "done") for outcome in outcomes) == ["done", "move_not_allowed"]
    with db.reading() as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.tag == "item.approved")).all()) == 1


def test_a_bank_adopted_twice_at_once_is_adopted_once(db):
    bank = bank_of(QUESTION_BANKS, "att-care")
    for _ in range(5):
        with db.transaction() as session:
            body = make_body(session)
            authors = [make_staff(session, body, "author") for _ in range(3)]

        def adopt(actor):
            with db.transaction() as session:
                return adopting.adopt(
                    session, bank=bank, seen_digest=bank.digest, areas={"D1"}, actor=actor, now=NOW
                )

        outcomes = at_once(*(lambda actor=author: adopt(actor) for author in authors))
        refused = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
        assert refused == ["nothing_to_adopt"] * 2
        with db.reading() as session:
            codes = session.scalars(select(Item.code).where(Item.body_id == body.id)).all()
        assert len(codes) == len(set(codes)) == 23


@pytest.mark.parametrize("first", ["adopts", "renews"])
def test_a_newer_text_and_ones_own_new_version_at_once_are_one_version(db, tmp_path, first):
    """The second of the two begins while the first is not yet kept; neither fails."""
    library = small_library(tmp_path / "library")
    office = Office(db, bank_of(library, "att-care"))
    office.approve_all(office.adopt().adoption_id)
    later = later_edition(library, {"Какой акт с 1 июля": "Который акт с 1 июля"})
    item_id = office.versions("CA-D1-001")[0].item_id

    def adopt(session):
        adopting.adopt(session, bank=later, seen_digest=later.digest, areas={"D1"}, actor=office.author, now=NOW)

    def renew(session):
        authoring.open_new_version(session, item_id=item_id, actor=office.author, now=NOW)

    begun, outcome = threading.Event(), []

    def second() -> None:
        begun.wait()
        try:
            with db.transaction() as session:
                (renew if first == "adopts" else adopt)(session)
        except (Refusal, DBAPIError) as problem:
            outcome.append(problem)

    thread = threading.Thread(target=second)
    thread.start()
    with db.transaction() as session:
        (adopt if first == "adopts" else renew)(session)
        session.flush()
        begun.set()
        thread.join(timeout=0.5)  # it waits for what is held here
    thread.join()
    assert [str(problem) for problem in outcome] == (["nothing_to_adopt"] if first == "renews" else [])
    assert [version.number for version in office.versions("CA-D1-001")] == [1, 2]
