"""The whole road in a real browser: bank files in, a form, a sitting, two candidates, and the gate at 50 points."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from cbt.accounts import actions as accounts
from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.bank import queries as items
from cbt.bank.actions import authoring, reviewing
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.cli.main import main as cbt
from cbt.db import Database
from cbt.i18n import COUNTRY_ZONE
from tests import factories
from tests.conftest import DATA_KEY, SECRET_KEY, settings_for
from tests.delivery.hall import iin_of
from tests.e2e.hall import ready

POSITION = "att-care"
OBLAST_KATO, RAYON_KATO = "110000000", "111000000"
CUT, ALL = 50, 80
# Name, right answers, what the gate says to the candidate and to the commission.
CANDIDATES = (
    ("Әбдірахманова Гүлбаршын", CUT, "Допуск к собеседованию получен", "Допуск получен"),
    ("Иванов Пётр", CUT - 1, "К собеседованию не допускается, подлежит повторной аттестации", "Не допускается"),
)
READ_QUESTION = """() => ({
  stem: document.querySelector("#stem").textContent,
  options: [...document.querySelectorAll("#question .option-text")].map((option) => option.textContent),
})"""


@dataclass
class Road:
    """The served application over a database that began empty, and a signed-in page for each duty."""

    url: str
    database: Database
    browser: Browser
    rayon: Body
    actors: dict[str, Actor]
    complaints: list[str]

    def page(self) -> Page:
        context = self.browser.new_context(base_url=self.url)
        context.set_default_timeout(8000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto("/language/ru")
        return page

    def staff(self, role: str) -> Page:
        """A browser in which the person with this duty has signed in."""
        page = self.page()
        page.goto("/login")
        page.fill("[name=login]", f"road-{role}")
        page.fill("[name=password]", factories.PASSWORD)
        press(page)
        page.wait_for_url(lambda url: "login" not in url)
        return page


def press(page: Page) -> None:
    """Do the deed of the page: its one primary button."""
    page.click("main button.is-primary")
    page.wait_for_load_state()


@pytest.fixture
def road(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    from cbt.app import create_app

    url = f"sqlite:///{tmp_path}/road.db"
    for name, value in (("DATABASE_URL", url), ("SECRET_KEY", SECRET_KEY), ("DATA_KEY", DATA_KEY)):
        monkeypatch.setenv(f"CBT_{name}", value)
    assert cbt(["db", "upgrade"]) == 0
    database = Database(url)
    rayon, actors = _people(database)
    server = make_server("127.0.0.1", 0, create_app(settings_for(url)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    road = Road(f"http://127.0.0.1:{server.server_port}", database, browser, rayon, actors, [])
    yield road
    for context in list(browser.contexts):
        context.close()
    server.shutdown()
    thread.join()
    server.app.extensions["cbt"].database.dispose()  # type: ignore[attr-defined]
    database.dispose()
    assert not road.complaints


def _people(database: Database) -> tuple[Body, dict[str, Actor]]:
    """The rayon, and one person for each duty; the commission of a rayon decides on care workers."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        accounts.create_reference_bodies(session, now=now)
        oblast = session.scalars(select(Body).where(Body.kato == OBLAST_KATO)).one()
        rayon = accounts.create_body(
            session, kind="rayon", parent_id=oblast.id, kato=RAYON_KATO, name_kk="Көкшетау", name_ru="Кокшетау",
            name_en="Kokshetau", now=now,
        )  # fmt: skip
        duties = dict.fromkeys(("author", "reviewer", "secretary", "invigilator"), oblast) | {"chair": rayon}
        actors = {
            role: factories.make_staff(session, body, role, login=f"road-{role}", now=now)
            for role, body in duties.items()
        }
        session.expunge_all()
    return rayon, actors


def fill_bank(road: Road) -> None:
    """The bank's own files through the command; submitted by the author, approved by the reviewer."""
    folder = str(QUESTION_BANKS / POSITION)
    assert cbt(["bank", "import", folder, "--body", OBLAST_KATO, "--position", POSITION]) == 0
    now = datetime.now(UTC)
    author, reviewer = road.actors["author"], road.actors["reviewer"]
    with road.database.transaction() as session:
        rows = items.items_for_export(session, body_id=author.body_id, position=POSITION)
        for row in rows:
            authoring.submit(session, version_id=row.version.id, actor=author, now=now)
            reviewing.approve(
                session, version_id=row.version.id, content_hash=row.version.content_hash, area=row.item.area,
                actor=reviewer, now=now,
            )  # fmt: skip


# The duties, each by pages only


def approve_first(reviewer: Page) -> None:
    """Open what waits, look at it, and approve it on the page that says what this means."""
    reviewer.goto("/reviewer/forms")
    reviewer.click("main table tbody a")
    reviewer.click("main a[href*='/approve']")
    press(reviewer)
    expect(reviewer.locator(".notice.is-good")).to_be_visible()


def make_form(road: Road) -> None:
    author, reviewer = road.staff("author"), road.staff("reviewer")
    author.goto(f"/author/blueprints/{POSITION}/new")
    press(author)
    approve_first(reviewer)
    author.goto(f"/author/blueprints/forms/draw?{urlencode({'position': POSITION})}")
    author.fill("[name=number_of_forms]", "1")
    press(author)
    approve_first(reviewer)


def plan_sitting(secretary: Page) -> int:
    begins = datetime.now(COUNTRY_ZONE) - timedelta(minutes=2)
    ends = begins + timedelta(hours=2)
    typed = {
        "place_kk": "Көкшетау қ., Абай көшесі, 89", "place_ru": "г. Кокшетау, ул. Абая, 89", "day": f"{begins:%Y-%m-%d}",
        "opens": f"{begins:%H:%M}", "closes": f"{ends:%H:%M}", "last_day": f"{ends:%Y-%m-%d}", "supervisor": "Ольга Павлова",
    }  # fmt: skip
    secretary.goto("/invigilator/sittings/new")
    for name, value in typed.items():
        secretary.fill(f"[name={name}]", value)
    secretary.check("[name^=forms_]")
    press(secretary)
    return int(re.search(r"/sittings/(\d+)$", secretary.url)[1])  # type: ignore[index]


def register(secretary: Page, sitting: int, *, iin: str, name: str, territory_id: int) -> None:
    secretary.goto(f"/invigilator/sittings/{sitting}/register")
    secretary.fill("[name=iin]", iin)
    secretary.fill("[name=name]", name)
    secretary.check("[name=stage][value=initial]")
    secretary.check("[name=workplace][value=other]")
    secretary.select_option("[name=territory]", str(territory_id))
    press(secretary)
    expect(secretary.locator("main table")).to_contain_text(name)


def codes_of_slips(secretary: Page, sitting: int) -> list[str]:
    """The codes as they stand on the paper, in the order of the list."""
    secretary.goto(f"/invigilator/sittings/{sitting}/slips")
    with secretary.expect_download() as download:
        secretary.click("main button.is-primary")
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(download.value.path()).pages)
    places = [text.index(name) for name, *_rest in CANDIDATES]
    assert places == sorted(places)
    return re.findall(r"\b\d{4} \d{4} \d{4}\b", text)


def plain(text: str) -> str:
    """Letters and digits only: the page draws what the bank marks up."""
    return "".join(filter(str.isalnum, text)).casefold()


def right_answers(road: Road) -> dict[str, set[str]]:
    """Russian stems of the bank with the texts of their right options, from the database."""
    with road.database.reading() as session:
        rows = items.items_for_export(session, body_id=road.actors["author"].body_id, position=POSITION)
        return {
            plain(row.content.stem.ru): {plain(option.text.ru) for option in row.content.options if option.correct}
            for row in rows
        }


def answer(page: Page, known: dict[str, set[str]], *, rightly: bool) -> None:
    """By keys: every right option, or one wrong one."""
    shown = page.evaluate(READ_QUESTION)
    right = known[plain(shown["stem"])]
    options = [plain(option) for option in shown["options"]]
    assert right <= set(options)
    wrong = next(place for place, option in enumerate(options, start=1) if option not in right)
    for place in [place for place, option in enumerate(options, start=1) if option in right] if rightly else [wrong]:
        page.keyboard.press(str(place))


def sit(road: Road, *, iin: str, code: str, right: int, known: dict[str, set[str]]) -> Locator:
    """One whole test in Russian; the page with the result."""
    page = road.page()
    page.goto("/candidate/login")
    page.fill("[name=iin]", iin)
    page.fill("[name=code]", code)
    press(page)
    page.check("#language-ru")
    page.click("#start button")
    press(page)
    ready(page)
    for slot in range(1, ALL + 1):
        expect(page.locator("#position")).to_have_text(f"Вопрос {slot} из {ALL}")
        answer(page, known, rightly=slot <= right)
        if slot < ALL:
            page.keyboard.press("ArrowRight")
    page.click("#map .finish")
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    return page.locator("main")


def scores(chair: Page, sitting: int) -> tuple[dict[str, tuple[int, str]], bytes]:
    """The commission's list as (points, verdict) by name, and its spreadsheet."""
    chair.goto(f"/commission/sittings/{sitting}")
    rows = chair.locator("main table:has(caption:text('Аттестуемые')) tbody tr").all()
    shown = {
        row.locator("th").inner_text(): (int(row.locator("td").nth(0).inner_text()), row.locator("td").nth(1).inner_text())
        for row in rows
    }
    with chair.expect_download() as download:
        chair.click("main a[href*='xlsx']")
    return shown, Path(download.value.path()).read_bytes()


def rows_of(spreadsheet: bytes) -> dict[str, dict[str, object]]:
    """The rows of the list by the name of the candidate."""
    rows = list(openpyxl.load_workbook(io.BytesIO(spreadsheet)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    head = next(place for place, row in enumerate(rows) if "Баллы" in row)
    found = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if any(row)]
    return {str(row["Аттестуемый"]): row for row in found}


@pytest.mark.slow
def test_fifty_points_open_the_gate_and_forty_nine_do_not_from_bank_files_to_the_commissions_list(road: Road) -> None:
    fill_bank(road)
    make_form(road)

    secretary = road.staff("secretary")
    sitting = plan_sitting(secretary)
    for number, (name, *_rest) in enumerate(CANDIDATES):
        register(secretary, sitting, iin=iin_of(number), name=name, territory_id=road.rayon.id)
    codes = codes_of_slips(secretary, sitting)
    assert len(codes) == len(CANDIDATES)
    invigilator = road.staff("invigilator")
    invigilator.goto(f"/invigilator/sittings/{sitting}/open")
    press(invigilator)

    known = right_answers(road)
    for number, (_name, right, verdict, _short) in enumerate(CANDIDATES):
        result = sit(road, iin=iin_of(number), code=codes[number], right=right, known=known)
        expect(result.locator(".score")).to_contain_text(f"{right} балл")
        expect(result.locator(".verdict")).to_have_text(verdict)

    shown, spreadsheet = scores(road.staff("chair"), sitting)
    written = rows_of(spreadsheet)
    for name, right, verdict, short in CANDIDATES:
        assert shown[name] == (right, short)
        assert (written[name]["Баллы"], written[name]["Собеседование"]) == (right, verdict)
