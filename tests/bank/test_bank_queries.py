"""What lists, counts and the pool show of a body's questions, and to whom."""

from __future__ import annotations

import pytest

from cbt.bank import queries
from cbt.bank.actions import authoring, reviewing
from cbt.bank.formats.reference import bank_of
from cbt.bank.queries import Filters
from tests.bank.adopting_office import Office, small_library
from tests.factories import NOW, item_content, make_approved, make_body, make_draft, make_staff, make_submitted


@pytest.fixture
def bank(db):
    """Two bodies; in the first a draft, a submitted, an approved with a next version, a retired and a practice question."""
    with db.transaction() as session:
        body, other = make_body(session), make_body(session)
        author, second, reviewer = (make_staff(session, body, role) for role in ("author", "author", "reviewer"))
        stranger = make_staff(session, other, "author")
        rows = {
            "draft": make_draft(session, author, item_content(stem_kk="Үйде ҚЫЗМЕТ көрсету мерзімі 100% қандай?")),
            "submitted": make_submitted(session, second, item_content(level="judgement"), area="D2"),
            "approved": make_approved(session, author, reviewer, area="D2"),
            "retired": make_approved(session, author, reviewer),
            "foreign": make_draft(session, stranger),
        }
        reviewing.retire(session, version_id=rows["retired"].id, reason="Old", actor=author, now=NOW)
        rows["next"] = authoring.open_new_version(session, item_id=rows["approved"].item_id, actor=author, now=NOW)
        return {"body": body.id, "author": author, "second": second, "reviewer": reviewer, **rows}


def found(db, bank, **filters) -> set[int]:
    with db.reading() as session:
        asked = {"body_id": bank["body"], "filters": Filters(**filters)}
        rows = queries.items_page(session, **asked, limit=50, offset=0)
        assert queries.count_items(session, **asked) == len(rows)
        return {row.item.id for row in rows}


def test_a_list_shows_each_question_of_the_body_once(db, bank):
    mine = {bank[name].item_id for name in ("draft", "submitted", "approved", "retired")}
    assert found(db, bank) == mine
    assert found(db, bank, position="att-care") == mine
    assert found(db, bank, position="att-consultant") == set()


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"area": "D2"}, {"submitted", "approved"}),
        ({"state": "approved"}, {"approved"}),
        ({"state": "draft"}, {"draft", "approved"}),
        ({"state": "retired"}, {"retired"}),
        ({"level": "judgement"}, {"submitted"}),
        ({"text": "қызмет КӨРСЕТУ үйде"}, {"draft"}),
        ({"text": "100%"}, {"draft"}),
        ({"text": "0_%"}, set()),
        ({"text": "ca-d2-1002"}, {"approved"}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_filters_narrow_the_list(db, bank, filters, names):
    assert found(db, bank, **filters) == {bank[name].item_id for name in names}


def test_the_author_filter_finds_the_authors_own(db, bank):
    assert found(db, bank, author_id=bank["second"].account_id) == {bank["submitted"].item_id}


def test_a_page_takes_its_part_of_the_list(db, bank):
    with db.reading() as session:
        pages = [
            queries.items_page(session, body_id=bank["body"], filters=Filters(), limit=3, offset=offset)
            for offset in (0, 3)
        ]
    assert [len(page) for page in pages] == [3, 1]
    assert len({row.item.id for page in pages for row in page}) == 4


def test_the_row_names_the_version_in_the_pool_beside_the_newest(db, bank):
    with db.reading() as session:
        rows = queries.items_page(session, body_id=bank["body"], filters=Filters(state="approved"), limit=9, offset=0)
        assert [(row.version.number, row.version.state, row.approved_number) for row in rows] == [(2, "draft", 1)]


def test_the_queue_holds_what_waits_the_longest_waiting_first(db, bank):
    with db.transaction() as session:
        later = make_submitted(session, bank["author"], now=NOW.replace(hour=6))
    with db.reading() as session:
        rows = queries.queue_page(session, body_id=bank["body"], filters=Filters(), limit=9, offset=0)
        assert [row.version.id for row in rows] == [bank["submitted"].id, later.id]
        assert queries.count_queue(session, body_id=bank["body"], filters=Filters(area="D2")) == 1


def test_counts_are_by_area_and_state(db, bank):
    with db.reading() as session:
        counts = queries.counts(session, body_id=bank["body"], position="att-care")
        assert counts == {"D1": {"draft": 1, "retired": 1}, "D2": {"submitted": 1, "approved": 1, "draft": 1}}


def test_the_pool_is_what_is_approved_now(db, bank):
    with db.reading() as session:
        pool = queries.pool(session, body_id=bank["body"], position="att-care")
        assert [(item.version_id, item.area, item.level) for item in pool] == [(bank["approved"].id, "D2", "knowledge")]
        assert queries.practice_pool(session, body_id=bank["body"], position="att-care") == []


def test_questions_that_look_the_same_are_found(db, bank):
    with db.transaction() as session:
        twin = make_draft(session, bank["second"], item_content(stem_kk="үйде қызмет көрсету мерзімі 100% қандай"))
        item = queries.item_of(session, twin.item_id, body_id=bank["body"])
        content = queries.contents_of(session, [twin.id])[twin.id]
        assert [row.item.id for row in queries.alike(session, item, content)] == [bank["draft"].item_id]


def test_the_history_tells_who_edited_and_what_was_said(db, bank):
    with db.reading() as session:
        history = queries.history_of(session, bank["retired"].item_id, body_id=bank["body"])
        assert [[review.deed for review in row.reviews] for row in history] == [["approve", "retire"]]
        assert history[0].people == {bank["author"].account_id, bank["reviewer"].account_id}
        assert len(history[0].edits) == 1


def test_many_versions_are_read_whatever_their_number(db, bank):
    with db.transaction() as session:
        ids = [make_draft(session, bank["author"]).id for _ in range(3)]
    with db.reading() as session:
        assert set(queries.contents_of(session, iter(ids * 400))) == set(ids)


def test_the_lists_tell_what_was_adopted_from_what_was_written_here(db, tmp_path):
    office = Office(db, bank_of(small_library(tmp_path / "library"), "att-care"))
    office.approve_all(office.adopt(areas={"D1"}).adoption_id)
    office.own_text("CA-D1-001", "Слова этого органа")
    with db.transaction() as session:
        own = make_draft(session, office.author)

    def listed(origin: str) -> set[int]:
        asked = {"body_id": office.body.id, "filters": Filters(origin=origin)}
        with db.reading() as session:
            rows = queries.items_page(session, **asked, limit=100, offset=0)
            assert queries.count_items(session, **asked) == len(rows)
            return {row.item.id for row in rows}

    assert listed("own") == {own.item_id}
    assert len(listed("library")) == 23
    assert listed("") == listed("own") | listed("library")


def test_questions_that_were_changed_together_stand_in_the_order_of_their_codes(db, tmp_path):
    office = Office(db, bank_of(small_library(tmp_path / "library"), "att-care"))
    office.adopt()
    with db.reading() as session:
        rows = queries.items_page(session, body_id=office.body.id, filters=Filters(), limit=100, offset=0)
    codes = [row.item.code for row in rows]
    assert len(codes) == 38 and codes == sorted(codes)
