"""The blueprint file: per position its areas and how many questions of each a form takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cbt.bank.check import Problem, error, has_errors
from cbt.bank.content import Text
from cbt.bank.formats import safe_yaml
from cbt.bank.formats.reading import Reading, join
from cbt.regulation import editions

_CBT = Path(__file__).resolve().parents[2]
QUESTION_BANKS = next(
    (path for path in (_CBT / "question_banks", _CBT.parent / "question_banks") if path.is_dir()),
    _CBT.parent / "question_banks",
)


@dataclass(frozen=True)
class Area:
    code: str
    name: Text
    items: int


@dataclass(frozen=True)
class PositionBlueprint:
    position: str
    title: Text
    areas: tuple[Area, ...]

    def area(self, code: str) -> Area | None:
        return next((area for area in self.areas if area.code == code), None)


@dataclass(frozen=True)
class Blueprint:
    """All positions of one blueprint file; nothing of it is to be used where `problems` holds an error."""

    positions: tuple[PositionBlueprint, ...]
    problems: tuple[Problem, ...] = ()

    def position(self, code: str) -> PositionBlueprint | None:
        return next((position for position in self.positions if position.position == code), None)


def read_blueprint(source: Path | bytes, name: str = "") -> Blueprint:
    reading = Reading(name or (str(source) if isinstance(source, Path) else ""))
    try:
        value = safe_yaml.load(safe_yaml.bytes_of(source))
    except safe_yaml.Broken as broken:
        reading.say(error(broken.code, **broken.facts), broken.line)
        return Blueprint((), tuple(reading.problems))
    positions = _positions(reading, value)
    return Blueprint(positions, tuple(reading.problems))


@cache
def standard_blueprint() -> Blueprint:
    """The blueprint that comes with the product."""
    blueprint = read_blueprint(QUESTION_BANKS / "blueprint.yaml")
    if has_errors(list(blueprint.problems)):
        raise ValueError(f"question_banks/blueprint.yaml: {blueprint.problems}")
    return blueprint


def _positions(reading: Reading, value: object) -> tuple[PositionBlueprint, ...]:
    top = reading.fields(value, "", ("positions",))
    positions = tuple(
        _position(reading, entry, f"positions.{place}") for place, entry in reading.entries(top, "positions")
    )
    for code in _repeated(position.position for position in positions):
        reading.say(error("position_repeated", "positions", value=code))
    return positions


def _position(reading: Reading, entry: object, path: str) -> PositionBlueprint:
    fields = reading.fields(entry, path, ("position", "kk", "ru", "areas"))
    code, title = reading.text(fields, "position", path), reading.both(fields, path)
    path = join(path, "areas")
    line = fields.lines.get("areas")
    areas = tuple(_area(reading, area, join(path, place)) for place, area in reading.entries(fields, "areas", path))
    for area_code in _repeated(area.code for area in areas):
        reading.say(error("area_repeated", path, value=area_code), line)
    total, needed = sum(area.items for area in areas), items_in_a_form()
    if total != needed:
        reading.say(error("sum_differs", path, sum=total, needed=needed), line)
    return PositionBlueprint(code, title, areas)


def _area(reading: Reading, entry: object, path: str) -> Area:
    fields = reading.fields(entry, path, ("code", "kk", "ru", "items"))
    return Area(
        code=reading.text(fields, "code", path),
        name=reading.both(fields, path),
        items=reading.whole_number(fields, "items", path),
    )


def _repeated(codes: Iterable[str]) -> list[str]:
    return [code for code, count in Counter(codes).items() if count > 1]


def items_in_a_form() -> int:
    """Source: AR r.13."""
    rules = editions.edition(editions.DEFAULT_EDITION).test
    if rules is None:
        raise ValueError("the default edition has no test")
    return rules.items
