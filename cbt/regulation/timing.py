"""The server's deadline and nothing else decides time: deadlines, what remains, lengths, and the country's calendar day.

Every moment must be aware. Arithmetic is done in UTC: two moments of one zone subtract by the wall clock in Python,
which is an hour wrong across 2024-03-01, when most of the country moved its clocks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from cbt.errors import Refusal
from cbt.regulation.editions import Edition, require_usable
from cbt.zone import COUNTRY_ZONE


def deadline(started_at: datetime, *, minutes: int, edition: Edition) -> datetime:
    """The moment (UTC) from which answers no longer count.

    Refuses `too_long` above the edition's ceiling and `too_short` below one minute. Source: AR r.13.
    """
    return _utc(started_at) + timedelta(minutes=require_minutes(minutes, edition=edition))


def require_minutes(minutes: int, *, edition: Edition) -> int:
    """The length of a test a body may set: shorter than the ceiling, never longer. Refusals as in `deadline`."""
    if isinstance(minutes, bool) or not isinstance(minutes, int):
        raise ValueError("minutes are whole")
    most = require_usable(edition).test.max_minutes
    if minutes > most:
        raise Refusal("too_long", minutes=minutes, most=most)
    if minutes < 1:
        raise Refusal("too_short", minutes=minutes, least=1)
    return minutes


def is_open(*, deadline: datetime, now: datetime) -> bool:
    """Whether an answer of this moment counts: before the deadline, not at it."""
    return _utc(now) < _utc(deadline)


def remaining_ms(*, deadline: datetime, now: datetime) -> int:
    """Whole milliseconds left, never less than 0."""
    return max(0, (_utc(deadline) - _utc(now)) // timedelta(milliseconds=1))


def deadline_after_pause(*, deadline: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
    """The deadline moved by exactly the pause, so that the net time stays what it was. Source: AR r.13 (reading)."""
    return _utc(deadline) + duration(started_at=paused_at, finished_at=resumed_at)


def duration(*, started_at: datetime, finished_at: datetime, paused: timedelta = timedelta(0)) -> timedelta:
    """Net length: from start to finish without the pauses."""
    length = _utc(finished_at) - _utc(started_at) - paused
    if length < timedelta(0) or paused < timedelta(0):
        raise ValueError("nothing ends before it begins")
    return length


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in the country."""
    return _utc(moment).astimezone(COUNTRY_ZONE).date()


def same_day(a: datetime, b: datetime) -> bool:
    """Whether two moments fall on one calendar day in the country. Source: AR r.14."""
    return local_day(a) == local_day(b)


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)
