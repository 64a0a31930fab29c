"""The practice test: drawn fairly and for ever alike, works by plain addresses, and lets no question of the test out."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from cbt.app import create_app
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.reference import LibraryBank, bank_of, positions_in
from cbt.bank.practice import QUESTIONS, PracticePaper, positions_offered, practice_paper
from cbt.db import Database
from cbt.web.practice.progress import Answer, Progress, read_progress
from tests.conftest import settings_for
from tests.factories import make_body, make_staff, sign_in

POSITION = "att-care"
SEED = "a1b2c3d4"
TEST = f"/practice/{POSITION}/kk/{SEED}"
MULTIPLE = """
  - code: CA-D1-901
    kind: multiple
    practice: true
    level: knowledge
    difficulty: 0.5
    basis: {act: "Акт", provision: "1", as_of: 2025-01-01}
    stem: {kk: "Қандай екі әрекет дұрыс болады?", ru: "Какие два действия будут верными?"}
    options:
      - {id: a, kk: "Бірінші әрекет", ru: "Первое действие", correct: true}
      - {id: b, kk: "Екінші әрекет", ru: "Второе действие", correct: true}
      - {id: c, kk: "Үшінші әрекет", ru: "Третье действие"}
      - {id: d, kk: "Төртінші әрекет", ru: "Четвертое действие"}
    rationale: {kk: "Екеуі де дұрыс.", ru: "Верны оба."}
"""


@pytest.fixture
def page(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def paper() -> PracticePaper:
    return practice_paper(QUESTION_BANKS, position=POSITION, seed=SEED)


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return response.get_data(as_text=True)


# Nothing but practice


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip()


def walk(client: FlaskClient) -> str:
    """Everything that any page and any data of the practice test sends for a few draws of every position."""
    sent = [text_of(client, "/practice")]
    for each in positions_offered(QUESTION_BANKS):
        sent.append(text_of(client, f"/practice/{each}"))
        for seed in map(str, range(40)):
            sent.append(text_of(client, f"/practice/{each}/questions/{seed}"))
        answers = "-".join(f"{slot}A" for slot in range(1, QUESTIONS + 1))
        for slot in range(1, QUESTIONS + 1):
            sent.append(text_of(client, f"/practice/{each}/kk/0?slot={slot}&answers={answers}"))
            sent.append(text_of(client, f"/practice/{each}/ru/0?slot={slot}&answers={answers}"))
        sent.append(text_of(client, f"/practice/{each}/ru/0?page=summary&answers={answers}"))
    return plain(unescape(re.sub(r"<[^>]+>", "", "\n".join(sent).replace('\\"', '"'))))


def leaked(sent: str) -> list[str]:
    """Codes of questions that are not for practice and whose stem, rationale or long option was sent."""
    found = []
    for each in positions_in(QUESTION_BANKS):
        items = bank_of(QUESTION_BANKS, each).items
        free = "\n".join(plain(text) for item in items if item.practice for text in texts_of(item))
        found += [
            item.code
            for item in items
            if not item.practice and any(text in sent and text not in free for text in map(plain, texts_of(item)))
        ]
    return found


def texts_of(item) -> Iterator[str]:
    content = item.content
    for text in (content.stem, content.rationale, *(option.text for option in content.options)):
        yield from (each.replace("*", "") for each in (text.kk, text.ru) if len(each) > 40)


def test_no_question_of_the_test_leaves_by_any_page(page: FlaskClient) -> None:
    assert leaked(walk(page)) == []


def test_a_planted_leak_is_seen(page: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LibraryBank, "practice_items", property(lambda bank: bank.items))
    assert len(leaked(walk(page))) > 20


def test_the_walk_meets_every_question_for_practice(page: FlaskClient) -> None:
    sent = walk(page)
    for each in positions_offered(QUESTION_BANKS):
        for item in bank_of(QUESTION_BANKS, each).practice_items:
            assert plain(item.content.stem.kk.replace("*", "")) in sent, item.code


# The pages, without scripts


def test_the_door_names_each_position_and_says_what_it_costs(page: FlaskClient) -> None:
    text = text_of(page, "/practice")
    for each in positions_offered(QUESTION_BANKS):
        assert f'href="/practice/{each}"' in text
    assert "20" in text
    assert "15" in text


def test_without_questions_the_door_says_so(sqlite_db: Database, tmp_path: Path) -> None:
    app = create_app(settings_for(sqlite_db.url, library=str(tmp_path)))
    text = text_of(app.test_client(), "/practice")
    assert 'class="empty"' in text
    assert text_of(app.test_client(), f"/practice/{POSITION}", 404)


def test_a_position_with_too_few_questions_is_not_offered(sqlite_db: Database, tmp_path: Path) -> None:
    shutil.copytree(QUESTION_BANKS, tmp_path / "library")
    for path in (tmp_path / "library" / POSITION).glob("D[5-8].yaml"):
        path.unlink()
    client = create_app(settings_for(sqlite_db.url, library=str(tmp_path / "library"))).test_client()
    assert f"/practice/{POSITION}" not in text_of(client, "/practice")
    assert text_of(client, f"{TEST}", 404)


def test_a_broken_file_closes_one_position_and_breaks_no_page(sqlite_db: Database, tmp_path: Path) -> None:
    shutil.copytree(QUESTION_BANKS, tmp_path / "library")
    (tmp_path / "library" / POSITION / "D1.yaml").write_text("position: [", encoding="utf-8")
    client = create_app(settings_for(sqlite_db.url, library=str(tmp_path / "library"))).test_client()
    assert f"/practice/{POSITION}" not in text_of(client, "/practice")
    assert text_of(client, TEST, 404)


def test_the_start_draws_anew_each_time_in_the_language_chosen(page: FlaskClient) -> None:
    places = {page.get(f"/practice/{POSITION}/start?language=ru").location for _ in range(5)}
    assert len(places) == 5
    assert all(re.fullmatch(rf"/practice/{POSITION}/ru/[0-9a-f]{{8}}", place) for place in places)
    assert '<html lang="ru">' in text_of(page, places.pop())


def test_a_start_without_a_language_says_so_beside_the_field(page: FlaskClient) -> None:
    text = text_of(page, f"/practice/{POSITION}/start", 422)
    assert 'id="language-error"' in text


def test_the_language_of_the_page_is_that_of_the_address_whatever_the_visitor_reads_elsewhere(
    page: FlaskClient,
) -> None:
    page.get("/language/ru")
    assert '<html lang="kk">' in text_of(page, TEST)
    assert '<html lang="ru">' in text_of(page, TEST.replace("/kk/", "/ru/"))


class Reader:
    """Somebody without scripts: sends the form of the page and follows where it leads."""

    def __init__(self, client: FlaskClient, paper: PracticePaper, address: str = TEST) -> None:
        self.client, self.paper, self.address = client, paper, address
        self.text = text_of(client, address)

    def send(self, action: str, *choice: str, flagged: bool = False, form: str = "answer") -> str:
        """A choice given here takes the place of the one on the page."""
        inside = self.text[self.text.index(f'id="{form}"') :].partition("</form>")[0]
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', inside)
        chosen = choice or re.findall(r'name="choice" value="(\w)" checked', inside) * (" disabled>" not in inside)
        fields += [("choice", letter) for letter in chosen]
        fields += [("flagged", "1")] * (flagged or 'name="flagged" value="1" checked' in inside)
        fields += [("action", action)]
        response = self.client.get(f"{TEST}/move?{urlencode(fields)}")
        assert response.status_code == 302
        self.address = response.location.partition("#")[0]
        self.text = text_of(self.client, self.address)
        return self.text

    @property
    def state(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.address).query)


def wrong(paper: PracticePaper, slot: int) -> str:
    return next(
        option.id for option in paper.questions[slot - 1].options if option.id not in paper.questions[slot - 1].key
    )


def right(paper: PracticePaper, slot: int) -> str:
    return min(paper.questions[slot - 1].key)


def explanation(text: str) -> str:
    start = text.index('id="explanation"')
    return text[start : text.index("</section>", start)]


def test_before_the_check_a_page_tells_no_key(page: FlaskClient, paper: PracticePaper) -> None:
    text = Reader(page, paper).text
    assert " hidden>" in explanation(text)[:120]
    assert paper.questions[0].rationale["ru"] not in text
    assert paper.questions[0].rationale["kk"] not in text
    assert 'class="sign' not in text.partition('<div class="exam-columns">')[2]


@pytest.mark.parametrize("is_right", [True, False])
def test_a_checked_answer_is_explained_in_both_languages_and_stays(
    page: FlaskClient, paper: PracticePaper, is_right: bool
) -> None:
    reader = Reader(page, paper)
    choice = right(paper, 1) if is_right else wrong(paper, 1)
    text = reader.send("check", choice)
    assert reader.state["answers"] == [f"1{choice.upper()}"]
    told = explanation(text)
    for language, label in (("kk", "Негіз"), ("ru", "Основание")):
        assert paper.questions[0].rationale[language] in told
        assert f"{label}: {escape(paper.questions[0].basis[language])}" in told
    assert f'data-mark="{"right" if is_right else "wrong"}"' in told
    shown = text.partition('<div class="exam-columns">')[2]
    assert shown.count('class="sign is-good"') == 1
    assert shown.count('class="sign is-bad"') == (0 if is_right else 1)
    assert f'id="cell-1" form="answer" name="action" value="goto:1" data-answered="yes" data-flagged="no" data-unsent="no" data-mark="{"right" if is_right else "wrong"}"' in shown  # fmt: skip
    other = wrong(paper, 1) if is_right else right(paper, 1)
    reader.send("check", other)
    assert reader.state["answers"] == [f"1{choice.upper()}"]


def test_a_question_with_several_answers_wants_all_of_them(sqlite_db: Database, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(QUESTION_BANKS, library)
    path = library / POSITION / "D1.yaml"
    text = path.read_text(encoding="utf-8").replace("practice: true", "practice: false")
    path.write_text(text + MULTIPLE, encoding="utf-8")
    client = create_app(settings_for(sqlite_db.url, library=str(library))).test_client()
    paper = practice_paper(library, position=POSITION, seed=SEED)
    slot = next(slot for slot, each in enumerate(paper.questions, start=1) if each.kind == "multiple")
    both, other = sorted(paper.questions[slot - 1].key), wrong(paper, slot)
    for choice, mark in ((both, "right"), (both[:1], "wrong"), ([*both, other], "wrong")):
        reader = Reader(client, paper, f"{TEST}?slot={slot}")
        assert 'type="checkbox" name="choice"' in reader.text
        told = explanation(reader.send("check", *choice))
        assert f'data-mark="{mark}"' in told
        assert ('id="several" hidden' in told) == (mark == "right")
        assert ", ".join(both).upper() in told or mark == "right"


def test_a_check_without_a_choice_asks_for_one(page: FlaskClient, paper: PracticePaper) -> None:
    text = Reader(page, paper).send("check")
    assert re.search(r'id="choose-first" role="alert">', text)
    assert "data-mark" not in text.partition('<ol class="cells">')[2].partition("</ol>")[0]


def test_a_move_keeps_the_choice_and_the_flag_and_a_clearing_drops_the_choice(
    page: FlaskClient, paper: PracticePaper
) -> None:
    reader = Reader(page, paper)
    reader.send("next", "b", flagged=True)
    assert reader.state == {"answers": ["1b"], "flags": ["1"], "slot": ["2"]}
    reader.send("previous")
    assert 'value="b" checked' in reader.text
    assert 'name="flagged" value="1" checked' in reader.text
    reader.send("clear")
    assert reader.state == {"flags": ["1"], "slot": ["1"]}
    reader.send("goto:20")
    assert reader.state["slot"] == ["20"]
    reader.send("next")
    assert reader.state["page"] == ["overview"]


def test_the_other_language_is_looked_at_and_left_again(page: FlaskClient, paper: PracticePaper) -> None:
    reader = Reader(page, paper)
    assert paper.questions[0].stem["kk"] in reader.text
    text = reader.send("peek", "a")
    assert paper.questions[0].stem["ru"] in text
    assert 'value="a" checked' in text
    assert paper.questions[0].stem["kk"] in reader.send("peek", "a")


def test_the_summary_counts_and_lists_what_to_look_at_again(page: FlaskClient, paper: PracticePaper) -> None:
    reader = Reader(page, paper)
    for slot in range(1, 19):
        reader.send("check", right(paper, slot) if slot % 3 else wrong(paper, slot))
        reader.send("next")
    reader.send("overview", right(paper, 19))
    text = reader.text
    assert text[text.index('id="overview"') :].count('class="cell" href="') == 1
    text = reader.send("summary", form="finish-form")
    assert 'id="summary">' in text
    told = text[text.index('id="summary"') :]
    assert "20 сұрақтан 13" in told
    again = re.findall(r'<li><a href="[^"]*slot=(\d+)">', told.partition('id="again-list"')[2].partition("</ol>")[0])
    assert [int(slot) for slot in again] == [3, 6, 9, 12, 15, 18, 20]
    points = re.findall(r'<td class="num">(\d+) / (\d+)</td>', told)
    assert sum(int(got) for got, _ in points) == 13
    assert sum(int(most) for _, most in points) == QUESTIONS
    assert f'href="/practice/{POSITION}/start?language=kk"' in told
    assert 'href="/practice"' in told


# Addresses from nowhere

WILD = (
    "",
    "x",
    "0",
    "21",
    "-1",
    "999",
    "1" * 400,
    "٣",
    "1é",
    "1AB",
    "1a-1B-99C-0A",
    "%00",
    "<script>",
    "Ә" * 300,
    "1Z",
    "-" * 99,
)


@pytest.mark.parametrize("name", ["slot", "answers", "flags", "seconds", "show", "page", "missing", "choice", "action"])
@pytest.mark.parametrize("value", WILD)
def test_wild_parameters_are_passed_over(page: FlaskClient, name: str, value: str) -> None:
    for address in (TEST, f"{TEST}/move"):
        response = page.get(f"{address}?{urlencode({name: value})}", follow_redirects=True)
        assert response.status_code == (404 if "\x00" in value else 200), (address, name, value)
        assert "<script>1" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "/practice/att-nobody", "/practice/att-nobody/start", "/practice/att-nobody/kk/1", "/practice/att-nobody/questions/1",
        f"/practice/{POSITION}/en/1", f"/practice/{POSITION}/kk/{'x' * 99}", f"/practice/{POSITION}/kk/A_B",
        f"/practice/{POSITION}/questions/..", f"/practice/{POSITION}/picture/{'0' * 64}", "/practice/../x", "/practice/att-care.",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(page: FlaskClient, address: str) -> None:
    assert text_of(page, address, 404)


def test_what_stands_in_an_address_is_read_back_as_it_was(paper: PracticePaper) -> None:
    progress = Progress({1: Answer(("b",)), 7: Answer(("d",), checked=True)}, frozenset({3, 20}), 272)
    assert read_progress(paper, progress.in_address()) == progress
    assert read_progress(paper, {"answers": "1ab-2Zz-30A-x", "flags": "0-21-5", "seconds": "x"}) == Progress(
        {}, frozenset({5}), 0
    )


# Public and light


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_no_page_sets_a_cookie_or_asks_the_database(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    def gone(*_args: object, **_more: object) -> None:
        raise AssertionError("the database was asked")

    client = app.test_client()
    if is_signed_in:
        with app.extensions["cbt"].database.transaction() as session:
            make_staff(session, make_body(session, "oblast"), "author", login="somebody")
        sign_in(client, "somebody")
    monkeypatch.setattr(Database, "reading", gone)
    monkeypatch.setattr(Database, "transaction", gone)
    for address in (
        "/practice",
        f"/practice/{POSITION}",
        TEST,
        f"{TEST}?page=summary",
        f"/practice/{POSITION}/questions/1",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert "somebody" not in response.get_data(as_text=True)


def test_a_test_is_the_same_for_everybody_and_may_be_kept_by_a_cache(page: FlaskClient) -> None:
    for address in (TEST, f"/practice/{POSITION}/questions/{SEED}"):
        first = page.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=600"
        assert "Cookie" not in first.headers.get("Vary", "")
        assert page.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert page.get("/practice").headers["Cache-Control"] == "private, no-cache"
    named = re.search(r'data-questions="([^"]+)"', text_of(page, TEST))
    assert named
    assert "immutable" in page.get(unescape(named[1])).headers["Cache-Control"]


def test_the_data_for_the_script_holds_both_languages_and_the_key(page: FlaskClient, paper: PracticePaper) -> None:
    data = json.loads(text_of(page, f"/practice/{POSITION}/questions/{SEED}"))
    assert [each["key"] for each in data["questions"]] == [sorted(each.key) for each in paper.questions]
    for each in data["questions"]:
        assert set(each) == {"slot", "area", "kind", "stem", "options", "pictures", "key", "why"}
        assert set(each["stem"]) == set(each["why"]) == {"kk", "ru"}
