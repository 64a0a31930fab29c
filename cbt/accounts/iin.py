"""The individual identification number: its form, its check digit, and how it is shown."""

from __future__ import annotations

from datetime import date

from cbt.errors import Refusal

_FIRST_WEIGHTS = tuple(range(1, 12))
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}


def check_digit(first_eleven: str) -> int | None:
    """The twelfth digit, or None where the number cannot be issued (both sums give 10)."""
    digits = [int(digit) for digit in first_eleven]
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if remainder < 10:
            return remainder
    return None


def require_iin(typed: str) -> str:
    """The twelve digits of what was typed (spaces allowed). Refusals: iin_length, iin_wrong, at field `iin`."""
    iin = "".join(typed.split())
    if len(iin) != 12 or not (iin.isascii() and iin.isdecimal()):
        raise Refusal("iin_length", field="iin")
    if birth_date(iin) is None or check_digit(iin[:11]) != int(iin[11]):
        raise Refusal("iin_wrong", field="iin")
    return iin


def birth_date(iin: str) -> date | None:
    """The date the first seven digits stand for, or None where there is no such day."""
    century = _CENTURIES.get(iin[6])
    if century is None:
        return None
    try:
        return date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None


def masked(iin: str) -> str:
    """Only the last four digits, as a page or slip may show it."""
    return "•" * 8 + iin[-4:]
