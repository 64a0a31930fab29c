"""Adoption from the reference library: what is offered, what is taken, and who lets it into the pool."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from cbt.audit.models import AuditEntry
from cbt.bank import queries, queries_adoption
from cbt.bank.actions import adopting, authoring, importing, reviewing
from cbt.bank.adoption import Held, Standing, compare
from cbt.bank.content import content_hash
from cbt.bank.formats import reference
from cbt.bank.formats.blueprint import QUESTION_BANKS, standard_blueprint
from cbt.bank.formats.reference import LONGEST_EDITION, bank_of, edition_of, positions_in
from cbt.bank.formats.yaml import read_file, write_file
from cbt.bank.models import AdoptedVersion, Adoption, ItemVersion
from cbt.db import Database
from cbt.errors import Refusal
from tests.bank.adopting_office import AREAS, Office, later_edition, small_library
from tests.factories import NOW, make_staff


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return small_library(tmp_path / "library")


@pytest.fixture
def office(db: Database, library: Path) -> Office:
    return Office(db, bank_of(library, "att-care"))


# The library


@pytest.mark.parametrize("position", [each.position for each in standard_blueprint().positions])
def test_the_library_holds_twice_the_blueprint_and_twenty_for_practice(position: str) -> None:
    bank = bank_of(QUESTION_BANKS, position)
    counts = Counter(item.area for item in bank.items if not item.practice)
    planned = standard_blueprint().position(position)
    assert planned is not None
    assert all(counts[area.code] >= 2 * area.items for area in planned.areas)
    assert len(bank.practice_items) >= 20


def test_the_library_has_a_bank_for_every_attested_position() -> None:
    assert edition_of(QUESTION_BANKS).name
    assert set(positions_in(QUESTION_BANKS)) == {"att-needs-assessment", "att-specialist", "att-consultant", "att-care"}


@pytest.mark.parametrize("path", sorted(QUESTION_BANKS.glob("att-*/*.yaml")), ids=lambda path: path.stem)
def test_the_files_are_as_export_writes_them(path: Path) -> None:
    """So that a diff of two editions shows what changed and nothing else."""
    assert write_file(read_file(path)) == path.read_text(encoding="utf-8")


def test_one_changed_letter_changes_the_digest_and_is_read_without_a_restart(library: Path) -> None:
    before = bank_of(library, "att-care")
    after = later_edition(library, {"Какой акт с 1 июля": "Который акт с 1 июля"})
    assert after.digest != before.digest
    assert after.edition.name == "2027-01"


@pytest.mark.parametrize(
    ("file", "said", "code"),
    [
        ("edition.yaml", None, "library_missing"),
        ("edition.yaml", "edition: [", "library_wrong"),
        ("edition.yaml", "edition: ''\npublished: 2026-01-01", "library_wrong"),
        ("edition.yaml", "edition: a\npublished: soon", "library_wrong"),
        ("edition.yaml", "edition: a", "library_wrong"),
        ("edition.yaml", f"edition: {'a' * 41}\npublished: 2026-01-01", "library_wrong"),
        ("edition.yaml", 'edition: "2026\\0"\npublished: 2026-01-01', "library_wrong"),
        ("edition.yaml", 'edition: "2026\\n1"\npublished: 2026-01-01', "library_wrong"),
        ("edition.yaml", 'edition: " "\npublished: 2026-01-01', "library_wrong"),
        ("att-care/D1.yaml", "position: att-care\narea: D1\nitems: 7", "library_wrong"),
        ("att-care/D1.yaml", "position: att-consultant\narea: C1\nitems: []", "library_wrong"),
    ],
)
def test_a_damaged_library_is_refused_with_its_file(library: Path, file: str, said: str | None, code: str) -> None:
    path = library / file
    path.write_text(said, encoding="utf-8") if said is not None else path.unlink()
    with pytest.raises(Refusal) as refused:
        bank_of(library, "att-care")
    assert refused.value.code == code
    assert refused.value.facts.get("file", path.name) == path.name


def test_the_name_of_an_edition_may_be_as_long_as_the_record_takes(db: Database, library: Path) -> None:
    office = Office(db, later_edition(library, {}, name="Ә" * LONGEST_EDITION))
    made = office.adopt().adoption_id
    assert office.lot(made).adoption.edition == "Ә" * LONGEST_EDITION


def test_a_file_lying_there_twice_is_refused_instead_of_taking_half_of_it(library: Path) -> None:
    shutil.copy(library / "att-care" / "D1.yaml", library / "att-care" / "D1 copy.yaml")
    with pytest.raises(Refusal, match="library_wrong") as refused:
        bank_of(library, "att-care")
    assert refused.value.facts["file"] == "D1.yaml"  # the later of the two, a space being the smallest letter


def test_a_link_that_leads_nowhere_is_refused_and_what_an_editor_leaves_is_passed_over(library: Path) -> None:
    (library / "att-care" / ".#D1.yaml").symlink_to("somebody@office.1:2")
    assert len(bank_of(library, "att-care").items) == 38
    (library / "att-care" / "D2.yaml").symlink_to("gone.yaml")
    with pytest.raises(Refusal, match="library_wrong") as refused:
        bank_of(library, "att-care")
    assert refused.value.facts["file"] == "D2.yaml"


def test_every_file_that_the_check_reads_is_read(library: Path) -> None:
    (library / "att-care" / "D1.yaml").rename(library / "att-care" / "D1.yml")
    assert len(bank_of(library, "att-care").items) == 38


def test_a_change_of_the_same_length_and_the_same_time_is_read_too(library: Path) -> None:
    path = library / "att-care" / "D1.yaml"
    before, known = bank_of(library, "att-care"), path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("Какой акт", "Некий акт", 1), encoding="utf-8")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert path.stat().st_size == known.st_size
    assert bank_of(library, "att-care").digest != before.digest


def test_a_damaged_bank_is_read_once_and_anew_once_it_is_mended(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody may ask for a practice test: each asking must not cost the reading of a whole bank."""
    read = []
    original = reference.read_file
    monkeypatch.setattr(reference, "read_file", lambda path: (read.append(path), original(path))[1])
    path = library / "att-care" / "D7.yaml"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace("kind: single", "kind: singel", 1), encoding="utf-8")
    for _ in range(3):
        with pytest.raises(Refusal, match="library_wrong"):
            bank_of(library, "att-care")
    assert len(read) == 2
    path.write_text(sound, encoding="utf-8")
    assert len(bank_of(library, "att-care").items) == 38


@pytest.mark.parametrize("position", ["att-consultant", "..", "", "att-care/../att-care"])
def test_only_a_position_of_the_library_is_read(library: Path, position: str) -> None:
    with pytest.raises(Refusal, match="unknown"):
        bank_of(library, position)


# The comparison


def held(**facts: object) -> Held:
    usual: dict[str, object] = {
        "item_id": 1, "area": "D1", "practice": False, "number": 1, "newest_state": "approved", "newest_hash": "old",
        "approved_hash": "old", "adopted_hash": "old",
    }  # fmt: skip
    return Held(**(usual | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        (None, Standing.NEW),
        ({}, Standing.CHANGED),
        ({"newest_hash": "new", "approved_hash": "new"}, Standing.SAME),
        ({"newest_hash": "new", "approved_hash": None, "newest_state": "submitted"}, Standing.SAME),
        ({"newest_hash": "mine", "newest_state": "draft", "approved_hash": "new"}, Standing.SAME),
        ({"newest_hash": "mine", "approved_hash": "mine", "adopted_hash": "new"}, Standing.OWN),
        ({"newest_hash": "mine", "approved_hash": "mine"}, Standing.BOTH),
        ({"newest_hash": "mine", "newest_state": "draft"}, Standing.OPEN),
        ({"newest_hash": "mine", "newest_state": "returned", "approved_hash": None}, Standing.OPEN),
        ({"newest_state": "retired", "approved_hash": None}, Standing.RETIRED),
        ({"newest_state": "retired", "approved_hash": None, "newest_hash": "new"}, Standing.RETIRED),
        ({"adopted_hash": None}, Standing.FOREIGN),
        ({"area": "D2"}, Standing.MOVED),
        ({"practice": True}, Standing.MOVED),
    ],
)
def test_where_a_question_stands(library: Path, facts: dict[str, object] | None, standing: Standing) -> None:
    bank = bank_of(library, "att-care")
    one = replace(bank.items[0], content_hash="new")
    bank = replace(bank, items=(one,))
    rows = compare(bank, {} if facts is None else {one.code: held(**facts)})
    assert [row.standing for row in rows] == [standing]


@pytest.mark.parametrize(
    ("facts", "shown"), [({}, True), ({"adopted_hash": None}, False), ({"newest_state": "retired"}, False)]
)
def test_what_left_the_library_is_told_where_it_was_adopted(library: Path, facts: dict[str, object], shown: bool) -> None:
    bank = replace(bank_of(library, "att-care"), items=())
    rows = compare(bank, {"CA-D1-001": held(**facts)})
    assert [row.standing for row in rows] == ([Standing.WITHDRAWN] if shown else [])


# Adopting


def test_a_bank_is_adopted_in_one_deed_and_waits_for_approval(office: Office) -> None:
    outcome = office.adopt()
    assert len(outcome.created) == len(office.bank.items) == 38
    with office.db.reading() as session:
        versions = session.scalars(select(ItemVersion)).all()
        assert {version.state for version in versions} == {"submitted"}
        assert queries.pool(session, body_id=office.body.id, position="att-care") == []
        assert {version.content_hash for version in versions} == {item.content_hash for item in office.bank.items}
        adoption = session.get_one(Adoption, outcome.adoption_id)
        assert (adoption.edition, adoption.digest) == (office.bank.edition.name, office.bank.digest)
        assert (adoption.areas, adoption.adopted_at) == ("D1 D7", NOW)
        tags = session.scalars(select(AuditEntry.tag).where(AuditEntry.subject.like("item:%"))).all()
        assert tags.count("item.adopted") == 38


def test_single_areas_can_be_adopted(office: Office) -> None:
    assert {code[:5] for code in office.adopt(areas={"D7"}).created} == {"CA-D7"}
    assert {code[:5] for code in office.adopt().created} == {"CA-D1"}


def test_the_same_again_changes_nothing(office: Office) -> None:
    office.adopt()
    with pytest.raises(Refusal, match="nothing_to_adopt"):
        office.adopt()
    with office.db.reading() as session:
        assert len(session.scalars(select(Adoption)).all()) == 1


def test_what_was_imported_before_is_known_again_and_not_doubled(office: Office) -> None:
    with office.db.transaction() as session:
        file = read_file(QUESTION_BANKS / "att-care" / "D7.yaml")
        importing.import_bank_file(session, file=file, actor=office.author, now=NOW)
    assert {code[:5] for code in office.adopt().created} == {"CA-D1"}


def test_a_library_that_changed_under_the_page_is_refused(office: Office, library: Path) -> None:
    seen = office.bank.digest
    later = later_edition(library, {"Какой акт с 1 июля": "Который акт с 1 июля"})
    with office.db.transaction() as session, pytest.raises(Refusal, match="library_changed"):
        adopting.adopt(session, bank=later, seen_digest=seen, areas=AREAS, actor=office.author, now=NOW)


def test_an_area_that_is_not_there_is_refused_and_nothing_is_taken(office: Office) -> None:
    with pytest.raises(Refusal, match="area_unknown"):
        office.adopt(areas={"D1", "Z9"})
    assert office.standings(office.bank)["CA-D1-001"] is Standing.NEW


def test_two_bodies_adopt_apart(office: Office) -> None:
    office.adopt()
    other = Office(office.db, office.bank)
    assert len(other.adopt().created) == 38
    first = office.adopt  # the first body's bank stands as it was
    with pytest.raises(Refusal, match="nothing_to_adopt"):
        first()


def test_the_record_of_an_adoption_cannot_be_changed(office: Office) -> None:
    office.adopt()
    for statement in (
        "UPDATE adoption SET edition = 'x'",
        "DELETE FROM adoption",
        "UPDATE adopted_version SET content_hash = 'x'",
        "DELETE FROM adopted_version",
    ):
        with pytest.raises(Exception, match="may not change"), office.db.one_statement() as connection:
            connection.execute(text(statement))


# The lot


def test_the_rest_is_approved_after_each_of_the_sample_is_decided_on(office: Office) -> None:
    made = office.adopt().adoption_id
    sample = office.lot(made).sample
    assert len(sample) == 5
    for place, row in enumerate(sample):
        with pytest.raises(Refusal, match="sample_unread") as refused:
            office.approve_rest(made)
        assert refused.value.facts["count"] == len(sample) - place
        office.decide(row)
    assert office.approve_rest(made) == 33
    with office.db.reading() as session:
        pool = queries.pool(session, body_id=office.body.id, position="att-care")
        practice = queries.practice_pool(session, body_id=office.body.id, position="att-care")
        assert (len(pool), len(practice)) == (32, 6)
        approvers = set(session.scalars(select(ItemVersion.approved_by)))
        assert approvers == {office.reviewer.account_id}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "bank.lot_approved")).one()
    facts = json.loads(entry.facts)
    assert sorted(facts["sample"]) == sorted(row.item.code for row in sample)
    assert len(facts["approved"]) == 33
    with pytest.raises(Refusal, match="nothing_to_approve"):
        office.approve_rest(made)


def test_a_returned_question_widens_the_sample_and_does_not_enter_the_pool(office: Office) -> None:
    made = office.adopt().adoption_id
    first, *others = office.lot(made).sample
    for row in others:
        office.decide(row)
    office.decide(first, "return")
    wider = office.lot(made)
    assert len(wider.unread) == 2
    with pytest.raises(Refusal, match="sample_unread"):
        office.approve_rest(made)
    for row in wider.unread:
        office.decide(row)
    assert office.approve_rest(made) == 38 - 5 - 2
    assert office.versions(first.item.code)[-1].state == "returned"


def test_a_question_mended_after_its_return_does_not_slip_in_with_the_lot(office: Office) -> None:
    made = office.adopt().adoption_id
    first, *others = office.lot(made).sample
    for row in others:
        office.decide(row)
    office.decide(first, "return")
    with office.db.transaction() as session:
        authoring.submit(session, version_id=first.version.id, actor=office.author, now=NOW)
    for row in office.lot(made).unread:
        office.decide(row)
    office.approve_rest(made)
    assert office.versions(first.item.code)[-1].state == "submitted"


def test_moving_a_returned_question_does_not_make_the_sample_smaller(office: Office) -> None:
    """D1 is over twenty questions, so that one less in it would also take one from its tenth."""
    made = office.adopt().adoption_id
    first = next(row for row in office.lot(made).sample if row.item.area == "D1")
    office.decide(first, "return")
    wider = [row.item.code for row in office.lot(made).sample]
    with office.db.transaction() as session:
        authoring.edit_draft(
            session, version_id=first.version.id, seen_hash=first.version.content_hash, area="D7",
            content=queries.content_of(first.version), actor=office.author, now=NOW,
        )  # fmt: skip
    assert [row.item.code for row in office.lot(made).sample] == wider


def test_whoever_adopted_does_not_approve(office: Office) -> None:
    with office.db.transaction() as session:
        both = make_staff(session, office.body, "author", "reviewer")
    made = office.adopt(actor=both).adoption_id
    for row in office.lot(made).sample:
        office.decide(row)
    with pytest.raises(Refusal, match="author_cannot_approve"):
        office.approve_rest(made, actor=both)
    assert office.approve_rest(made) == 33


def test_a_lot_that_changed_under_the_page_is_refused(office: Office) -> None:
    made = office.adopt().adoption_id
    for row in office.lot(made).sample:
        office.decide(row)
    seen = office.lot(made)
    office.decide(seen.rest[0])
    with pytest.raises(Refusal, match="content_changed"):
        office.approve_rest(made, digest=seen.digest)


def test_a_lot_of_another_body_is_not_there(office: Office) -> None:
    made = office.adopt().adoption_id
    other = Office(office.db, office.bank)
    with pytest.raises(Refusal, match="unknown"):
        other.lot(made)
    with pytest.raises(Refusal, match="unknown"):
        other.approve_rest(made, digest="")


def test_lots_wait_until_every_question_is_decided_on(office: Office) -> None:
    made = office.adopt().adoption_id
    with office.db.reading() as session:
        waiting = queries_adoption.waiting_lots(session, body_id=office.body.id)
    assert [lot.adoption.id for lot in waiting] == [made]
    office.approve_all(made)
    with office.db.reading() as session:
        assert queries_adoption.waiting_lots(session, body_id=office.body.id) == []


# A later edition


def test_a_later_edition_offers_what_changed_and_keeps_what_the_body_wrote(office: Office, library: Path) -> None:
    office.approve_all(office.adopt().adoption_id)
    office.own_text("CA-D1-002", "Кто по правилам считается социальным работником?")
    office.own_text("CA-D1-003", "Какое из утверждений о субъекте верно?")
    later = later_edition(
        library,
        {
            "Какой акт с 1 июля": "Который акт с 1 июля",
            "Какое утверждение о субъекте": "Которое утверждение о субъекте",
            "CA-D7-001": "CA-D7-900",
        },
    )
    standings = office.standings(later)
    told = {code: standing for code, standing in standings.items() if standing is not Standing.SAME}
    assert told == {
        "CA-D1-001": Standing.CHANGED,
        "CA-D1-002": Standing.OWN,
        "CA-D1-003": Standing.BOTH,
        "CA-D7-001": Standing.WITHDRAWN,
        "CA-D7-900": Standing.NEW,
    }
    outcome = office.adopt(later)
    assert (outcome.created, outcome.new_versions) == (("CA-D7-900",), ("CA-D1-001",))
    with office.db.reading() as session:
        # The text in use stays in the pool until the new one is approved.
        pool = {item.code: item.version_id for item in queries.pool(session, body_id=office.body.id, position="att-care")}
    old, new = office.versions("CA-D1-001")
    assert (old.state, new.state) == ("approved", "submitted")
    assert pool["CA-D1-001"] == old.id
    office.approve_all(outcome.adoption_id)
    old, new = office.versions("CA-D1-001")
    assert (old.state, new.state) == ("retired", "approved")
    assert office.standings(later)["CA-D1-001"] is Standing.SAME


def test_a_question_that_both_changed_is_taken_only_by_name(office: Office, library: Path) -> None:
    office.approve_all(office.adopt().adoption_id)
    office.own_text("CA-D1-003", "Какое из утверждений о субъекте верно?")
    later = later_edition(library, {"Какое утверждение о субъекте": "Которое утверждение о субъекте"})
    with pytest.raises(Refusal, match="nothing_to_adopt"):
        office.adopt(later)
    assert office.adopt(later, areas=(), named={"CA-D1-003"}).new_versions == ("CA-D1-003",)


def test_a_text_that_takes_the_place_of_the_bodys_own_is_read_by_itself(office: Office, library: Path) -> None:
    office.approve_all(office.adopt().adoption_id)
    office.own_text("CA-D1-003", "Какое из утверждений о субъекте верно?")
    bank = office.bank
    changes = {item.content.stem.ru[:30]: "Итак, " + item.content.stem.ru[:30] for item in bank.items if item.area == "D1"}
    later = later_edition(library, changes)
    made = office.adopt(later, named={"CA-D1-003"}).adoption_id
    lot = office.lot(made)
    assert len(lot.rows) == 23
    assert "CA-D1-003" in {row.item.code for row in lot.sample}
    assert len(lot.sample) in (3, 4)  # a tenth of 23, and it where chance did not choose it


def test_a_question_retired_while_its_new_text_waits_does_not_come_back_with_the_lot(
    office: Office, library: Path
) -> None:
    office.approve_all(office.adopt().adoption_id)
    bank = office.bank
    changes = {item.content.stem.ru[:30]: "Итак, " + item.content.stem.ru[:30] for item in bank.items if item.area == "D1"}
    made = office.adopt(later_edition(library, changes)).adoption_id
    row = office.lot(made).rest[0]
    with office.db.transaction() as session:
        approved = queries.versions_of(session, row.item.id)[0]
        reviewing.retire(session, version_id=approved.id, reason="ескірген", actor=office.reviewer, now=NOW)
    lot = office.lot(made)
    assert row.item.code in {each.item.code for each in lot.sample}
    for each in lot.unread:
        if each.item.code != row.item.code:
            office.decide(each)
    with pytest.raises(Refusal, match="sample_unread"):
        office.approve_rest(made)


def test_where_a_version_came_from_is_told_for_ever(office: Office, library: Path) -> None:
    made = office.adopt().adoption_id
    office.approve_all(made)
    office.own_text("CA-D1-002", "Кто по правилам считается социальным работником?")
    adopted, own = office.versions("CA-D1-002")
    with office.db.reading() as session:
        origins = queries_adoption.origins_of(session, [adopted.id, own.id])
    assert set(origins) == {adopted.id}
    assert origins[adopted.id].is_unchanged
    assert origins[adopted.id].adoption.edition == office.bank.edition.name


def test_a_draft_changed_after_its_return_is_told_as_changed(office: Office) -> None:
    made = office.adopt().adoption_id
    row = office.lot(made).sample[0]
    office.decide(row, "return")
    with office.db.transaction() as session:
        content = queries.contents_of(session, [row.version.id])[row.version.id]
        authoring.edit_draft(
            session, version_id=row.version.id, seen_hash=row.version.content_hash,
            content=replace(content, difficulty=0.31), actor=office.author, now=NOW,
        )  # fmt: skip
        assert not queries_adoption.origins_of(session, [row.version.id])[row.version.id].is_unchanged
        kept = session.get_one(AdoptedVersion, row.version.id)
        assert kept.content_hash == content_hash(content)
