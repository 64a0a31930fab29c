"""The practice test in a real browser: by keyboard, on a phone, without a line, without scripts, and open to everybody."""

from __future__ import annotations

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.practice import QUESTIONS, PracticePaper, practice_paper
from cbt.web.assets import STATIC
from cbt.web.bundle import joined
from tests.e2e.hall import Hall
from tests.e2e.test_accessibility import TAGS
from tests.e2e.test_player_access import FOCUS_SEEN, press, tab_to

POSITION, SEED = "att-care", "a1b2c3d4"
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
AXE = Axe()


@pytest.fixture
def paper() -> PracticePaper:
    return practice_paper(QUESTION_BANKS, position=POSITION, seed=SEED)


def ready(page: Page) -> None:
    page.wait_for_selector("#practice-test[data-ready=yes]")


def opened(hall: Hall, language: str = "kk", query: str = "", **options: object) -> Page:
    page = hall.page(**options)
    page.goto(f"/practice/{POSITION}/{language}/{SEED}{query}")
    ready(page)
    return page


def right(paper: PracticePaper, slot: int) -> str:
    return min(paper.questions[slot - 1].key)


def wrong(paper: PracticePaper, slot: int) -> str:
    return min({option.id for option in paper.questions[slot - 1].options} - paper.questions[slot - 1].key)


@pytest.mark.parametrize(("language", "score"), [("kk", "20 сұрақтан 15"), ("ru", "15 из 20")])
def test_the_whole_practice_test_is_done_by_keyboard_alone(
    hall: Hall, paper: PracticePaper, language: str, score: str
) -> None:
    page = hall.page(locale=language)
    page.goto("/")
    tab_to(page, "a[href='/practice']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/practice")
    tab_to(page, f"a[href='/practice/{POSITION}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/practice/{POSITION}")
    tab_to(page, f"#language-{language}")
    tab_to(page, "#start button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/practice/{POSITION}/{language}/[0-9a-f]{{8}}"))
    ready(page)
    page.goto(f"/practice/{POSITION}/{language}/{SEED}")
    ready(page)
    for slot in range(1, QUESTIONS + 1):
        letter = right(paper, slot) if slot % 4 else wrong(paper, slot)
        if slot == 1:  # the way of the browser: Tab into the options, Space, Enter to check
            tab_to(page, "#question input")
            press(page, "Space")
            for _ in range("abcd".index(letter)):
                press(page, "ArrowDown")
        else:
            page.keyboard.press(letter)
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "verdict"
        assert page.evaluate(FOCUS_SEEN) == ""
        expect(page.locator("#explanation")).to_have_attribute("data-mark", "right" if slot % 4 else "wrong")
        assert page.inner_text("#why-kk").strip()
        assert page.inner_text("#why-ru").strip()
        page.keyboard.press("Enter")
    expect(page.locator("#overview")).to_be_visible()
    tab_to(page, "#finish-form button")
    page.keyboard.press("Enter")
    expect(page.locator("#score")).to_contain_text(score)
    assert page.locator("#again-list li").count() == 5
    press(page, "Tab")


def test_a_checked_answer_is_marked_by_sign_and_word_and_cannot_be_changed(hall: Hall, paper: PracticePaper) -> None:
    page = opened(hall, "ru")
    page.keyboard.press(wrong(paper, 1))
    page.keyboard.press("Enter")
    chosen = page.locator(f"#question label:has(input[value={wrong(paper, 1)}])")
    expect(chosen.locator(".sign.is-bad .icon")).to_be_visible()
    expect(chosen).to_contain_text("Ваш ответ, неверно")
    expect(page.locator(f"#question label:has(input[value={right(paper, 1)}])")).to_contain_text("Правильный ответ")
    assert "неверно" in (page.get_attribute("#cell-1", "aria-label") or "")
    page.keyboard.press(right(paper, 1))
    assert page.is_checked(f"#question input[value={wrong(paper, 1)}]")
    page.click("#peek")
    expect(page.locator("#stem")).to_have_attribute("lang", "kk")
    expect(page.locator("#question .sign")).to_have_count(2)


def test_a_check_without_a_choice_asks_for_one(hall: Hall) -> None:
    page = opened(hall)
    page.keyboard.press("Enter")
    expect(page.locator("#choose-first")).to_be_visible()
    expect(page.locator("#explanation")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.locator("#choose-first")).to_be_hidden()


def test_after_the_first_question_the_line_may_drop(hall: Hall, paper: PracticePaper) -> None:
    context = hall.context()
    page = hall.page(context)
    page.goto(f"/practice/{POSITION}/kk/{SEED}")
    ready(page)
    page.wait_for_load_state("networkidle")
    hall.served.clear()
    context.set_offline(True)
    for slot in range(1, QUESTIONS + 1):
        page.keyboard.press(right(paper, slot))
        page.keyboard.press("Enter")
        expect(page.locator("#explanation")).to_be_visible()
        page.keyboard.press("ArrowRight")
    page.click("#finish-form button")
    expect(page.locator("#score")).to_contain_text("20 сұрақтан 20")
    expect(page.locator("#again")).to_be_hidden()
    assert hall.served == []


def test_a_reload_and_the_way_back_lose_nothing(hall: Hall, paper: PracticePaper) -> None:
    page = opened(hall)
    page.keyboard.press(right(paper, 1))
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")
    page.keyboard.press("f")
    page.reload()
    ready(page)
    assert page.is_checked("#question input[value=b]")
    assert page.is_checked("#flag")
    page.go_back()
    expect(page.locator("#cell-1")).to_have_attribute("aria-current", "true")
    expect(page.locator("#explanation")).to_be_visible()
    assert page.get_attribute("#cell-2", "data-answered") == "yes"
    page.go_forward()
    assert page.is_checked("#question input[value=b]")


# What a page says of the state of the test, in the words that both sides use.
STATE = """() => [...document.querySelectorAll("#map .cell[id]")].map(
  cell => [cell.id, cell.dataset.answered, cell.dataset.flagged, cell.dataset.mark || "", cell.getAttribute("aria-label")])"""


def test_script_and_server_read_an_address_alike(hall: Hall, paper: PracticePaper) -> None:
    query = f"?answers=1{right(paper, 1).upper()}-2{wrong(paper, 2).upper()}-3b-4AB-77A-5z&flags=2-9-99&slot=2"
    page = opened(hall, query=query)
    plain = hall.page(java_script_enabled=False)
    plain.goto(f"/practice/{POSITION}/kk/{SEED}{query}")
    scripted = page.evaluate(STATE)
    assert scripted == plain.evaluate(STATE)
    assert [row[3] for row in scripted[:3]] == ["right", "wrong", ""]
    signs = "() => [...document.querySelectorAll('#question .sign')].map(each => each.textContent.trim())"
    assert page.evaluate(signs) == plain.evaluate(signs)
    assert page.inner_text("#verdict-words") == plain.inner_text("#verdict-words")
    page.click(".finish")
    page.click("#finish-form button")
    plain.click(".finish")
    plain.click("#finish-form button")
    for place in ("#score", "#again-list", "#areas"):
        assert page.inner_text(place).split() == plain.inner_text(place).split()


def test_without_scripts_the_whole_test_works(hall: Hall, paper: PracticePaper) -> None:
    page = hall.page(java_script_enabled=False, locale="ru")
    page.goto(f"/practice/{POSITION}")
    page.check("#language-ru")
    page.click("#start button")
    page.goto(f"/practice/{POSITION}/ru/{SEED}")
    for slot in range(1, QUESTIONS + 1):
        page.check(f"#question input[value={right(paper, slot)}]")
        page.click("#check")
        expect(page.locator("#verdict-words")).to_have_text("Правильно")
        page.click("#next")
    page.click("#finish-form button")
    expect(page.locator("#score")).to_contain_text("20 из 20")


def test_on_a_phone_the_map_is_a_sheet_and_nothing_scrolls_sideways(hall: Hall, paper: PracticePaper) -> None:
    page = opened(hall, "kk", **PHONE)
    page.tap(f"#question label:has(input[value={wrong(paper, 1)}])")
    page.tap("#check")
    expect(page.locator("#explanation")).to_be_in_viewport()
    page.tap("#open-map")
    page.tap("#cell-20")
    expect(page.locator("#position")).to_contain_text("20")
    page.tap("#check")
    expect(page.locator("#choose-first")).to_be_in_viewport()
    for where in ("?page=overview", "?page=summary", "?answers=1A", "?slot=20"):
        page.goto(f"/practice/{POSITION}/kk/{SEED}{where}")
        ready(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, where
        page.evaluate("document.documentElement.dataset.size = 'xl'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{where} in very large text"


@pytest.mark.parametrize(("language", "scheme"), [("kk", "light"), ("ru", "dark"), ("kk", "dark"), ("ru", "light")])
def test_axe_finds_nothing_on_any_page(hall: Hall, paper: PracticePaper, language: str, scheme: str) -> None:
    page = hall.page(locale=language, color_scheme=scheme)
    answers = f"?answers=1{right(paper, 1).upper()}-2{wrong(paper, 2).upper()}-3b&flags=2"
    test = f"/practice/{POSITION}/{language}/{SEED}"
    for address in (
        "/practice", f"/practice/{POSITION}", f"/practice/{POSITION}/start", test, f"{test}{answers}&slot=1",
        f"{test}{answers}&slot=2", f"{test}{answers}&page=overview", f"{test}{answers}&page=summary",
    ):  # fmt: skip
        page.goto(address)
        if "?" in address or address == test:
            ready(page)
        found = AXE.run(page, options=TAGS).response["violations"]
        assert not [(row["id"], row["nodes"][0]["html"][:160]) for row in found], address


def test_the_practice_test_is_not_heavier_than_the_exam(hall: Hall) -> None:
    page = hall.page(locale="kk")
    page.goto(f"/practice/{POSITION}")
    page.click("#start button")
    ready(page)
    page.wait_for_load_state("networkidle")
    assert len(hall.served) <= 12, hall.served
    size = sum(body for _path, body in hall.served)
    print(f"\n{len(hall.served)} requests, {size} bytes: {hall.served}")
    assert size <= 100_000


def test_scripts_and_styles_of_practice_stay_small_and_out_of_the_exam() -> None:
    exam, practice = (joined(STATIC / "player", entry) for entry in ("main", "practice"))
    styles = sum(
        len(gzip.compress((STATIC / "player" / name).read_bytes(), 9)) for name in ("player.css", "practice.css")
    )
    assert len(gzip.compress(practice.encode(), 9)) + styles < 25_000
    assert "module_practice" not in exam
    assert "module_outbox" not in practice
