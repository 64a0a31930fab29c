"""Planning, registering, printing and watching through the pages, with what happens when things are typed wrongly."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cbt.accounts.vault import token_hash
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.delivery.actions.entering import Entry, sign_in
from cbt.delivery.actions.planning import open_sitting
from cbt.delivery.actions.registering import issue_codes, register_candidate
from cbt.delivery.models import Attempt, Registration, Sitting
from cbt.i18n import COUNTRY_ZONE
from tests import factories
from tests.delivery.hall import VAULT, Hall, finish_attempt, iin_of, make_hall, plan_of
from tests.delivery.test_lists import CARE_KK, CARE_RU, HEADER, KAZAKH, csv_of, xlsx

TODAY = datetime.now(UTC)


@pytest.fixture
def db(app: Flask) -> Database:
    return app.extensions["cbt"].database


@pytest.fixture
def hall(db: Database) -> Hall:
    with db.transaction() as session:
        return make_hall(session, now=TODAY)


def signed_in(app: Flask, hall: Hall, *roles: str, body=None) -> FlaskClient:
    with app.extensions["cbt"].database.transaction() as session:
        person = factories.make_staff(session, body or hall.oblast, *(roles or ("secretary",)), now=TODAY)
        login = factories.login_of(session, person)
    return factories.sign_in(app.test_client(), login)


@pytest.fixture
def secretary(app: Flask, hall: Hall) -> FlaskClient:
    return signed_in(app, hall)


def post(client: FlaskClient, path: str, data: dict[str, object] | None = None, **more: object):
    return factories.post(client, path, data, **more)


@pytest.fixture
def sitting(db: Database, hall: Hall) -> int:
    from cbt.delivery.actions.planning import plan_sitting

    with db.transaction() as session:
        plan = plan_of(hall, opens_at=TODAY - timedelta(minutes=5), closes_at=TODAY + timedelta(hours=6))
        return plan_sitting(session, plan=plan, actor=hall.secretary, now=TODAY).id


def register(db: Database, hall: Hall, sitting_id: int, number: int = 1, name: str = KAZAKH) -> int:
    with db.transaction() as session:
        return register_candidate(
            session, sitting=session.get_one(Sitting, sitting_id), iin=iin_of(number), name=name, position="att-care",
            stage="initial", workplace="other", territory_id=hall.rayon.id, actor=hall.secretary, vault=VAULT, now=TODAY,
        ).id  # fmt: skip


def text(response) -> str:
    return response.get_data(as_text=True)


def plan_data(hall: Hall, **changes: object) -> dict[str, object]:
    day = (TODAY + timedelta(days=3)).astimezone(COUNTRY_ZONE).date()
    return {
        "place_kk": "Көкшетау, 3-кабинет", "place_ru": "Кокшетау, кабинет 3", "day": day.isoformat(), "opens": "10:00",
        "closes": "14:00", "last_day": "", "minutes": "60", "both_languages": "y", "supervisor": "Ғалымжан Әбдіқадыров",
        "forms_att_care": str(hall.forms["att-care"]),
    } | changes  # fmt: skip


def person_data(hall: Hall, number: int = 1, **changes: object) -> dict[str, object]:
    return {
        "iin": iin_of(number), "name": KAZAKH, "position": "att-care", "stage": "initial", "workplace": "other",
        "territory": str(hall.rayon.id),
    } | changes  # fmt: skip


# Planning


def test_a_sitting_is_planned_in_the_time_of_the_country(secretary: FlaskClient, db: Database, hall: Hall) -> None:
    response = post(secretary, "/invigilator/sittings/new", plan_data(hall))
    assert response.status_code == 302
    with db.reading() as session:
        planned = session.scalars(select(Sitting)).one()
        assert planned.opens_at.astimezone(COUNTRY_ZONE).strftime("%H:%M") == "10:00"
        assert planned.opens_at.strftime("%H:%M") == "05:00"
        assert planned.closes_at - planned.opens_at == timedelta(hours=4)
    page = text(secretary.get(response.location))
    assert "Ғалымжан Әбдіқадыров" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": "61"}, "minutes"),
        ({"minutes": "sixty"}, "minutes"),
        ({"minutes": "0"}, "minutes"),
        ({"closes": "09:00"}, "closes"),
        ({"closes": "25:61"}, "closes"),
        ({"day": "2019-01-01"}, "closes"),
        ({"day": "31.02.2026"}, "day"),
        ({"day": "0000-00-00"}, "day"),
        ({"place_kk": " "}, "place_kk"),
        ({"place_ru": "я" * 300}, "place_ru"),
        ({"supervisor": ""}, "supervisor"),
        ({"forms_att_care": []}, "forms_att_needs_assessment"),
        ({"forms_att_care": "999999"}, "forms_att_care"),
        ({"forms_att_care": "abc"}, "forms_att_care"),
    ],
)
def test_a_wrong_plan_is_explained_at_its_field_and_what_was_typed_stays(
    secretary: FlaskClient, db: Database, hall: Hall, changes: dict[str, object], field: str
) -> None:
    response = post(secretary, "/invigilator/sittings/new", plan_data(hall, **changes))
    page = text(response)
    assert response.status_code == 422
    assert re.search(rf'id="{field}-error"|href="#{field}', page), page
    assert 'value="10:00"' in page
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sitting)) == 0


def test_a_missing_form_is_said_together_with_the_other_mistakes_of_a_plan(secretary: FlaskClient, hall: Hall) -> None:
    page = text(post(secretary, "/invigilator/sittings/new", {"day": "2026-13-01", "opens": "10:00"}))
    for field in ("day", "supervisor", "forms_"):
        assert f'href="#{field}' in page, field


def test_a_plan_is_changed_and_shows_what_was_planned(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    page = text(secretary.get(f"/invigilator/sittings/{sitting}/edit"))
    assert "Көкшетау қаласы, Абай көшесі 96, 3-кабинет" in page and page.count(" checked") >= 4
    assert post(secretary, f"/invigilator/sittings/{sitting}/edit", plan_data(hall, minutes="45")).status_code == 302
    with db.reading() as session:
        assert session.get_one(Sitting, sitting).minutes == 45


def test_a_sitting_is_opened_cancelled_or_closed_only_after_its_own_page(
    secretary: FlaskClient, db: Database, hall: Hall, sitting: int
) -> None:
    for deed, state in (("open", "open"), ("close", "closed")):
        assert secretary.get(f"/invigilator/sittings/{sitting}/{deed}").status_code == 200
        assert post(secretary, f"/invigilator/sittings/{sitting}/{deed}").status_code == 302
        with db.reading() as session:
            assert session.get_one(Sitting, sitting).state == state
    assert post(secretary, f"/invigilator/sittings/{sitting}/open").status_code == 409


def test_a_cancelled_sitting_keeps_its_reason_in_the_record(secretary: FlaskClient, db: Database, sitting: int) -> None:
    assert post(secretary, f"/invigilator/sittings/{sitting}/cancel", {"reason": " "}).status_code == 422
    assert post(secretary, f"/invigilator/sittings/{sitting}/cancel", {"reason": "Жарық жоқ"}).status_code == 302
    with db.reading() as session:
        assert "Жарық жоқ" in session.scalars(select(AuditEntry.facts).where(AuditEntry.tag == "sitting.cancelled")).one()


def test_a_sitting_with_running_tests_is_not_closed_and_the_page_says_how_many(
    secretary: FlaskClient, db: Database, hall: Hall, sitting: int
) -> None:
    registration = register(db, hall, sitting)
    with db.transaction() as session:
        open_sitting(session, sitting=session.get_one(Sitting, sitting), actor=hall.secretary, now=TODAY)
        finish_attempt(session, session.get_one(Registration, registration), hall.forms["att-care"], at=TODAY, state="started")
    response = post(secretary, f"/invigilator/sittings/{sitting}/close")
    assert response.status_code == 422 and "error-summary" in text(response)


def test_sittings_are_found_by_tab_place_and_position(secretary: FlaskClient, sitting: int) -> None:
    def rows(query: str) -> int:
        return text(secretary.get(f"/invigilator/sittings?{query}")).count(f'/invigilator/sittings/{sitting}"')

    assert rows("when=upcoming") == 1 and rows("when=open") == 0 and rows("when=past") == 0
    assert rows("when=upcoming&q=АБАЙ КӨШЕСІ") == 1 and rows("when=upcoming&q=Орал") == 0
    assert rows("when=upcoming&position=att-care") == 1 and rows("when=upcoming&position=att-consultant") == 0
    assert secretary.get("/invigilator/sittings?when=x&page=99999&position='").status_code == 200


# Registering


def test_a_candidate_is_registered_and_only_four_digits_are_shown(
    secretary: FlaskClient, db: Database, hall: Hall, sitting: int
) -> None:
    response = post(secretary, f"/invigilator/sittings/{sitting}/register", person_data(hall))
    assert response.status_code == 302
    page = text(secretary.get(response.location))
    assert KAZAKH in page and iin_of(1)[-4:] in page and iin_of(1) not in page
    assert hall.rayon.name_kk in page  # the commission that follows from the post


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"iin": "123"}, "iin"),
        ({"iin": iin_of(1)[:-1] + str((int(iin_of(1)[-1]) + 1) % 10)}, "iin"),
        ({"iin": "abcdefghijkl"}, "iin"),
        ({"iin": ""}, "iin"),
        ({"name": "Ә"}, "name"),
        ({"name": "Асан\u202eнасА"}, "name"),
        ({"position": "att-consultant"}, "position"),
        ({"position": ""}, "position"),
        ({"stage": "third"}, "stage"),
        ({"workplace": ""}, "workplace"),
        ({"territory": "999"}, "territory"),
        ({"territory": "x"}, "territory"),
    ],
)
def test_a_wrong_person_is_explained_at_the_field_and_what_was_typed_stays(
    secretary: FlaskClient, db: Database, hall: Hall, sitting: int, changes: dict[str, object], field: str
) -> None:
    data = person_data(hall, **changes)
    response = post(secretary, f"/invigilator/sittings/{sitting}/register", data)
    page = text(response)
    assert response.status_code == 422 and f'id="{field}-error"' in page
    for name in ("iin", "name"):
        assert f'value="{data[name]}"' in page
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 0


def test_a_double_click_registers_once(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    path = f"/invigilator/sittings/{sitting}/register"
    assert [post(secretary, path, person_data(hall)).status_code for _ in range(2)] == [302, 422]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 1


def test_names_that_look_like_markup_or_formulas_stay_text(secretary: FlaskClient, hall: Hall, sitting: int) -> None:
    name = '=HYPERLINK("x")<script>alert(1)</script>'
    post(secretary, f"/invigilator/sittings/{sitting}/register", person_data(hall, name=name))
    page = text(secretary.get(f"/invigilator/sittings/{sitting}"))
    assert "=HYPERLINK(&#34;x&#34;)&lt;script&gt;" in page and "<script>alert" not in page


def test_a_form_without_its_token_does_nothing(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    for path, data in (
        (f"/invigilator/sittings/{sitting}/register", person_data(hall)),
        (f"/invigilator/sittings/{sitting}/open", {}),
        (f"/invigilator/sittings/{sitting}/slips", {"which": "all"}),
    ):
        assert secretary.post(path, data=data).status_code == 400
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 0
        assert session.get_one(Sitting, sitting).state == "planned"


def test_somebody_is_taken_off_the_list(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    registration = register(db, hall, sitting)
    path = f"/invigilator/sittings/{sitting}/people/{registration}/withdraw"
    assert KAZAKH in text(secretary.get(path))
    assert post(secretary, path).status_code == 302
    assert secretary.get(path).status_code == 404
    assert f"people/{registration}" not in text(secretary.get(f"/invigilator/sittings/{sitting}"))


def test_a_long_list_is_searched_and_paged(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    for number in range(1, 31):
        register(db, hall, sitting, number, name="Ұлжан Қазыбекқызы" if number == 30 else f"Үміткер № {number}")
    path = f"/invigilator/sittings/{sitting}"
    assert "Ұлжан" not in text(secretary.get(path)) and "Ұлжан" in text(secretary.get(f"{path}?page=2"))
    assert "Ұлжан" in text(secretary.get(f"{path}?q=ұЛЖАН")) and "Ұлжан" in text(secretary.get(f"{path}?q=30"))
    assert "Ұлжан" in text(secretary.get(f"{path}?q=ұлжан&state=no_code"))
    assert "Ұлжан" not in text(secretary.get(f"{path}?q=ұлжан&state=finished"))


# Lists


def upload(client: FlaskClient, sitting: int, data: bytes, name: str = "list.xlsx"):
    return post(
        client, f"/invigilator/sittings/{sitting}/import", {"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )  # fmt: skip


def test_a_spreadsheet_is_loaded_whole(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    rows = [[int(iin_of(number)), f"{KAZAKH} {number}", CARE_KK, hall.rayon.name_ru] for number in range(1, 6)]
    assert upload(secretary, sitting, xlsx([*HEADER, "Аудан"], *rows)).status_code == 302
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 5


def test_bad_rows_are_named_and_nobody_is_registered(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    territory = hall.rayon.kato
    response = upload(
        secretary, sitting,
        xlsx(
            [*HEADER, "Аудан"], [iin_of(1), KAZAKH, CARE_KK, territory], ["123", "Қате адам", CARE_KK, territory],
            [iin_of(3), "Қате лауазым", "директор", territory], [iin_of(1), "Екінші рет", CARE_KK, territory],
        ),
    )  # fmt: skip
    page = text(response)
    assert response.status_code == 422
    for number, name in ((3, "Қате адам"), (4, "Қате лауазым"), (5, "Екінші рет")):
        assert re.search(rf'<td class="num">{number}</td><th scope="row">{name}</th>', page), page
    assert f'<th scope="row">{KAZAKH}</th>' not in page
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 0


def test_the_same_file_twice_changes_nothing(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    data = xlsx([*HEADER, "Аудан"], [iin_of(1), KAZAKH, CARE_KK, hall.rayon.kato])
    assert [upload(secretary, sitting, data).status_code for _ in range(2)] == [302, 422]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_text_file_of_an_old_office_is_loaded(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    data = csv_of(
        ["ИИН", "ФИО", "Должность", "Район"], [iin_of(1), "Ахметова Жанна", CARE_RU, hall.rayon.kato], encoding="cp1251"
    )
    assert upload(secretary, sitting, data, "list.csv").status_code == 302
    with db.reading() as session:
        assert session.scalars(select(Registration.name)).one() == "Ахметова Жанна"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04x", b"%PDF-1.7\x00", b"\xd0\xcf\x11\xe0old", b"a;b\n1;2\n"])
def test_a_file_that_is_no_list_is_explained_at_the_field(secretary: FlaskClient, hall: Hall, sitting: int, data: bytes) -> None:
    response = upload(secretary, sitting, data)
    assert response.status_code == 422 and 'id="file-error"' in text(response)


def test_the_empty_list_to_fill_in_is_a_spreadsheet(secretary: FlaskClient, sitting: int) -> None:
    response = secretary.get(f"/invigilator/sittings/{sitting}/list.xlsx")
    assert response.data.startswith(b"PK") and "attachment" in response.headers["Content-Disposition"]


# Slips


def test_slips_are_printed_and_earlier_ones_stop_working(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    registration = register(db, hall, sitting)
    with db.transaction() as session:
        row = session.get_one(Registration, registration)
        ((_, code),) = issue_codes(session, registrations=[row], vault=VAULT, actor=hall.secretary, now=TODAY)
    response = post(secretary, f"/invigilator/sittings/{sitting}/slips", {"which": "all"})
    assert response.status_code == 200 and response.data.startswith(b"%PDF")
    with db.transaction() as session:
        refusal = sign_in(session, vault=VAULT, iin=iin_of(1), code=code, device="d", now=TODAY)
        assert not isinstance(refusal, Entry)


def test_files_are_called_in_the_language_of_the_pages(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    register(db, hall, sitting)
    secretary.get("/language/ru")
    empty_list = secretary.get(f"/invigilator/sittings/{sitting}/list.xlsx")
    slips = post(secretary, f"/invigilator/sittings/{sitting}/slips", {"which": "all"})
    assert unquote(empty_list.headers["Content-Disposition"]).endswith(f"аттестуемые-{sitting}.xlsx")
    assert unquote(slips.headers["Content-Disposition"]).endswith(f"листки-{sitting}.pdf")


def test_slips_for_newcomers_leave_the_others_alone(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    first = register(db, hall, sitting, 1)
    path = f"/invigilator/sittings/{sitting}/slips"
    post(secretary, path, {"which": "new"})
    with db.reading() as session:
        code_hash = session.get_one(Registration, first).code_hash
    assert post(secretary, path, {"which": "new"}).status_code == 422
    second = register(db, hall, sitting, 2)
    assert post(secretary, path, {"which": "new"}).data.startswith(b"%PDF")
    with db.reading() as session:
        assert session.get_one(Registration, first).code_hash == code_hash
        assert session.get_one(Registration, second).code_hash


def test_one_slip_is_printed_anew_in_the_room(app: Flask, db: Database, hall: Hall, sitting: int) -> None:
    registration = register(db, hall, sitting)
    invigilator = signed_in(app, hall, "invigilator")
    path = f"/invigilator/sittings/{sitting}/people/{registration}/slip"
    assert KAZAKH in text(invigilator.get(path))
    assert post(invigilator, path).data.startswith(b"%PDF")


# The room


def running(db: Database, hall: Hall, sitting: int) -> tuple[int, str]:
    """Somebody in the middle of the test; the registration and the token of their browser."""
    registration = register(db, hall, sitting)
    with db.transaction() as session:
        row = session.get_one(Registration, registration)
        open_sitting(session, sitting=session.get_one(Sitting, sitting), actor=hall.secretary, now=TODAY)
        ((_, code),) = issue_codes(session, registrations=[row], vault=VAULT, actor=hall.secretary, now=TODAY)
        entry = sign_in(session, vault=VAULT, iin=iin_of(1), code=code, device="d", now=TODAY)
        assert isinstance(entry, Entry)
        at = datetime.now(UTC) + timedelta(minutes=30)
        attempt = finish_attempt(session, row, hall.forms["att-care"], at=at, state="started")
        attempt.live_session = token_hash(entry.token)
    return registration, entry.token


def test_the_room_shows_who_is_writing_and_for_how_long_still(app: Flask, db: Database, hall: Hall, sitting: int) -> None:
    running(db, hall, sitting)
    with db.reading() as session:
        deadline = session.scalars(select(Attempt.deadline)).one()
    invigilator, second = signed_in(app, hall, "invigilator"), timedelta(seconds=1)
    most = deadline - datetime.now(UTC)
    page = text(invigilator.get(f"/invigilator/sittings/{sitting}/room"))
    least = deadline - datetime.now(UTC)
    assert KAZAKH in page and iin_of(1) not in page
    minutes, seconds = re.search(r">(\d\d):(\d\d)<", page).groups()
    assert least - second <= timedelta(minutes=int(minutes), seconds=int(seconds)) <= most + second
    assert 'http-equiv="refresh"' not in page


def test_another_computer_is_allowed_after_a_page_of_its_own(app: Flask, db: Database, hall: Hall, sitting: int) -> None:
    registration, _token = running(db, hall, sitting)
    invigilator = signed_in(app, hall, "invigilator")
    path = f"/invigilator/sittings/{sitting}/people/{registration}/release"
    assert KAZAKH in text(invigilator.get(path))
    assert post(invigilator, path).status_code == 302
    with db.reading() as session:
        assert session.scalars(select(Attempt.live_session)).one() is None


# Access

PAGES = ("", "/edit", "/register", "/import", "/list.xlsx", "/slips", "/room", "/open", "/close", "/cancel")
DEEDS = ("withdraw", "slip", "release")


def test_a_sitting_of_another_body_is_not_found(app: Flask, db: Database, hall: Hall, sitting: int) -> None:
    registration = register(db, hall, sitting)
    with db.transaction() as session:
        elsewhere = factories.make_body(session, now=TODAY)
    strangers = [signed_in(app, hall, "secretary", body=elsewhere), signed_in(app, hall, "secretary", body=hall.rayon)]
    for stranger in strangers:
        for page in PAGES:
            assert stranger.get(f"/invigilator/sittings/{sitting}{page}").status_code == 404, page
        for deed in DEEDS:
            path = f"/invigilator/sittings/{sitting}/people/{registration}/{deed}"
            assert stranger.get(path).status_code == 404 and post(stranger, path).status_code == 404, deed
        for deed in ("open", "close"):
            assert post(stranger, f"/invigilator/sittings/{sitting}/{deed}").status_code == 404
        assert f"/sittings/{sitting}" not in text(stranger.get("/invigilator/sittings"))
    with db.reading() as session:
        assert session.get_one(Sitting, sitting).state == "planned"


def test_a_person_is_not_found_through_another_sitting(secretary: FlaskClient, db: Database, hall: Hall, sitting: int) -> None:
    registration = register(db, hall, sitting)
    post(secretary, "/invigilator/sittings/new", plan_data(hall))
    for deed in DEEDS:
        assert secretary.get(f"/invigilator/sittings/{sitting + 1}/people/{registration}/{deed}").status_code == 404


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("secretary", set(PAGES)),
        ("invigilator", {"", "/room", "/open", "/close"}),
        ("body_admin", {""}),
        ("author", set()),
        ("member", set()),
        ("auditor", set()),
    ],
)
def test_each_role_opens_its_own_pages_only(app: Flask, hall: Hall, sitting: int, role: str, allowed: set[str]) -> None:
    client = signed_in(app, hall, role)
    for page in PAGES:
        expected = 200 if page in allowed else 403
        assert client.get(f"/invigilator/sittings/{sitting}{page}").status_code == expected, page


@pytest.mark.parametrize("number", ["0", "99999999", "9223372036854775807", "9223372036854775808", "-1", "x"])
def test_a_sitting_that_does_not_exist_is_not_found(secretary: FlaskClient, number: str) -> None:
    assert secretary.get(f"/invigilator/sittings/{number}").status_code == 404
