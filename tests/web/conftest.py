"""An application over an oblast whose bank is full, and one over an office beside a reference library."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cbt.app import create_app
from cbt.bank.formats.reference import bank_of
from cbt.db import Database
from tests.assembly.people import People, at, filled_template
from tests.bank.adopting_office import Office, small_library
from tests.conftest import settings_for


@pytest.fixture
def oblast(tmp_path: Path, sqlite_template: Path) -> Iterator[People]:
    """Staff with a bank of 120 approved questions."""
    template, people = filled_template(sqlite_template)
    path = tmp_path / "filled.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    yield at(people, database)
    database.dispose()


@pytest.fixture
def oblast_app(oblast: People) -> Iterator[Flask]:
    application = create_app(settings_for(oblast.db.url))
    application.config["TESTING"] = True
    yield application
    application.extensions["cbt"].database.dispose()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A reference library of two areas, which a test may change."""
    return small_library(tmp_path / "library")


@pytest.fixture
def office(sqlite_db: Database, library: Path) -> Office:
    return Office(sqlite_db, bank_of(library, "att-care"))


@pytest.fixture
def library_app(sqlite_db: Database, library: Path) -> Iterator[Flask]:
    application = create_app(settings_for(sqlite_db.url, library=str(library)))
    application.config["TESTING"] = True
    yield application
    application.extensions["cbt"].database.dispose()
