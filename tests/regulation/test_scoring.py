"""One point for an exact answer, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbt.regulation.scoring import AreaScore, Mark, score

ONE = frozenset("b")
TWO = frozenset("ac")


@pytest.mark.parametrize(
    ("key", "response", "awarded", "answered"),
    [
        (ONE, "b", 1, True),
        (ONE, "a", 0, True),
        (ONE, "", 0, False),
        (ONE, "ab", 0, True),
        (TWO, "ac", 1, True),
        (TWO, "a", 0, True),
        (TWO, "c", 0, True),
        (TWO, "abc", 0, True),
        (TWO, "abcd", 0, True),
        (TWO, "bd", 0, True),
        (TWO, "", 0, False),
    ],
)
def test_an_item_is_right_as_a_whole_or_not_at_all(key, response, awarded, answered):
    result = score(responses={1: frozenset(response)}, keys={1: key}, areas={1: "A1"})
    assert result.marks == (Mark(1, awarded, answered),)
    assert (result.points, result.max_points) == (awarded, 1)


def test_an_unanswered_item_is_nothing_whether_absent_or_empty():
    absent = score(responses={}, keys={1: ONE}, areas={1: "A1"})
    assert absent == score(responses={1: frozenset()}, keys={1: ONE}, areas={1: "A1"})
    assert absent.points == 0


def test_the_profile_adds_up_by_area_in_the_order_of_the_form():
    result = score(
        responses={1: ONE, 2: frozenset("a"), 3: TWO, 4: ONE},
        keys={4: ONE, 3: TWO, 2: ONE, 1: ONE},
        areas={1: "D2", 2: "D2", 3: "D1", 4: "D10"},
    )
    assert result.profile == (AreaScore("D2", 1, 2), AreaScore("D1", 1, 1), AreaScore("D10", 1, 1))
    assert [mark.slot for mark in result.marks] == [1, 2, 3, 4]
    assert (result.points, result.max_points) == (3, 4)


CHOICES = st.frozensets(st.sampled_from("abcd"))


@given(st.lists(st.tuples(CHOICES.filter(bool), CHOICES, st.sampled_from(["A1", "A2"])), min_size=1, max_size=80))
def test_points_are_whole_within_the_form_and_equal_to_the_exact_matches(slots):
    result = score(
        responses={slot: response for slot, (_, response, _) in enumerate(slots, 1)},
        keys={slot: key for slot, (key, _, _) in enumerate(slots, 1)},
        areas={slot: area for slot, (_, _, area) in enumerate(slots, 1)},
    )
    assert type(result.points) is int
    assert result.points == sum(key == response for key, response, _ in slots)
    assert result.points == sum(area.points for area in result.profile) == sum(mark.awarded for mark in result.marks)
    assert result.max_points == len(slots) == sum(area.max_points for area in result.profile)


@pytest.mark.parametrize(
    ("responses", "keys", "areas"),
    [
        ({}, {}, {}),
        ({}, {1: frozenset()}, {1: "A1"}),
        ({}, {1: ONE}, {}),
        ({}, {1: ONE}, {1: "A1", 2: "A1"}),
        ({2: ONE}, {1: ONE}, {1: "A1"}),
    ],
    ids=["no slots", "a slot without a key", "no area", "an area too many", "a response outside the form"],
)
def test_a_form_that_does_not_hold_together_is_a_fault(responses, keys, areas):
    with pytest.raises(ValueError):
        score(responses=responses, keys=keys, areas=areas)
