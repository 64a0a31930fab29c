"""Drawing forms by blueprint and shuffling them for an attempt, from a seed, the same way for ever.

Orders come from SHA-256 and not from `random`, whose algorithm may change between versions of Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cbt.errors import Refusal


@dataclass(frozen=True)
class PoolItem:
    """An approved version of a question that may enter a form; `code` is the question's stable identity."""

    version_id: object
    area: str
    code: str
    level: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Permutation:
    """What one candidate sees: form slots in order of showing, and for slot n the order of its options, `options[n - 1]`."""

    items: tuple[int, ...]
    options: tuple[tuple[str, ...], ...]


def draw(
    pool: Iterable[PoolItem], *, areas: Mapping[str, int], seed: str, exclude: Collection[str] = frozenset()
) -> tuple[PoolItem, ...]:
    """One form: exactly the blueprint's number of items of each area, areas in the blueprint's order.

    `exclude` holds codes of questions the candidate has seen; they are used only where the area would otherwise be
    short. The order of the pool does not matter. Refuses `area_short` with every short area, `question_repeated`.
    Source: AR r.13, r.19.
    """
    return draw_parallel(pool, areas=areas, seed=seed, number_of_forms=1, exclude=exclude)[0]


def draw_parallel(
    pool: Iterable[PoolItem],
    *,
    areas: Mapping[str, int],
    seed: str,
    number_of_forms: int,
    exclude: Collection[str] = frozenset(),
) -> tuple[tuple[PoolItem, ...], ...]:
    """Several forms of one blueprint that share as few items as the pool allows; refusals as in `draw`.

    Each form takes the items used least so far. Uses then differ by one at most, and no other choice gives
    fewer shared items over all pairs of forms. Among items used as often, an area's levels come in the shares they
    have in its pool, so that no form is all memory and another all judgement.
    """
    if number_of_forms < 1 or not areas or min(areas.values()) < 1:
        raise ValueError("at least one form, one area and one item in each area")
    by_area = _by_area(pool, areas)
    uses: Counter[str] = Counter()
    forms = []
    for number in range(1, number_of_forms + 1):
        form: list[PoolItem] = []
        for area, needed in areas.items():
            order = {item.code: _rank(seed, "form", number, item.code) for item in by_area[area]}
            tiers = {item.code: (item.code in exclude, uses[item.code]) for item in by_area[area]}
            ranked = sorted(by_area[area], key=lambda item: (tiers[item.code], order[item.code]))
            form += _by_level(ranked, _wanted_levels(by_area[area], needed, seed=seed), tiers)
        uses.update(item.code for item in form)
        forms.append(tuple(form))
    return tuple(forms)


def permutation(seed: str, *, number_of_items: int, option_ids_by_slot: Mapping[int, Sequence[str]]) -> Permutation:
    """The order of items and options for one attempt; every order is equally likely over seeds.

    Slots are numbered from 1. The order in which options arrive does not matter, so an author's habit of putting
    the key first cannot show through.
    """
    slots = range(1, number_of_items + 1)
    if set(option_ids_by_slot) != set(slots):
        raise ValueError("the options of every slot, from 1 to the number of items")
    return Permutation(
        items=tuple(sorted(slots, key=lambda slot: _rank(seed, "item", slot))),
        options=tuple(_shuffled_options(seed, slot, option_ids_by_slot[slot]) for slot in slots),
    )


def _by_level(
    ranked: Sequence[PoolItem], wanted: Mapping[str, int], tiers: Mapping[str, tuple[bool, int]]
) -> list[PoolItem]:
    """As many of an area as are wanted, tier before tier; in a tier always the level that lacks most."""
    left, taken, chosen = list(ranked), Counter[str](), list[PoolItem]()
    while len(chosen) < sum(wanted.values()):
        tier = tiers[left[0].code]
        open_ = [item for item in left if tiers[item.code] == tier]
        # `max` takes the first of equals, and that is the first in the order of the seed.
        best = max(open_, key=lambda item: wanted[item.level] - taken[item.level])
        left.remove(best)
        taken[best.level] += 1
        chosen.append(best)
    return chosen


def _wanted_levels(items: Sequence[PoolItem], needed: int, *, seed: str) -> dict[str, int]:
    """How many of each level an area gives: its share rounded up or down, over many seeds the share itself.

    Rounding to the nearest would never draw a level that has less than half a place. In whole numbers, since a share
    of floats would round by chance. Source: W. G. Madow, On the theory of systematic sampling II, Annals of
    Mathematical Statistics 20 (1949), 333-354.
    """
    sizes = Counter(item.level for item in items)
    place, wanted = int.from_bytes(_rank(seed, "levels", items[0].area)) % len(items), {}
    for level in sorted(sizes):
        begun, place = place, place + needed * sizes[level]
        wanted[level] = place // len(items) - begun // len(items)
    return wanted


def _shuffled_options(seed: str, slot: int, option_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(option_ids, key=lambda option_id: _rank(seed, "option", slot, option_id)))


def _by_area(pool: Iterable[PoolItem], areas: Mapping[str, int]) -> dict[str, list[PoolItem]]:
    by_area: dict[str, list[PoolItem]] = {area: [] for area in areas}
    for item in pool:
        if item.area in by_area:
            by_area[item.area].append(item)
    times = Counter(item.code for items in by_area.values() for item in items)
    # Two versions of one question in one form would give its point twice.
    if repeated := sorted(code for code, count in times.items() if count > 1):
        raise Refusal("question_repeated", codes=repeated)
    short = [
        {"area": area, "needed": needed, "available": len(by_area[area])}
        for area, needed in areas.items()
        if len(by_area[area]) < needed
    ]
    if short:
        raise Refusal("area_short", areas=short)
    return by_area


def _rank(*parts: object) -> bytes:
    # The separator keeps ("1", "23") and ("12", "3") apart.
    return sha256("\x1f".join(map(str, parts)).encode()).digest()
