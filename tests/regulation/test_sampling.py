"""Which questions of a lot must be read before the rest is approved together."""

from __future__ import annotations

from collections import Counter

import pytest

from cbt.regulation.sampling import LotItem, sample


def lot(**sizes: int) -> list[LotItem]:
    return [LotItem(f"CA-{area}-{number:03}", area) for area, size in sizes.items() for number in range(1, size + 1)]


def areas(chosen: tuple[LotItem, ...]) -> dict[str, int]:
    return dict(Counter(item.area for item in chosen))


@pytest.mark.parametrize(("size", "read"), [(1, 1), (2, 2), (3, 2), (20, 2), (21, 3), (30, 3), (31, 4), (240, 24)])
def test_a_tenth_of_an_area_is_read_and_at_least_two(size: int, read: int) -> None:
    assert areas(sample(lot(D1=size), seed="s")) == {"D1": read}


def test_every_area_has_its_own_part() -> None:
    assert areas(sample(lot(D1=20, D2=28, D7=1), seed="s")) == {"D1": 2, "D2": 3, "D7": 1}


def test_nothing_is_read_of_nothing() -> None:
    assert sample([], seed="s") == ()


def test_the_same_seed_gives_the_same_sample_whatever_the_order_of_arrival() -> None:
    assert sample(lot(D1=40), seed="s") == sample(reversed(lot(D1=40)), seed="s")
    assert sample(lot(D1=40), seed="s") != sample(lot(D1=40), seed="t")


def test_each_question_has_the_same_chance() -> None:
    """2,000 seeds, 4 of 40 read: each question about 200 times (chi-square with 39 degrees, 0.999 point 72.05)."""
    seen = Counter(item.code for seed in range(2000) for item in sample(lot(D1=40), seed=str(seed)))
    assert len(seen) == 40
    assert sum((count - 200) ** 2 / 200 for count in seen.values()) < 72.05


@pytest.mark.parametrize(("returned", "read"), [(0, 2), (1, 4), (2, 6), (9, 20), (20, 20)])
def test_each_returned_question_adds_two_of_its_area(returned: int, read: int) -> None:
    found = lot(D1=20, D2=20)
    sent_back = {item.code for item in found[:returned]}
    assert areas(sample(found, seed="s", returned=sent_back)) == {"D1": read, "D2": 2}


def test_a_wider_sample_keeps_what_was_read() -> None:
    narrow = sample(lot(D1=40), seed="s")
    wide = sample(lot(D1=40), seed="s", returned={narrow[0].code})
    assert wide[: len(narrow)] == narrow


def test_what_must_always_be_read_comes_on_top_of_what_chance_chose() -> None:
    found = lot(D1=20, D2=20)
    by_chance = sample(found, seed="s")
    outside = next(item for item in found if item.area == "D2" and item not in by_chance)
    assert set(sample(found, seed="s", always={outside.code})) == {*by_chance, outside}
    assert sample(found, seed="s", always={by_chance[0].code}) == by_chance
