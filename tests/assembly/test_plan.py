"""What makes the areas of a blueprint fit to draw by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cbt.assembly import plan
from cbt.bank.content import Text
from cbt.bank.formats.blueprint import Area
from cbt.errors import Refusal

POSITION = "att-care"
AREAS = plan.standard_areas(POSITION)


def with_first(**changes: object) -> tuple[Area, ...]:
    return (replace(AREAS[0], **changes), *AREAS[1:])  # type: ignore[arg-type]


def moved(by: int) -> tuple[Area, ...]:
    return (replace(AREAS[0], items=AREAS[0].items + by), replace(AREAS[1], items=AREAS[1].items - by), *AREAS[2:])


@pytest.mark.parametrize("areas", [AREAS, AREAS[::-1], moved(1), moved(AREAS[1].items - 1)])
def test_known_areas_that_add_up_to_a_form_are_sound(areas: tuple[Area, ...]) -> None:
    plan.require_sound(POSITION, areas)


@pytest.mark.parametrize(
    ("areas", "code", "facts"),
    [
        (with_first(items=AREAS[0].items + 1), "sum_differs", {"sum": 81, "needed": 80}),
        (with_first(items=AREAS[0].items - 1), "sum_differs", {"sum": 79, "needed": 80}),
        (AREAS[1:], "sum_differs", {"sum": 80 - AREAS[0].items, "needed": 80}),
        ((), "sum_differs", {"sum": 0, "needed": 80}),
        (with_first(code="X9"), "area_unknown", {"value": "X9"}),
        (with_first(code="A1"), "area_unknown", {"value": "A1"}),
        (with_first(code=AREAS[1].code), "area_repeated", {"area": AREAS[1].code}),
        (with_first(items=0), "area_without_items", {"area": AREAS[0].code}),
        (with_first(items=-1), "area_without_items", {"area": AREAS[0].code}),
        (moved(AREAS[1].items), "area_without_items", {"area": AREAS[1].code}),
        (with_first(name=Text(kk="", ru="Основы")), "area_name_missing", {"area": AREAS[0].code}),
        (with_first(name=Text(kk="Негіздер", ru=" ")), "area_name_missing", {"area": AREAS[0].code}),
        (with_first(name=Text(kk="Негіз\u200bдер", ru="Основы")), "forbidden_character", {"character": "U+200B"}),
    ],
)
def test_areas_that_do_not_make_a_form_are_refused(
    areas: tuple[Area, ...], code: str, facts: dict[str, object]
) -> None:
    with pytest.raises(Refusal) as refused:
        plan.require_sound(POSITION, areas)
    assert (refused.value.code, refused.value.facts) == (code, facts)


def test_a_position_that_is_not_attested_has_no_blueprint() -> None:
    with pytest.raises(Refusal) as refused:
        plan.standard_areas("att-driver")
    assert refused.value.code == "position_not_attested"


def test_stored_areas_come_back_as_they_were() -> None:
    assert plan.read_areas(plan.write_areas(AREAS)) == AREAS


def test_the_hash_of_the_areas_changes_with_one_number() -> None:
    assert plan.areas_hash(plan.write_areas(AREAS)) != plan.areas_hash(plan.write_areas(moved(1)))
