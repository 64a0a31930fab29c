"""The sealed chain as plain rows: how a row becomes a leaf, a batch a head, and how a break is found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cbt.audit.merkle import leaf_hash, root_of

FIRST_HEAD = "0" * 64


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
    """A sealed batch; `leaves` pairs each entry's id with its leaf hash."""

    number: int
    leaves: tuple[tuple[int, str], ...]
    root: str
    previous_head: str
    head: str
    sealed_at: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """The first place where the chain does not hold. `kind` is a code, `row` the id of the entry where known."""

    kind: str
    batch: int | None = None
    row: int | None = None


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


def read_leaves(text: str) -> tuple[tuple[int, str], ...]:
    """The pairs of a batch; a line that is not one counts as no leaf, so that the root will not match."""
    pairs = []
    for line in text.split("\n"):
        row, _, leaf = line.partition(":")
        if row.isdecimal() and len(leaf) == 64:
            pairs.append((int(row), leaf))
    return tuple(pairs)


def verify(
    batches: Iterable[Batch], entries_of: dict[int | None, list[Entry]], *, expected_heads: Iterable[str] = ()
) -> Verified:
    """Walk the chain from its beginning. `expected_heads` are heads kept outside (printed in protocols)."""
    wanted = set(expected_heads)
    previous, count, number = FIRST_HEAD, 0, 0
    broken: Break | None = None
    home = {entry.id: batch for batch, rows in entries_of.items() for entry in rows}
    for number, batch in enumerate(batches, start=1):
        rows = entries_of.get(batch.number, [])
        count += len(rows)
        wanted.discard(batch.head)
        if broken is None:
            broken = next(_breaks(number, batch, rows, previous, home), None)
        previous = batch.head
    known = set(range(1, number + 1)) | {None}
    stray = min((rows[0].id for batch, rows in entries_of.items() if batch not in known and rows), default=None)
    if broken is None and stray is not None:
        broken = Break(kind="batch_removed", row=stray)
    if broken is None and wanted:
        broken = Break(kind="head_unknown")
    unsealed = len(entries_of.get(None, []))
    return Verified(entries=count, unsealed=unsealed, batches=number, head=previous, broken=broken)


def _breaks(
    number: int, batch: Batch, rows: list[Entry], previous: str, home: dict[int, int | None]
) -> Iterator[Break]:
    if batch.number != number:
        yield Break(kind="batch_removed", batch=number)
    sealed = dict(batch.leaves)
    by_id = {entry.id: entry for entry in rows}
    for row in sorted(sealed.keys() | by_id.keys()):
        if row not in sealed:
            yield Break(kind="row_inserted", batch=batch.number, row=row)
        elif row not in by_id:
            kind = "row_moved" if row in home else "row_removed"
            yield Break(kind=kind, batch=batch.number, row=row)
        elif by_id[row].leaf() != sealed[row]:
            yield Break(kind="row_changed", batch=batch.number, row=row)
    if root_over(batch.leaves) != batch.root:
        yield Break(kind="root_differs", batch=batch.number)
    head = next_head(previous_head=batch.previous_head, number=batch.number, root=batch.root, sealed_at=batch.sealed_at)
    if batch.previous_head != previous or batch.head != head:
        yield Break(kind="link_broken", batch=batch.number)
