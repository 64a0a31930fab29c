"""The sealed chain as plain rows: how a row becomes a leaf, a batch a head, and how a break is found."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise

from cbt.audit.merkle import leaf_hash, root_of

FIRST_HEAD = "0" * 64
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An audit row; `at` is ISO 8601 in UTC, `facts` canonical JSON."""

    id: int
    at: str
    tag: str
    actor: str
    body_id: int | None
    subject: str
    facts: str
    batch: int | None

    def leaf(self) -> str:
        data = [self.id, self.at, self.tag, self.actor, self.body_id, self.subject, self.facts]
        return leaf_hash(canonical(data).encode()).hex()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A sealed batch; `leaves` holds one line an entry, its id and its leaf hash."""

    number: int
    entries: int
    leaves: str
    root: str
    previous_head: str
    head: str
    sealed_at: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """The first place where the chain does not hold.

    `kind`: row_changed, row_removed, row_inserted, row_moved (to another batch), seal_changed (the batch's own
    data), batch_removed, link_broken, head_unknown (an outside head is not in the chain), line_unreadable (export).
    """

    kind: str
    batch: int | None = None
    row: int | None = None
    line: int | None = None
    head: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verified:
    """How much was checked, the head it ends with, and the first break if there is one."""

    entries: int
    unsealed: int
    batches: int
    head: str
    broken: Break | None


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def root_over(leaves: Iterable[tuple[int, str]]) -> str:
    return root_of([bytes.fromhex(leaf) for _, leaf in leaves]).hex()


def next_head(*, previous_head: str, number: int, root: str, sealed_at: str) -> str:
    return sha256(canonical([previous_head, number, root, sealed_at]).encode()).hexdigest()


def write_leaves(leaves: Iterable[tuple[int, str]]) -> str:
    return "\n".join(f"{row}:{leaf}" for row, leaf in leaves)


def read_leaves(text: str) -> tuple[tuple[int, str], ...] | None:
    """The pairs of a batch in order of id, or None where the text is not exactly what a seal writes."""
    pairs = []
    for line in text.split("\n"):
        row, _, leaf = line.partition(":")
        if not (row.isascii() and row.isdecimal() and is_head(leaf)):
            return None
        pairs.append((int(row), leaf))
    ids = [row for row, _ in pairs]
    in_order = all(before < after for before, after in pairwise(ids))
    return tuple(pairs) if in_order and write_leaves(pairs) == text else None


def is_head(text: str) -> bool:
    """Whether a text has the form of a head: 64 hexadecimal digits."""
    return len(text) == 64 and set(text) <= _HEXADECIMAL


def verify(batches: Iterable[Batch], entries: Iterable[Entry], *, expected_heads: Iterable[str] = ()) -> Verified:
    """Walk the chain from its beginning. `expected_heads` are heads kept outside (printed in protocols).

    Whoever owns the database can write the whole chain anew: only an outside head shows that.
    """
    rows_of: dict[int | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        rows_of[entry.batch].append(entry)
    unsealed = rows_of.pop(None, [])
    present = {entry.id for rows in (*rows_of.values(), unsealed) for entry in rows}
    sealed: set[int] = set()
    heads = {FIRST_HEAD}
    previous, count, number = FIRST_HEAD, 0, 0
    broken: Break | None = None
    for number, batch in enumerate(batches, start=1):
        rows = rows_of.pop(batch.number, [])
        count += len(rows)
        broken = broken or next(_breaks(number, batch, rows, previous=previous, present=present), None)
        sealed.update(entry.id for entry in rows)
        heads.add(batch.head)
        previous = batch.head
    broken = broken or _left_over(rows_of, unsealed, sealed)
    lost = [head for head in expected_heads if head not in heads]
    if broken is None and lost:
        broken = Break(kind="head_unknown", head=lost[0])
    return Verified(entries=count, unsealed=len(unsealed), batches=number, head=previous, broken=broken)


def _breaks(number: int, batch: Batch, rows: list[Entry], *, previous: str, present: set[int]) -> Iterator[Break]:
    if batch.number != number:
        yield Break(kind="batch_removed", batch=number)
    leaves = read_leaves(batch.leaves)
    if leaves is None:
        yield Break(kind="seal_changed", batch=batch.number)
        return
    yield from _row_breaks(batch.number, dict(leaves), rows, present)
    if root_over(leaves) != batch.root or len(leaves) != batch.entries:
        yield Break(kind="seal_changed", batch=batch.number)
    head = next_head(previous_head=batch.previous_head, number=batch.number, root=batch.root, sealed_at=batch.sealed_at)
    if batch.head != head:
        yield Break(kind="seal_changed", batch=batch.number)
    if batch.previous_head != previous:
        yield Break(kind="link_broken", batch=batch.number)


def _row_breaks(number: int, leaf_of: dict[int, str], rows: list[Entry], present: set[int]) -> Iterator[Break]:
    by_id: dict[int, list[Entry]] = defaultdict(list)
    for entry in rows:
        by_id[entry.id].append(entry)
    for row in sorted(leaf_of.keys() | by_id.keys()):
        here = by_id.get(row, [])
        if row not in leaf_of or len(here) > 1:
            yield Break(kind="row_inserted", batch=number, row=row)
        elif not here:
            yield Break(kind="row_moved" if row in present else "row_removed", batch=number, row=row)
        elif here[0].leaf() != leaf_of[row]:
            yield Break(kind="row_changed", batch=number, row=row)


def _left_over(rows_of: dict[int | None, list[Entry]], unsealed: list[Entry], sealed: set[int]) -> Break | None:
    """Rows of batches that are not there, and rows that stand twice."""
    homeless = min(((batch or 0, entry.id) for batch, rows in rows_of.items() for entry in rows), default=None)
    if homeless:
        return Break(kind="batch_removed", batch=homeless[0], row=homeless[1])
    seen = set(sealed)
    for entry in unsealed:
        if entry.id in seen:
            return Break(kind="row_inserted", row=entry.id)
        seen.add(entry.id)
    return None
