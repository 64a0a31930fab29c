"""Months and years by the calendar: the ends of months, the first and last days allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cbt.errors import Refusal
from cbt.regulation import terms
from cbt.regulation.editions import DEFAULT_EDITION, edition
from cbt.regulation.terms import Term, add_months

EDITION = edition(DEFAULT_EDITION)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), 3, date(2026, 6, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 15), 1, date(2026, 12, 15)),
        (date(2028, 2, 29), 60, date(2033, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 5, 20), 0, date(2026, 5, 20)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(day, months, after):
    assert add_months(day, months) == after


def test_a_moment_is_not_a_day():
    with pytest.raises(ValueError):
        add_months(datetime(2026, 5, 20, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("term", "day", "expected"),
    [
        (terms.earliest_repeat, date(2026, 5, 20), Term(date(2026, 8, 21), "AR r.19")),
        (terms.earliest_repeat, date(2026, 11, 30), Term(date(2027, 3, 1), "AR r.19")),
        (terms.earliest_repeat, date(2027, 11, 30), Term(date(2028, 3, 1), "AR r.19")),
        (terms.earliest_after_absence, date(2026, 5, 20), Term(date(2026, 6, 20), "AR r.12")),
        (terms.earliest_after_absence, date(2026, 1, 31), Term(date(2026, 2, 28), "AR r.12")),
        (terms.earliest_after_childcare, date(2026, 5, 20), Term(date(2026, 11, 20), "AR r.4")),
        (terms.earliest_after_childcare, date(2026, 8, 31), Term(date(2027, 2, 28), "AR r.4")),
        (terms.next_due, date(2026, 5, 20), Term(date(2031, 5, 20), "AR r.4")),
        (terms.next_due, date(2028, 2, 29), Term(date(2033, 2, 28), "AR r.4")),
        (terms.certificate_valid_to, date(2026, 5, 20), Term(date(2031, 5, 20), "AR r.23")),
        (terms.certificate_valid_to, date(2028, 2, 29), Term(date(2033, 2, 28), "AR r.23")),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_term_ends_on_the_day_the_rules_say(term, day, expected):
    assert term(day, EDITION) == expected


@pytest.mark.parametrize(
    "term",
    [
        terms.earliest_repeat,
        terms.earliest_after_absence,
        terms.earliest_after_childcare,
        terms.next_due,
        terms.certificate_valid_to,
    ],
)
def test_no_term_stands_on_an_unverified_edition(term):
    with pytest.raises(Refusal) as no:
        term(date(2026, 5, 20), edition("kz-mlsp-2023-210"))
    assert no.value.code == "edition_unverified"
