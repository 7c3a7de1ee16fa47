"""Days of any length, counted from midnights or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.calendar import EPOCH, MIDNIGHTS, NEVER, WHOLE_DAYS, Calendar

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
SHORT = Calendar(timedelta(seconds=3), to_midnight=False)


def test_midnights() -> None:
    assert MIDNIGHTS.due(NOW, 0) == datetime(2026, 11, 22, tzinfo=UTC)
    assert MIDNIGHTS.due(NOW, 3) == datetime(2026, 11, 25, tzinfo=UTC)
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert MIDNIGHTS.due(at, 0) == at + timedelta(days=1), "the next one, not that one"
    before = datetime(1969, 12, 31, 13, tzinfo=UTC)
    assert MIDNIGHTS.due(before, 1) == datetime(1970, 1, 2, tzinfo=UTC)


def test_a_midnight_is_one_in_utc() -> None:
    there = timezone(timedelta(hours=-11))
    assert MIDNIGHTS.due(NOW.astimezone(there), 0) == datetime(2026, 11, 22, tzinfo=UTC)


def test_whole_days() -> None:
    assert WHOLE_DAYS.due(NOW, 0) == NOW
    assert WHOLE_DAYS.due(NOW, 3) == NOW + timedelta(days=3)
    assert SHORT.due(NOW, 3) == NOW + timedelta(seconds=9)


@pytest.mark.parametrize("calendar", [MIDNIGHTS, WHOLE_DAYS])
@pytest.mark.parametrize("days", [3_000_000, 2**31, 10**30])
def test_what_never_comes(calendar: Calendar, days: int) -> None:
    assert calendar.due(NOW, days) == NEVER
    assert calendar.run(NOW, days) == NEVER
    assert MIDNIGHTS.due(datetime.max.replace(tzinfo=UTC), 0) == NEVER


@pytest.mark.parametrize(
    ("hours", "days"), [(-30, 0), (0, 0), (0.001, 1), (24, 1), (24.001, 2), (48, 2)]
)
def test_days_until(hours: float, days: int) -> None:
    assert WHOLE_DAYS.days_until(NOW + timedelta(hours=hours), NOW) == days
    assert SHORT.days_until(NOW + timedelta(seconds=hours / 8), NOW) == days


MOMENTS = st.integers(-3 * 10**14, 7 * 10**15).map(
    lambda each: EPOCH + timedelta(microseconds=each)
)


@given(MOMENTS, st.integers(0, 5000), st.sampled_from([MIDNIGHTS, WHOLE_DAYS, SHORT]))
def test_days_are_over_at_most_a_day_later(since: datetime, days: int, calendar: Calendar) -> None:
    due = calendar.due(since, days)
    assert days * calendar.day <= due - since <= (days + 1) * calendar.day
    assert calendar.due(since, days + 1) - due == calendar.day


@given(MOMENTS, MOMENTS, st.sampled_from([MIDNIGHTS, WHOLE_DAYS]))
def test_a_run_comes_when_it_is_due_and_not_a_day_before(
    due: datetime, now: datetime, calendar: Calendar
) -> None:
    day = calendar.days_until(due, now)
    assert calendar.run(now, day) >= due
    assert day == 0 or calendar.run(now, day - 1) < due
