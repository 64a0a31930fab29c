"""Points for answers: one for each item answered exactly by its key, nothing for anything else. Source: AR r.14."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """The point of one slot: 0 or 1."""

    slot: int
    awarded: int
    answered: bool


@dataclass(frozen=True)
class AreaScore:
    area: str
    points: int
    max_points: int


@dataclass(frozen=True)
class Score:
    """Whole points; marks in slot order, areas in the order in which they first stand in the form."""

    points: int
    max_points: int
    marks: tuple[Mark, ...]
    profile: tuple[AreaScore, ...]


def score(
    *, responses: Mapping[int, frozenset[str]], keys: Mapping[int, frozenset[str]], areas: Mapping[int, str]
) -> Score:
    """Marks every slot of the form; a several-answer item is right as a whole or not at all, no answer is 0 points.

    `keys` and `areas` name every slot; a response to a slot outside the form is a fault of the caller.
    """
    if not keys or keys.keys() != areas.keys() or not all(keys.values()):
        raise ValueError("a key and an area for every slot")
    if strangers := responses.keys() - keys.keys():
        raise ValueError(f"responses to slots outside the form: {sorted(strangers)}")
    marks = tuple(_mark(slot, response=responses.get(slot, frozenset()), key=keys[slot]) for slot in sorted(keys))
    size = Counter(areas[mark.slot] for mark in marks)
    points: Counter[str] = Counter()
    for mark in marks:
        points[areas[mark.slot]] += mark.awarded
    return Score(
        points=points.total(),
        max_points=len(keys),
        marks=marks,
        profile=tuple(AreaScore(area, points[area], max_points) for area, max_points in size.items()),
    )


def _mark(slot: int, *, response: frozenset[str], key: frozenset[str]) -> Mark:
    return Mark(slot=slot, awarded=int(frozenset(response) == frozenset(key)), answered=bool(response))
