"""A hall for one browser test: the real application on a free port over a fresh database, and what its pages complain of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import g
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from cbt.db import Database
from cbt.delivery.models import AnswerEvent, Attempt, LateAnswer
from cbt.delivery.queries_attempt import Answer, current_answers
from tests import exam as exams
from tests.conftest import settings_for


@dataclass
class Hall:
    """The served application, its database, the sitting in it, and what the pages complained of."""

    url: str
    database: Database
    exam: exams.Exam
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    ahead: timedelta = timedelta(0)
    served: list[tuple[str, int]] = field(default_factory=list)
    saves_broken: bool = False

    def context(self, **options: object) -> BrowserContext:
        context = self.browser.new_context(base_url=self.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(8000)
        return context

    def page(self, context: BrowserContext | None = None, **options: object) -> Page:
        """A page that notes errors of scripts and of the content security policy."""
        page = (context or self.context(**options)).new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._note)
        return page

    def _note(self, message) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def sign_in(self, page: Page, number: int = 0) -> None:
        page.goto("/candidate/login")
        page.fill("[name=iin]", self.exam.iins[number])
        page.fill("[name=code]", self.exam.codes[number])
        page.click("main form button")
        page.wait_for_url(lambda url: "login" not in url)

    def start(self, page: Page, number: int = 0, language: str = "kk") -> None:
        """Signed in and in front of the first question."""
        self.sign_in(page, number)
        page.check(f"#language-{language}")
        page.click("#start button")
        page.click("main form button.is-primary")
        page.wait_for_url("**/candidate/exam")

    def sit(
        self, number: int = 0, *, language: str = "kk", context: BrowserContext | None = None, **options: object
    ) -> Page:
        """A page of a started test with the player ready."""
        page = self.page(context, **options)
        self.start(page, number, language)
        ready(page)
        return page

    def attempt(self, number: int = 0) -> Attempt:
        with self.database.transaction() as session:
            return session.scalars(
                select(Attempt).where(Attempt.registration_id == self.exam.registrations[number])
            ).one()

    def answers(self, number: int = 0) -> dict[int, Answer]:
        attempt_id = self.attempt(number).id
        with self.database.reading() as session:
            return current_answers(session, attempt_id)

    def events(self, number: int = 0) -> list[tuple[int, str]]:
        """Every answer the server keeps, in the order of arrival: slot and choice."""
        return self._kept(AnswerEvent, AnswerEvent.seq, number)

    def late(self, number: int = 0) -> list[tuple[int, str]]:
        return self._kept(LateAnswer, LateAnswer.id, number)

    def _kept(self, model, order, number: int) -> list[tuple[int, str]]:
        attempt_id = self.attempt(number).id
        with self.database.reading() as session:
            rows = session.execute(
                select(model.slot, model.choice).where(model.attempt_id == attempt_id).order_by(order)
            )
            return [(row.slot, row.choice) for row in rows]

    def leave_seconds(self, seconds: float, number: int = 0) -> None:
        """Turn the server's clock forward to this long before the deadline of an attempt."""
        deadline = self.attempt(number).deadline
        assert deadline is not None
        self.ahead = deadline - timedelta(seconds=seconds) - datetime.now(UTC)

    def counting(self, application):
        """The application, noting the address and the size of the body of every answer on the wire.

        While `saves_broken`, no answer gets through: a browser sends its last requests past `page.route`.
        """

        def counted(environ, start_response):
            if self.saves_broken and environ["PATH_INFO"] == "/api/attempt/events":
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start_response(
                    "503 Service Unavailable", [("Content-Type", "application/json"), ("Content-Length", "2")]
                )
                return [b"{}"]

            def note(status, headers, *rest):
                size = int(dict(headers).get("Content-Length", 0))
                self.served.append((environ["PATH_INFO"], size))
                return start_response(status, headers, *rest)

            return application(environ, note)

        return counted

    def read_clock(self) -> None:
        g.now = datetime.now(UTC) + self.ahead


SEVERAL = pytest.mark.parametrize("several", [(3, 40)], ids=["mixed"])


def ready(page: Page) -> None:
    page.wait_for_selector("#exam[data-ready=yes]")


@pytest.fixture
def several() -> tuple[int, ...]:
    """Questions with several right answers: none unless a test asks for them, since any of them may be shown first."""
    return ()


@pytest.fixture
def hall(browser: Browser, sqlite_db: Database, several: tuple[int, ...]) -> Iterator[Hall]:
    from cbt.app import create_app

    exam = exams.build(sqlite_db, now=datetime.now(UTC), candidates=3, multiple=several)
    app = create_app(settings_for(sqlite_db.url))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    hall = Hall(url=f"http://127.0.0.1:{server.server_port}", database=sqlite_db, exam=exam, browser=browser)
    # The guard forgets the last reading before every request; this one comes after it.
    app.before_request(hall.read_clock)
    app.wsgi_app = hall.counting(app.wsgi_app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield hall
    for context in list(browser.contexts):
        context.close()
    server.shutdown()
    thread.join()
    app.extensions["cbt"].database.dispose()
    assert not hall.complaints
