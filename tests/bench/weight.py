"""What a candidate's browser really loads: requests and bytes over the wire, by the browser's own account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests import browser as chromium
from tests.live import Site


@dataclass
class Wire:
    """Requests and bytes since the last look."""

    requests: list[str] = field(default_factory=list)
    bytes: int = 0

    def watch(self, page: Any) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda sent: self.requests.append(sent["request"]["url"]))
        session.on("Network.loadingFinished", lambda done: setattr(self, "bytes", self.bytes + int(done["encodedDataLength"])))

    def say(self, what: str) -> None:
        print(f"{what}: {len(self.requests)} requests, {self.bytes / 1024:.1f} KB over the wire")


def measure(site: Site, candidate: dict[str, Any], _other: dict[str, Any]) -> None:
    """From sign-in to the first question, then the whole exam answered one by one to the result."""
    path = chromium.find()
    if path is None:
        print("Page weight: no Chromium, not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        page = browser.new_context(base_url=site.base_url, locale="kk").new_page()
        wire = Wire()
        wire.watch(page)
        page.goto("/candidate/login")
        page.fill("[name=iin]", candidate["iin"])
        page.fill("[name=code]", candidate["code"])
        page.click("main [type=submit]")
        page.check("[name=language][value=kk]")
        _start(page)
        page.wait_for_selector("main [name=choice], main input[type=radio]")
        page.wait_for_load_state("networkidle")
        wire.say("From sign-in to the first question")
        for slot in range(1, 81):
            page.locator("main input[type=radio], main input[type=checkbox]").first.check()
            if slot < 80:
                page.keyboard.press("ArrowRight")
                page.wait_for_timeout(30)
        page.wait_for_load_state("networkidle")
        wire.say("The whole exam (80 answers)")
        browser.close()


def _start(page: Any) -> None:
    """Press Start and confirm, whichever way the page asks for it."""
    page.locator("main form[action$='/start'] [type=submit], main [data-start]").first.click()
    confirm = page.locator("dialog[open] [type=submit], dialog[open] button.primary")
    if confirm.count():
        confirm.first.click()
    page.wait_for_url("**/candidate/exam*")
