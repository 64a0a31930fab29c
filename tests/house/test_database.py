"""The database keeps its promises before any code of ours is asked."""

from __future__ import annotations

from sqlalchemy import inspect

from cbt.db import Database
from cbt.migrations import state
from cbt.models import metadata


def test_a_fresh_database_has_every_table_and_is_current(db: Database) -> None:
    assert set(metadata.tables) <= set(inspect(db.engine).get_table_names())
    assert state.is_current(db)


def test_a_fresh_database_is_durable(db: Database) -> None:
    db.check()
