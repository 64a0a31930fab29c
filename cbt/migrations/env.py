"""How alembic reaches our tables; the database is handed over by `cbt.migrations.state`."""

from __future__ import annotations

from alembic import context

from cbt.db import Database
from cbt.models import metadata

database: Database = context.config.attributes["database"]
with database.engine.connect() as connection:
    if database.is_sqlite:
        connection = connection.execution_options(cbt_write=True)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=database.is_sqlite,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
