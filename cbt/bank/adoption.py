"""How a body's questions stand beside those of the reference library, and what of it may be taken over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cbt.bank.formats.reference import LibraryBank, LibraryItem


class Standing(StrEnum):
    """Where one question of the library stands in a body's bank."""

    NEW = "new"  # the body does not have it
    SAME = "same"  # the body's text is the library's
    CHANGED = "changed"  # adopted, untouched by the body, and the library has a newer text
    OWN = "own"  # adopted and then changed by the body; the library has not moved
    BOTH = "both"  # changed by the body and by the library
    OPEN = "open"  # a version of it is being written or waits for approval
    RETIRED = "retired"  # the body took it out of its pool
    MOVED = "moved"  # the body has it in another area, or as practice
    FOREIGN = "foreign"  # the body's own question bears the code
    WITHDRAWN = "withdrawn"  # adopted, and no longer in the library


# Taken with their area; what the body changed itself is taken only where it is named.
TAKEN_WITH_AREA = frozenset({Standing.NEW, Standing.CHANGED})
TAKEN_WHEN_NAMED = TAKEN_WITH_AREA | {Standing.BOTH}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A body's question: state and hash of its newest version, hash of the approved one, and of what was adopted last."""

    item_id: int
    area: str
    practice: bool
    number: int
    newest_state: str
    newest_hash: str
    approved_hash: str | None
    adopted_hash: str | None
    adopted_edition: str | None = None


@dataclass(frozen=True)
class Row:
    """A question beside its counterpart: `offered` is None where it was withdrawn, `held` where it is new."""

    code: str
    area: str
    standing: Standing
    offered: LibraryItem | None
    held: Held | None


def compare(bank: LibraryBank, held: Mapping[str, Held]) -> tuple[Row, ...]:
    """Every question of the library, then adopted ones that left it, by area and code; `held` is keyed by code."""
    offered = {item.code: item for item in bank.items}
    rows = [Row(code, item.area, _standing(item, held.get(code)), item, held.get(code)) for code, item in offered.items()]
    rows += [
        Row(code, mine.area, Standing.WITHDRAWN, None, mine)
        for code, mine in held.items()
        if code not in offered and mine.adopted_hash is not None and mine.newest_state != "retired"
    ]
    return tuple(sorted(rows, key=lambda row: (row.area, row.code)))


def taken_of(rows: Iterable[Row], *, areas: Collection[str], named: Collection[str] = ()) -> list[Row]:
    """What is taken over: with an area its new questions and newer texts, by its code also what the body changed."""
    return [
        row
        for row in rows
        if (row.code in named and row.standing in TAKEN_WHEN_NAMED)
        or (row.area in areas and row.standing in TAKEN_WITH_AREA)
    ]


def _standing(item: LibraryItem, held: Held | None) -> Standing:
    if held is None:
        return Standing.NEW
    if (held.area, held.practice) != (item.area, item.practice):
        return Standing.MOVED
    if item.content_hash in {held.newest_hash, held.approved_hash}:
        return Standing.RETIRED if held.newest_state == "retired" else Standing.SAME
    if held.newest_state == "retired":
        return Standing.RETIRED
    if held.newest_state != "approved":
        return Standing.OPEN
    if held.adopted_hash is None:
        return Standing.FOREIGN
    if held.approved_hash == held.adopted_hash:
        return Standing.CHANGED
    return Standing.OWN if item.content_hash == held.adopted_hash else Standing.BOTH
