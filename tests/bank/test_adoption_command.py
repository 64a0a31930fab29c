"""`cbt bank adopt`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from cbt.bank.adoption import Standing
from cbt.bank.formats.reference import bank_of
from cbt.bank.models import Item
from cbt.cli import main as cli
from cbt.db import Database
from tests.bank.adopting_office import Office, small_library
from tests.conftest import DATA_KEY, SECRET_KEY


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture
def desk(sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    library = small_library(tmp_path / "library")
    monkeypatch.setenv("CBT_DATABASE_URL", sqlite_db.url)
    monkeypatch.setenv("CBT_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("CBT_DATA_KEY", DATA_KEY)
    monkeypatch.setenv("CBT_LIBRARY", str(library))
    monkeypatch.setenv("LANG", "C")
    return Office(sqlite_db, bank_of(library, "att-care"))


def test_the_command_adopts_a_bank_and_says_what_it_left(desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("bank", "adopt", "--body", desk.body.kato, "--position", "att-care")
    assert run(*place, "--area", "D7", "--dry-run") == 0
    assert "15 new questions" in capsys.readouterr().out
    assert desk.standings(desk.bank)["CA-D7-001"] is Standing.NEW
    assert run(*place, "--area", "D7") == 0
    assert "another person" in capsys.readouterr().out
    assert run(*place) == 0
    said = capsys.readouterr().out
    assert "23 new questions" in said
    assert "15, already there" in said
    assert run(*place) == 2
    assert "all of it already" in capsys.readouterr().err


def test_the_command_refuses_what_is_not_in_the_library(desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bank", "adopt", "--body", desk.body.kato, "--position", "att-consultant") == 2
    assert run("bank", "adopt", "--body", "000000000", "--position", "att-care") == 2
    assert run("bank", "adopt", "--body", desk.body.kato, "--position", "att-care", "--area", "Z9") == 2
    with desk.db.reading() as session:
        assert session.scalars(select(Item)).all() == []


def test_a_wrong_position_or_folder_is_named(desk: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bank", "adopt", "--body", desk.body.kato, "--position", "att-carr") == 2
    assert "att-carr" in capsys.readouterr().err
    assert run("bank", "adopt", "--body", desk.body.kato, "--position", "att-care", "--library", tmp_path / "no") == 2
    assert "att-care" in capsys.readouterr().err


def test_a_code_that_is_not_taken_is_told_with_the_reason(desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
    desk.adopt(areas={"D1"})
    codes = ("--code", "CA-D1-001", "--code", "CA-D1-0001")
    assert run("bank", "adopt", "--body", desk.body.kato, "--position", "att-care", *codes) == 0
    said = capsys.readouterr().out
    assert "Not taken: CA-D1-001, already there." in said
    assert "Not taken: CA-D1-0001, not in the library." in said
