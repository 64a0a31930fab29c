"""Every route with every role, on one's own body and on another's: nothing opens that should not, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import url_for

from tests.access.conftest import House, text_of, titles
from tests.access.matrix import CANDIDATE, MATRIX, NOBODY, STAFF, WHO, Row
from tests.access.world import Side

# Who may read why a key is right; candidates read the questions, and nobody else does.
READERS = {"author", "reviewer"}
OF_THE_BANK = ("Ереженің тиісті тармағында", "Так указано в соответствующем", 'name="options-')
SIGN_IN = ("/login", "/candidate/login")


def methods_of(house: House, endpoint: str) -> list[str]:
    found: set[str] = set()
    for rule in house.app.url_map.iter_rules(endpoint):
        found |= set(rule.methods or ()) & {"GET", "POST"}
    return sorted(found)


def address(house: House, endpoint: str, row: Row, objects: dict[str, object], method: str) -> str:
    with house.app.test_request_context():
        return url_for(endpoint, _method=method, **objects, **row.fixed)


def own(side: Side, row: Row, who: str) -> dict[str, object]:
    return {argument: as_seen_by(side, name, who) for argument, name in row.objects.items()}


OF_THE_MINISTRY = {"account_id": "oblast_admin_id", "parent_id": "ministry_id"}


def as_seen_by(side: Side, name: str, who: str) -> object:
    """The ministry's administrator works on oblasts and their administrators; everybody else inside one oblast."""
    if who == "ministry_admin":
        return side.ids[OF_THE_MINISTRY.get(name, name)] if name != "role" else "body_admin"
    return side.ids[name]


def not_own(house: House, row: Row, who: str) -> Iterator[dict[str, object]]:
    """Each object in turn taken from the other oblast, and all of them at once."""
    here, there = own(house.world.own, row, who), own(house.world.foreign, row, who)
    told_apart = [argument for argument in here if here[argument] != there[argument]]
    for argument in told_apart:
        yield here | {argument: there[argument]}
    if len(told_apart) > 1:
        yield there


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    assert {rule.endpoint for rule in house.app.url_map.iter_rules()} == set(MATRIX)


@pytest.mark.parametrize("endpoint", sorted(MATRIX))
def test_who_may_is_let_in(house: House, endpoint: str) -> None:
    row = MATRIX[endpoint]
    for who in sorted(row.roles):
        objects = own(house.world.own, row, who)
        if endpoint == "account.act_in" and who == "ministry_admin":
            objects = {"body_id": house.world.own.ids["ministry_id"]}
        for method in methods_of(house, endpoint):
            response = house.ask(who, method, address(house, endpoint, row, objects, method))
            wanted = row.get if method == "GET" else row.post
            assert response.status_code in wanted, f"{who} {method}: {response.status_code} {titles(text_of(response))}"
            assert who == NOBODY or response.location not in SIGN_IN or endpoint.endswith("logout")
            assert house.world.foreign.mark not in text_of(response) or who == "ministry_admin"
            assert who in READERS or not any(secret in text_of(response) for secret in OF_THE_BANK)
            if method == "POST":
                house.restore()


@pytest.mark.parametrize("endpoint", sorted(name for name, row in MATRIX.items() if set(WHO) - row.roles))
def test_who_may_not_is_kept_out_and_leaves_no_trace(house: House, endpoint: str) -> None:
    row, watch = MATRIX[endpoint], house.watch()
    for who in sorted(set(WHO) - row.roles):
        for method in methods_of(house, endpoint):
            response = house.ask(who, method, address(house, endpoint, row, own(house.world.own, row, who), method))
            expected = expected_refusal(row, who, method, endpoint)
            assert response.status_code == expected, f"{who} {method}: {response.status_code}"
            assert expected != 302 or response.location.partition("?")[0] in SIGN_IN
            assert house.world.own.mark not in text_of(response).replace(name_in_header(house, who), "")
            assert not watch.saw_a_change(), f"{who} {method} wrote something"


def expected_refusal(row: Row, who: str, method: str, endpoint: str) -> int:
    """Staff without the permission: 403. Whoever is not signed in the right way: the door, or 401 where there is none."""
    if who in STAFF and row.refused:
        return row.refused
    if who in STAFF and not row.roles <= {CANDIDATE}:
        return 403
    return 401 if method == "POST" or endpoint.startswith("candidate_api.") else 302


def name_in_header(house: House, who: str) -> str:
    return house.world.own.mark if who in STAFF else "nobody's mark"


@pytest.mark.parametrize("endpoint", sorted(name for name, row in MATRIX.items() if row.objects))
def test_what_belongs_to_another_body_is_not_there(house: House, endpoint: str) -> None:
    row, watch = MATRIX[endpoint], house.watch()
    for who in sorted(row.roles - {"ministry_admin"}):
        for objects in not_own(house, row, who):
            for method in methods_of(house, endpoint):
                response = house.ask(who, method, address(house, endpoint, row, objects, method), {"reason": "x"})
                assert response.status_code == 404, f"{who} {method} {objects}: {response.status_code}"
                assert house.world.foreign.mark not in text_of(response)
                assert not watch.saw_a_change(), f"{who} {method} wrote something"


@pytest.mark.parametrize(
    "endpoint", sorted(name for name, row in MATRIX.items() if "ministry_admin" in row.roles and row.objects)
)
def test_the_ministry_does_not_reach_below_the_oblasts(house: House, endpoint: str) -> None:
    """Rayons are their oblast's, and so are its people other than the administrator."""
    side, row = house.world.own, MATRIX[endpoint]
    if endpoint == "account.act_in":
        objects: dict[str, object] = {"body_id": side.body_id}
    elif "account_id" in row.objects:
        objects = own(side, row, "ministry_admin") | {"account_id": side.ids["account_id"]}
    else:
        objects = dict.fromkeys(row.objects, side.rayon_id)
    for method in methods_of(house, endpoint):
        response = house.ask("ministry_admin", method, address(house, endpoint, row, objects, method))
        assert response.status_code == 404, f"{method} {objects}"


SEARCHES = (
    ("author", "/author/items?q={}"),
    ("reviewer", "/reviewer/queue?q={}"),
    ("invigilator", "/invigilator/sittings?q={}"),
    ("secretary", "/invigilator/sittings/{own_sitting}?q={}"),
    ("member", "/commission/sittings?q={}"),
    ("member", "/commission/sittings/{own_sitting}?q={}"),
    ("body_admin", "/admin/members?show=all&q={}"),
    ("body_admin", "/admin/bodies?q={}"),
    ("body_admin", "/admin/audit?actor=account:{account}"),
    ("body_admin", "/admin/audit?subject=sitting:{sitting}"),
    ("auditor", "/admin/audit?subject=registration:{registration}"),
    ("author", "/author/items?author={account}"),
)


@pytest.mark.parametrize(("who", "path"), SEARCHES, ids=[path for _, path in SEARCHES])
def test_no_search_finds_what_belongs_to_another_body(house: House, who: str, path: str) -> None:
    own_ids, there = house.world.own.ids, house.world.foreign
    first, last = there.mark[:5], there.mark[5:]
    url = path.format(
        first, own_sitting=own_ids["sitting_id"], account=there.ids["account_id"], sitting=there.ids["sitting_id"],
        registration=there.ids["registration_id"],
    )  # fmt: skip
    response = house.ask(who, "GET", url)
    assert response.status_code == 200
    assert last not in text_of(response).replace(house.world.own.mark, "")


def test_the_walk_sees_a_route_opened_to_too_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    view = house.app.view_functions["commission.candidate"]
    monkeypatch.setattr(view, "permission", "staff")
    with pytest.raises(AssertionError):
        test_who_may_not_is_kept_out_and_leaves_no_trace(house, "commission.candidate")


def test_the_walk_sees_a_role_that_lost_its_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        MATRIX, "author.items", replace(MATRIX["author.items"], roles=frozenset({"author", "reviewer"}))
    )
    with pytest.raises(AssertionError):
        test_who_may_is_let_in(house, "author.items")
