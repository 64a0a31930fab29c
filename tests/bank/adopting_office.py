"""A small reference library, and an office that adopts from it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from cbt.bank import queries, queries_adoption
from cbt.bank.actions import adopting, authoring, reviewing
from cbt.bank.adoption import Standing, compare
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.reference import LibraryBank, bank_of
from cbt.bank.models import ItemVersion
from cbt.db import Database
from tests.factories import NOW, make_body, make_staff

AREAS = {"D1", "D7"}


def small_library(folder: Path) -> Path:
    """A small library of two areas of one position, which a test may change as a later edition would."""
    (folder / "att-care").mkdir(parents=True)
    for area in sorted(AREAS):
        shutil.copy(QUESTION_BANKS / "att-care" / f"{area}.yaml", folder / "att-care")
    shutil.copy(QUESTION_BANKS / "edition.yaml", folder)
    return folder


def later_edition(folder: Path, changes: dict[str, str], *, name: str = "2027-01") -> LibraryBank:
    """The library with words replaced, under a new name."""
    for path in sorted((folder / "att-care").glob("*.yaml")):
        said = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            said = said.replace(old, new)
        path.write_text(said, encoding="utf-8")
    (folder / "edition.yaml").write_text(f'edition: "{name}"\npublished: 2027-01-11\n', encoding="utf-8")
    return bank_of(folder, "att-care")


class Office:
    """A body with an author and a reviewer, and the deeds of the two."""

    def __init__(self, db: Database, bank: LibraryBank) -> None:
        self.db, self.bank = db, bank
        with db.transaction() as session:
            self.body = make_body(session)
            self.author = make_staff(session, self.body, "author")
            self.reviewer = make_staff(session, self.body, "reviewer")

    def adopt(self, bank: LibraryBank | None = None, *, areas=AREAS, named=(), actor=None) -> adopting.AdoptionOutcome:
        bank = bank or self.bank
        with self.db.transaction() as session:
            return adopting.adopt(
                session, bank=bank, seen_digest=bank.digest, areas=areas, named=named, actor=actor or self.author, now=NOW
            )

    def lot(self, adoption_id: int) -> queries_adoption.Lot:
        with self.db.reading() as session:
            return queries_adoption.lot_of(session, adoption_id, body_id=self.body.id)

    def decide(self, row: queries_adoption.LotRow, deed: str = "approve") -> None:
        with self.db.transaction() as session:
            if deed == "approve":
                reviewing.approve(
                    session, version_id=row.version.id, content_hash=row.version.content_hash, area=row.item.area,
                    actor=self.reviewer, now=NOW,
                )  # fmt: skip
            else:
                reviewing.return_with_reason(
                    session, version_id=row.version.id, content_hash=row.version.content_hash, reason="екі кілт",
                    actor=self.reviewer, now=NOW,
                )  # fmt: skip

    def approve_rest(self, adoption_id: int, *, digest: str | None = None, actor=None) -> int:
        digest = self.lot(adoption_id).digest if digest is None else digest
        with self.db.transaction() as session:
            return adopting.approve_lot(
                session, adoption_id=adoption_id, seen_digest=digest, actor=actor or self.reviewer, now=NOW
            )

    def approve_all(self, adoption_id: int) -> None:
        for row in self.lot(adoption_id).sample:
            self.decide(row)
        if self.lot(adoption_id).rest:
            self.approve_rest(adoption_id)

    def own_text(self, code: str, stem_ru: str) -> None:
        """The body's own wording of a question, approved by its reviewer."""
        with self.db.transaction() as session:
            item = queries.item_by_code(session, code, body_id=self.body.id, position="att-care")
            version = authoring.open_new_version(session, item_id=item.id, actor=self.author, now=NOW)
            content = queries.content_of(version)
            content = replace(content, stem=replace(content.stem, ru=stem_ru))
            version = authoring.edit_draft(
                session, version_id=version.id, seen_hash=version.content_hash, content=content, actor=self.author, now=NOW
            )
            authoring.submit(session, version_id=version.id, actor=self.author, now=NOW)
            reviewing.approve(
                session, version_id=version.id, content_hash=version.content_hash, area=item.area, actor=self.reviewer,
                now=NOW,
            )  # fmt: skip

    def standings(self, bank: LibraryBank) -> dict[str, Standing]:
        with self.db.reading() as session:
            held = queries_adoption.held_by(session, body_id=self.body.id, position="att-care")
        return {row.code: row.standing for row in compare(bank, held)}

    def versions(self, code: str) -> list[ItemVersion]:
        with self.db.reading() as session:
            item = queries.item_by_code(session, code, body_id=self.body.id, position="att-care")
            return list(queries.versions_of(session, item.id))
