"""The reference library for authors: nothing is taken over unseen, unasked, or in place of a body's own words."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from cbt.bank import queries
from cbt.bank.actions import authoring, importing, reviewing
from cbt.bank.formats.reference import bank_of
from cbt.bank.formats.yaml import read_file
from cbt.bank.models import Adoption, Item, ItemVersion
from tests.bank.adopting_office import Office, later_edition
from tests.factories import NOW, login_of, make_body, make_staff, post, sign_in

SHELF, BANK, ADOPT = "/author/library", "/author/library/att-care", "/author/library/att-care/adopt"
# One text changed where the body left it, one where the body changed it too, one question replaced by another.
CHANGES = {
    "Какой акт с 1 июля": "Который акт с 1 июля",
    "Какое утверждение о субъекте": "Которое утверждение о субъекте",
    "CA-D7-001": "CA-D7-900",
}


@pytest.fixture
def author(library_app, office: Office) -> FlaskClient:
    with office.db.reading() as session:
        login = login_of(session, office.author)
    client = library_app.test_client()
    client.get("/language/ru")
    return sign_in(client, login)


def text_of(response) -> str:
    return unescape(response.get_data(as_text=True))


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def inputs(page: str, name: str) -> list[str]:
    return [tag for tag in re.findall(r"<input[^>]+>", main_of(page)) if f'name="{name}"' in tag]


def value_of(tag: str) -> str:
    return re.search(r'value="([^"]*)"', tag)[1]


def ticked(page: str, name: str) -> set[str]:
    return {value_of(tag) for tag in inputs(page, name) if " checked" in tag}


def offered(page: str, name: str) -> set[str]:
    return {value_of(tag) for tag in inputs(page, name)}


def chosen(page: str, **changes: object) -> dict[str, object]:
    """What a browser sends from the page, with some of it changed."""
    (digest,) = offered(page, "digest")
    return {"digest": digest, "area": sorted(ticked(page, "area")), "code": sorted(ticked(page, "code"))} | changes


def states(office: Office) -> list[str]:
    with office.db.reading() as session:
        return list(
            session.scalars(
                select(ItemVersion.state)
                .join(Item, Item.id == ItemVersion.item_id)
                .where(Item.body_id == office.body.id)
                .order_by(ItemVersion.id)
            )
        )


def take(author: FlaskClient, **changes: object):
    """From the page through the page that asks to the deed."""
    confirm = text_of(author.get(ADOPT, query_string=chosen(text_of(author.get(BANK)), **changes)))
    fields = {name: sorted(offered(confirm, name)) for name in ("digest", "area", "code")}
    return post(author, ADOPT, fields)


# First adoption


def test_a_body_that_adopted_nothing_is_offered_everything(author):
    shelf = text_of(author.get(SHELF))
    assert "Не принято" in shelf and "32 вопроса, 6 тренировочных вопросов" in shelf and BANK in shelf
    page = text_of(author.get(BANK))
    assert ticked(page, "area") == {"D1", "D7"} and not inputs(page, "code")
    assert re.findall(r'data-count="(\d+)"', page) == ["23", "15"] and "<output data-sum>38</output>" in page


def test_the_library_stands_under_its_own_section(author):
    page = text_of(author.get(BANK))
    assert f'href="{SHELF}" aria-current="page"' in page


def test_the_page_that_asks_says_what_happens_and_does_nothing_yet(author, office):
    confirm = text_of(author.get(ADOPT, query_string=chosen(text_of(author.get(BANK)))))
    assert "Принять 38 вопросов" in confirm and 'class="final"' in confirm and "пункт 13" in confirm
    assert states(office) == []


def test_what_is_taken_over_waits_for_another_person(author, office):
    response = take(author)
    assert response.status_code == 302
    page = text_of(author.get(response.location))
    assert states(office) == ["submitted"] * 38
    assert "38 вопросов передано на утверждение" in page
    assert "38 принятых вопросов ожидают утверждения другим сотрудником" in page
    assert not inputs(page, "area")
    assert "Все принято" in text_of(author.get(SHELF))


def test_only_what_is_ticked_is_taken(author, office):
    assert take(author, area=["D7"]).status_code == 302
    with office.db.reading() as session:
        assert set(session.scalars(select(Item.area))) == {"D7"}
        assert session.scalars(select(Adoption.areas)).one() == "D7"
    assert ticked(text_of(author.get(BANK)), "area") == {"D1"}


def test_with_nothing_ticked_nothing_happens_and_nothing_is_ticked_again(author, office):
    response = author.get(ADOPT, query_string=chosen(text_of(author.get(BANK)), area=[]))
    assert response.status_code == 422
    page = text_of(response)
    assert "Отметьте хотя бы один раздел или вопрос." in page
    assert ticked(page, "area") == set() and offered(page, "area") == {"D1", "D7"}


def test_the_way_back_keeps_the_ticks(author):
    confirm = text_of(author.get(ADOPT, query_string=chosen(text_of(author.get(BANK)), area=["D7"])))
    back = re.search(rf'href="({BANK}\?[^"]+)"', confirm)[1]
    assert ticked(text_of(author.get(back)), "area") == {"D7"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_library_that_changed_meanwhile_is_shown_again_instead_of_taken(author, office, library, method):
    data = chosen(text_of(author.get(BANK)), area=["D7"])
    later = later_edition(library, CHANGES)
    response = author.get(ADOPT, query_string=data) if method == "get" else post(author, ADOPT, data)
    page = text_of(response)
    assert response.status_code == 409 and "библиотека изменилась" in page
    assert ticked(page, "area") == {"D7"} and offered(page, "digest") == {later.digest}
    assert states(office) == []


@pytest.mark.parametrize("changes", [{"area": ["D1", "Z9"]}, {"area": ["<b>"]}, {"area": [], "code": ["CA-X9-001"]}])
def test_a_form_bent_by_hand_takes_nothing(author, office, changes):
    response = post(author, ADOPT, chosen(text_of(author.get(BANK)), **changes))
    assert response.status_code == 422 and "<b>" not in main_of(response.get_data(as_text=True))
    assert states(office) == []


def test_the_same_twice_is_taken_once(author, office):
    data = chosen(text_of(author.get(BANK)))
    assert post(author, ADOPT, data).status_code == 302
    assert post(author, ADOPT, data).status_code == 422
    assert len(states(office)) == 38


def test_another_bodys_adoption_is_not_ones_own(author, office):
    Office(office.db, office.bank).adopt()
    assert "Не принято" in text_of(author.get(SHELF))
    assert "Прежние принятия" not in text_of(author.get(BANK))


# A later edition


@pytest.fixture
def later(office: Office, library: Path):
    """The body adopted and approved, wrote two texts of its own, and the library came out anew."""
    office.approve_all(office.adopt().adoption_id)
    office.own_text("CA-D1-002", "Кто по правилам считается социальным работником?")
    office.own_text("CA-D1-003", "Какое из утверждений о субъекте верно?")
    return later_edition(library, CHANGES)


def item_id(office: Office, code: str) -> int:
    with office.db.reading() as session:
        return queries.item_by_code(session, code, body_id=office.body.id, position="att-care").id


def part(page: str, anchor: str) -> str:
    """From one heading to the next."""
    return page.partition(f'<h2 id="{anchor}">')[2].partition("<h2 ")[0]


def test_the_shelf_tells_what_a_later_edition_brings(author, later):
    shelf = text_of(author.get(SHELF))
    for words in ("Новых вопросов: 1", "Новых текстов: 1", "Решить по отдельности: 1", "Выпуск 2027-01"):
        assert words in shelf


def test_a_later_edition_shows_both_texts_with_the_differing_words_marked(author, office, later):
    page = text_of(author.get(BANK))
    newer = part(page, "newer")
    assert "CA-D1-001" in newer and "<del>Какой</del>" in newer and "<ins>Который</ins>" in newer
    assert f"/author/items/{item_id(office, 'CA-D1-001')}" in newer
    assert "CA-D7-900" in part(page, "new")
    withdrawn = part(page, "withdrawn")
    assert f"/author/items/{item_id(office, 'CA-D7-001')}" in withdrawn and "выведите его из банка" in withdrawn
    assert "CA-D1-002" in part(page, "left-alone")


def test_what_the_body_changed_itself_is_shown_apart_and_never_ticked(author, later):
    page = text_of(author.get(BANK))
    assert "<del>" in part(page, "undecided") and "CA-D1-003" not in part(page, "newer")
    assert offered(page, "code") == {"CA-D1-003"} and ticked(page, "code") == set()
    assert take(author).status_code == 302
    assert offered(text_of(author.get(BANK)), "code") == {"CA-D1-003"}


def test_the_librarys_text_takes_the_place_of_ones_own_only_when_it_is_named(author, office, later):
    data = chosen(text_of(author.get(BANK)), area=[], code=["CA-D1-003"])
    confirm = text_of(author.get(ADOPT, query_string=data))
    assert "Принять 1 вопрос" in confirm and "Вместо собственного текста" in confirm and "CA-D1-003" in confirm
    assert take(author, area=[], code=["CA-D1-003"]).status_code == 302
    versions = office.versions("CA-D1-003")
    assert [version.state for version in versions][-2:] == ["approved", "submitted"]


def test_more_changes_than_are_read_at_a_glance_are_folded(author, office, library):
    office.approve_all(office.adopt().adoption_id)
    later_edition(library, {"difficulty: 0.": "difficulty: 0.1"})
    newer = part(text_of(author.get(BANK)), "newer")
    assert newer.count("<details") == 38 and " open>" not in newer
    assert "<del>55</del> %" in newer and "<ins>15.5</ins> %" in newer


def test_each_question_that_is_left_alone_has_its_reason(author, office, library):
    with office.db.transaction() as session:
        file = read_file(library / "att-care" / "D7.yaml")
        importing.import_bank_file(session, file=file, actor=office.author, now=NOW)
    (foreign,) = office.versions("CA-D7-003")
    with office.db.transaction() as session:
        authoring.submit(session, version_id=foreign.id, actor=office.author, now=NOW)
        reviewing.approve(
            session, version_id=foreign.id, content_hash=foreign.content_hash, area="D7", actor=office.reviewer, now=NOW
        )
    office.approve_all(office.adopt().adoption_id)
    with office.db.transaction() as session:
        retired = office.versions("CA-D1-004")[-1].id
        reviewing.retire(session, version_id=retired, reason="Заң өзгерді", actor=office.author, now=NOW)
    later_edition(library, {"difficulty: 0.": "difficulty: 0.1", "practice: true": "practice: false"})
    reasons = part(text_of(author.get(BANK)), "left-alone")
    reason_of = {
        code: re.search(rf"{code}</a></th>.*?<td class=\"long\">(.*?)</td>", reasons, re.DOTALL)[1]
        for code in ("CA-D7-002", "CA-D7-003", "CA-D1-004")
    }
    assert "ожидает утверждения" in reason_of["CA-D7-002"]
    assert "собственный вопрос" in reason_of["CA-D7-003"]
    assert "выведен" in reason_of["CA-D1-004"]
    assert "В вашем банке это тренировочный вопрос, в библиотеке – нет." in reasons


def test_a_returned_question_does_not_ask_its_author_to_wait(author, office, library):
    """Nobody decides on it before the author does: a wait would be one for ever."""
    row = office.lot(office.adopt().adoption_id).sample[0]
    office.decide(row, "return")
    later_edition(library, {"difficulty: 0.": "difficulty: 0.1"})
    reasons = part(text_of(author.get(BANK)), "left-alone")
    assert "возвращен автору" in reasons.partition(f"{row.item.code}</a>")[2].partition("</tr>")[0]
    assert reasons.count("ожидает утверждения") == 37


def test_a_question_for_tests_that_became_one_for_practice_is_to_be_retired(author, office, library):
    """Else tests would go on drawing a question whose answer the practice test shows to everybody."""
    office.approve_all(office.adopt().adoption_id)
    later_edition(library, {"  - code: CA-D1-001\n": "  - code: CA-D1-001\n    practice: true\n"})
    assert "Вывести из банка: 1" in text_of(author.get(SHELF))
    notice = text_of(author.get(BANK)).partition("Ответы, которые видят все")[2].partition("</ul>")[0]
    (version,) = office.versions("CA-D1-001")
    assert "1 вопрос вашего банка" in notice and f'href="/author/items/{version.item_id}"' in notice
    with office.db.transaction() as session:
        reviewing.retire(session, version_id=version.id, reason="Кілті көрінеді", actor=office.author, now=NOW)
    assert "Ответы, которые видят все" not in text_of(author.get(BANK))


# Reading


def test_an_area_can_be_read_in_full_before_it_is_taken(author):
    page = text_of(author.get(f"{BANK}/D7"))
    assert page.count('class="is-key"') >= 2 * 15
    assert len(set(re.findall(r'id="(side-[^"]+)"', page))) == 2 * 15
    assert "Какая структура устанавливает инвалидность?" in page


def test_only_what_is_new_can_be_read(author, office, later):
    page = text_of(author.get(f"{BANK}/D7?only=new"))
    assert re.findall(r'<article[^>]*id="([^"]+)"', page) == ["CA-D7-900"]
    assert 'class="empty"' in text_of(author.get(f"{BANK}/D1?only=new"))


@pytest.mark.parametrize(
    "path",
    [
        f"{SHELF}/att-consultant",
        f"{SHELF}/..%2Fatt-care",
        f"{BANK}/Z9",
        f"{SHELF}/x/adopt",
        "/author/library-pictures/ab",
    ],
)
def test_what_the_library_does_not_have_is_not_there(author, path):
    assert author.get(path).status_code == 404


@pytest.mark.parametrize("spoilt", ["edition.yaml", "att-care/D1.yaml"])
def test_a_bank_that_cannot_be_read_is_told_without_a_fault(author, library, spoilt):
    (library / spoilt).write_text("items: 7", encoding="utf-8")
    response = author.get(SHELF)
    assert response.status_code == 200 and "Не читается" in text_of(response)
    assert author.get(BANK).status_code == 422


def test_a_damaged_bank_hides_no_picture_of_another(author, library):
    """Banks come in the order of the blueprint, and the damaged one comes before."""
    path = library / "att-care" / "D1.yaml"
    Image.new("RGB", (8, 8), "red").save(path.with_name("plan.png"))
    shown = '    pictures:\n      - {file: plan.png, alt: {kk: "Бөлме сызбасы", ru: "План комнаты"}}\n    options:\n'
    path.write_text(path.read_text(encoding="utf-8").replace("    options:\n", shown, 1), encoding="utf-8")
    (sha256,) = bank_of(library, "att-care").pictures
    (library / "att-specialist").mkdir()
    (library / "att-specialist" / "B1.yaml").write_text("items: 7", encoding="utf-8")
    response = author.get(f"/author/library-pictures/{sha256}")
    assert (response.status_code, response.content_type) == (200, "image/png")


def test_an_empty_library_says_what_to_do(author, library):
    shutil.rmtree(library / "att-care")
    assert "CBT_LIBRARY" in text_of(author.get(SHELF)).partition('class="empty"')[2]


# Provenance


def test_a_question_tells_where_it_came_from_and_whether_it_was_changed(author, office):
    office.approve_all(office.adopt().adoption_id)
    office.own_text("CA-D1-002", "Кто по правилам считается социальным работником?")
    same = text_of(author.get(f"/author/items/{item_id(office, 'CA-D1-001')}"))
    assert "Из эталонной библиотеки, выпуск 2026-11; принято 16 марта 2026" in same
    assert office.author.name in same.partition("provenance")[2][:400]
    assert "Текст с тех пор не менялся." in same
    assert "Редакция 1 принята из эталонной библиотеки, выпуск 2026-11" in same
    changed = text_of(author.get(f"/author/items/{item_id(office, 'CA-D1-002')}"))
    assert "Текст с тех пор изменен." in changed
    first = text_of(author.get(f"/author/items/{item_id(office, 'CA-D1-002')}?version=1"))
    assert "Текст с тех пор не менялся." in first


def test_each_version_tells_of_the_edition_it_goes_back_to(author, office, later):
    assert take(author, area=[], code=["CA-D1-003"]).status_code == 302
    path = f"/author/items/{item_id(office, 'CA-D1-003')}"
    told = [re.search(r"выпуск (\S+);", text_of(author.get(f"{path}?version={number}")))[1] for number in (1, 2, 3)]
    assert told == ["2026-11", "2026-11", "2027-01"]


def test_the_list_marks_adopted_questions_and_no_others(author, office):
    office.adopt(areas={"D7"})
    with office.db.transaction() as session:
        made = authoring.create_item(
            session, position="att-care", area="D7", content=office.bank.items[0].content, actor=office.author, now=NOW
        )
    page = text_of(author.get("/author/items?position=att-care&q=CA-D7-00"))
    assert page.count("из эталонной библиотеки") == 9
    with office.db.reading() as session:
        code = session.get_one(Item, made.item_id).code
    assert "из эталонной библиотеки" not in main_of(text_of(author.get(f"/author/items?q={code}")))
    assert "provenance" not in text_of(author.get(f"/author/items/{made.item_id}"))


def test_a_reviewer_without_the_role_does_not_take_over(library_app, office):
    with office.db.transaction() as session:
        login = login_of(session, make_staff(session, make_body(session), "reviewer"))
    client = sign_in(library_app.test_client(), login)
    assert client.get(BANK).status_code == 403
    assert post(client, ADOPT, {"digest": office.bank.digest, "area": "D1"}).status_code == 403
