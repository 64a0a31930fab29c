"""The history of the tables goes up, down and up again on both engines, and what a database holds comes through whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, create_engine, inspect, text

from cbt.db import Database
from cbt.delivery.actions import saving
from cbt.delivery.queries_attempt import current_answers
from cbt.errors import Refusal
from cbt.migrations import state
from cbt.models import metadata
from cbt.results import actions as results
from tests import exam as exams

HISTORY = ScriptDirectory.from_config(state._config())
REVISIONS = [script.revision for script in HISTORY.walk_revisions()]
HELD = ("attempt", "answer_event", "late_answer", "result", "mark", "audit_entry", "item_version", "form_content")


def triggers(db: Database) -> set[str]:
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with db.engine.connect() as connection:
        return set(connection.execute(text(statement)).scalars())


def functions(db: Database) -> set[str]:
    if db.is_sqlite:
        return set()
    with db.engine.connect() as connection:
        return set(connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'cbt%'")).scalars())


def tables(db: Database) -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def checksums(db: Database) -> dict[str, tuple[int, str]]:
    """Of every table that matters: how many rows, and a digest over all of them."""
    found = {}
    with db.engine.connect() as connection:
        for name in HELD:
            table = metadata.tables[name]
            rows = connection.execute(table.select().order_by(*table.primary_key)).all()
            found[name] = (len(rows), sha256(repr([tuple(row) for row in rows]).encode()).hexdigest())
    return found


def finished_exam(db: Database, now: datetime) -> None:
    """Two attempts: one submitted in time with late evidence, one closed at its deadline."""
    exam = exams.build(db, now=now, candidates=2)
    for number in (0, 1):
        attempt, key = exams.start(db, exam, number, now=now)
        events = [
            {"key": str(uuid.uuid4()), "slot": slot, "choice": ["abcd"[(slot + number) % 4]], "flagged": slot % 7 == 0,
             "language": "kk", "at_ms": slot}
            for slot in range(1, 81)
        ]  # fmt: skip
        saving.save_body(db, attempt_id=attempt.id, session_key=key, body={"events": events}, now=now)
        if number == 0:
            submit(db, attempt.id, key, now + timedelta(minutes=40))
        else:
            late = [events[0] | {"key": str(uuid.uuid4())}]
            with pytest.raises(Refusal, match="attempt_closed"):
                saving.save_body(
                    db, attempt_id=attempt.id, session_key=key, body={"events": late}, now=now + timedelta(minutes=61)
                )
    assert results.close_overdue(db, now=now + timedelta(minutes=61)) == 1


def submit(db: Database, attempt_id: str, key: str, now: datetime) -> None:
    with db.transaction() as session:
        held = {slot: answer.choice for slot, answer in current_answers(session, attempt_id).items()}
        results.submit_attempt(
            session, attempt_id=attempt_id, session_key=key, count=len(held), digest=results.answers_digest(held),
            answers=None, now=now,
        )  # fmt: skip


def test_the_history_is_one_line() -> None:
    assert len(HISTORY.get_heads()) == 1
    assert len(HISTORY.get_bases()) == 1


def test_down_to_nothing_and_up_again_gives_the_same_database(db: Database) -> None:
    before = tables(db), triggers(db), functions(db), shape(db)
    state.downgrade(db, "base")
    assert (tables(db), triggers(db), functions(db)) == (set(), set(), set())
    assert not state.is_current(db)
    state.upgrade(db)
    assert state.is_current(db)
    assert (tables(db), triggers(db), functions(db), shape(db)) == before


def test_every_step_goes_down_and_up_by_itself(db: Database) -> None:
    for revision in REVISIONS:
        before = tables(db), triggers(db)
        state.downgrade(db, "-1")
        state.upgrade(db, revision)
        assert (tables(db), triggers(db)) == before
        state.downgrade(db, "-1")


def test_an_exam_comes_through_a_step_down_and_up_unchanged(db: Database, now: datetime) -> None:
    finished_exam(db, now)
    before = checksums(db)
    assert before["answer_event"][0] == 160
    assert before["late_answer"][0] == 1
    assert before["result"][0] == 2
    assert before["mark"][0] == 160
    state.downgrade(db, "-1")
    assert not state.is_current(db)
    state.upgrade(db)
    assert checksums(db) == before


def test_the_checksums_see_a_changed_answer(sqlite_db: Database, now: datetime) -> None:
    finished_exam(sqlite_db, now)
    before = checksums(sqlite_db)
    state.downgrade(sqlite_db, "0001")
    with sqlite_db.one_statement() as connection:
        connection.execute(text("UPDATE answer_event SET choice = 'a' WHERE seq = 1 AND choice <> 'a'"))
        connection.execute(text("UPDATE answer_event SET choice = 'b' WHERE seq = 2 AND choice <> 'b'"))
    state.upgrade(sqlite_db)
    assert {name for name, held in checksums(sqlite_db).items() if held != before[name]} == {"answer_event"}


def test_the_triggers_hold_again_after_a_step_down_and_up(db: Database, now: datetime) -> None:
    finished_exam(db, now)
    names = triggers(db)
    assert "keep_answer_event_update" in names
    state.downgrade(db, "-1")
    state.upgrade(db)
    assert triggers(db) == names
    for statement in ("UPDATE answer_event SET choice = 'a'", "DELETE FROM mark", "UPDATE result SET points = 80"):
        with pytest.raises(Exception, match="may not change"), db.one_statement() as connection:
            connection.execute(text(statement))


def differences(connection: Connection, models: MetaData = metadata) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, models)


def test_the_models_and_the_migrations_say_the_same(db: Database) -> None:
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_a_column_without_a_migration_is_seen(sqlite_db: Database) -> None:
    models = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(models)
    models.tables["attempt"].append_column(Column("forgotten", Integer))
    with sqlite_db.engine.connect() as connection:
        assert [found[0] for found in differences(connection, models)] == ["add_column"]  # type: ignore[index]


@pytest.fixture
def fresh(db: Database, tmp_path) -> Iterator[dict[str, object]]:
    """The shape of a database made straight from the models, beside the migrated one."""
    if db.is_sqlite:
        engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
        metadata.create_all(engine)
        yield _shape(engine.connect(), None)
        engine.dispose()
        return
    with db.engine.connect() as connection:
        connection.execute(text("CREATE SCHEMA models"))
        metadata.create_all(connection.execution_options(schema_translate_map={None: "models"}))
        yield _shape(connection, "models")
        connection.rollback()


def shape(db: Database) -> dict[str, object]:
    with db.engine.connect() as connection:
        return _shape(connection, None)


def _shape(connection: Connection, schema: str | None) -> dict[str, object]:
    """Columns, keys, indexes and checks of every table, to the words of each condition."""
    seen = inspect(connection)
    found: dict[str, object] = {}
    for table in metadata.tables:
        found[table] = {
            "columns": {
                each["name"]: (str(each["type"]), each["nullable"]) for each in seen.get_columns(table, schema=schema)
            },
            "primary": sorted(seen.get_pk_constraint(table, schema=schema)["constrained_columns"]),
            "unique": _named(seen.get_unique_constraints(table, schema=schema), "column_names"),
            "checks": _named(seen.get_check_constraints(table, schema=schema), "sqltext"),
            "foreign": _named(seen.get_foreign_keys(table, schema=schema), "constrained_columns", "referred_table"),
            "indexes": _named(seen.get_indexes(table, schema=schema), "column_names", "unique"),
        }
    return found


def _named(rows, *fields: str) -> list[str]:
    return sorted(" ".join([str(row["name"]), *(str(row[field]) for field in fields)]) for row in rows)


def test_migrated_tables_have_every_check_key_and_index_of_the_models(db: Database, fresh: dict[str, object]) -> None:
    migrated = shape(db)
    for table in metadata.tables:
        assert migrated[table] == fresh[table], table
