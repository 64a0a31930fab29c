"""A reviewer sees the whole form with its key, and approves exactly what stood on the page, once."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cbt.assembly import actions, plan, queries
from cbt.assembly.models import Blueprint, Form
from cbt.bank import content as bank_content
from tests.assembly.bank import approve_new_text
from tests.assembly.people import People
from tests.factories import NOW, POSITION, make_staff, post
from tests.web.pages import signed_in, text_of


@pytest.fixture
def reviewer(oblast_app: Flask, oblast: People) -> FlaskClient:
    return signed_in(oblast_app, oblast, oblast.reviewer)


def drafted(oblast: People) -> Blueprint:
    with oblast.db.transaction() as session:
        return actions.adopt_blueprint(session, position=POSITION, actor=oblast.author, now=NOW)


def state_of(oblast: People, form: Form) -> str:
    with oblast.db.transaction() as session:
        return queries.form_of(session, form.id, body_id=oblast.body.id).state


def approve_link(shown: str) -> str | None:
    found = re.search(r'href="([^"]+/approve\?seen=[0-9a-f]{64})"', shown)
    return found and found[1]


def test_what_waits_is_listed_and_leaves_the_list_when_decided(reviewer: FlaskClient, oblast: People) -> None:
    form, blueprint = oblast.drawn()[0], drafted(oblast)
    waiting = text_of(reviewer.get("/reviewer/forms"))
    assert f"/reviewer/forms/{form.id}" in waiting
    assert f"/reviewer/forms/blueprints/{blueprint.id}" in waiting
    oblast.approve(form)
    assert f"/reviewer/forms/{form.id}" not in text_of(reviewer.get("/reviewer/forms"))
    assert f"/reviewer/forms/{form.id}" in text_of(reviewer.get("/reviewer/forms?show=decided"))


def test_an_empty_list_says_why_it_is_empty(reviewer: FlaskClient) -> None:
    for path in ("/reviewer/forms", "/reviewer/forms?show=decided", "/reviewer/forms?page=9"):
        assert 'class="empty"' in text_of(reviewer.get(path))


def test_the_whole_form_stands_on_the_page_in_both_languages_with_its_key(
    reviewer: FlaskClient, oblast: People
) -> None:
    form = oblast.drawn()[0]
    shown = text_of(reviewer.get(f"/reviewer/forms/{form.id}"))
    with oblast.db.transaction() as session:
        rows = queries.items_of(session, form)
    assert shown.count('<article class="question"') == 80
    assert shown.count('class="is-key"') == 2 * sum(len(bank_content.key(row.content)) for row in rows)
    for row in rows:
        assert row.content.stem.kk in shown
        assert row.content.stem.ru in shown
    marked = re.findall(r'<li class="is-key"><span class="letter">([A-H])</span>', shown)
    assert marked[::2] == marked[1::2] == [letter.upper() for row in rows for letter in bank_content.key(row.content)]


def test_a_form_is_approved_on_a_page_that_says_what_cannot_be_undone(reviewer: FlaskClient, oblast: People) -> None:
    form = oblast.drawn()[0]
    link = approve_link(text_of(reviewer.get(f"/reviewer/forms/{form.id}")))
    assert link
    confirm = text_of(reviewer.get(link))
    assert 'class="final"' in confirm
    assert f'name="seen" value="{form.items_hash}"' in confirm
    assert state_of(oblast, form) == "drafted"
    assert post(reviewer, link, {"seen": form.items_hash}).status_code == 302
    assert state_of(oblast, form) == "approved"
    assert approve_link(text_of(reviewer.get(f"/reviewer/forms/{form.id}"))) is None


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_what_was_not_seen_is_not_approved(reviewer: FlaskClient, oblast: People, seen: str) -> None:
    form = oblast.drawn()[0]
    response = post(reviewer, f"/reviewer/forms/{form.id}/approve", {"seen": seen}, follow_redirects=True)
    assert "notice is-bad" in text_of(response)
    assert state_of(oblast, form) == "drafted"


def test_a_second_approver_sees_the_first_ones_approval(
    oblast_app: Flask, reviewer: FlaskClient, oblast: People
) -> None:
    form = oblast.drawn()[0]
    second = signed_in(oblast_app, oblast, oblast.second_reviewer)
    path, seen = f"/reviewer/forms/{form.id}/approve", {"seen": form.items_hash}
    assert post(reviewer, path, seen).status_code == 302
    shown = text_of(post(second, path, seen, follow_redirects=True))
    assert "notice is-bad" in shown
    assert oblast.reviewer.name in shown


def test_who_drew_the_form_sees_why_they_cannot_approve_it(oblast_app: Flask, oblast: People) -> None:
    with oblast.db.transaction() as session:
        both = make_staff(session, oblast.body, "author", "reviewer")
    oblast.drawn()
    with oblast.db.transaction() as session:
        (form,) = actions.draw_forms(session, position=POSITION, number_of_forms=1, actor=both, now=NOW)
    client = signed_in(oblast_app, oblast, both)
    shown = text_of(client.get(f"/reviewer/forms/{form.id}"))
    assert "notice is-warning" in shown
    assert approve_link(shown) is None
    post(client, f"/reviewer/forms/{form.id}/approve", {"seen": form.items_hash})
    assert state_of(oblast, form) == "drafted"


def test_a_form_whose_question_got_a_new_text_names_it_and_offers_no_approval(
    reviewer: FlaskClient, oblast: People
) -> None:
    form = oblast.drawn()[0]
    with oblast.db.transaction() as session:
        row = queries.items_of(session, form)[3]
        approve_new_text(session, oblast, item_id=row.item_id)
    shown = text_of(reviewer.get(f"/reviewer/forms/{form.id}"))
    (warning,) = re.findall(r"notice is-warning.*?</div>\s*</div>", shown, re.S)
    assert row.code in warning
    assert approve_link(shown) is None


def test_a_blueprint_is_approved_as_it_was_seen(reviewer: FlaskClient, oblast: People) -> None:
    blueprint = drafted(oblast)
    link = approve_link(text_of(reviewer.get(f"/reviewer/forms/blueprints/{blueprint.id}")))
    assert link
    seen = link.partition("seen=")[2]
    with oblast.db.transaction() as session:
        first, second, *rest = plan.read_areas(blueprint.areas)
        areas = [
            type(first)(first.code, first.name, first.items + 1),
            type(first)(second.code, second.name, second.items - 1),
            *rest,
        ]
        actions.edit_blueprint(session, blueprint_id=blueprint.id, areas=areas, actor=oblast.author, now=NOW)
    assert f'value="{seen}"' in text_of(reviewer.get(link))
    refused = text_of(post(reviewer, link, {"seen": seen}, follow_redirects=True))
    assert "notice is-bad" in refused
    fresh = approve_link(refused)
    assert fresh
    assert fresh != link
    assert post(reviewer, fresh, {"seen": fresh.partition("seen=")[2]}).status_code == 302
    with oblast.db.transaction() as session:
        current = queries.current_blueprint(session, body_id=oblast.body.id, position=POSITION)
    assert current is not None
    assert current.approved_by == oblast.reviewer.account_id


def test_who_drafted_the_blueprint_sees_why_they_cannot_approve_it(oblast_app: Flask, oblast: People) -> None:
    with oblast.db.transaction() as session:
        both = make_staff(session, oblast.body, "author", "reviewer")
        blueprint = actions.adopt_blueprint(session, position=POSITION, actor=both, now=NOW)
    shown = text_of(signed_in(oblast_app, oblast, both).get(f"/reviewer/forms/blueprints/{blueprint.id}"))
    assert "notice is-warning" in shown
    assert approve_link(shown) is None


def test_a_reviewer_prints_and_withdraws_a_form(reviewer: FlaskClient, oblast: People) -> None:
    form = oblast.approved()
    page = f"/reviewer/forms/{form.id}"
    proof = post(reviewer, f"{page}/proof")
    assert proof.get_data().startswith(b"%PDF")
    assert proof.headers["Cache-Control"] == "no-store"
    assert post(reviewer, f"{page}/withdraw", {"reason": ""}).status_code == 422
    assert post(reviewer, f"{page}/withdraw", {"reason": "Сұрақ ашылып қалды"}).status_code == 302
    assert state_of(oblast, form) == "withdrawn"


def test_an_author_alone_approves_nothing(oblast_app: Flask, oblast: People) -> None:
    form = oblast.drawn()[0]
    author = signed_in(oblast_app, oblast, oblast.second_author)
    for path in ("/reviewer/forms", f"/reviewer/forms/{form.id}", f"/reviewer/forms/{form.id}/approve"):
        assert author.get(path).status_code == 403, path
    assert post(author, f"/reviewer/forms/{form.id}/approve", {"seen": form.items_hash}).status_code == 403
    assert state_of(oblast, form) == "drafted"
