"""Draws that repeat for ever, keep to the blueprint, share little, and shuffle evenly."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from math import comb

import pytest

from cbt.errors import Refusal
from cbt.regulation.draw import PoolItem, draw, draw_parallel, permutation

CARE = {"D1": 10, "D2": 14, "D3": 12, "D4": 12, "D5": 10, "D6": 10, "D7": 6, "D8": 6}


def pool_of(areas, *, times=1.5):
    return [
        PoolItem(version_id=f"{area}-v{number}", area=area, code=f"CA-{area}-{number:03}", level="knowledge")
        for area, needed in areas.items()
        for number in range(1, int(needed * times) + 1)
    ]


POOL = pool_of(CARE)


def codes(form):
    return [item.code for item in form]


def test_a_form_has_exactly_the_items_the_blueprint_asks_for():
    form = draw(POOL, areas=CARE, seed="2026-05-20/1")
    assert len(form) == len(set(codes(form))) == 80
    assert Counter(item.area for item in form) == CARE
    assert list(dict.fromkeys(item.area for item in form)) == list(CARE)


def test_the_same_seed_gives_the_same_form_whatever_the_order_of_the_pool():
    form = draw(POOL, areas=CARE, seed="s")
    for seed in range(5):
        shuffled = random.Random(seed).sample(POOL, len(POOL))
        assert draw(shuffled, areas=CARE, seed="s") == form
    assert draw(iter(POOL), areas=CARE, seed="s") == form


def test_another_seed_gives_another_form():
    assert len({tuple(codes(draw(POOL, areas=CARE, seed=str(seed)))) for seed in range(20)}) == 20


def test_a_draw_of_long_ago_can_be_repeated():
    """The values are those of SHA-256 itself: a change here would break every form drawn before."""
    pool = [PoolItem(number, "D1", f"Q{number}", "knowledge") for number in range(1, 9)]
    assert codes(draw(pool, areas={"D1": 4}, seed="pinned")) == ["Q1", "Q8", "Q4", "Q7"]
    shown = permutation("pinned", number_of_items=4, option_ids_by_slot=dict.fromkeys(range(1, 5), "abc"))
    assert shown.items == (1, 3, 4, 2)
    assert ["".join(options) for options in shown.options] == ["bac", "abc", "cba", "bca"]


def test_every_item_has_the_same_chance():
    """Chi-square over 10,000 draws of 4 out of 8; the statistic is scaled for drawing without replacement."""
    pool = [PoolItem(number, "D1", f"Q{number}", "knowledge") for number in range(8)]
    drawn = Counter(code for seed in range(10_000) for code in codes(draw(pool, areas={"D1": 4}, seed=f"s{seed}")))
    scale = (8 - 1) / (8 - 4)
    assert scale * chi_square(drawn.values(), cells=8) < CRITICAL[7]


def test_every_short_area_is_named_at_once():
    short = [item for item in POOL if not (item.area == "D4" or item.code in ("CA-D7-001", "CA-D8-001"))]
    short = [item for item in short if not (item.area in ("D7", "D8") and int(item.code[-3:]) > 6)]
    with pytest.raises(Refusal) as no:
        draw(short, areas=CARE, seed="s")
    assert no.value.code == "area_short"
    assert no.value.facts["areas"] == [
        {"area": "D4", "needed": 12, "available": 0},
        {"area": "D7", "needed": 6, "available": 5},
        {"area": "D8", "needed": 6, "available": 5},
    ]


def test_an_area_with_exactly_enough_is_enough():
    exact = pool_of(CARE, times=1)
    assert set(draw(exact, areas=CARE, seed="s")) == set(exact)


def test_items_of_areas_outside_the_blueprint_are_left_alone():
    strangers = [PoolItem(number, "X1", f"X{number}", "knowledge") for number in range(50)]
    assert draw(POOL + strangers, areas=CARE, seed="s") == draw(POOL, areas=CARE, seed="s")


def test_two_versions_of_one_question_never_meet_in_a_form():
    twin = PoolItem("D1-v1-later", "D2", "CA-D1-001", "knowledge")
    with pytest.raises(Refusal) as no:
        draw([*POOL, twin], areas=CARE, seed="s")
    assert (no.value.code, no.value.facts) == ("question_repeated", {"codes": ["CA-D1-001"]})


def test_seen_items_come_back_only_where_the_area_would_be_short():
    first = draw(POOL, areas=CARE, seed="first")
    second = draw(POOL, areas=CARE, seed="second", exclude=frozenset(codes(first)))
    for area, needed in CARE.items():
        unseen = int(needed * 1.5) - needed
        assert len({*codes(first)} & {item.code for item in second if item.area == area}) == needed - unseen
    deep = pool_of(CARE, times=2)
    first = draw(deep, areas=CARE, seed="first")
    assert not {*codes(first)} & {*codes(draw(deep, areas=CARE, seed="second", exclude=codes(first)))}


def test_one_form_is_the_first_of_several():
    assert draw_parallel(POOL, areas=CARE, seed="s", number_of_forms=3)[0] == draw(POOL, areas=CARE, seed="s")


@pytest.mark.parametrize("times", [1, 1.5, 2, 3])
@pytest.mark.parametrize("number_of_forms", [2, 3, 4, 5])
def test_parallel_forms_share_as_little_as_any_choice_could(times, number_of_forms):
    pool = pool_of(CARE, times=times)
    forms = draw_parallel(pool, areas=CARE, seed="s", number_of_forms=number_of_forms)
    assert all(Counter(item.area for item in form) == CARE for form in forms)
    shared = sum(len({*codes(a)} & {*codes(b)}) for a, b in itertools.combinations(forms, 2))
    # Uses as even as they can be give the least number of shared pairs, area by area.
    least = 0
    for needed in CARE.values():
        evenly, over = divmod(number_of_forms * needed, int(needed * times))
        least += over * comb(evenly + 1, 2) + (int(needed * times) - over) * comb(evenly, 2)
    assert shared == least


@pytest.mark.parametrize(("areas", "forms"), [({}, 1), ({"D1": 0}, 1), ({"D1": -1}, 1), ({"D1": 1}, 0)])
def test_a_blueprint_without_items_is_a_fault(areas, forms):
    with pytest.raises(ValueError):
        draw_parallel(POOL, areas=areas, seed="s", number_of_forms=forms)


OPTIONS = dict.fromkeys(range(1, 81), ("a", "b", "c", "d"))


def test_a_permutation_shows_every_item_and_option_once_and_repeats():
    shown = permutation("attempt-1", number_of_items=80, option_ids_by_slot=OPTIONS)
    assert sorted(shown.items) == list(range(1, 81))
    assert [sorted(options) for options in shown.options] == [list("abcd")] * 80
    assert shown == permutation("attempt-1", number_of_items=80, option_ids_by_slot=OPTIONS)
    assert shown != permutation("attempt-2", number_of_items=80, option_ids_by_slot=OPTIONS)
    assert len(set(shown.options)) > 10


def test_the_order_in_which_an_author_wrote_the_options_does_not_show():
    turned = {slot: tuple(reversed(options)) for slot, options in OPTIONS.items()}
    assert permutation("s", number_of_items=80, option_ids_by_slot=turned) == permutation(
        "s", number_of_items=80, option_ids_by_slot=OPTIONS
    )


@pytest.mark.parametrize("slots", [range(1, 80), range(80), range(1, 82)])
def test_options_stand_for_every_slot_of_the_form(slots):
    with pytest.raises(ValueError):
        permutation("s", number_of_items=80, option_ids_by_slot=dict.fromkeys(slots, ("a", "b")))


# Upper 1 % points of the chi-square distribution by degrees of freedom.
CRITICAL = {3: 11.345, 7: 18.475, 23: 41.638}


def chi_square(counts, *, cells):
    counts = [*counts]
    counts += [0] * (cells - len(counts))
    expected = sum(counts) / cells
    return sum((count - expected) ** 2 / expected for count in counts)


@pytest.fixture(scope="module")
def renderings():
    options = dict.fromkeys(range(1, 5), ("a", "b", "c", "d"))
    return [permutation(f"attempt-{n}", number_of_items=4, option_ids_by_slot=options) for n in range(10_000)]


@pytest.mark.parametrize("slot", range(1, 5))
@pytest.mark.parametrize("key", ["a", "d"])
def test_the_place_of_the_key_is_even_over_ten_thousand_renderings(renderings, slot, key):
    places = Counter(shown.options[slot - 1].index(key) for shown in renderings)
    assert chi_square(places.values(), cells=4) < CRITICAL[3]


def test_every_order_of_items_and_of_options_is_equally_likely(renderings):
    assert chi_square(Counter(shown.items for shown in renderings).values(), cells=24) < CRITICAL[23]
    assert chi_square(Counter(shown.options[0] for shown in renderings).values(), cells=24) < CRITICAL[23]


def test_the_orders_of_two_slots_say_nothing_about_each_other(renderings):
    pairs = Counter((shown.options[0][0], shown.options[1][0]) for shown in renderings)
    # 15 degrees of freedom, upper 1 %.
    assert chi_square(pairs.values(), cells=16) < 30.578


LEVELS = {"knowledge": 11, "application": 11, "judgement": 6}


def levelled(sizes):
    names = [level for level, count in sizes.items() for _ in range(count)]
    return [PoolItem(number, "D2", f"CA-D2-{number:03}", level) for number, level in enumerate(names, start=1)]


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_every_form_takes_the_levels_in_the_shares_of_the_pool(seed):
    for form in draw_parallel(levelled(LEVELS), areas={"D2": 14}, seed=seed, number_of_forms=6):
        counts = Counter(item.level for item in form)
        assert all(abs(counts[level] - count * 14 / 28) <= 1 for level, count in LEVELS.items())


@pytest.mark.parametrize(("sizes", "needed"), [({"knowledge": 40, "judgement": 3}, 4), ({"a": 7, "b": 2, "c": 1}, 1)])
def test_a_rare_level_is_drawn_as_often_as_its_share(sizes, needed):
    """1,000 seeds; a share of less than half a place is no reason never to be drawn."""
    pool, uses = levelled(sizes), Counter()
    for seed in range(1000):
        uses.update(item.level for item in draw(pool, areas={"D2": needed}, seed=str(seed)))
    for level, size in sizes.items():
        share = needed * size / len(pool)
        part = share % 1
        # Four standard deviations of a number that is rounded up with the chance of its fraction.
        assert abs(uses[level] - 1000 * share) <= 4 * (1000 * part * (1 - part)) ** 0.5


def test_levels_do_not_cost_a_shared_item():
    forms = draw_parallel(levelled(LEVELS), areas={"D2": 14}, seed="s", number_of_forms=4)
    uses = Counter(item.code for form in forms for item in form)
    assert set(uses.values()) == {2}
    assert not set(codes(forms[0])) & set(codes(forms[1]))


def test_seen_items_do_not_come_back_for_the_sake_of_a_level():
    pool = levelled({"knowledge": 6, "judgement": 6})
    seen = {item.code for item in pool if item.level == "judgement"}
    assert {item.level for item in draw(pool, areas={"D2": 6}, seed="s", exclude=seen)} == {"knowledge"}


def test_within_a_level_each_item_has_the_same_chance():
    """1,000 seeds, 14 of 28: each about 500 times (chi-square with 27 degrees, 0.999 point 55.48)."""
    uses = Counter(item.code for seed in range(1000) for item in draw(levelled(LEVELS), areas={"D2": 14}, seed=str(seed)))
    by_level = {level: [uses[item.code] for item in levelled(LEVELS) if item.level == level] for level in LEVELS}
    for counts in by_level.values():
        mean = sum(counts) / len(counts)
        assert sum((count - mean) ** 2 / mean for count in counts) < 55.48
