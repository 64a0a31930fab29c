"""Which questions of a lot are read one by one before the rest may be approved together.

The order comes from SHA-256 of a seed, as in `draw`: the same lot gives the same sample for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

# Our own rule, no act sets one: a tenth of each area, at least two, and two more for each one found wanting.
ONE_IN, FEWEST_OF_AN_AREA, MORE_FOR_A_RETURN = 10, 2, 2


@dataclass(frozen=True)
class LotItem:
    """A question of a lot; `code` is its stable identity."""

    code: str
    area: str


def sample(
    lot: Iterable[LotItem],
    *,
    seed: str,
    returned: Collection[str] = frozenset(),
    always: Collection[str] = frozenset(),
) -> tuple[LotItem, ...]:
    """The questions to read, by area and then in the order of the seed; `returned` holds codes sent back so far.

    A returned question inside the sample widens it within its area, so that a faulty area is read whole before long.
    One returned outside the sample widens it too: whoever finds a fault by chance has not found the last. Questions
    among `always` are read on top of what chance chose.
    """
    by_area: dict[str, list[LotItem]] = {}
    for item in lot:
        by_area.setdefault(item.area, []).append(item)
    chosen: list[LotItem] = []
    for area in sorted(by_area):
        ordered = sorted(by_area[area], key=lambda item: sha256(f"{seed}\x1f{item.code}".encode()).digest())
        base = max(FEWEST_OF_AN_AREA, -(-len(ordered) // ONE_IN))
        wanting = sum(item.code in returned for item in ordered)
        size = base + MORE_FOR_A_RETURN * wanting
        chosen.extend(ordered[:size])
        chosen.extend(item for item in ordered[size:] if item.code in always)
    return tuple(chosen)
