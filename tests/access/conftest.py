"""The product on a database of two oblasts, and everybody signed in to it at once."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cbt.accounts.permissions import ROLES
from cbt.app import create_app
from tests import factories
from tests.access import world as worlds
from tests.access.matrix import CANDIDATE, NOBODY
from tests.access.world import World
from tests.conftest import settings_for

RUNNING = 1  # the candidate who is writing


@dataclass
class Pass:
    """What a browser shows at the door: its cookies and the token of its forms."""

    cookies: dict[str, str]
    token: str


@dataclass
class House:
    """The running product; `ask` comes with the cookies of a role and leaves them as they were."""

    app: Flask
    world: World
    snapshot: Path
    passes: dict[str, Pass] = field(default_factory=dict)

    def ask(
        self, who: str, method: str, url: str, data: Mapping[str, object] | None = None, *, token: bool = True
    ) -> TestResponse:
        client = self.browser(who)
        if method == "GET":
            return client.get(url)
        headers = {"X-CSRFToken": self.passes[who].token} if token else {}
        if url.startswith("/api/"):
            return client.post(url, json=dict(data or {}), headers=headers)
        return client.post(url, data=dict(data or {}), headers=headers)

    def browser(self, who: str) -> FlaskClient:
        client = self.app.test_client()
        for name, value in self.passes[who].cookies.items():
            client.set_cookie(name, value)
        return client

    def sign_in(self, who: str) -> None:
        client = self.app.test_client()
        if who in self.world.own.logins:
            factories.sign_in(client, self.world.login(who))
        elif who == CANDIDATE:
            iin, code = self.world.own.candidates[RUNNING]
            client.set_cookie("cbt-device", "device")
            assert factories.post(client, "/candidate/login", {"iin": iin, "code": code}).status_code == 302
        token = factories.csrf(client, "/account" if who in self.world.own.logins else "/login")
        cookies = {cookie.key: cookie.value for cookie in client._cookies.values()}  # type: ignore[union-attr]
        self.passes[who] = Pass(cookies, token)

    def keep(self) -> None:
        """Remember the database as it is now."""
        engine = self.app.extensions["cbt"].database.engine
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        shutil.copy(self.world.path, self.snapshot)

    def restore(self) -> None:
        """The database as it was when everybody had just signed in, written through the connections that are open."""
        with closing(sqlite3.connect(self.snapshot)) as kept, closing(sqlite3.connect(self.world.path)) as live:
            kept.backup(live)

    def watch(self) -> Watch:
        return Watch(sqlite3.connect(self.world.path))


@dataclass
class Watch:
    """Tells whether anything was written since it was last asked."""

    connection: sqlite3.Connection
    seen: int = 0

    def __post_init__(self) -> None:
        self.seen = self._version()

    def _version(self) -> int:
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def saw_a_change(self) -> bool:
        before, self.seen = self.seen, self._version()
        return before != self.seen


@pytest.fixture(scope="session")
def world_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("world") / "world.db"
    shutil.copy(sqlite_template, path)
    return worlds.build(path)


@pytest.fixture(scope="module")
def standing(world_template: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    path = folder / "cbt.db"
    shutil.copy(world_template.path, path)
    app = create_app(settings_for(f"sqlite:///{path}"))
    house = House(app, World(path, world_template.own, world_template.foreign), folder / "kept.db")
    for who in (*ROLES, CANDIDATE, NOBODY):
        house.sign_in(who)
    house.keep()
    yield house
    app.extensions["cbt"].database.dispose()


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    """Everybody signed in; what a test does to the database is undone after it."""
    yield standing
    standing.restore()


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True) if response.mimetype.startswith(("text/", "application/json")) else ""


def titles(page: str) -> list[str]:
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
