"""Authors' pages: what is typed stays, what is wrong is said beside it, and only the own bank is seen."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from cbt.bank import queries
from cbt.bank.actions import authoring, pictures, reviewing
from cbt.bank.content import parse
from cbt.bank.models import Item, ItemVersion
from cbt.bank.models import Picture as PictureRow
from tests.factories import (
    NOW,
    csrf,
    item_content,
    login_of,
    make_approved,
    make_body,
    make_draft,
    make_staff,
    make_submitted,
    post,
    sign_in,
)

NASTY = "<script>alert('ә')</script><img src=x onerror=alert(1)>"


@pytest.fixture
def hall(app, sqlite_db):
    """Two bodies with an author each, a second author and a reviewer in the first; the first author signed in."""
    with sqlite_db.transaction() as session:
        body, other = make_body(session), make_body(session)
        people = {
            "author": make_staff(session, body, "author", name='Айгүл <b>"Ә"</b>'),
            "second": make_staff(session, body, "author"),
            "reviewer": make_staff(session, body, "reviewer"),
            "stranger": make_staff(session, other, "author"),
        }
        people["login"] = login_of(session, people["author"])
    people["client"] = client = app.test_client()
    client.get("/language/ru")
    sign_in(client, people["login"])
    return people


def typed(**changes) -> dict[str, str]:
    """The form as filled in for a sound question."""
    data = {
        "client_key": "a" * 32,
        "place": "att-care:D2",
        "kind": "single",
        "level": "application",
        "difficulty": "55",
        "act": "Order 25-ө",
        "provision": "paragraph 13",
        "as_of": "2025-01-01",
        "stem_kk": "Қызметкер ең алдымен не істеуі керек?",
        "stem_ru": "Что работник должен сделать прежде всего?",
        "rationale_kk": "Ережеде солай көрсетілген.",
        "rationale_ru": "Так указано в правилах.",
        "options-1-correct": "y",
    }
    for place, letter in enumerate("abc"):
        data |= {
            f"options-{place}-id": letter,
            f"options-{place}-kk": f"Қазақша нұсқа {letter}",
            f"options-{place}-ru": f"Русский вариант {letter}",
        }
    return {name: value for name, value in (data | changes).items() if value is not None}


def text_of(response) -> str:
    return response.get_data(as_text=True)


def newest(sqlite_db) -> ItemVersion:
    with sqlite_db.reading() as session:
        return session.scalars(select(ItemVersion).order_by(ItemVersion.id.desc())).first()


def count(sqlite_db, table=Item) -> int:
    with sqlite_db.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def values_on(page: str) -> str:
    return unescape(page)


# Writing


def test_a_question_written_on_the_page_is_kept_as_it_was_typed(hall, sqlite_db):
    response = post(hall["client"], "/author/items/new", typed(deed="save"))
    assert response.status_code == 302
    version = newest(sqlite_db)
    content = parse(version.content)
    assert response.location == f"/author/items/{version.item_id}"
    assert (version.state, version.level, content.difficulty, content.stem.kk) == (
        "draft", "application", 0.55, typed()["stem_kk"],
    )  # fmt: skip
    assert [(o.id, o.text.ru, o.correct) for o in content.options] == [
        ("a", "Русский вариант a", False), ("b", "Русский вариант b", True), ("c", "Русский вариант c", False),
    ]  # fmt: skip
    shown = text_of(hall["client"].get(response.location))
    assert "CA-D2-1001" in shown and "Қызметкер ең алдымен не істеуі керек?" in shown


def test_the_form_sent_twice_is_one_question(hall, sqlite_db):
    places = {post(hall["client"], "/author/items/new", typed(deed="submit")).location for _ in range(2)}
    assert count(sqlite_db) == 1
    assert newest(sqlite_db).state == "submitted"
    assert len(places - {None}) == 1


def test_each_new_form_has_a_key_of_its_own(hall):
    keys = {
        re.search(r'name="client_key"[^>]*value="([0-9a-f]{32})"', text_of(hall["client"].get("/author/items/new")))[1]
        for _ in range(2)
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        ({"stem_kk": ""}, "stem_kk", "kazakh_missing"),
        ({"stem_ru": ""}, "stem_ru", "russian_missing"),
        ({"rationale_ru": " "}, "rationale_ru", "russian_missing"),
        ({"options-1-correct": None}, "options", "key_missing"),
        ({"options-0-correct": "y"}, "options", "two_keys"),
        ({"kind": "multiple"}, "options", "too_few_keys"),
        ({"options-2-kk": "", "options-2-ru": ""}, "options", "too_few_options"),
        ({"options-2-ru": "Русский вариант a"}, "options-2-ru", "options_repeated"),
        ({"stem_kk": "Қыз\u043ceт туралы не дұрыс?"}, "stem_kk", "mixed_alphabets"),
        ({"act": ""}, "act", "basis_missing"),
        ({"as_of": ""}, "as_of", "date_missing"),
    ],
)
def test_what_is_unfinished_may_be_saved_but_not_handed_in(hall, sqlite_db, changes, field, part):
    response = post(hall["client"], "/author/items/new", typed(deed="submit", **changes))
    page = text_of(response)
    assert response.status_code == 422
    assert f'id="{field}-error"' in page, part
    assert f'href="#{"options-0-kk" if field == "options" else field}"' in page
    assert count(sqlite_db) == 0
    assert post(hall["client"], "/author/items/new", typed(deed="save", **changes)).status_code == 302
    assert newest(sqlite_db).state == "draft"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stem_ru": NASTY}, "stem_ru"),
        ({"stem_kk": "а\u200bб"}, "stem_kk"),
        ({"stem_ru": "я" * 2001}, "stem_ru"),
        ({"options-0-ru": "<b>жирно</b>"}, "options-0-ru"),
        ({"difficulty": "много"}, "difficulty"),
        ({"difficulty": "nan"}, "difficulty"),
        ({"difficulty": "1e400"}, "difficulty"),
        ({"difficulty": ""}, "difficulty"),
        ({"difficulty": "0"}, "difficulty"),
        ({"difficulty": "99"}, "difficulty"),
        ({"as_of": "2025-02-30"}, "as_of"),
        ({"as_of": "1900-01-01", "deed": "submit"}, "as_of"),
        ({"place": ""}, "place"),
        ({"place": "att-care:ZZ"}, "place"),
        ({"place": "nonsense"}, "place"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_is_told_beside_the_field_and_nothing_is_kept(hall, sqlite_db, changes, field):
    response = post(hall["client"], "/author/items/new", typed(**{"deed": "save", **changes}))
    assert response.status_code == 422
    assert f'id="{field}-error"' in text_of(response)
    assert count(sqlite_db) == 0


@pytest.mark.parametrize(
    "changes", [{"kind": "essay"}, {"level": "x"}, {"options-0-id": "<"}, {"kind": None, "level": None}]
)
def test_a_form_bent_by_hand_is_refused_without_a_fault(hall, sqlite_db, changes):
    assert post(hall["client"], "/author/items/new", typed(deed="save", **changes)).status_code == 422
    assert count(sqlite_db) == 0


def test_what_was_typed_stays_when_the_form_is_shown_again(hall):
    response = post(hall["client"], "/author/items/new", typed(deed="submit", act="", stem_ru="Мой текст & <знаки"))
    page = values_on(text_of(response))
    assert "Мой текст & <знаки" in page
    assert 'value="2025-01-01"' in page and 'value="55"' in page
    assert re.search(r'id="options-1-correct"[^>]*checked|checked[^>]*id="options-1-correct"', page)
    assert '<option value="att-care:D2" selected>' in page


def test_an_option_is_added_without_script_and_without_losing_a_word(hall, sqlite_db):
    response = post(hall["client"], "/author/items/new", typed(deed="add_option"))
    page = text_of(response)
    assert response.status_code == 200 and count(sqlite_db) == 0
    assert 'name="options-3-kk"' in page and 'name="options-3-id" value="d"' in page
    assert "Русский вариант b" in page


def test_there_are_at_most_eight_options(hall):
    many = {
        f"options-{place}-{part}": letter if part == "id" else f"{part} {letter}"
        for place, letter in enumerate("abcdefghijkl")
        for part in ("id", "kk", "ru")
    }
    page = text_of(post(hall["client"], "/author/items/new", typed(deed="add_option", **many)))
    assert 'name="options-7-kk"' in page and 'name="options-8-kk"' not in page
    assert 'value="add_option"' not in page


# Editing


def edit(hall, version, **changes):
    data = typed(seen_hash=version.content_hash, place=None, **changes) | {"place": "att-care:D1"}
    return post(hall["client"], f"/author/items/{version.item_id}/edit", data)


def test_the_form_of_a_draft_round_trips_without_a_change(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_draft(session, hall["author"], item_content(difficulty=0.555))
    page = text_of(hall["client"].get(f"/author/items/{version.item_id}/edit"))
    data = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    assert data["difficulty"] == "55.5"
    assert data["seen_hash"] == version.content_hash
    assert page.count("<textarea") == 2 + 8 + 2


def test_an_old_copy_is_refused_and_what_was_typed_is_shown(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_draft(session, hall["author"])
        old = version.content_hash
        authoring.edit_draft(
            session, version_id=version.id, seen_hash=old, content=item_content("theirs"), actor=hall["second"], now=NOW
        )
    data = typed(seen_hash=old, deed="save", stem_ru="Мой вариант текста вопроса?", place="att-care:D1")
    response = post(hall["client"], f"/author/items/{version.item_id}/edit", data)
    page = text_of(response)
    assert response.status_code == 409
    assert "Мой вариант текста вопроса?" in page
    assert "theirs" in newest(sqlite_db).content
    offered = re.search(r'name="seen_hash"[^>]*value="([0-9a-f]{64})"', page)[1]
    again = post(hall["client"], f"/author/items/{version.item_id}/edit", data | {"seen_hash": offered})
    assert again.status_code == 302
    assert "Мой вариант" in newest(sqlite_db).content


def test_a_text_handed_in_meanwhile_is_not_changed(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    response = edit(hall, version, deed="save", stem_ru="Поздняя правка?")
    assert response.status_code == 409
    assert "Поздняя правка?" in text_of(response)
    assert newest(sqlite_db).content_hash == version.content_hash


def test_the_reason_of_a_return_is_shown_where_the_author_works(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
        reviewing.return_with_reason(
            session, version_id=version.id, content_hash=version.content_hash, reason=f"Жоқ {NASTY}",
            actor=hall["reviewer"], now=NOW,
        )  # fmt: skip
    for path in ("", "/edit"):
        page = text_of(hall["client"].get(f"/author/items/{version.item_id}{path}"))
        assert "Жоқ &lt;script&gt;" in page and "<script>alert" not in page


# Pictures


def png(colour="red") -> BytesIO:
    data = BytesIO()
    Image.new("RGB", (30, 20), colour).save(data, "PNG")
    data.seek(0)
    return data


def send(hall, **data):
    data = {"csrf_token": csrf(hall["client"]), **typed(**data)}
    return hall["client"].post("/author/items/new", data=data, content_type="multipart/form-data")


def test_a_picture_comes_with_its_description_and_is_shown(hall, sqlite_db):
    response = send(
        hall, deed="submit", new_picture=(png(), "p.png"), new_alt_kk="Қызыл шаршы", new_alt_ru="Красный прямоугольник"
    )
    assert response.status_code == 302
    picture = parse(newest(sqlite_db).content).pictures[0]
    assert picture.alt.ru == "Красный прямоугольник"
    shown = hall["client"].get(f"/author/pictures/{picture.sha256}")
    assert shown.status_code == 200 and shown.content_type == "image/png"
    assert f"/author/pictures/{picture.sha256}" in text_of(hall["client"].get(response.location))


def test_a_picture_without_a_description_stays_while_the_rest_is_corrected(hall, sqlite_db):
    response = send(hall, deed="submit", new_picture=(png(), "p.png"), new_alt_kk="Қызыл шаршы")
    page = text_of(response)
    assert response.status_code == 422
    assert 'id="pictures-0-ru-error"' in page
    sha256 = re.search(r'name="pictures-0-sha256" value="([0-9a-f]{64})"', page)[1]
    kept = {"pictures-0-sha256": sha256, "pictures-0-kk": "Қызыл шаршы", "pictures-0-ru": "Красный прямоугольник"}
    assert post(hall["client"], "/author/items/new", typed(deed="submit", **kept)).status_code == 302
    assert count(sqlite_db, PictureRow) == 1


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)/>", b"GIF89a", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_refused_beside_the_field(hall, sqlite_db, data):
    response = send(hall, deed="save", new_picture=(BytesIO(data), "p.png"))
    assert response.status_code == 422
    assert 'id="new_picture-error"' in text_of(response)
    assert (count(sqlite_db), count(sqlite_db, PictureRow)) == (0, 0)


def test_a_foreign_picture_is_neither_shown_nor_taken(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        foreign = pictures.add_picture(session, data=png("blue").getvalue(), actor=hall["stranger"], now=NOW).sha256
    assert hall["client"].get(f"/author/pictures/{foreign}").status_code == 404
    data = typed(deed="save", **{"pictures-0-sha256": foreign, "pictures-0-kk": "Көк", "pictures-0-ru": "Синий"})
    assert post(hall["client"], "/author/items/new", data).status_code == 422
    assert count(sqlite_db) == 0


# The list


def test_the_list_shows_the_own_bank_only_and_search_finds_in_it(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        make_draft(session, hall["author"], item_content(stem_kk="Көмек сұрағы", stem_ru="Вопрос о помощи"))
        make_draft(session, hall["author"], item_content(stem_kk="Басқа сұрақ", stem_ru="Другой вопрос"))
        make_draft(session, hall["stranger"], item_content(stem_kk="Бөтен сұрақ", stem_ru="Чужой вопрос о помощи"))
    page = text_of(hall["client"].get("/author/items"))
    assert "Вопрос о помощи" in page and "Другой вопрос" in page and "Чужой" not in page
    page = text_of(hall["client"].get("/author/items?q=ПОМОЩИ"))
    assert "Вопрос о помощи" in page and "Другой" not in page and "Чужой" not in page


def test_filters_and_pages_live_in_the_address(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        for _ in range(27):
            make_draft(session, hall["author"], area="D3")
        make_draft(session, hall["author"])
    first = text_of(hall["client"].get("/author/items?position=att-care&area=D3"))
    assert len(re.findall(r"CA-D3-\d+</a>", first)) == 25 and "CA-D1-" not in first
    assert "page=2" in first and "area=D3" in first
    second = text_of(hall["client"].get("/author/items?position=att-care&area=D3&page=2"))
    assert len(re.findall(r"CA-D3-\d+</a>", second)) == 2


@pytest.mark.parametrize(
    "query",
    ["position=x", "area=D1", "state=%27", "author=9999999999999", "author=%D9%A3", "page=-1", "page=1e9", "q=%25_%5C"],
)
def test_nonsense_in_the_address_is_no_fault(hall, query):
    assert hall["client"].get(f"/author/items?{query}").status_code == 200


def test_the_counts_stand_beside_what_one_test_takes(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        make_approved(session, hall["author"], hall["reviewer"], area="D1")
        make_submitted(session, hall["author"], area="D1")
    page = text_of(hall["client"].get("/author/items?position=att-care"))
    row = re.search(r"<tr>\s*<th[^>]*><a[^>]*>D1\..*?</tr>", page, re.DOTALL)[0]
    assert re.findall(r"\d+", re.sub(r"<svg.*?</svg>|<a.*?</a>|<[^>]+>", " ", row, flags=re.DOTALL)) == [
        "1",
        "10",
        "1",
        "0",
    ]


def test_an_empty_bank_says_what_to_do(hall):
    page = text_of(hall["client"].get("/author/items"))
    assert "/author/items/new" in page and "/author/library" in page.partition('class="empty"')[2]


# Versions and their end


def test_a_new_version_is_opened_compared_and_an_earlier_one_still_read(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        first = make_approved(session, hall["author"], hall["reviewer"], item_content("бұрынғы"))
    path = f"/author/items/{first.item_id}"
    assert hall["client"].get(f"{path}/new-version").status_code == 200
    assert post(hall["client"], f"{path}/new-version").location == f"{path}/edit"
    second = newest(sqlite_db)
    assert edit(hall, second, deed="submit", stem_ru="В каком ответе названо <неверно>?").status_code == 302
    page = text_of(hall["client"].get(f"{path}/compare"))
    assert "<del>" in page and "<ins>" in page and "&lt;неверно&gt;" in page
    assert "бұрынғы" in text_of(hall["client"].get(f"{path}?version=1"))
    assert hall["client"].get(f"{path}?version=7").status_code == 404


def test_retiring_asks_for_a_reason_and_takes_the_question_out_of_the_pool(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_approved(session, hall["author"], hall["reviewer"])
    path = f"/author/items/{version.item_id}/retire"
    assert hall["client"].get(path).status_code == 200
    response = post(hall["client"], path, {"reason": " "})
    assert response.status_code == 422 and 'id="reason-error"' in text_of(response)
    assert post(hall["client"], path, {"reason": "Заң өзгерді"}).status_code == 302
    with sqlite_db.reading() as session:
        assert queries.pool(session, body_id=hall["author"].body_id, position="att-care") == []
    assert "Заң өзгерді" in text_of(hall["client"].get(f"/author/items/{version.item_id}"))


def test_the_preview_shows_both_languages_and_no_key(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_draft(session, hall["author"])
    page = text_of(hall["client"].get(f"/author/items/{version.item_id}/preview"))
    assert "Қазақша жауап нұсқасы a" in page and "Вариант ответа на русском d" in page
    assert "is-key" not in page and "checked" not in page.partition("<main")[2]


# Another body, another role


@pytest.mark.parametrize("path", ["", "/edit", "/preview", "/compare", "/new-version", "/retire"])
def test_a_foreign_question_is_not_there(hall, sqlite_db, path):
    with sqlite_db.transaction() as session:
        foreign = make_draft(session, hall["stranger"]).item_id
    assert hall["client"].get(f"/author/items/{foreign}{path}").status_code == 404
    if path in ("/edit", "/new-version", "/retire"):
        assert post(hall["client"], f"/author/items/{foreign}{path}", typed(reason="x")).status_code == 404
    assert post(hall["client"], f"/author/items/{foreign}/submit").status_code == 404


def test_a_reviewer_does_not_open_the_authors_pages(app, hall, sqlite_db):
    with sqlite_db.transaction() as session:
        login = login_of(session, hall["reviewer"])
    client = sign_in(app.test_client(), login)
    assert client.get("/author/items").status_code == 403
    assert app.test_client().get("/author/items").status_code == 302


# Nothing that was typed runs


def test_scripts_in_names_and_texts_are_inert_on_every_page(hall, sqlite_db):
    marked = item_content(stem_kk="5 < 7 және **a & b** дұрыс па?", stem_ru='Верно ли, что "5 < 7" и **a & b**?')
    with sqlite_db.transaction() as session:
        version = make_approved(session, hall["author"], hall["reviewer"], marked)
    for path in ("", "/preview", "/compare", "/retire"):
        page = text_of(hall["client"].get(f"/author/items/{version.item_id}{path}"))
        assert '<b>"Ә"</b>' not in page
    page = text_of(hall["client"].get(f"/author/items/{version.item_id}"))
    assert "<strong>a &amp; b</strong>" in page and "5 &lt; 7" in page
    page = text_of(
        post(hall["client"], "/author/items/new", typed(deed="save", stem_ru=NASTY, stem_kk=f"</textarea>{NASTY}"))
    )
    assert "<script>alert" not in page and "<img src=x" not in page and "</textarea><script" not in page
