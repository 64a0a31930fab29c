"""An oblast with the people who make forms, and one with a bank that is deep enough for a form and a half."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from cbt.db import Database
from tests.assembly.people import People, at, fill, filled_template, make_people
from tests.conftest import _admin, _postgres_url


@pytest.fixture
def people(db: Database) -> People:
    """Staff without a bank."""
    with db.transaction() as session:
        return make_people(session, db)


@pytest.fixture(scope="session")
def filled_postgres(postgres_server: str, postgres_template: str) -> Iterator[tuple[str, People]]:
    name = f"cbt_filled_{uuid.uuid4().hex[:8]}"
    _admin(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}" STRATEGY file_copy')
    yield name, fill(Database(_postgres_url(postgres_server, name)))
    _admin(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def oblast(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    """Staff with a bank of 120 approved questions, made once for each engine and copied."""
    if request.param == "sqlite":
        template, people = filled_template(request.getfixturevalue("sqlite_template"))
        path = tmp_path / "cbt.db"
        shutil.copy(template, path)
        yield from _on(people, f"sqlite:///{path}")
    else:
        server = request.getfixturevalue("postgres_server")
        template, people = request.getfixturevalue("filled_postgres")
        name = f"cbt_{uuid.uuid4().hex[:12]}"
        _admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        yield from _on(people, _postgres_url(server, name))
        _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on(people: People, url: str) -> Iterator[People]:
    database = Database(url)
    yield at(people, database)
    database.dispose()
