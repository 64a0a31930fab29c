"""The player for everyone: by keyboard alone, by ear, enlarged, without scripts, under a wrong clock; and keeping its secrets."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.e2e.hall import SEVERAL, Hall, ready

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The focused element stands fully inside the window and under no bar, and its outline is drawn.
FOCUS_SEEN = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return "nothing is focused";
  const target = focused.closest("label") || focused;
  const box = target.getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight) return "outside the window: " + focused.outerHTML.slice(0, 80);
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 44) / 2, 1), innerHeight - 1);
  const over = document.elementFromPoint(x, y);
  if (!over || !(target.contains(over) || over.contains(target))) return "covered: " + focused.outerHTML.slice(0, 80);
  const drawn = [focused, target].some((each) => getComputedStyle(each).outlineStyle !== "none");
  return drawn ? "" : "no outline: " + focused.outerHTML.slice(0, 80);
}"""


def press(page: Page, key: str) -> None:
    """The focus is seen after the key; a busy machine has a second to draw it."""
    page.keyboard.press(key)
    for _ in range(10):
        if page.evaluate(FOCUS_SEEN) == "":
            return
        page.wait_for_timeout(100)
    assert page.evaluate(FOCUS_SEEN) == ""


def tab_to(page: Page, selector: str, most: int = 140) -> None:
    """Tab until the element has the focus; the focus is seen at every step."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        press(page, "Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


@SEVERAL
@pytest.mark.parametrize("size", [(1366, 768), (320, 256)], ids=["desktop", "enlarged"])
def test_the_whole_exam_is_done_by_keyboard_alone(hall: Hall, size: tuple[int, int]) -> None:
    page = hall.page(viewport={"width": size[0], "height": size[1]})
    page.goto("/candidate/login")
    tab_to(page, "[name=iin]")
    page.keyboard.type(hall.exam.iins[0])
    press(page, "Tab")
    page.keyboard.type(hall.exam.codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/candidate")
    tab_to(page, "#language-kk")
    press(page, "Space")
    tab_to(page, "#start button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/candidate/start?*")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/candidate/exam")
    ready(page)
    for number in range(1, 81):
        if number <= 3:  # the way of the browser: Tab into the options, Space, Enter to go on
            tab_to(page, "#question input")
            press(page, "Space")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("abcd"[number % 4])
            page.keyboard.press("ArrowRight")
        if number < 80:
            assert page.evaluate("document.activeElement.id") == "position"
            assert page.evaluate(FOCUS_SEEN) == ""
    expect(page.locator("#overview")).to_be_visible()
    expect(page.locator("#overview-unanswered h2")).to_contain_text("0")
    tab_to(page, "#finish-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/candidate/result")
    assert hall.attempt().state == "submitted"
    assert sum(1 for answer in hall.answers().values() if answer.choice) == 80


def test_the_arrows_belong_to_the_options_while_one_of_them_has_the_focus(hall: Hall) -> None:
    page = hall.sit()
    page.focus("#question input >> nth=0")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#position")).to_contain_text("1")
    assert page.is_checked("#question input >> nth=1")
    page.focus("#position")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#cell-2", "aria-current") == "true"


def test_a_screen_reader_hears_the_time_at_thirty_ten_five_and_one(hall: Hall) -> None:
    page = hall.page()
    page.clock.install()
    hall.start(page)
    ready(page)
    page.evaluate(
        """() => { window.said = []; const place = document.getElementById("announcements");
          new MutationObserver(() => place.textContent && said.push([place.textContent,
            document.getElementById("time-left").textContent])).observe(place, {childList: true}); }"""
    )
    page.route("**/api/attempt", lambda route: route.abort())
    for _ in range(62):
        page.clock.run_for(59_500)
    said = page.evaluate("said")
    assert [face for _words, face in said] == ["30:00", "10:00", "5:00", "1:00"]
    assert [words.split()[0] for words, _face in said] == ["30", "10", "5", "1"]
    regions = page.evaluate(
        """[...document.querySelectorAll("[aria-live], [role=status], [role=alert], [role=timer]")]
          .filter(region => region.contains(document.getElementById("time-left"))).map(region => region.getAttribute("role"))"""
    )
    assert regions == ["timer"], "the running time itself is silent"


@pytest.mark.parametrize("wrong_by", [timedelta(days=-1), timedelta(days=1), timedelta(minutes=5)])
def test_a_wrong_clock_of_the_computer_changes_nothing(hall: Hall, wrong_by: timedelta) -> None:
    page = hall.page()
    page.clock.install(time=datetime.now(UTC) + wrong_by)
    hall.start(page)
    ready(page)
    deadline = hall.attempt().deadline
    assert deadline is not None
    page.keyboard.press("2")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    left = (deadline - datetime.now(UTC)).total_seconds()
    minutes, seconds = page.inner_text("#time-left").split(":")
    assert abs(int(minutes) * 60 + int(seconds) - left) <= 2
    said = page.inner_text("#saved").split()[-1]
    now = datetime.now(UTC) + timedelta(hours=5)
    assert said[:5] in {now.strftime("%H:%M"), (now - timedelta(minutes=1)).strftime("%H:%M")}
    page.clock.set_system_time(datetime.now(UTC) + timedelta(days=3))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    assert not page.is_visible("#time-over")


@SEVERAL
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_page_is_wider_than_a_narrow_window(hall: Hall, language: str) -> None:
    page = hall.page(viewport={"width": 320, "height": 256})

    def fits() -> None:
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], page.url

    page.goto(f"/language/{language}?next=/candidate/login")
    fits()
    hall.sign_in(page)
    fits()
    page.check(f"#language-{language}")
    page.click("#start button")
    fits()
    page.click("main form button.is-primary")
    ready(page)
    fits()
    for selector in ("#time-left", "#next"):
        box = page.locator(selector).bounding_box()
        assert box
        assert box["y"] >= 0 and box["y"] + box["height"] <= 256, f"{selector} is not in sight"
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.locator("#time-left").is_visible()
    page.click("#open-map")
    fits()
    page.click("#map .finish")
    fits()
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    fits()


@SEVERAL
@pytest.mark.parametrize(("language", "theme"), [("kk", "light"), ("ru", "dark")])
def test_every_page_passes_the_rules_of_accessibility(hall: Hall, language: str, theme: str) -> None:
    page = hall.page(color_scheme=theme, viewport={"width": 1366, "height": 768})

    def passes(where: str) -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, (
            where
            + ": "
            + json.dumps(
                [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found], ensure_ascii=False
            )
        )

    page.goto(f"/language/{language}?next=/candidate/login")
    passes("sign-in")
    hall.sign_in(page)
    passes("waiting room")
    page.click("#start button")
    passes("waiting room without a language")
    page.check(f"#language-{language}")
    page.click("#start button")
    passes("confirmation")
    page.click("main form button.is-primary")
    ready(page)
    page.keyboard.press("1")
    page.keyboard.press("f")
    passes("question")
    page.keyboard.press("?")
    passes("keys")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 740})
    passes("question on a phone")
    page.click("#open-map")
    passes("map on a phone")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.click(".finish")
    passes("overview")
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    passes("result")


@SEVERAL
def test_every_target_is_large_enough_for_a_finger(hall: Hall) -> None:
    page = hall.sit(viewport={"width": 360, "height": 740})
    page.click("#open-map")
    small = page.evaluate(
        """[...document.querySelectorAll("#map .cells button, #map .finish, #question label, .exam-foot > *:not([hidden])")]
          .map(each => [each.id || each.className, each.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 44 || box.height < 43.5)).map(([name]) => name)"""
    )
    assert small == []


@SEVERAL
def test_each_fragment_names_its_language(hall: Hall) -> None:
    page = hall.sit(language="ru")
    page.click("#peek")
    for slot in range(1, 81):
        page.evaluate("slot => document.getElementById('cell-' + slot).click()", slot)
        if slot % 2:
            page.click("#peek")
        expected = "kk" if slot % 2 else "ru"
        spoken = page.evaluate("[...document.querySelectorAll('.stem, .option-text')].map(each => each.lang)")
        assert set(spoken) == {expected}
    assert page.get_attribute("html", "lang") == "ru"


@SEVERAL
def test_the_exam_is_sat_without_scripts(hall: Hall) -> None:
    page = hall.page(java_script_enabled=False)
    hall.start(page)
    assert page.locator("#time-left").inner_text().count(":") == 1
    page.check("#question input[value=b]")
    page.click("#cell-80")
    assert hall.answers()[1].choice == ("b",), "a move saves what was chosen"
    page.check("#question input[value=c]")
    page.click("#previous")
    page.check("#flag", force=True)
    page.check("#question input[value=a]")
    page.click("#peek")
    assert page.get_attribute("#stem", "lang") == "ru"
    assert page.is_checked("#question input[value=a]")
    page.click("#clear")
    assert hall.answers()[79].choice == ()
    assert hall.answers()[79].flagged
    page.goto("/candidate/exam?slot=2")
    for _number in range(2, 12):
        page.check("#question input >> nth=3")
        page.click("#next")
    page.click(".finish")
    expect(page.locator("#overview-unanswered a")).to_have_count(80 - 12)
    expect(page.locator("#overview-flagged a")).to_have_text(["79"])
    page.click("#overview-flagged a")
    page.check("#question input[value=b]")
    page.click("#next")
    page.click("#next")
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    assert hall.attempt().state == "submitted"
    assert sum(1 for answer in hall.answers().values() if answer.choice) == 13


@SEVERAL
def test_nothing_that_reaches_the_candidate_holds_a_key(hall: Hall) -> None:
    """Every byte of a whole attempt, scripts and pictures included."""
    bodies: dict[str, bytes] = {}
    page = hall.page()

    def keep(response: Response) -> None:
        if response.status < 300 or response.status >= 400:
            bodies[f"{response.request.method} {response.url} {len(bodies)}"] = response.body()

    page.on("response", keep)
    hall.start(page)
    ready(page)
    for number in range(1, 81):
        page.keyboard.press("abcd"[number % 4])
        page.keyboard.press("ArrowRight")
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    page.wait_for_load_state("networkidle")
    assert len(bodies) > 10
    for place, body in bodies.items():
        text = body.decode("utf-8", "replace").lower()
        for secret in ("correct", "rationale", "құпия", "секретное", "awarded", 'weight":', "difficulty", "test act"):
            if place.split()[1].endswith((".css", ".js")) and secret == "correct":
                continue
            assert secret not in text, (secret, place)
    form = next(json.loads(body) for place, body in bodies.items() if "/api/attempt/form" in place)
    assert {name for item in form["items"] for name in item} == {"slot", "kind", "stem", "options", "pictures"}
    assert {name for item in form["items"] for option in item["options"] for name in option} == {"id", "kk", "ru"}
    assert all([option["id"] for option in item["options"]] == ["a", "b", "c", "d"] for item in form["items"])


def test_the_road_to_the_first_question_is_short(hall: Hall) -> None:
    """From the press of "sign in" to the player ready, as the server counts it."""
    page = hall.page()
    page.goto("/candidate/login")
    page.wait_for_load_state("networkidle")
    first = list(hall.served)
    hall.served.clear()
    page.fill("[name=iin]", hall.exam.iins[0])
    page.fill("[name=code]", hall.exam.codes[0])
    page.click("main form button")
    page.wait_for_url("**/candidate")
    page.check("#language-kk")
    page.click("#start button")
    page.click("main form button.is-primary")
    ready(page)
    page.wait_for_load_state("networkidle")
    assert len(hall.served) <= 12, hall.served
    size = sum(body for _path, body in [*first, *hall.served])
    assert size <= 150_000, (first, hall.served)
    print(f"\n{len(hall.served)} requests after the sign-in page ({len(first)}), {size} bytes in all")


def test_scripts_and_styles_of_the_player_stay_small() -> None:
    from cbt.web.assets import STATIC
    from cbt.web.bundle import joined

    script = gzip.compress(joined(STATIC / "player", "main").encode(), 9)
    style = gzip.compress((STATIC / "player" / "player.css").read_bytes(), 9)
    assert len(script) + len(style) < 25_000
