"""Terms in months and years: the earliest and latest days that the rules allow, each with its paragraph."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cbt.regulation.editions import Edition, require_usable


@dataclass(frozen=True)
class Term:
    """A day and the paragraph it comes from."""

    day: date
    source: str


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of that month where it has none such."""
    if isinstance(day, datetime):
        raise ValueError("a calendar day, not a moment")
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def earliest_repeat(day: date, edition: Edition) -> Term:
    """First day of a repeat attestation, after the day of the initial one. Source: AR r.19."""
    repeat = require_usable(edition).repeat
    completed = add_months(day, repeat.min_months)
    wait = timedelta(days=1) if repeat.first_day == "day_after" else timedelta(0)
    return Term(completed + wait, repeat.source)


def earliest_after_absence(day: date, edition: Edition) -> Term:
    """First day to which a candidate absent for a valid reason may be moved. Source: AR r.12."""
    absence = require_usable(edition).absence
    return Term(add_months(day, absence.min_postpone_months), absence.source)


def earliest_after_childcare(day: date, edition: Edition) -> Term:
    """First day of attestation after the return from child-care leave. Source: AR r.4."""
    cycle = require_usable(edition).cycle
    return Term(add_months(day, cycle.months_after_childcare), cycle.source)


def next_due(day: date, edition: Edition) -> Term:
    """Last day of the next attestation, counted from the last one; an earlier one is allowed. Source: AR r.4."""
    cycle = require_usable(edition).cycle
    return Term(add_months(day, 12 * cycle.years), cycle.source)


def certificate_valid_to(day: date, edition: Edition) -> Term:
    """Last valid day of a certificate issued on that day, at the longest. Source: AR r.23."""
    certificate = require_usable(edition).certificate
    return Term(add_months(day, 12 * certificate.max_years), certificate.validity_source)
