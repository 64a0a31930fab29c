"""What a candidate's browser really loads: requests and bytes over the wire, by the browser's own account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests import browser as chromium
from tests.live import Site


@dataclass
class Wire:
    """Requests that went over the wire, by the browser's number of each, and bytes."""

    requests: dict[str, str] = field(default_factory=dict)
    bytes: int = 0

    def watch(self, page: Any) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", lambda served: self.requests.pop(served["requestId"], None))
        session.on("Network.loadingFinished", lambda done: setattr(self, "bytes", self.bytes + int(done["encodedDataLength"])))

    def _sent(self, sent: dict[str, Any]) -> None:
        """A redirect keeps its number and is a request of its own."""
        url = sent["request"]["url"]
        if url.startswith("http"):
            again = sum(key.partition("+")[0] == sent["requestId"] for key in self.requests)
            self.requests[sent["requestId"] + "+" * again] = url

    def say(self, what: str) -> None:
        print(f"{what}: {len(self.requests)} requests, {self.bytes / 1024:.1f} KB over the wire")


def measure(site: Site, candidate: dict[str, Any]) -> None:
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
        page.click("main form button")
        page.check("#language-kk")
        page.click("#start button")
        page.click("main form button.is-primary")
        page.wait_for_selector("#exam[data-ready=yes]")
        page.wait_for_load_state("networkidle")
        wire.say("From sign-in to the first question")
        for slot in range(1, 81):
            page.keyboard.press("abcd"[slot % 4])
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(60)
        page.goto("/candidate/finish")
        page.click("#finish-button")
        page.wait_for_url("**/candidate/result")
        page.wait_for_load_state("networkidle")
        wire.say("The whole exam, 80 answers, to the result")
        browser.close()

