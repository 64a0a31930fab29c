"""How long it takes to check the reference library, to load all of it into an empty database, and to approve it."""

from __future__ import annotations

import time
from pathlib import Path

from cbt.accounts.actor import Actor
from cbt.bank import queries_adoption
from cbt.bank.actions import adopting, reviewing
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.library import check_paths
from cbt.bank.formats.reference import LibraryBank, bank_of, positions_in
from cbt.db import Database
from cbt.migrations import state
from tests.factories import NOW, make_body, make_staff


def measure(database_url: str) -> None:
    """Print a line a bank; the file is read, adopted by an author, a sample and then the rest approved by a reviewer."""
    db = Database(database_url)
    state.upgrade(db)
    with db.transaction() as session:
        body = make_body(session)
        author, reviewer = (make_staff(session, body, role) for role in ("author", "reviewer"))
    begun = time.perf_counter()
    for position in positions_in(QUESTION_BANKS):
        start = time.perf_counter()
        bank = bank_of(QUESTION_BANKS, position)
        read = time.perf_counter()
        adoption_id = _adopt(db, bank, author)
        adopted = time.perf_counter()
        _approve(db, adoption_id, reviewer)
        print(
            f"  {position}: {len(bank.items)} questions, read {read - start:.2f} s, "
            f"adopted {adopted - read:.2f} s, approved {time.perf_counter() - adopted:.2f} s"
        )
    print(f"All banks into an empty database, approved: {time.perf_counter() - begun:.1f} s")
    db.dispose()


def _adopt(db: Database, bank: LibraryBank, author: Actor) -> int:
    with db.transaction() as session:
        areas = {item.area for item in bank.items}
        outcome = adopting.adopt(session, bank=bank, seen_digest=bank.digest, areas=areas, actor=author, now=NOW)
    return outcome.adoption_id


def _approve(db: Database, adoption_id: int, reviewer: Actor) -> None:
    with db.transaction() as session:
        for row in queries_adoption.lot_of(session, adoption_id, body_id=reviewer.body_id).sample:
            reviewing.approve(
                session, version_id=row.version.id, content_hash=row.version.content_hash, area=row.item.area,
                actor=reviewer, now=NOW,
            )  # fmt: skip
    with db.transaction() as session:
        lot = queries_adoption.lot_of(session, adoption_id, body_id=reviewer.body_id)
        adopting.approve_lot(session, adoption_id=adoption_id, seen_digest=lot.digest, actor=reviewer, now=NOW)


def measure_in(folder: Path) -> None:
    start = time.perf_counter()
    questions = sum(area.items + area.practice for area in check_paths([QUESTION_BANKS]).counts)
    print(f"All {questions} questions checked: {time.perf_counter() - start:.1f} s")
    print("Question banks, SQLite:")
    measure(f"sqlite:///{folder}/banks.db")
