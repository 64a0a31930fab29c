"""The areas of a blueprint as they are stored, and what makes them fit to draw forms by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from cbt.bank.content import Text, forbidden_character
from cbt.bank.formats.blueprint import Area, items_in_a_form, standard_blueprint
from cbt.errors import Refusal
from cbt.regulation import editions


def write_areas(areas: Sequence[Area]) -> str:
    rows = [{"code": area.code, "kk": area.name.kk, "ru": area.name.ru, "items": area.items} for area in areas]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def read_areas(stored: str) -> tuple[Area, ...]:
    return tuple(Area(row["code"], Text(kk=row["kk"], ru=row["ru"]), row["items"]) for row in json.loads(stored))


def areas_hash(stored: str) -> str:
    """What a blueprint's approver saw, as SHA-256 (hex)."""
    return sha256(stored.encode()).hexdigest()


def standard_areas(position: str) -> tuple[Area, ...]:
    """The areas that come with the product. Refuses `position_not_attested`."""
    require_attested(position)
    known = standard_blueprint().position(position)
    return known.areas if known else ()


def require_attested(position: str) -> None:
    """Refuses `position_not_attested`. Source: QR r.1."""
    editions.require_usable(editions.edition(editions.DEFAULT_EDITION)).position(position)


def require_sound(position: str, areas: Sequence[Area]) -> None:
    """Every area known, named in both languages and given items, and a form's worth of items in all.

    Refusals: position_not_attested, area_unknown, area_repeated, area_name_missing, forbidden_character,
    area_without_items, sum_differs. Source: AR r.13.
    """
    known = {area.code for area in standard_areas(position)}
    for area in areas:
        if area.code not in known:
            raise Refusal("area_unknown", value=area.code)
        if not area.name.kk or not area.name.ru:
            raise Refusal("area_name_missing", area=area.code)
        if unseen := forbidden_character(area.name.kk + area.name.ru):
            raise Refusal("forbidden_character", field=area.code, character=unseen)
        if area.items < 1:
            raise Refusal("area_without_items", area=area.code)
    if repeated := [code for code, times in Counter(area.code for area in areas).items() if times > 1]:
        raise Refusal("area_repeated", area=repeated[0])
    total, needed = sum(area.items for area in areas), items_in_a_form()
    if total != needed:
        raise Refusal("sum_differs", sum=total, needed=needed)
