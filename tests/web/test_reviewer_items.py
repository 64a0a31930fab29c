"""Reviewers' pages: a decision is about what was seen, never about one's own work, and gives its reason."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from cbt.bank.actions import authoring, reviewing
from cbt.bank.models import ItemReview, ItemVersion
from tests.factories import (
    NOW,
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


@pytest.fixture
def hall(app, sqlite_db):
    """An author, a reviewer signed in, one who is both, and the body next door."""
    with sqlite_db.transaction() as session:
        body, other = make_body(session), make_body(session)
        people = {
            "author": make_staff(session, body, "author", name="Айгүл <i>Ә</i>"),
            "reviewer": make_staff(session, body, "reviewer"),
            "both": make_staff(session, body, "author", "reviewer"),
            "stranger": make_staff(session, other, "author"),
        }
        logins = {name: login_of(session, people[name]) for name in ("reviewer", "both", "author")}
    people["client"] = sign_in(app.test_client(), logins["reviewer"])
    people["logins"] = logins
    return people


def text_of(response) -> str:
    return response.get_data(as_text=True)


def state_of(sqlite_db, version) -> str:
    with sqlite_db.reading() as session:
        return session.get_one(ItemVersion, version.id).state


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def approve_link(page: str) -> str:
    return re.search(r'href="(/reviewer/items/\d+/approve\?[^"]+)"', page)[1].replace("&amp;", "&")


def test_a_question_stands_under_its_section(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}"))
    assert page.count('aria-current="page"') == 1 and 'href="/reviewer/queue" aria-current="page"' in page


def test_a_question_is_approved_through_the_page_that_says_what_it_means(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
        later = make_submitted(session, hall["author"], now=NOW.replace(hour=7))
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}"))
    assert page.count('class="is-key"') == 2
    link = approve_link(page)
    confirm = text_of(hall["client"].get(link))
    assert 'class="final"' in confirm and state_of(sqlite_db, version) == "submitted"
    fields = hidden_fields(confirm)
    assert (fields["content_hash"], fields["area_seen"]) == (version.content_hash, "D1")
    response = post(hall["client"], f"/reviewer/items/{version.id}/approve", fields)
    assert response.status_code == 302 and state_of(sqlite_db, version) == "approved"
    assert f"/reviewer/items/{later.id}" in text_of(hall["client"].get(response.location))


def test_a_text_changed_after_the_look_is_not_approved(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    fields = hidden_fields(
        text_of(hall["client"].get(approve_link(text_of(hall["client"].get(f"/reviewer/items/{version.id}")))))
    )
    with sqlite_db.transaction() as session:
        seen = {"version_id": version.id, "now": NOW}
        reviewing.return_with_reason(
            session, **seen, content_hash=version.content_hash, reason="Unclear", actor=hall["both"]
        )
        authoring.edit_draft(
            session, **seen, seen_hash=version.content_hash, content=item_content("another text"), actor=hall["author"]
        )
        authoring.submit(session, **seen, actor=hall["author"])
    response = post(hall["client"], f"/reviewer/items/{version.id}/approve", fields)
    assert response.status_code == 409
    assert "another text" in text_of(response)
    assert state_of(sqlite_db, version) == "submitted"


@pytest.mark.parametrize("fields", [{}, {"content_hash": "0" * 64, "area_seen": "D1"}, {"content_hash": "' OR 1=1"}])
def test_an_approval_without_what_was_seen_is_refused(hall, sqlite_db, fields):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    assert post(hall["client"], f"/reviewer/items/{version.id}/approve", fields).status_code == 409
    assert state_of(sqlite_db, version) == "submitted"


def test_one_who_wrote_the_question_is_offered_no_decision_and_gets_none(app, hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["both"])
    client = sign_in(app.test_client(), hall["logins"]["both"])
    page = text_of(client.get(f"/reviewer/items/{version.id}"))
    assert "/approve" not in page and 'name="reason"' not in page
    assert f'href="/reviewer/items/{version.id}"' not in text_of(client.get("/reviewer/queue")).partition("<table")[0]
    fields = {"content_hash": version.content_hash, "area_seen": "D1"}
    assert post(client, f"/reviewer/items/{version.id}/approve", fields).status_code == 409
    assert state_of(sqlite_db, version) == "submitted"


@pytest.mark.parametrize("reason", ["", "  \n ", "я" * 2001])
def test_a_return_without_a_proper_reason_is_refused_and_the_typed_words_stay(hall, sqlite_db, reason):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    data = {"content_hash": version.content_hash, "reason": reason}
    response = post(hall["client"], f"/reviewer/items/{version.id}/return", data)
    assert response.status_code == 422
    assert 'id="reason-error"' in text_of(response) and reason.strip() in text_of(response)
    assert state_of(sqlite_db, version) == "submitted"


def test_a_return_keeps_its_reason_for_the_author(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    data = {"content_hash": version.content_hash, "reason": "Екі жауап та дұрыс <b>"}
    assert post(hall["client"], f"/reviewer/items/{version.id}/return", data).status_code == 302
    with sqlite_db.reading() as session:
        assert session.scalars(select(ItemReview.reason)).all() == ["Екі жауап та дұрыс <b>"]
    assert state_of(sqlite_db, version) == "returned"
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}"))
    assert "Екі жауап та дұрыс &lt;b&gt;" in page and "/approve" not in page


def test_a_decision_made_by_another_reviewer_meanwhile_stands(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
        reviewing.approve(
            session, version_id=version.id, content_hash=version.content_hash, area="D1", actor=hall["both"], now=NOW
        )
    data = {"content_hash": version.content_hash, "reason": "Кеш қалған пікір"}
    response = post(hall["client"], f"/reviewer/items/{version.id}/return", data)
    assert response.status_code == 409 and state_of(sqlite_db, version) == "approved"


def test_the_queue_shows_the_longest_waiting_first_and_only_the_own_body(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        second = make_submitted(session, hall["author"], now=NOW.replace(hour=9))
        first = make_submitted(session, hall["author"], area="D2", now=NOW.replace(hour=8))
        make_draft(session, hall["author"], item_content("unfinished"))
        make_submitted(session, hall["stranger"], item_content("foreign"))
    page = text_of(hall["client"].get("/reviewer/queue"))
    assert re.findall(r"/reviewer/items/(\d+)\">CA", page) == [str(first.id), str(second.id)]
    assert "foreign" not in page and "unfinished" not in page
    page = text_of(hall["client"].get("/reviewer/queue?position=att-care&area=D1"))
    assert f"/reviewer/items/{second.id}?position=att-care&amp;area=D1" in page and "CA-D2-" not in page


def test_the_filters_are_kept_from_the_queue_through_the_deed(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}?position=att-care&area=D1"))
    link = approve_link(page)
    assert "area=D1" in link and "area_seen=D1" in link
    action = re.search(r'action="(/reviewer/items/[^"]+)"', text_of(hall["client"].get(link)))[1].replace("&amp;", "&")
    fields = {"content_hash": version.content_hash, "area_seen": "D1"}
    assert post(hall["client"], action, fields).location == "/reviewer/queue?position=att-care&area=D1"


def test_an_empty_queue_says_why(hall):
    assert 'class="empty"' in text_of(hall["client"].get("/reviewer/queue"))


def test_the_review_page_shows_what_changed_and_what_looks_the_same(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        first = make_approved(session, hall["author"], hall["reviewer"])
        twin = item_content(stem_kk="ҮЙДЕ көмек көрсету мерзімі қандай", stem_ru="Каков срок помощи на дому")
        make_draft(session, hall["author"], twin)
        version = authoring.open_new_version(session, item_id=first.item_id, actor=hall["author"], now=NOW)
        content = item_content(stem_kk="Үйде көмек көрсету мерзімі қандай?", stem_ru="Каков срок помощи на дому?")
        authoring.edit_draft(
            session, version_id=version.id, seen_hash=version.content_hash, content=content, actor=hall["author"],
            now=NOW,
        )  # fmt: skip
        authoring.submit(session, version_id=version.id, actor=hall["author"], now=NOW)
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}"))
    assert "<del>" in page and "<ins>" in page
    assert "CA-D1-1002" in page
    assert "<i>Ә</i>" not in page and "&lt;i&gt;Ә" in page


def test_the_preview_has_no_key(hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    page = text_of(hall["client"].get(f"/reviewer/items/{version.id}/preview"))
    assert "Вариант ответа на русском b" in page and "is-key" not in page
    assert "checked" not in page.partition("<main")[2]


@pytest.mark.parametrize("path", ["", "/preview", "/approve"])
def test_a_foreign_question_is_not_there(hall, sqlite_db, path):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["stranger"])
    assert hall["client"].get(f"/reviewer/items/{version.id}{path}").status_code == 404
    fields = {"content_hash": version.content_hash, "area_seen": "D1", "reason": "No"}
    for deed in ("approve", "return"):
        assert post(hall["client"], f"/reviewer/items/{version.id}/{deed}", fields).status_code == 404
    assert state_of(sqlite_db, version) == "submitted"


def test_an_author_does_not_open_the_reviewers_pages(app, hall, sqlite_db):
    with sqlite_db.transaction() as session:
        version = make_submitted(session, hall["author"])
    client = sign_in(app.test_client(), hall["logins"]["author"])
    assert client.get("/reviewer/queue").status_code == 403
    fields = {"content_hash": version.content_hash, "area_seen": "D1"}
    assert post(client, f"/reviewer/items/{version.id}/approve", fields).status_code == 403
    assert state_of(sqlite_db, version) == "submitted"
