"""A dangerous setting stops the start, and the refusal names it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, event, text

from cbt import settings as module
from cbt.app import create_app
from cbt.db import Database
from cbt.errors import Refusal
from cbt.settings import Settings, from_environment, variables
from tests.conftest import DATA_KEY, SECRET_KEY, _postgres_url, settings_for

URL = "sqlite:///:memory:"


def refused(settings: Settings) -> str:
    with pytest.raises(Refusal) as found:
        settings.require_sound()
    assert found.value.code == "setting_unsafe"
    return str(found.value.facts["setting"])


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"secret_key": ""}, "CBT_SECRET_KEY"),
        ({"secret_key": SECRET_KEY[:31]}, "CBT_SECRET_KEY"),
        ({"secret_key": "a" * 64}, "CBT_SECRET_KEY"),
        ({"secret_key": "please-change-me-before-you-start-1234567890"}, "CBT_SECRET_KEY"),
        ({"data_key": ""}, "CBT_DATA_KEY"),
        ({"data_key": "an-example-key-of-quite-enough-length-0123456789"}, "CBT_DATA_KEY"),
        ({"data_key": SECRET_KEY}, "CBT_DATA_KEY"),
        ({"public_url": "http://attest.example.kz"}, "CBT_PUBLIC_URL"),
        ({"public_url": "attest.example.kz"}, "CBT_PUBLIC_URL"),
        ({"database_url": "mysql://localhost/cbt"}, "CBT_DATABASE_URL"),
        ({"database_url": ""}, "CBT_DATABASE_URL"),
        ({"log_level": "LOUD"}, "CBT_LOG_LEVEL"),
        ({"pool_size": 0}, "CBT_POOL_SIZE"),
        ({"max_upload_mb": 0}, "CBT_MAX_UPLOAD_MB"),
    ],
)
def test_an_unsafe_setting_stops_the_start(changes: dict[str, object], setting: str) -> None:
    assert refused(replace(settings_for(URL), **changes)) == setting  # type: ignore[arg-type]


def test_debugging_left_on_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert refused(settings_for(URL)) == "FLASK_DEBUG"


def test_wrong_zone_data_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNTRY_ZONE", ZoneInfo("Europe/Moscow"))
    assert refused(settings_for(URL)) == "tzdata"


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "http://localhost", "https://attest.example.kz"])
def test_sound_settings_pass(public_url: str) -> None:
    assert settings_for(URL, public_url=public_url).require_sound()


@pytest.mark.parametrize("pragma", ["synchronous=OFF", "synchronous=NORMAL", "journal_mode=DELETE"])
def test_an_sqlite_that_may_forget_stops_the_start(sqlite_db: Database, pragma: str) -> None:
    @event.listens_for(sqlite_db.engine, "connect")
    def _plant(connection, record) -> None:
        connection.execute(f"PRAGMA {pragma}")

    with pytest.raises(Refusal) as found:
        sqlite_db.check()
    assert found.value.facts == {"setting": pragma.partition("=")[0]}


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    return _postgres_url(request.getfixturevalue("postgres_server"), "postgres")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_postgres_server_that_may_forget_stops_the_start(postgres_url: str, setting: str) -> None:
    database = Database(postgres_url)
    try:
        _alter(postgres_url, f"ALTER SYSTEM SET {setting} = off", setting, "off")
        with pytest.raises(Refusal) as found:
            database.check()
        assert found.value.facts == {"setting": setting}
    finally:
        _alter(postgres_url, f"ALTER SYSTEM RESET {setting}", setting, "on")
        database.check()
        database.dispose()


def _alter(url: str, statement: str, setting: str, wanted: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
        connection.execute(text("SELECT pg_reload_conf()"))
        for _try in range(100):
            if connection.execute(text(f"SHOW {setting}")).scalar() == wanted:
                break
            connection.execute(text("SELECT pg_sleep(0.05)"))
    engine.dispose()


def test_a_postgres_connection_that_does_not_wait_for_the_disk_stops_the_start(postgres_url: str) -> None:
    joint = "&" if "?" in postgres_url else "?"
    database = Database(f"{postgres_url}{joint}options=-csynchronous_commit%3Doff")
    with pytest.raises(Refusal) as found:
        database.check()
    assert found.value.facts == {"setting": "synchronous_commit"}
    database.dispose()


def test_the_application_does_not_start_with_an_unsafe_setting(sqlite_db: Database) -> None:
    with pytest.raises(Refusal, match="CBT_DATA_KEY"):
        create_app(settings_for(sqlite_db.url, data_key=""))


def test_the_command_says_in_a_sentence_why_it_does_not_start(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin", "LANG": "C.UTF-8", "CBT_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}
    done = subprocess.run(
        [sys.executable, "-m", "cbt", "serve"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "CBT_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


# Reading the environment.


def test_every_variable_is_read() -> None:
    given = {
        "CBT_DATABASE_URL": "postgresql://host/cbt",
        "CBT_SECRET_KEY": SECRET_KEY,
        "CBT_PREVIOUS_SECRET_KEYS": "one two",
        "CBT_DATA_KEY": DATA_KEY,
        "CBT_PUBLIC_URL": "https://attest.example.kz",
        "CBT_PROXY_HOPS": "1",
        "CBT_POOL_SIZE": "4",
        "CBT_MAX_UPLOAD_MB": "2",
        "CBT_LIBRARY": "/srv/library",
        "CBT_DICTIONARIES": "/srv/hunspell",
        "CBT_LOG_LEVEL": "WARNING",
    }
    assert set(given) == set(variables())
    assert from_environment(given) == Settings(
        database_url="postgresql://host/cbt",
        secret_key=SECRET_KEY,
        previous_secret_keys=("one", "two"),
        data_key=DATA_KEY,
        public_url="https://attest.example.kz",
        proxy_hops=1,
        pool_size=4,
        max_upload_mb=2,
        library="/srv/library",
        dictionaries="/srv/hunspell",
        log_level="WARNING",
    )


def test_an_empty_variable_means_the_default() -> None:
    assert from_environment({"CBT_POOL_SIZE": "", "CBT_DATABASE_URL": URL}).pool_size == Settings().pool_size


@pytest.mark.parametrize("typed", ["many", "-1", "1.5", "1 "])
def test_a_number_that_is_none_is_named(typed: str) -> None:
    with pytest.raises(Refusal) as found:
        from_environment({"CBT_PROXY_HOPS": typed})
    assert found.value.facts["setting"] == "CBT_PROXY_HOPS"
