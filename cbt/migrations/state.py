"""Bring a database to the newest tables, take it back, or ask where it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cbt.db import Database


def _config(database: Database | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    command.downgrade(_config(database), revision)


def is_current(database: Database) -> bool:
    """Whether the database has every migration this code knows."""
    with database.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == _newest()


@cache
def _newest() -> str | None:
    """Read from the files once: they do not change while a process runs."""
    return ScriptDirectory.from_config(_config()).get_current_head()
