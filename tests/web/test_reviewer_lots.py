"""Adopted lots for reviewers: the sample is read first, by another person, and a fault makes it larger."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cbt.bank.models import Item, ItemVersion
from tests.bank.adopting_office import Office
from tests.factories import login_of, make_staff, make_submitted, post, sign_in


@pytest.fixture
def lot_id(office: Office) -> int:
    return office.adopt().adoption_id


@pytest.fixture
def reviewer(library_app, office: Office) -> FlaskClient:
    with office.db.reading() as session:
        return signed_in(library_app, login_of(session, office.reviewer))


def signed_in(app, login: str) -> FlaskClient:
    client = app.test_client()
    client.get("/language/ru")
    return sign_in(client, login)


def text_of(response) -> str:
    return unescape(response.get_data(as_text=True))


def links(page: str, pattern: str) -> list[str]:
    return re.findall(rf'href="({pattern})"', page)


def count(office: Office, state: str) -> int:
    with office.db.reading() as session:
        return session.scalar(select(func.count()).select_from(ItemVersion).where(ItemVersion.state == state))


def fields_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def approve(client: FlaskClient, address: str) -> str:
    """Read the question at the address, approve it, and tell where that leads."""
    page = text_of(client.get(address))
    (link,) = links(page, r"/reviewer/items/\d+/approve\?[^\"]+")
    confirm = text_of(client.get(link))
    action = re.search(r'action="(/reviewer/items/[^"]+)"', confirm)[1]
    response = post(client, action, fields_of(confirm))
    assert response.status_code == 302
    return response.location


def send_back(client: FlaskClient, address: str) -> str:
    page = text_of(client.get(address))
    action = re.search(r'action="(/reviewer/items/\d+/return[^"]*)"', page)[1]
    response = post(client, action, fields_of(page) | {"reason": "Екі жауап та дұрыс"})
    assert response.status_code == 302
    return response.location


def test_the_queue_says_how_a_lot_is_decided_on(reviewer, office, lot_id):
    page = text_of(reviewer.get("/reviewer/queue"))
    notice = page.partition('class="lots"')[2].partition("</ul>")[0]
    assert "Ожидают 38 вопросов: прочитайте выборку" in notice and "Решено в выборке: 0 из 5." in notice
    assert links(notice, r"/reviewer/lots/\d+") == [f"/reviewer/lots/{lot_id}"]
    office.approve_all(lot_id)
    assert 'class="lots"' not in text_of(reviewer.get("/reviewer/queue"))


def test_a_lot_of_another_body_is_not_in_the_queue(reviewer, office):
    Office(office.db, office.bank).adopt()
    assert 'class="lots"' not in text_of(reviewer.get("/reviewer/queue"))


def test_the_sample_is_read_one_after_the_other_and_then_the_rest_is_approved(reviewer, office, lot_id):
    page = text_of(reviewer.get(f"/reviewer/lots/{lot_id}"))
    assert page.count("Еще не прочитан") == 5 and not links(page, r"/reviewer/lots/\d+/approve[^\"]*")
    here = links(page, rf"/reviewer/items/\d+\?lot={lot_id}")[0]
    for done in range(5):
        assert f"Решено в выборке: {done} из 5." in text_of(reviewer.get(here))
        here = approve(reviewer, here)
    assert here == f"/reviewer/lots/{lot_id}"
    page = text_of(reviewer.get(here))
    (link,) = links(page, r"/reviewer/lots/\d+/approve\?[^\"]+")
    confirm = text_of(reviewer.get(link))
    assert "Утвердить оставшиеся 33 вопроса" in confirm and 'class="final"' in confirm
    assert [int(number) for number in re.findall(r'<td class="num">(\d+)</td>', confirm)] == [20, 13, 33]
    assert count(office, "approved") == 5
    response = post(reviewer, f"/reviewer/lots/{lot_id}/approve", fields_of(confirm))
    assert response.status_code == 302 and count(office, "approved") == 38
    page = text_of(reviewer.get(response.location))
    assert "Утверждено 33 вопроса." in page and "По всем вопросам этой партии решение принято." in page
    assert not links(page, r"/reviewer/lots/\d+/approve[^\"]*")


def test_a_returned_question_makes_the_sample_larger_and_the_page_says_so(reviewer, office, lot_id):
    first, *_ = office.lot(lot_id).sample
    here = send_back(reviewer, f"/reviewer/items/{first.version.id}?lot={lot_id}")
    assert here.endswith(f"?lot={lot_id}") and f"/items/{first.version.id}?" not in here
    assert "В выборку добавлены еще 2 вопроса этого раздела." in text_of(reviewer.get(here))
    page = text_of(reviewer.get(f"/reviewer/lots/{lot_id}"))
    assert "выборка выросла с 5 до 7 вопросов" in page and "Решено в выборке: 1 из 7." in page
    assert page.count("Возвращено") == 2  # the fact of the lot, and the state of the question


def test_a_question_outside_the_sample_may_be_decided_on_before(reviewer, office, lot_id):
    outside = office.lot(lot_id).rest[0]
    address = f"/reviewer/items/{outside.version.id}?lot={lot_id}"
    assert address in text_of(reviewer.get(f"/reviewer/lots/{lot_id}"))
    assert "Этот вопрос вне выборки." in text_of(reviewer.get(address))
    send_back(reviewer, address)
    assert len(office.lot(lot_id).sample) == 7


def test_the_rest_does_not_go_before_the_sample_is_read(reviewer, office, lot_id):
    assert reviewer.get(f"/reviewer/lots/{lot_id}/approve").location == f"/reviewer/lots/{lot_id}"
    response = post(reviewer, f"/reviewer/lots/{lot_id}/approve", {"seen": office.lot(lot_id).digest})
    assert response.status_code == 409 and "error-summary" in text_of(response)
    assert count(office, "approved") == 0


@pytest.mark.parametrize("seen", ["", "0" * 64, "<script>"])
def test_the_rest_goes_only_as_it_stood_on_the_page(reviewer, office, lot_id, seen):
    for row in office.lot(lot_id).sample:
        office.decide(row)
    response = post(reviewer, f"/reviewer/lots/{lot_id}/approve", {"seen": seen})
    assert response.status_code == 409 and count(office, "approved") == 5


def test_one_who_adopted_is_told_that_another_must_decide_and_is_offered_nothing(library_app, office):
    with office.db.transaction() as session:
        both = make_staff(session, office.body, "author", "reviewer")
        login = login_of(session, both)
    made = office.adopt(actor=both).adoption_id
    client = signed_in(library_app, login)
    assert "приняты вами из библиотеки" in text_of(client.get("/reviewer/queue"))
    for row in office.lot(made).sample:
        office.decide(row)
    page = text_of(client.get(f"/reviewer/lots/{made}"))
    assert "должен другой рецензент" in page and 'class="button is-primary"' not in page
    assert client.get(f"/reviewer/lots/{made}/approve").status_code == 302
    response = post(client, f"/reviewer/lots/{made}/approve", {"seen": office.lot(made).digest})
    assert response.status_code == 422 and count(office, "approved") == 5


def test_a_foreign_lot_is_not_there(reviewer, office):
    other = Office(office.db, office.bank)
    foreign = other.adopt().adoption_id
    for path in (f"/reviewer/lots/{foreign}", f"/reviewer/lots/{foreign}/approve"):
        assert reviewer.get(path).status_code == 404
    digest = other.lot(foreign).digest
    assert post(reviewer, f"/reviewer/lots/{foreign}/approve", {"seen": digest}).status_code == 404


@pytest.mark.parametrize("asked", ["{foreign}", "{other}", "0", "x", "-1", "9" * 30, "٣"])
def test_a_lot_in_the_address_that_the_question_is_not_of_is_left_out(reviewer, office, lot_id, asked):
    foreign = Office(office.db, office.bank).adopt().adoption_id
    with office.db.transaction() as session:
        own = make_submitted(session, office.author)
    address = f"/reviewer/items/{own.id}?lot={asked.format(foreign=foreign, other=lot_id)}"
    page = text_of(reviewer.get(address))
    assert "выборк" not in page and "/reviewer/queue" in page
    assert approve(reviewer, address) == "/reviewer/queue"


def test_the_queue_keeps_its_filters_where_no_lot_was_asked_for(reviewer, office, lot_id):
    row = office.lot(lot_id).sample[0]
    assert (
        approve(reviewer, f"/reviewer/items/{row.version.id}?position=att-care") == "/reviewer/queue?position=att-care"
    )


def test_the_preview_leads_back_to_the_question_of_the_lot(reviewer, office, lot_id):
    row = office.lot(lot_id).sample[0]
    (preview,) = links(text_of(reviewer.get(f"/reviewer/items/{row.version.id}?lot={lot_id}")), r"[^\"]+/preview[^\"]*")
    assert f'href="/reviewer/items/{row.version.id}?lot={lot_id}"' in text_of(reviewer.get(preview))


def test_a_question_of_the_library_says_so_to_its_reviewer(reviewer, office, lot_id):
    row = office.lot(lot_id).sample[0]
    page = text_of(reviewer.get(f"/reviewer/items/{row.version.id}"))
    assert "Из эталонной библиотеки, выпуск 2026-11" in page and "Текст с тех пор не менялся." in page


def test_a_long_rest_has_pages(reviewer, lot_id):
    first = text_of(reviewer.get(f"/reviewer/lots/{lot_id}"))
    assert "33 вопроса вне выборки" in first and f"/reviewer/lots/{lot_id}?page=2" in first
    second = text_of(reviewer.get(f"/reviewer/lots/{lot_id}?page=2"))
    assert len(links(second.partition('id="rest"')[2], rf"/reviewer/items/\d+\?lot={lot_id}")) == 33 - 25


def test_the_next_question_is_of_a_sample_or_written_here_and_none_of_the_rest(reviewer, office, lot_id):
    with office.db.transaction() as session:
        own = make_submitted(session, office.author)
    sample = {row.version.id for row in office.lot(lot_id).sample}
    seen = set()
    while next_ := re.findall(r'href="/reviewer/items/(\d+)">Перейти к следующему вопросу', text_of(reviewer.get("/reviewer/queue"))):
        seen.add(int(next_[0]))
        approve(reviewer, f"/reviewer/items/{next_[0]}")
    assert seen == sample | {own.id}
    assert len(office.lot(lot_id).rest) == 33


@pytest.mark.parametrize(("asked", "is_own", "is_adopted"), [("own", True, False), ("library", False, True), ("x", True, True)])
def test_the_queue_is_narrowed_by_origin(reviewer, office, lot_id, asked, is_own, is_adopted):
    with office.db.transaction() as session:
        own = session.get(Item, make_submitted(session, office.author).item_id).code
    page = text_of(reviewer.get(f"/reviewer/queue?origin={asked}&area=D1&position=att-care")).partition("<tbody>")[2]
    adopted = next(row for row in office.lot(lot_id).rows if row.item.area == "D1")
    assert (own in page, adopted.item.code in page) == (is_own, is_adopted)
