"""The player in trouble: nothing that was clicked is lost, and nothing is called saved before the server has said so."""

from __future__ import annotations

import itertools
import json
import random
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.hall import SEVERAL, Hall, ready

EVENTS = "**/api/attempt/events"


def choose(page: Page, place: int) -> None:
    page.keyboard.press(str(place))


def on_a_line_to_cut(hall: Hall) -> Page:
    """In front of the first question, on a line that obeys `route` at once.

    A page takes up its first `route` in its own time, and an answer given meanwhile would slip by.
    """
    page = hall.page()
    page.route("**/held/from/the/start", lambda route: route.abort())
    hall.start(page)
    ready(page)
    return page


def wait_until(condition, seconds: float = 10, *, page: Page) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true"
        page.wait_for_timeout(50)


def test_an_answer_refused_by_a_broken_server_is_there_after_a_reload_and_is_sent_again(hall: Hall) -> None:
    page = hall.sit()
    hall.saves_broken = True
    choose(page, 2)
    expect(page.locator("#saved")).to_have_attribute("data-state", "unsent")
    expect(page.locator("#notice-offline")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    ready(page)
    assert page.is_checked("#question input[value=b]")
    expect(page.locator("#saved")).to_have_attribute("data-state", "unsent")
    assert hall.events() == []
    hall.saves_broken = False
    wait_until(lambda: hall.events() == [(1, "b")], page=page)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def test_twenty_answers_given_without_connection_arrive_when_it_is_back(hall: Hall) -> None:
    context = hall.context()
    page = hall.sit(context=context)
    context.set_offline(True)
    for _ in range(20):
        choose(page, 3)
        page.keyboard.press("ArrowRight")
    expect(page.locator("#saved")).to_contain_text("20")
    assert page.locator("#map .cells .cell[data-unsent=yes]").count() == 20
    assert hall.events() == []
    context.set_offline(False)
    wait_until(lambda: len(hall.answers()) == 20, 30, page=page)
    expect(page.locator("#map .cells .cell[data-unsent=yes]")).to_have_count(0)
    expect(page.locator("#notice-offline")).to_be_hidden()


def test_a_lost_session_asks_for_the_same_person_and_keeps_the_answer(hall: Hall) -> None:
    context = hall.context()
    page = hall.sit(context=context)
    attempt_id = hall.attempt().id
    context.clear_cookies(name="cbt")
    choose(page, 3)
    expect(page.locator("#sign-in-again")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sign-in-again")).to_be_visible()

    def again(iin: str, code: str) -> None:
        page.fill("#again-iin", iin)
        page.fill("#again-code", code)
        page.keyboard.press("Enter")

    again(hall.exam.iins[0], "000")
    expect(page.locator("#again-error")).to_be_visible()
    again(hall.exam.iins[1], hall.exam.codes[1])
    expect(page.locator("#again-error")).not_to_contain_text("000")
    page.wait_for_timeout(300)
    assert page.is_visible("#sign-in-again")
    assert hall.events() == []
    again(hall.exam.iins[0], hall.exam.codes[0])
    expect(page.locator("#sign-in-again")).to_be_hidden()
    wait_until(lambda: hall.events() == [(1, "c")], page=page)
    assert hall.attempt().id == attempt_id


def test_a_token_gone_stale_in_another_window_is_renewed_without_a_word(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'stale'")
    page.route(
        "**/api/attempt/events",
        lambda route: route.continue_(headers=route.request.headers | {"x-csrftoken": "stale"}),
        times=1,
    )
    choose(page, 1)
    wait_until(lambda: hall.events() == [(1, "a")], page=page)
    expect(page.locator("#sign-in-again")).to_be_hidden()


def test_only_one_window_writes_and_the_other_may_take_over(hall: Hall) -> None:
    context = hall.context()
    first = hall.sit(context=context)
    choose(first, 1)
    expect(first.locator("#saved")).to_have_attribute("data-state", "saved")
    second = hall.page(context)
    second.goto("/candidate/exam")
    ready(second)
    expect(second.locator("#notice-elsewhere")).to_be_visible()
    assert second.is_disabled("#question input >> nth=0")
    choose(second, 4)
    first.keyboard.press("ArrowRight")
    choose(first, 2)
    wait_until(lambda: hall.events() == [(1, "a"), (2, "b")], page=first)
    second.click("#use-here")
    expect(second.locator("#notice-elsewhere")).to_be_hidden()
    expect(first.locator("#notice-elsewhere")).to_be_visible()
    second.keyboard.press("ArrowRight")
    expect(second.locator("#question input[value=b]")).to_be_checked()  # what the first window wrote is seen here
    choose(second, 3)
    choose(first, 1)
    wait_until(lambda: hall.events()[2:] == [(2, "c")], page=second)
    second.close()
    expect(first.locator("#notice-elsewhere")).to_be_hidden()
    expect(first.locator("#question input[value=c]")).to_be_checked()


def test_a_second_computer_may_only_look(hall: Hall) -> None:
    hall.sit()
    other = hall.page()
    hall.sign_in(other)
    ready(other)
    expect(other.locator("#notice-other")).to_be_visible()
    assert other.is_disabled("#question input >> nth=0")
    choose(other, 1)
    other.click("#try-here")
    other.wait_for_timeout(300)
    expect(other.locator("#notice-other")).to_be_visible()
    assert hall.events() == []


def test_saved_is_said_only_of_what_the_server_holds(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    chance = random.Random(7)
    outcomes = itertools.cycle(["kept", "broken", "kept", "lost", "kept"])

    def trouble(route: Route) -> None:
        outcome = next(outcomes)
        if outcome == "kept":
            page.wait_for_timeout(30)
            route.continue_()
        elif outcome == "broken":
            route.fulfill(status=503, json={})
        else:
            route.fetch()  # the server keeps it, and the answer is lost on the way
            route.abort()

    page.route(EVENTS, trouble)
    seen = {"saved": 0, "not": 0}

    def compare() -> None:
        shown = page.evaluate(
            """() => ({state: document.getElementById('saved').dataset.state,
                 slot: Number(document.querySelector('.cell[aria-current]').textContent),
                 choice: [...document.querySelectorAll('#question input:checked')].map(input => input.value),
                 flagged: document.getElementById('flag').checked})"""
        )
        seen["saved" if shown["state"] == "saved" else "not"] += 1
        if shown["state"] == "saved":
            held = hall.answers()[shown["slot"]]
            assert (list(held.choice), held.flagged) == (shown["choice"], shown["flagged"])

    for step in range(60):
        moves = ["1", "2", "3", "4", "1", "2", "f", "ArrowRight", "ArrowLeft"]
        page.keyboard.press(chance.choice(moves))
        compare()
        if step % 8 == 7:
            choose(page, chance.randint(1, 4))
            expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=20000)
            compare()
    assert min(seen.values()) > 5, seen
    expect(page.locator("#map .cells .cell[data-unsent=yes]")).to_have_count(0, timeout=20000)


@pytest.mark.parametrize(
    "reply",
    [
        {"json": {"saved": [], "remaining_ms": 1000000}},
        {"json": {"saved": [{"key": "another", "seq": 1}]}},
        {"body": "<h1>Sign in to this network</h1>", "content_type": "text/html"},
    ],
    ids=["no key", "another key", "a page of the network"],
)
def test_only_the_servers_word_for_this_very_answer_counts(hall: Hall, reply: dict) -> None:
    page = on_a_line_to_cut(hall)
    page.route(EVENTS, lambda route: route.fulfill(status=200, **reply))
    choose(page, 2)
    expect(page.locator("#saved")).to_have_attribute("data-state", "unsent")
    page.unroute(EVENTS)
    wait_until(lambda: hall.events() == [(1, "b")], page=page)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def test_an_answer_whose_acknowledgement_was_lost_is_one_row(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(EVENTS, lose, times=1)
    choose(page, 2)
    expect(page.locator("#saved")).to_have_attribute("data-state", "unsent")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    assert hall.events() == [(1, "b")]


def test_leaving_warns_only_when_something_is_not_sent(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    choose(page, 1)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    page.reload()
    ready(page)
    assert asked == []
    page.route(EVENTS, lambda route: route.abort())
    choose(page, 2)
    expect(page.locator("#saved")).to_have_attribute("data-state", "unsent")
    page.reload()
    assert asked == ["beforeunload"]


def test_a_failed_finish_stays_on_the_page_and_can_be_repeated(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    choose(page, 1)
    page.click(".finish")
    page.route("**/api/attempt/submit", lambda route: route.fulfill(status=503, json={}))
    page.click("#finish-button")
    expect(page.locator("#finish-message")).to_be_visible()
    assert "overview" in page.url
    assert hall.attempt().state == "started"
    page.unroute("**/api/attempt/submit")
    page.click("#finish-button")
    page.wait_for_url("**/candidate/result")
    assert hall.attempt().state == "submitted"


def test_the_overview_names_what_is_open_and_leads_there(hall: Hall) -> None:
    page = hall.sit()
    choose(page, 1)
    page.keyboard.press("f")
    page.click(".finish")
    expect(page.locator("#overview-unanswered h2")).to_contain_text("79")
    expect(page.locator("#overview-flagged a")).to_have_text(["1"])
    page.click("#overview-unanswered a >> text='42'")
    expect(page.locator("#position")).to_contain_text("42")
    page.go_back()
    expect(page.locator("#overview")).to_be_visible()


@pytest.mark.parametrize(
    ("focused", "after"), [("#overview-unanswered a >> text='42'", "42"), ("#overview-unsent a", "heading")]
)
def test_an_answer_that_arrives_takes_the_focus_from_nobody(hall: Hall, focused: str, after: str) -> None:
    page = on_a_line_to_cut(hall)
    page.route(EVENTS, lambda route: route.abort())
    choose(page, 1)
    page.click(".finish")
    expect(page.locator("#overview-unsent a")).to_have_text(["1"])
    page.focus(focused)
    page.unroute(EVENTS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#overview-unsent")).to_be_hidden(timeout=20000)
    heading = "#overview h1"
    expect(page.locator(heading if after == "heading" else f"#overview-unanswered a >> text='{after}'")).to_be_focused()


def test_the_time_that_ends_closes_the_page_and_late_answers_are_evidence_only(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    choose(page, 1)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    hall.leave_seconds(3)
    page.route(EVENTS, lambda route: route.abort())
    page.keyboard.press("ArrowRight")
    choose(page, 2)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(5500)
    page.unroute(EVENTS)
    page.reload()
    page.wait_for_url("**/candidate/result")
    assert hall.attempt().state == "expired"
    assert hall.events() == [(1, "a")]


def test_the_last_second_is_announced_by_a_dialogue_that_leads_to_the_result(hall: Hall) -> None:
    page = hall.sit()
    choose(page, 2)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    hall.leave_seconds(2)
    page.reload()
    ready(page)
    expect(page.locator("#time")).to_have_attribute("data-stage", "last")
    expect(page.locator("#time-over")).to_be_visible()
    assert page.is_disabled("#question input >> nth=0")
    page.click("#time-over a")
    page.wait_for_url("**/candidate/result")
    expect(page.locator(".score")).to_be_visible(timeout=12000)
    attempt = hall.attempt()
    assert attempt.state == "expired"
    assert attempt.finished_at == attempt.deadline


def test_an_answer_sent_after_the_deadline_is_kept_and_not_counted(hall: Hall) -> None:
    page = hall.sit()
    choose(page, 1)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    hall.leave_seconds(-1)
    choose(page, 2)
    page.wait_for_url("**/candidate/result")
    wait_until(lambda: hall.late() == [(1, "b")], page=page)
    assert hall.events() == [(1, "a")]


def test_an_option_chosen_before_the_script_came_is_sent(hall: Hall) -> None:
    page = hall.page()
    page.route(
        "**/api/attempt/form", lambda route: route.fulfill(body="<h1>Network</h1>", content_type="text/html"), times=1
    )
    hall.start(page)
    page.check("#question input[value=d]")
    ready(page)
    wait_until(lambda: hall.events() == [(1, "d")], page=page)


def test_closed_storage_is_said_and_answers_go_from_memory(hall: Hall) -> None:
    context = hall.context()
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    page = hall.sit(context=context)
    expect(page.locator("#notice-memory")).to_be_visible()
    choose(page, 4)
    wait_until(lambda: hall.events() == [(1, "d")], page=page)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def test_the_queue_on_the_computer_holds_no_text_of_questions(hall: Hall) -> None:
    page = on_a_line_to_cut(hall)
    page.route(EVENTS, lambda route: route.abort())
    choose(page, 1)
    kept = page.evaluate("Object.entries(localStorage)")
    queue = [json.loads(value) for name, value in kept if name.startswith("cbt.answers.")]
    assert [set(event) for event in queue[0]] == [{"key", "slot", "choice", "flagged", "language", "at_ms"}]
    page.unroute(EVENTS)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('cbt.answers.'))") == []


@SEVERAL
def test_several_answers_clearing_and_the_other_language(hall: Hall) -> None:
    page = hall.sit()
    with hall.database.reading() as session:
        from cbt.delivery.models import Attempt

        shape = session.query(Attempt.shape).scalar()
    slot = shape.index("D") + 1
    page.click(f"#cell-{slot}")
    choose(page, 3)
    choose(page, 1)
    choose(page, 2)
    choose(page, 2)
    wait_until(lambda: (each := hall.answers().get(slot)) is not None and each.choice == ("a", "c"), page=page)
    kazakh = page.inner_text("#stem")
    page.click("#peek")
    assert page.get_attribute("#stem", "lang") == "ru"
    assert page.inner_text("#stem") != kazakh
    assert page.is_checked("#question input[value=c]")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#stem", "lang") == "kk"
    page.keyboard.press("ArrowLeft")
    page.click("#clear")
    wait_until(lambda: hall.answers()[slot].choice == (), page=page)
    assert page.locator("#question input:checked").count() == 0


def test_the_keys_are_read_by_their_place_under_other_layouts(hall: Hall) -> None:
    page = hall.sit()

    def press(key: str, code: str, **more: bool) -> None:
        page.evaluate(
            "event => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ...event}))",
            {"key": key, "code": code, **more},
        )

    press("с", "KeyC")
    wait_until(lambda: hall.answers()[1].choice == ("c",) if 1 in hall.answers() else False, page=page)
    press("ә", "Digit2")
    wait_until(lambda: hall.answers()[1].choice == ("b",), page=page)
    press("а", "KeyF")
    wait_until(lambda: hall.answers()[1].flagged, page=page)
    press("c", "KeyC", ctrlKey=True)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    choose(page, 4)
    page.uncheck("#shortcuts")
    page.keyboard.press("Escape")
    choose(page, 4)
    page.wait_for_timeout(200)
    assert hall.answers()[1].choice == ("b",)
