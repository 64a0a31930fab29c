"""Deadlines to the millisecond, in any zone, on any day of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from cbt.errors import Refusal
from cbt.regulation.editions import DEFAULT_EDITION, edition
from cbt.regulation.timing import (
    COUNTRY_ZONE,
    deadline,
    deadline_after_pause,
    duration,
    is_open,
    local_day,
    remaining_ms,
    require_minutes,
    same_day,
)

EDITION = edition(DEFAULT_EDITION)
START = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("minutes", "end"), [(1, START + timedelta(minutes=1)), (45, START + HOUR * 0.75), (60, END)])
def test_the_deadline_is_the_start_and_the_minutes(minutes, end):
    assert deadline(START, minutes=minutes, edition=EDITION) == end


@pytest.mark.parametrize(
    ("minutes", "code", "facts"),
    [
        (61, "too_long", {"minutes": 61, "most": 60}),
        (0, "too_short", {"minutes": 0, "least": 1}),
        (-5, "too_short", {"minutes": -5, "least": 1}),
    ],
)
def test_a_test_lasts_from_one_minute_to_sixty(minutes, code, facts):
    with pytest.raises(Refusal) as no:
        deadline(START, minutes=minutes, edition=EDITION)
    assert (no.value.code, no.value.facts) == (code, facts)


@pytest.mark.parametrize("minutes", [59.5, "60", None, True])
def test_minutes_are_whole_numbers(minutes):
    with pytest.raises(ValueError):
        require_minutes(minutes, edition=EDITION)


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        (END - timedelta(seconds=1), True),
        (END - timedelta(microseconds=1), True),
        (END, False),
        (END + timedelta(microseconds=1), False),
        (END + timedelta(days=1), False),
    ],
)
def test_an_answer_counts_before_the_deadline_and_not_at_it(now, answer):
    assert is_open(deadline=END, now=now) is answer


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (START, 3_600_000),
        (END - MS, 1),
        (END - MS / 2, 0),
        (END, 0),
        (END + MS, 0),
        (END + timedelta(days=1), 0),
        (START - MS, 3_600_001),
    ],
)
def test_what_remains_is_whole_milliseconds_and_never_less_than_nothing(now, left):
    remaining = remaining_ms(deadline=END, now=now)
    assert remaining == left
    assert type(remaining) is int


def test_a_pause_moves_the_deadline_by_exactly_its_length():
    paused, resumed = START + timedelta(minutes=20), START + timedelta(minutes=30, seconds=7)
    moved = deadline_after_pause(deadline=END, paused_at=paused, resumed_at=resumed)
    assert moved == END + timedelta(minutes=10, seconds=7)
    assert remaining_ms(deadline=moved, now=resumed) == remaining_ms(deadline=END, now=paused)
    assert duration(started_at=START, finished_at=moved, paused=resumed - paused) == HOUR


@pytest.mark.parametrize(
    ("finished", "paused"),
    [(START - MS, timedelta(0)), (END, HOUR + MS), (END, -MS)],
)
def test_nothing_ends_before_it_begins(finished, paused):
    with pytest.raises(ValueError):
        duration(started_at=START, finished_at=finished, paused=paused)


# T08: the country moved to one offset at 00:00 on 2024-03-01.
ALMATY = COUNTRY_ZONE


def pinned_zone(city):
    """From the package, as the product reads it: the machine's own zone data may be older."""
    with resources.files("tzdata").joinpath(f"zoneinfo/Asia/{city}").open("rb") as file:
        return ZoneInfo.from_file(file)


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2024, 2, 29, 6, 0, tzinfo=UTC), 6),
        (datetime(2024, 3, 1, 7, 0, tzinfo=UTC), 5),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), 5),
    ],
)
def test_the_country_is_at_plus_five_from_march_2024(moment, hours):
    assert moment.astimezone(COUNTRY_ZONE).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("city", ["Almaty", "Qostanay", "Qyzylorda", "Aqtobe", "Aqtau", "Atyrau", "Oral"])
@pytest.mark.parametrize("day", [date(2024, 3, 1), date(2024, 3, 2), date(2026, 11, 20)])
def test_every_zone_of_the_country_has_the_same_offset(city, day):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=pinned_zone(city))
    assert noon.utcoffset() == timedelta(hours=5)


def test_half_past_eleven_on_the_last_night_happened_twice():
    first = datetime(2024, 2, 29, 23, 30, tzinfo=ALMATY)
    second = first.replace(fold=1)
    assert first.astimezone(UTC) == datetime(2024, 2, 29, 17, 30, tzinfo=UTC)
    assert second.astimezone(UTC) == datetime(2024, 2, 29, 18, 30, tzinfo=UTC)
    assert duration(started_at=first, finished_at=second) == HOUR
    assert not is_open(deadline=first, now=second)
    assert remaining_ms(deadline=second, now=first) == 3_600_000
    assert same_day(first, second)


# T10: whatever the day, an hour is 3600 seconds.
@pytest.mark.parametrize("zone", [UTC, COUNTRY_ZONE], ids=["utc", "country"])
@pytest.mark.parametrize(
    "started_at",
    [
        datetime(2024, 2, 28, 23, 30),  # noqa: DTZ001 - the zone is the other parameter
        datetime(2024, 2, 29, 23, 15),  # noqa: DTZ001
        datetime(2024, 2, 29, 23, 59, 59),  # noqa: DTZ001
        datetime(2025, 12, 31, 23, 30),  # noqa: DTZ001
        datetime(2028, 2, 29, 23, 30),  # noqa: DTZ001
        datetime(2026, 2, 28, 23, 30),  # noqa: DTZ001
    ],
)
def test_sixty_minutes_are_3600_seconds_over_leap_days_year_ends_and_the_change(started_at, zone):
    started_at = started_at.replace(tzinfo=zone)
    end = deadline(started_at, minutes=60, edition=EDITION)
    assert duration(started_at=started_at, finished_at=end).total_seconds() == 3600
    assert remaining_ms(deadline=end, now=started_at) == 3_600_000
    assert is_open(deadline=end, now=end - MS)
    assert not is_open(deadline=end, now=end)


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (datetime(2026, 5, 20, 18, 59, tzinfo=UTC), datetime(2026, 5, 20, 19, 0, tzinfo=UTC), False),
        (datetime(2026, 5, 19, 19, 0, tzinfo=UTC), datetime(2026, 5, 20, 18, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 18, 30, tzinfo=UTC), datetime(2026, 12, 31, 19, 30, tzinfo=UTC), False),
        (datetime(2024, 2, 28, 17, 59, tzinfo=UTC), datetime(2024, 2, 28, 18, 0, tzinfo=UTC), False),
    ],
)
def test_the_same_day_is_the_country_s_day(a, b, answer):
    assert same_day(a, b) is answer


def test_a_day_is_the_local_one_whatever_the_zone_of_the_moment():
    late = datetime(2026, 5, 20, 20, 0, tzinfo=UTC)
    assert local_day(late) == local_day(late.astimezone(ALMATY)) == date(2026, 5, 21)


NAIVE = datetime(2026, 5, 20, 4, 0)  # noqa: DTZ001 - what must be refused


@pytest.mark.parametrize(
    "use",
    [
        lambda: deadline(NAIVE, minutes=60, edition=EDITION),
        lambda: is_open(deadline=NAIVE, now=START),
        lambda: is_open(deadline=START, now=NAIVE),
        lambda: remaining_ms(deadline=NAIVE, now=START),
        lambda: remaining_ms(deadline=END, now=NAIVE),
        lambda: deadline_after_pause(deadline=NAIVE, paused_at=START, resumed_at=END),
        lambda: duration(started_at=NAIVE, finished_at=END),
        lambda: duration(started_at=START, finished_at=NAIVE),
        lambda: same_day(NAIVE, START),
        lambda: local_day(NAIVE),
    ],
)
def test_a_moment_without_a_zone_is_a_fault(use):
    with pytest.raises(ValueError, match="zone"):
        use()
