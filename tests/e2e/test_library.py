"""From the reference library into the bank in a real browser: taken over by one person, read and approved by another."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cbt.app import create_app
from cbt.bank import queries
from cbt.bank.formats.reference import bank_of
from cbt.db import Database
from tests import factories
from tests.bank.adopting_office import Office, small_library
from tests.conftest import settings_for


@dataclass
class Desk:
    """The served application beside a small library, and an office that has adopted nothing yet."""

    url: str
    office: Office
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def page(self, who: str) -> Page:
        page = self.browser.new_context(base_url=self.url, locale="ru").new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        with self.office.db.reading() as session:
            login = factories.login_of(session, getattr(self.office, who))
        page.goto("/language/ru?next=/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", factories.PASSWORD)
        page.click("main form button")
        page.wait_for_url(lambda url: "login" not in url)
        return page


@pytest.fixture
def desk(browser: Browser, sqlite_db: Database, tmp_path: Path) -> Iterator[Desk]:
    library = small_library(tmp_path / "library")
    app = create_app(settings_for(sqlite_db.url, library=str(library)))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    desk = Desk(f"http://127.0.0.1:{server.server_port}", Office(sqlite_db, bank_of(library, "att-care")), browser)
    yield desk
    for context in list(browser.contexts):
        context.close()
    server.shutdown()
    thread.join()
    app.extensions["cbt"].database.dispose()
    assert not desk.complaints


def test_an_area_goes_from_the_library_into_the_pool(desk: Desk) -> None:
    author = desk.page("author")
    author.click("nav a[href='/author/library']")
    author.click("main .card a.button")
    expect(author.locator("[data-sum]")).to_have_text("38")
    author.uncheck("#area-D1")
    expect(author.locator("[data-sum]")).to_have_text("15")
    author.click("main form button")
    author.click("main form button.is-primary")
    expect(author.locator("main")).to_contain_text("15 вопросов передано на утверждение другому человеку.")

    reviewer = desk.page("reviewer")
    reviewer.goto("/reviewer/queue")
    reviewer.click(".lots a")
    reviewer.click(".page-title a.button")
    for number in range(2):
        expect(reviewer.locator("main")).to_contain_text(f"Решено в выборке: {number} из 2.")
        reviewer.click("main p a.button.is-primary")
        reviewer.click("main form button.is-primary")
    expect(reviewer).to_have_url(re.compile(r"/reviewer/lots/\d+$"))
    reviewer.click(".page-title a.button")
    reviewer.click("main form button.is-primary")
    expect(reviewer.locator("main")).to_contain_text("Утверждено 13 вопросов.")
    with desk.office.db.reading() as session:
        where = {"body_id": desk.office.body.id, "position": "att-care"}
        assert (len(queries.pool(session, **where)), len(queries.practice_pool(session, **where))) == (12, 3)
