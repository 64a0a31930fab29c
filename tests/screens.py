"""Take the pictures of the README anew: `python -m tests.screens` fills docs/screens from a fresh demo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests import browser as chromium
from tests import live

SCREENS = Path(__file__).resolve().parent.parent / "docs" / "screens"
SIZE = {"width": 1366, "height": 768}


def staff(browser: Any, site: live.Site, login: str, locale: str) -> Any:
    page = browser.new_context(base_url=site.base_url, locale=locale, viewport=SIZE).new_page()
    page.goto(f"/language/{locale}?next=/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", f"{login}-2026")
    page.click("main form button")
    page.wait_for_load_state()
    return page


def shoot(page: Any, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENS / f"{name}.png")
    print(name)


def candidate(browser: Any, site: live.Site, number: int, locale: str) -> Any:
    row = site.demo["candidates"][number]
    page = browser.new_context(base_url=site.base_url, locale=locale, viewport=SIZE).new_page()
    page.goto(f"/language/{locale}?next=/candidate/login")
    page.fill("[name=iin]", row["iin"])
    page.fill("[name=code]", row["code"])
    page.click("main form button")
    page.check(f"#language-{locale}")
    page.click("#start button")
    page.click("main form button.is-primary")
    page.wait_for_selector("#exam[data-ready=yes]")
    for slot in range(1, 18 + 9 * number):
        page.keyboard.press("abcd"[(slot * 7 + number) % 4])
        if slot % 5 == 0:
            page.keyboard.press("f")
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(700)
    return page


def take(browser: Any, site: live.Site) -> None:
    people = [candidate(browser, site, number, "kk" if number % 2 == 0 else "ru") for number in range(4)]
    shoot(people[0], "player-kk")
    page = staff(browser, site, "demo.invigilator", "kk")
    page.goto(f"/invigilator/sittings/{site.demo['sittings'][0]['id']}/room")
    shoot(page, "room-kk")
    people[3].goto("/candidate/finish")
    people[3].click("#finish-button, main form button.is-primary")
    people[3].wait_for_url("**/candidate/result")
    shoot(people[3], "result-ru")
    page = staff(browser, site, "demo.author", "ru")
    page.goto("/author/items?position=att-care&area=D4")
    page.click("main table a[href*='/author/items/']")
    shoot(page, "author-item-ru")
    page.goto("/author/library")
    shoot(page, "library-ru")
    page = staff(browser, site, "demo.rayon.chair", "kk")
    # Yesterday's sitting is planned after those that are open.
    page.goto(f"/commission/sittings/{len(site.demo['sittings']) + 1}")
    shoot(page, "scores-kk")
    page = browser.new_context(base_url=site.base_url, locale="kk", viewport=SIZE).new_page()
    page.goto("/practice/att-specialist/kk/demo1")
    page.click("label.option >> nth=1")
    page.keyboard.press("Enter")
    shoot(page, "practice-kk")


def main() -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="cbt-screens-") as folder,
        live.site(Path(folder), candidates=48) as site,
        sync_playwright() as playwright,
    ):
        site.start()
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(chromium.FLAGS))
        take(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
