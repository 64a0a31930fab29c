"""An author plans a test, draws forms and prints their proof; nothing typed is lost, nothing foreign is seen."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cbt.assembly import actions, plan, queries
from cbt.audit.queries import entries_about
from tests.assembly.people import People
from tests.factories import NOW, POSITION, make_body, make_staff, post
from tests.web.pages import signed_in, text_of

HOME = "/author/blueprints"


@pytest.fixture
def author(oblast_app: Flask, oblast: People) -> FlaskClient:
    return signed_in(oblast_app, oblast, oblast.author)


def areas_typed(**changes: object) -> dict[str, object]:
    """The fields of the blueprint page as the product's areas fill them."""
    typed: dict[str, object] = {}
    for place, area in enumerate(plan.standard_areas(POSITION)):
        typed |= {
            f"areas-{place}-code": area.code,
            f"areas-{place}-kk": area.name.kk,
            f"areas-{place}-ru": area.name.ru,
            f"areas-{place}-items": area.items,
        }
    return typed | {name.replace("_", "-"): value for name, value in changes.items()}


NEW = f"/author/blueprints/{POSITION}/new"


def test_every_position_is_listed_with_its_blueprint_its_bank_and_its_forms(author: FlaskClient) -> None:
    shown = text_of(author.get(HOME))
    for position in queries.positions():
        assert f"/author/blueprints/{position}" in shown
    assert shown.count("tag is-good") == 1
    assert shown.count("tag is-bad") == 3


def test_a_new_blueprint_begins_with_the_areas_of_the_product(author: FlaskClient) -> None:
    shown = text_of(author.get(NEW))
    for area in plan.standard_areas(POSITION):
        assert area.name.kk in shown
        assert area.name.ru in shown
    assert re.search(r"<output[^>]*><strong>80</strong>", shown)


def test_a_blueprint_is_drafted_as_it_was_typed(author: FlaskClient, oblast: People) -> None:
    response = post(author, NEW, areas_typed(areas_0_items=11, areas_1_items=13, areas_0_kk="Құқық  негіздері\n"))
    assert response.status_code == 302
    with oblast.db.transaction() as session:
        (drafted,) = queries.blueprints(session, body_id=oblast.body.id)
        areas = plan.read_areas(drafted.areas)
    assert (drafted.state, drafted.position, drafted.author_id) == ("drafted", POSITION, oblast.author.account_id)
    assert [area.items for area in areas][:2] == [11, 13]
    assert areas[0].name.kk == "Құқық негіздері"
    assert 'class="tag is-active"' in text_of(author.get(response.location))


@pytest.mark.parametrize(
    "changes",
    [
        {"areas_0_items": 11},
        {"areas_0_items": "ten"},
        {"areas_0_items": ""},
        {"areas_0_items": 0},
        {"areas_0_items": 99999999999999999999},
        {"areas_0_kk": ""},
        {"areas_0_ru": "ж" * 301},
        {"areas_0_kk": "Құқық\u202eнегіздері"},
        {"areas_0_code": "X1"},
        {"areas_0_code": "D2"},
    ],
)
def test_a_blueprint_typed_wrongly_is_refused_with_words_and_keeps_what_was_typed(
    author: FlaskClient, oblast: People, changes: dict[str, object]
) -> None:
    response = post(author, NEW, areas_typed(areas_1_ru="Мой текст", **changes))
    shown = text_of(response)
    assert response.status_code == 422
    assert "data-error-summary" in shown
    assert "Мой текст" in shown
    with oblast.db.transaction() as session:
        assert queries.blueprints(session, body_id=oblast.body.id) == []


def test_an_empty_post_is_refused_and_not_a_fault(author: FlaskClient) -> None:
    assert post(author, NEW, {}).status_code == 422
    assert post(author, "/author/blueprints/forms/draw", {}).status_code == 422


def test_ones_own_draft_is_changed_and_another_authors_is_not(
    oblast_app: Flask, author: FlaskClient, oblast: People
) -> None:
    page = post(author, NEW, areas_typed()).location
    assert text_of(author.get(page)).count("/edit") == 1
    assert post(author, f"{page}/edit", areas_typed(areas_0_items=12, areas_1_items=12)).status_code == 302
    assert '<td class="num" data-label="' in text_of(author.get(page))
    colleague = signed_in(oblast_app, oblast, oblast.second_author)
    assert "/edit" not in text_of(colleague.get(page))
    assert post(colleague, f"{page}/edit", areas_typed()).status_code == 422
    with oblast.db.transaction() as session:
        (drafted,) = queries.blueprints(session, body_id=oblast.body.id)
        assert [area.items for area in plan.read_areas(drafted.areas)][:2] == [12, 12]


def test_a_blueprint_is_withdrawn_on_a_page_of_its_own(author: FlaskClient, oblast: People) -> None:
    page = post(author, NEW, areas_typed()).location
    confirm = text_of(author.get(f"{page}/withdraw"))
    assert 'class="final"' in confirm
    assert post(author, f"{page}/withdraw").status_code == 302
    assert post(author, f"{page}/withdraw").status_code == 302
    with oblast.db.transaction() as session:
        assert [each.state for each in queries.blueprints(session, body_id=oblast.body.id)] == ["withdrawn"]


def draw(client: FlaskClient, **changes: object):
    return post(client, "/author/blueprints/forms/draw", {"position": POSITION, "number_of_forms": 2, "seed": ""} | changes)


def test_forms_are_drawn_and_their_overlap_is_shown(author: FlaskClient, oblast: People) -> None:
    oblast.drawn(seed="earlier")
    response = draw(author, seed="open-draw")
    assert response.status_code == 302
    shown = text_of(author.get(response.location))
    with oblast.db.transaction() as session:
        newer, older, _earlier = queries.forms(session, body_id=oblast.body.id)
        (shared,) = queries.overlaps(session, [older.id, newer.id]).values()
    assert "open-draw" in shown
    assert shown.count(f'<td class="num">{shared}</td>') == 2


def test_every_short_area_is_named_to_the_author(author: FlaskClient, oblast: People) -> None:
    oblast.drawn()
    with oblast.db.transaction() as session:
        drafted = actions.adopt_blueprint(session, position="att-specialist", actor=oblast.author, now=NOW)
        actions.approve_blueprint(
            session,
            blueprint_id=drafted.id,
            areas_hash=plan.areas_hash(drafted.areas),
            actor=oblast.reviewer,
            now=NOW,
        )
    response = draw(author, position="att-specialist", seed="kept-seed")
    shown = text_of(response)
    assert response.status_code == 422
    for area in plan.standard_areas("att-specialist"):
        assert re.search(rf"\b{area.code}\b[^;<]*\b{area.items}\b[^;<]*\b0\b", shown)
    assert "kept-seed" in shown
    assert "{" not in re.search(r"data-error-summary.*?</div>", shown, re.S)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"number_of_forms": 0},
        {"number_of_forms": 11},
        {"number_of_forms": "many"},
        {"seed": "екі сөз"},
        {"seed": "x" * 65},
        {"position": "att-driver"},
        {"position": "att-consultant"},
    ],
)
def test_a_draw_asked_for_wrongly_says_so_and_draws_nothing(
    author: FlaskClient, oblast: People, changes: dict[str, object]
) -> None:
    response = draw(author, **changes)
    assert response.status_code == 422
    assert "data-error-summary" in text_of(response)
    with oblast.db.transaction() as session:
        assert queries.forms(session, body_id=oblast.body.id) == []


def test_a_form_page_shows_eighty_questions_in_both_languages_and_no_key(author: FlaskClient, oblast: People) -> None:
    form = oblast.drawn()[0]
    shown = text_of(author.get(f"/author/blueprints/forms/{form.id}"))
    with oblast.db.transaction() as session:
        rows = queries.items_of(session, form)
    places = [shown.index(row.code) for row in rows]
    assert places == sorted(places)
    for row in rows:
        assert row.content.stem.kk in shown
        assert row.content.stem.ru in shown
    assert rows[0].content.options[0].text.ru not in shown


def test_a_proof_is_a_pdf_and_each_copy_is_recorded(author: FlaskClient, oblast: People) -> None:
    form = oblast.drawn()[0]
    for _copy in range(2):
        response = post(author, f"/author/blueprints/forms/{form.id}/proof")
        assert response.status_code == 200
        assert response.mimetype == "application/pdf"
        assert response.get_data().startswith(b"%PDF")
    with oblast.db.transaction() as session:
        tags = [entry.tag for entry in entries_about(session, [f"form:{form.id}"])]
    assert tags == ["form.drawn", "form.proof_printed", "form.proof_printed"]


def test_a_proof_is_never_printed_by_following_a_link(author: FlaskClient, oblast: People) -> None:
    form = oblast.drawn()[0]
    assert author.get(f"/author/blueprints/forms/{form.id}/proof").status_code == 405


def test_a_form_is_withdrawn_with_a_reason(author: FlaskClient, oblast: People) -> None:
    form = oblast.drawn()[0]
    page = f"/author/blueprints/forms/{form.id}"
    refused = post(author, f"{page}/withdraw", {"reason": "  "})
    assert refused.status_code == 422
    assert "field-error" in text_of(refused)
    assert post(author, f"{page}/withdraw", {"reason": "Вопрос стал известен"}).status_code == 302
    assert "Вопрос стал известен" in text_of(author.get(page))
    again = post(author, f"{page}/withdraw", {"reason": "ещё раз"})
    assert again.status_code == 302
    assert "ещё раз" not in text_of(author.get(page))


def test_nothing_of_another_body_is_seen_or_done(oblast_app: Flask, oblast: People) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        stranger = make_staff(session, make_body(session), "author", "reviewer")
    client = signed_in(oblast_app, oblast, stranger)
    for path in (
        f"/author/blueprints/forms/{form.id}",
        f"/author/blueprints/forms/{form.id}/drawn",
        f"/author/blueprints/forms/{form.id}/withdraw",
        f"/author/blueprints/{form.blueprint_id}",
        f"/author/blueprints/{form.blueprint_id}/edit",
        f"/author/blueprints/{form.blueprint_id}/withdraw",
        f"/reviewer/forms/{form.id}",
        f"/reviewer/forms/{form.id}/approve",
        f"/reviewer/forms/{form.id}/withdraw",
        f"/reviewer/forms/blueprints/{form.blueprint_id}",
        f"/reviewer/forms/blueprints/{form.blueprint_id}/approve",
    ):
        assert client.get(path).status_code == 404, path
    for path in (f"/author/blueprints/forms/{form.id}/proof", f"/reviewer/forms/{form.id}/proof"):
        assert post(client, path).status_code == 404, path
    assert f"/author/blueprints/forms/{form.id}" not in text_of(client.get(f"/author/blueprints/{POSITION}"))
    assert f"/reviewer/forms/{form.id}" not in text_of(client.get("/reviewer/forms"))


def test_a_position_that_is_not_attested_is_no_page(author: FlaskClient) -> None:
    assert author.get("/author/blueprints/att-driver").status_code == 404
    assert author.get("/author/blueprints/att-driver/new").status_code == 404


@pytest.mark.parametrize("number", ["0", str(2**63 - 1), "9" * 40])
def test_a_number_that_is_no_row_is_no_page(author: FlaskClient, number: str) -> None:
    for path in (f"/author/blueprints/{number}", f"/author/blueprints/forms/{number}"):
        assert author.get(path).status_code == 404, path


def test_a_reviewer_alone_neither_plans_nor_draws(oblast_app: Flask, oblast: People) -> None:
    reviewer = signed_in(oblast_app, oblast, oblast.reviewer)
    for path in (HOME, NEW, "/author/blueprints/forms/draw", f"/author/blueprints/{POSITION}"):
        assert reviewer.get(path).status_code == 403, path
