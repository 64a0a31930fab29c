"""The database: one base for all tables, moments in UTC, and the only place that commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from cbt.errors import Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is a programming error, not a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An engine with the settings that durability needs, and its sessions.

    SQLite allows one writer at a time: the lock queues our own threads fairly, because SQLite's busy
    handler sleeps and lets some of them wait for seconds.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url, pool_size)
        # A pool of its own for single statements: switching a shared connection to autocommit and back costs
        # two round trips on every answer, and in autocommit nothing is left to undo on the way back.
        self._savers = (
            self.engine
            if self.is_sqlite
            else _postgres_engine(url, pool_size, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._writer = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is kept whole or not at all. A refusal inside undoes everything."""
        with self._one_writer(), self._sessions() as session:
            if self.is_sqlite:
                session.connection(execution_options={"cbt_write": True})
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries; anything written in it is undone, and what was read can be shown after it."""
        with self._sessions() as session:
            yield session

    def driver_rows(self, statement: str, values: Mapping[str, object]) -> list[Any]:
        """One durable statement of PostgreSQL by its driver alone: the road of an answer has no time for more.

        `%(name)s` stands for a value; moments must be aware.
        """
        connection = self._savers.raw_connection()
        try:
            rows = connection.cursor().execute(statement, values, prepare=True).fetchall()  # type: ignore[call-arg, func-returns-value]
        except Exception:
            # It may be dead: in the pool it would wait for the next answers and fail them as well.
            connection.invalidate()
            raise
        connection.close()
        return rows

    @contextmanager
    def one_statement(self) -> Iterator[Connection]:
        """A connection where each statement is durable by itself."""
        if self.is_sqlite:
            with self._one_writer(), self.engine.connect() as connection:
                connection = connection.execution_options(cbt_write=True)
                with connection.begin():
                    yield connection
        else:
            with self._savers.connect() as connection:
                yield connection

    def _one_writer(self) -> Any:
        return self._writer if self.is_sqlite else nullcontext()

    def check(self) -> None:
        """Refuse to work on a database that may forget what it has acknowledged."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                if connection.exec_driver_sql("PRAGMA synchronous").scalar() != 2:
                    raise Refusal("database_not_durable", setting="synchronous")
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() not in {"wal", "memory"}:
                    raise Refusal("database_not_durable", setting="journal_mode")
                return
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if connection.execute(text(f"SHOW {setting}")).scalar() == "off":
                    raise Refusal("database_not_durable", setting=setting)

    def dispose(self) -> None:
        self.engine.dispose()
        self._savers.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: Any) -> None:
        # The driver must not start transactions by itself: writers begin IMMEDIATE below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("cbt_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: str, pool_size: int, **options: Any) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        # A database that has vanished must not hold the turns of a process for minutes.
        connect_args={"connect_timeout": 5},
        # The log of a failed statement holds no names, numbers or answers.
        hide_parameters=True,
        **options,
    )
