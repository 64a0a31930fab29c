"""A thousand random tampers of each kind on an export: every one is found, and the first row is named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbt.audit import chain
from cbt.audit.chain import Batch, Break, Entry
from cbt.audit.queries import verified_export

ROUNDS = 1000


def entry(number: int, batch: int | None, *, points: int = 50) -> Entry:
    return Entry(
        id=number,
        at=f"2026-03-16T05:{number % 60:02d}:00+00:00",
        tag="result.announced",
        actor="system",
        body_id=3,
        subject=f"registration:{number}",
        facts=chain.canonical({"points": points, "name": "Әлия\nҚұрманғазы"}),
        batch=batch,
    )


def sealed(sizes: list[int], *, gap: int = 2, first_points: int = 50) -> tuple[list[Batch], list[Entry]]:
    """A chain with batches of these sizes; ids leave gaps, as a database's do."""
    batches: list[Batch] = []
    entries: list[Entry] = []
    previous, row = chain.FIRST_HEAD, 0
    for number, size in enumerate(sizes, start=1):
        rows = []
        for _ in range(size):
            row += gap
            rows.append(entry(row, number, points=first_points + row % 30))
        leaves = [(one.id, one.leaf()) for one in rows]
        batch = seal_of(number, leaves, previous)
        previous = batch.head
        batches.append(batch)
        entries += rows
    return batches, entries


def seal_of(number: int, leaves: list[tuple[int, str]], previous: str) -> Batch:
    root, sealed_at = chain.root_over(leaves), f"2026-03-16T06:{number % 60:02d}:00+00:00"
    head = chain.next_head(previous_head=previous, number=number, root=root, sealed_at=sealed_at)
    return Batch(
        number=number, entries=len(leaves), leaves=chain.write_leaves(leaves), root=root, previous_head=previous,
        head=head, sealed_at=sealed_at,
    )  # fmt: skip


BATCHES, ENTRIES = sealed([1, 2, 3, 5, 8, 4, 7, 6])
HEAD = BATCHES[-1].head


def broken(batches: list[Batch], entries: list[Entry], *heads: str) -> Break | None:
    return chain.verify(batches, entries, expected_heads=heads).broken


def test_an_untouched_chain_holds() -> None:
    found = chain.verify(BATCHES, ENTRIES, expected_heads=[HEAD, BATCHES[2].head, chain.FIRST_HEAD])
    assert found == chain.Verified(entries=36, unsealed=0, batches=8, head=HEAD, broken=None)


def test_a_chain_without_entries_holds() -> None:
    assert chain.verify([], []).head == chain.FIRST_HEAD


def test_entries_not_sealed_yet_are_counted_and_not_blamed() -> None:
    assert chain.verify(BATCHES, [*ENTRIES, entry(900, None)]).unsealed == 1


def _edit(rows: list[Entry], rng: random.Random) -> int:
    place = rng.randrange(len(rows))
    was = rows[place]
    changes: dict[str, object] = {
        "at": was.at.replace("2026", "2025"),
        "tag": "attempt.closed",
        "actor": "account:1",
        "body_id": rng.choice([None, 4]),
        "subject": "registration:0",
        "facts": was.facts.replace('"points":', '"points":1'),
    }
    name = rng.choice(sorted(changes))
    rows[place] = replace(was, **{name: changes[name]})  # type: ignore[arg-type]
    return was.id


def _delete(rows: list[Entry], rng: random.Random) -> int:
    return rows.pop(rng.randrange(len(rows))).id


def _insert(rows: list[Entry], rng: random.Random) -> int:
    place = rng.randrange(len(rows))
    forged = entry(rows[place].id - 1, rows[place].batch)
    rows.insert(place, forged)
    return forged.id


def _swap(rows: list[Entry], rng: random.Random) -> int:
    """Two rows change places: each takes the other's id and batch."""
    one, two = sorted(rng.sample(range(len(rows)), 2))
    first, second = rows[one], rows[two]
    rows[one] = replace(second, id=first.id, batch=first.batch)
    rows[two] = replace(first, id=second.id, batch=second.batch)
    return first.id


def _truncate(rows: list[Entry], rng: random.Random) -> int:
    place = rng.randrange(len(rows))
    lost = rows[place].id
    del rows[place:]
    return lost


TAMPERS: dict[str, tuple[Callable[[list[Entry], random.Random], int], str]] = {
    "edit": (_edit, "row_changed"),
    "delete": (_delete, "row_removed"),
    "insert": (_insert, "row_inserted"),
    "swap": (_swap, "row_changed"),
    "truncate": (_truncate, "row_removed"),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_every_tamper_is_found_and_its_first_row_is_named(name: str) -> None:
    tamper, kind = TAMPERS[name]
    rng = random.Random(name)
    for _ in range(ROUNDS):
        rows = list(ENTRIES)
        row = tamper(rows, rng)
        found = broken(BATCHES, rows)
        assert found is not None
        assert (found.kind, found.row) == (kind, row)


@pytest.mark.parametrize("name", TAMPERS)
def test_a_tamper_with_the_exported_lines_is_found_with_nothing_but_the_outside_head(name: str) -> None:
    lines = export(BATCHES, ENTRIES)
    rng = random.Random(name)
    for _ in range(ROUNDS):
        forged = tampered_lines(name, lines, rng)
        assert verified_export(forged, expected_heads=[HEAD]).broken is not None, forged


def export(batches: list[Batch], entries: list[Entry]) -> list[str]:
    return [chain.canonical({"batch": vars(one)}) for one in batches] + [
        chain.canonical({"entry": vars(one)}) for one in entries
    ]


def tampered_lines(name: str, lines: list[str], rng: random.Random) -> list[str]:
    forged = list(lines)
    place = rng.randrange(len(forged))
    if name == "edit":
        at = rng.randrange(len(forged[place]))
        letter = rng.choice([c for c in '0123456789abcdef"{}:, ё' if c != forged[place][at]])
        forged[place] = forged[place][:at] + letter + forged[place][at + 1 :]
    elif name == "delete":
        del forged[place]
    elif name == "insert":
        forged.insert(rng.randrange(len(forged) + 1), rng.choice([forged[place], "", "{}", "[]", "null"]))
    elif name == "swap":
        other = rng.choice([n for n in range(len(forged)) if n != place])
        forged[place], forged[other] = forged[other], forged[place]
    else:
        del forged[place:]
    return forged


def test_an_untouched_export_holds() -> None:
    assert verified_export(export(BATCHES, ENTRIES), expected_heads=[HEAD]).broken is None


def test_newest_batches_cut_off_are_found_only_with_an_outside_head() -> None:
    kept = [one for one in ENTRIES if (one.batch or 0) <= 5]
    assert broken(BATCHES[:5], kept) is None
    assert broken(BATCHES[:5], kept, HEAD) == Break(kind="head_unknown", head=HEAD)


def test_a_chain_written_anew_by_the_owner_is_found_with_yesterdays_head() -> None:
    batches, entries = sealed([1, 2, 3, 5, 8, 4, 7, 6], first_points=51)
    assert broken(batches, entries) is None
    assert broken(batches, entries, BATCHES[3].head) == Break(kind="head_unknown", head=BATCHES[3].head)


def test_a_fork_shows_both_heads() -> None:
    batches, entries = sealed([1, 2, 3, 5, 8, 4, 7, 6], first_points=51)
    found = chain.verify(batches, entries, expected_heads=[HEAD])
    assert found.broken is not None
    assert {found.broken.head, found.head} == {HEAD, batches[-1].head}
    assert found.head != HEAD


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"leaves": "no leaves"}, "seal_changed"),
        ({"leaves": "8:" + "z" * 64}, "seal_changed"),
        ({"leaves": BATCHES[2].leaves + "\n"}, "seal_changed"),
        ({"leaves": "\n".join(reversed(BATCHES[2].leaves.split("\n")))}, "seal_changed"),
        ({"root": "0" * 64}, "seal_changed"),
        ({"root": ""}, "seal_changed"),
        ({"entries": 4}, "seal_changed"),
        ({"head": "f" * 64}, "seal_changed"),
        ({"sealed_at": "2026-03-16T06:00:00+00:00"}, "seal_changed"),
        ({"previous_head": "f" * 64}, "seal_changed"),
        ({"number": 30}, "batch_removed"),
    ],
)
def test_a_changed_seal_is_found(changes: dict[str, object], kind: str) -> None:
    batches = [*BATCHES[:2], replace(BATCHES[2], **changes), *BATCHES[3:]]  # type: ignore[arg-type]
    found = broken(batches, ENTRIES)
    assert found is not None
    assert found.kind == kind
    assert found.batch == 3


def test_a_row_changed_together_with_its_leaf_breaks_the_seal_of_its_batch() -> None:
    forged = replace(ENTRIES[4], facts="{}")
    rows = [*ENTRIES[:4], forged, *ENTRIES[5:]]
    leaves = [(one.id, one.leaf()) for one in rows if one.batch == 3]
    batches = [*BATCHES[:2], replace(BATCHES[2], leaves=chain.write_leaves(leaves)), *BATCHES[3:]]
    assert broken(batches, rows) == Break(kind="seal_changed", batch=3)


def test_a_batch_sealed_anew_breaks_the_link_of_the_next_one() -> None:
    forged = replace(ENTRIES[4], facts="{}")
    rows = [*ENTRIES[:4], forged, *ENTRIES[5:]]
    leaves = [(one.id, one.leaf()) for one in rows if one.batch == 3]
    batches = [*BATCHES[:2], seal_of(3, leaves, BATCHES[1].head), *BATCHES[3:]]
    assert broken(batches, rows) == Break(kind="link_broken", batch=4)


def test_a_removed_batch_is_named() -> None:
    assert broken([*BATCHES[:3], *BATCHES[4:]], ENTRIES) == Break(kind="batch_removed", batch=4)


def test_rows_without_their_batch_name_the_batch_and_the_first_row() -> None:
    first = next(one for one in ENTRIES if one.batch == 8)
    assert broken(BATCHES[:7], ENTRIES) == Break(kind="batch_removed", batch=8, row=first.id)


@pytest.mark.parametrize("batch", [1, 3, 5, 9, None])
def test_a_second_copy_of_a_row_is_found_wherever_it_stands(batch: int | None) -> None:
    copy = replace(ENTRIES[3], facts="{}", batch=batch)
    found = broken(BATCHES, [*ENTRIES, copy])
    assert found is not None
    assert found.row == copy.id


@pytest.mark.parametrize("batch", [1, 8, None])
def test_a_row_taken_out_of_its_batch_is_named(batch: int | None) -> None:
    rows = list(ENTRIES)
    rows[10] = replace(rows[10], batch=batch)
    found = broken(BATCHES, rows)
    assert found is not None
    assert found.row == rows[10].id


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[" * 9_000,
        "null",
        '{"entry":null}',
        '{"entry":{}}',
        chain.canonical({"entry": vars(entry(99, None)) | {"extra": 1}}),
        chain.canonical({"entry": vars(entry(99, None)) | {"id": "99"}}),
        chain.canonical({"entry": vars(entry(99, None)) | {"id": True}}),
        chain.canonical({"entry": vars(entry(99, None)), "note": "x"}),
        json.dumps({"entry": vars(entry(99, None))}),
        chain.canonical({"entry": vars(entry(99, None))}).replace('"actor"', '"actor":"account:1","actor"'),
    ],
)
def test_an_exported_line_that_we_would_not_have_written_is_named(line: str) -> None:
    lines = [*export(BATCHES, ENTRIES), line]
    assert verified_export(lines).broken == Break(kind="line_unreadable", line=len(lines))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 5))
def test_any_sealed_chain_holds_as_rows_and_as_an_export(sizes: list[int], gap: int) -> None:
    batches, entries = sealed(sizes, gap=gap)
    assert chain.verify(batches, entries).broken is None
    assert verified_export(export(batches, entries)).broken is None
