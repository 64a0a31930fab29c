"""The commands other programs rely on: what they do, what they refuse, and with which exit status."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cbt.cli.main import main
from cbt.db import Database
from cbt.results.actions import close_overdue
from tests import exam as exams
from tests import live
from tests.client import Client
from tests.delivery.test_saving import raw, save


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> str:
    for name, value in {
        "CBT_DATABASE_URL": database_url, "CBT_SECRET_KEY": live.SECRET_KEY, "CBT_DATA_KEY": live.DATA_KEY, "LANG": "C",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return database_url


def test_an_attempt_whose_browser_vanished_is_closed_as_of_its_deadline(db: Database, now: datetime) -> None:
    attempt, key = exams.start(db, exams.build(db, now=now), now=now)
    save(db, attempt, key, now, raw(1, "a"))
    deadline = now + timedelta(minutes=60)
    assert close_overdue(db, now=deadline + timedelta(seconds=1)) == 0
    assert close_overdue(db, now=deadline + timedelta(hours=9)) == 1
    assert close_overdue(db, now=deadline + timedelta(hours=9)) == 0
    with db.reading() as session:
        row = session.execute(text("SELECT state, finished_at FROM attempt")).one()
        moment = row.finished_at if isinstance(row.finished_at, datetime) else datetime.fromisoformat(row.finished_at)
        assert (row.state, moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment) == ("expired", deadline)
        assert session.execute(text("SELECT count(*) FROM result")).scalar() == 1


def test_close_overdue_says_how_many(environment: str, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(environment)
    past = datetime.now(UTC) - timedelta(hours=2)
    exams.start(database, exams.build(database, now=past), now=past)
    database.dispose()
    assert main(["close-overdue"]) == 0
    assert capsys.readouterr().out == "Closed attempts: 1\n"


def test_upgrade_may_be_run_again(environment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "upgrade"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_the_demo_does_not_touch_other_data(environment: str, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(environment)
    exams.build(database, now=now)
    assert main(["demo", "--no-serve"]) == 2
    assert "The database holds other data" in capsys.readouterr().err
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM registration")).scalar() == 1
    database.dispose()


def test_the_demo_is_for_this_machine_only(
    environment: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CBT_PUBLIC_URL", "https://exam.example.kz")
    assert main(["demo", "--no-serve"]) == 2
    assert "for this machine only" in capsys.readouterr().err


def test_the_server_refuses_a_database_that_is_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CBT_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    monkeypatch.setenv("CBT_SECRET_KEY", live.SECRET_KEY)
    monkeypatch.setenv("CBT_DATA_KEY", live.DATA_KEY)
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert main(["serve", "--port", "1"]) == 2
    assert "cbt db upgrade" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["CBT_SECRET_KEY", "CBT_DATA_KEY"])
def test_the_server_refuses_to_run_without_keys(
    environment: str, missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(missing)
    assert main(["serve"]) == 2
    assert missing in capsys.readouterr().err


def test_a_backup_is_whole_and_never_overwrites(
    tmp_path: Path, sqlite_db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "CBT_DATABASE_URL": sqlite_db.url, "CBT_SECRET_KEY": live.SECRET_KEY, "CBT_DATA_KEY": live.DATA_KEY,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    attempt, key = exams.start(sqlite_db, exams.build(sqlite_db, now=now), now=now)
    save(sqlite_db, attempt, key, now, raw(1, "a"), raw(2, "b"))
    copy = tmp_path / "copies" / "cbt.db"
    assert main(["backup", str(copy)]) == 0
    save(sqlite_db, attempt, key, now, raw(3, "c"))
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT count(*) FROM answer_event").fetchone() == (2,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert main(["backup", str(copy)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.slow
def test_the_server_itself_closes_and_seals_and_the_demo_file_says_all(tmp_path: Path) -> None:
    with live.site(tmp_path, candidates=60) as site:
        assert set(site.demo) == {"base_url", "staff", "sittings", "candidates"}
        assert all(set(row) == {"role", "body", "login", "password"} for row in site.demo["staff"])
        assert all(set(row) == {"id", "position"} for row in site.demo["sittings"])
        assert all(set(row) == {"iin", "code", "sitting_id", "position"} for row in site.demo["candidates"])
        site.start()
        client = Client(site.port)
        client.sign_in(site.demo["candidates"][0]["iin"], site.demo["candidates"][0]["code"])
        client.start()
        assert client.save(1, "a")[0] == 200
        database = Database(site.database_url)
        soon = datetime.now(UTC) + timedelta(seconds=1)
        with database.one_statement() as connection:
            connection.execute(
                text("UPDATE attempt SET deadline = :soon WHERE state = 'started'"),
                {"soon": soon.strftime("%Y-%m-%d %H:%M:%S.%f")},
            )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with database.reading() as session:
                running = session.execute(text("SELECT count(*) FROM attempt WHERE state = 'started'")).scalar()
                unsealed = session.execute(text("SELECT count(*) FROM audit_entry WHERE batch IS NULL")).scalar()
            if not running and not unsealed:
                break
            time.sleep(0.3)
        assert (running, unsealed) == (0, 0)
        assert client.save(2, "a")[0] == 409
        database.dispose()
        assert site.run("audit", "verify").returncode == 0


def test_the_first_twelve_demo_numbers_belong_to_nobody_alive() -> None:
    from cbt.accounts.iin import birth_date, require_iin
    from cbt.cli.demo_data import iins

    numbers = iins(first=1000)
    for _ in range(500):
        iin = require_iin(next(numbers))
        born = birth_date(iin)
        assert born is not None
        assert born.year < 1900
