"""The people of one oblast who make forms, with or without a bank to make them of."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.assembly import actions, plan, queries
from cbt.assembly.models import Form
from cbt.db import Database
from tests.factories import NOW, POSITION, approved_bank, make_body, make_staff


@dataclass(frozen=True, kw_only=True)
class People:
    """One oblast and its staff."""

    db: Database
    body: Body
    author: Actor
    second_author: Actor
    reviewer: Actor
    second_reviewer: Actor

    def drawn(self, *, number_of_forms: int = 1, seed: str | None = "seed-1") -> list[Form]:
        """Forms by the approved blueprint; the product's one where the body has none yet."""
        with self.db.transaction() as session:
            if queries.current_blueprint(session, body_id=self.body.id, position=POSITION) is None:
                drafted = actions.adopt_blueprint(session, position=POSITION, actor=self.author, now=NOW)
                actions.approve_blueprint(
                    session,
                    blueprint_id=drafted.id,
                    areas_hash=plan.areas_hash(drafted.areas),
                    actor=self.reviewer,
                    now=NOW,
                )
            return actions.draw_forms(
                session, position=POSITION, number_of_forms=number_of_forms, seed=seed, actor=self.author, now=NOW
            )

    def approve(self, form: Form, *, actor: Actor | None = None, items_hash: str | None = None) -> Form:
        with self.db.transaction() as session:
            return actions.approve_form(
                session,
                form_id=form.id,
                items_hash=items_hash or form.items_hash,
                actor=actor or self.reviewer,
                now=NOW,
            )

    def approved(self) -> Form:
        return self.approve(self.drawn()[0])

    def withdraw(self, form: Form, reason: str = "сұрақ ашылып қалды") -> Form:
        with self.db.transaction() as session:
            return actions.withdraw_form(session, form_id=form.id, reason=reason, actor=self.reviewer, now=NOW)


def make_people(session: Session, db: Database) -> People:
    body = make_body(session)
    return People(
        db=db,
        body=body,
        author=make_staff(session, body, "author"),
        second_author=make_staff(session, body, "author"),
        reviewer=make_staff(session, body, "reviewer"),
        second_reviewer=make_staff(session, body, "reviewer"),
    )


def fill_bank(session: Session, people: People) -> None:
    """Half as much again as a form takes in every area."""
    areas = {area.code: area.items * 3 // 2 for area in plan.standard_areas(POSITION)}
    approved_bank(session, people.body, areas=areas, author=people.author, reviewer=people.reviewer)


@cache
def filled_template(template: Path) -> tuple[Path, People]:
    """A SQLite file beside the migrated template, with people and a full bank: made once, to be copied."""
    path = template.with_name("filled.db")
    shutil.copy(template, path)
    return path, fill(Database(f"sqlite:///{path}"))


def fill(database: Database) -> People:
    """People and a full bank; the database is left closed, so that its file can be copied."""
    with database.transaction() as session:
        people = make_people(session, database)
        fill_bank(session, people)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return people


def at(people: People, database: Database) -> People:
    """The same people in a copy of their database."""
    return replace(people, db=database)
