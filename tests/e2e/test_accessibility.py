"""Every page of every role, found by following links as people do: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests import live
from tests.client import Client
from tests.live import Site

AXE = Axe()
TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LOCALES = ("kk", "ru")
ROLES = (
    "demo.author", "demo.reviewer", "demo.secretary", "demo.invigilator", "demo.body_admin", "demo.auditor",
    "demo.rayon.chair", "demo.ministry_admin",
)  # fmt: skip
MOST_PAGES = 40
_LATIN_SENTENCE = re.compile(r"\b[a-z]{3,} [a-z]{2,} [a-z]{2,}\b")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo with a candidate in the middle of the test, so that the room is not empty."""
    with live.site(tmp_path_factory.mktemp("site"), candidates=60) as made:
        made.start()
        client = Client(made.port)
        client.sign_in(made.demo["candidates"][0]["iin"], made.demo["candidates"][0]["code"])
        client.start()
        client.save(1, "a")
        yield made


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Callable[..., Any]]:
    contexts = []

    def open_page(locale: str, **options: Any) -> Any:
        context = browser.new_context(
            base_url=site.base_url, locale=locale, viewport={"width": 1366, "height": 768}, **options
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def kind_of(url: str) -> str:
    """Pages of one kind differ only in numbers, positions, areas and filters: one of each kind is looked at."""
    path = re.sub(r"\batt-[a-z-]+|\b[A-D]\d\b|[0-9a-f]{32}|\d+", "N", urlsplit(url).path)
    return path + ("?page" if "page=" in urlsplit(url).query else "")


def look(page: Any, what: str) -> list[str]:
    """What is wrong with the page that is open, as lines."""
    found = AXE.run(page, options=TAGS).response["violations"]
    wrong = [f"{what}: {row['id']}: {row['nodes'][0]['html'][:160]}" for row in found]
    language = page.evaluate("document.documentElement.lang")
    if language not in LOCALES:
        wrong.append(f"{what}: language {language!r}")
    text = page.evaluate("document.querySelector('main').innerText")
    if english := _LATIN_SENTENCE.search(text):
        wrong.append(f"{what}: English on the page: {english.group(0)!r}")
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth > 321"):
        wrong.append(f"{what}: scrolls sideways at 320 px")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main button:not([tabindex="-1"]), main a.button, main summary')]
            .filter(e => e.offsetParent && (e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
    wrong += [f"{what}: target under 24 px: {each}" for each in small]
    page.set_viewport_size({"width": 1366, "height": 768})
    return wrong


def links(page: Any) -> Iterator[str]:
    for href in page.eval_on_selector_all("main a[href], nav a[href]", "rows => rows.map(row => row.href)"):
        yield href.partition("#")[0]


def sign_in(page: Any, login: str, locale: str) -> None:
    page.goto(f"/language/{locale}?next=/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", f"{login}-2026")
    page.click("main form button")
    page.wait_for_load_state()


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("login", ROLES)
def test_every_page_of_staff_is_open_to_everybody(
    site: Site, new_page: Callable[..., Any], login: str, locale: str
) -> None:
    page = new_page(locale, color_scheme="dark" if locale == "ru" else "light")
    faults: list[str] = []
    page.on("console", lambda line: faults.append(f"console: {line.text}") if line.type == "error" else None)
    sign_in(page, login, locale)
    seen, waiting = set(), [page.url]
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if kind_of(url) in seen or not url.startswith(site.base_url):
            continue
        seen.add(kind_of(url))
        if _is_file(url):
            continue
        answer = page.goto(url)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.status == 200, (url, answer.status)
        faults += look(page, kind_of(url))
        waiting += [each for each in links(page) if kind_of(each) not in seen and "/language/" not in each]
    assert len(seen) >= 2, "no pages were found"
    assert not faults, "\n".join(faults)


def _is_file(url: str) -> bool:
    return urlsplit(url).path.endswith((".pdf", ".xlsx", ".csv", ".yaml")) or bool(
        re.search(r"/(proof|print|export|template|list\.pdf|slips|picture)\b", urlsplit(url).path)
    )


def test_the_look_can_fail(new_page: Callable[..., Any]) -> None:
    page = new_page("ru")
    page.goto("/")
    page.evaluate(
        """() => { const box = document.createElement('div'); box.style.cssText = 'width: 900px; color: #999; background: #aaa';
        box.innerHTML = '<input type=text><img src=data:,> this is some english text'; document.querySelector('main').append(box) }"""
    )
    faults = look(page, "home")
    assert any("label" in fault for fault in faults)
    assert any("image-alt" in fault for fault in faults)
    assert any("sideways" in fault for fault in faults)
    assert any("English" in fault for fault in faults)
