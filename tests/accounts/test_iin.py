"""The individual identification number: every wrong check digit is refused."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from cbt.accounts.iin import birth_date, check_digit, masked, require_iin
from cbt.errors import Refusal

RANDOM_NUMBERS = 2000


def slow_check_digit(first: str) -> int | None:
    """The published rule again, written another way: weights 1..11, and 3..11, 1, 2 where the first sum gives 10."""
    total = 0
    for place in range(11):
        total += (place + 1) * int(first[place])
    if total % 11 != 10:
        return total % 11
    total = 0
    for place in range(11):
        total += (place + 3 if place < 9 else place - 8) * int(first[place])
    return None if total % 11 == 10 else total % 11


@pytest.mark.parametrize(
    ("first", "digit"),
    [
        ("00000000000", 0),
        ("10000000000", 1),  # 1·1
        ("01000000000", 2),  # 1·2
        ("00000000001", 0),  # 1·11, remainder 0
        ("90000100000", 4),  # 9·1 + 1·6 = 15, remainder 4
        ("00000000010", 1),  # 1·10 gives 10; the second weights give 1·1
        ("00000200000", 1),  # 2·6 = 12, remainder 1
    ],
)
def test_the_check_digit_follows_both_sets_of_weights(first: str, digit: int) -> None:
    assert check_digit(first) == slow_check_digit(first) == digit


def test_a_number_whose_both_sums_give_ten_is_never_issued() -> None:
    found = [f"{number:011d}" for number in range(20_000) if slow_check_digit(f"{number:011d}") is None]
    assert found
    assert all(check_digit(first) is None for first in found)
    assert all(refusal(first + str(digit)) for first in found[:20] for digit in range(10))


def refusal(typed: str) -> str | None:
    try:
        require_iin(typed)
    except Refusal as refused:
        return refused.code if refused.field == "iin" else f"{refused.code} at {refused.field}"
    return None


def random_numbers() -> list[str]:
    rng = random.Random(7)
    numbers = []
    while len(numbers) < RANDOM_NUMBERS:
        born = date(1950, 1, 1) + timedelta(days=rng.randrange(20_000))
        century = rng.choice("34") if born.year < 2000 else rng.choice("56")
        first = f"{born:%y%m%d}{century}{rng.randrange(10_000):04d}"
        digit = slow_check_digit(first)
        if digit is not None:
            numbers.append(first + str(digit))
    return numbers


def test_every_right_number_passes_and_every_wrong_check_digit_is_refused() -> None:
    for number in random_numbers():
        assert require_iin(number) == number
        wrong = [number[:11] + digit for digit in "0123456789" if digit != number[11]]
        assert {refusal(typed) for typed in wrong} == {"iin_wrong"}


def test_a_slip_in_one_digit_is_refused_but_for_what_mod_eleven_cannot_see() -> None:
    number = random_numbers()[0]
    for place in range(12):
        for digit in "0123456789":
            typed = number[:place] + digit + number[place + 1 :]
            right = birth_date(typed) is not None and slow_check_digit(typed[:11]) == int(typed[11])
            assert (refusal(typed) is None) == right


def number_for(first_seven: str) -> str:
    for serial in range(100):
        first = f"{first_seven}{serial:04d}"
        if (digit := slow_check_digit(first)) is not None:
            return first + str(digit)
    raise AssertionError


@pytest.mark.parametrize(
    ("first_seven", "born"),
    [
        ("8503151", date(1885, 3, 15)),
        ("8503152", date(1885, 3, 15)),
        ("8503153", date(1985, 3, 15)),
        ("8503154", date(1985, 3, 15)),
        ("0403155", date(2004, 3, 15)),
        ("0402296", date(2004, 2, 29)),
        ("0002295", date(2000, 2, 29)),
    ],
)
def test_the_seventh_digit_tells_the_century(first_seven: str, born: date) -> None:
    number = number_for(first_seven)
    assert birth_date(number) == born
    assert refusal(number) is None


@pytest.mark.parametrize(
    "first_seven", ["8502303", "8513013", "8500103", "8501003", "0302295", "0002293", "8503150", "8503157", "8503159"]
)
def test_a_day_that_never_was_is_refused_even_with_a_right_check_digit(first_seven: str) -> None:
    assert refusal(number_for(first_seven)) == "iin_wrong"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "85031530000",
        "8503153000000",
        "85031530000a",
        "８５０３１５３００００１",
        "٨٥٠٣١٥٣٠٠٠٠١",
        "850315-30001",
        "850315\x0030001",
    ],
)
def test_what_is_not_twelve_digits_is_refused(typed: str) -> None:
    assert refusal(typed) == "iin_length"


def test_spaces_may_be_typed_anywhere() -> None:
    number = number_for("8503153")
    assert require_iin(f" {number[:6]} {number[6:]}\t") == number
    assert require_iin("\u00a0".join(number)) == number


def test_only_the_last_four_digits_are_shown() -> None:
    assert masked("850315300123") == "••••••••0123"
