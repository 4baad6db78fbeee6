"""Computes the start and end of a shift from the regency's local clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sigap_common.regency import Shift


@dataclass(frozen=True, slots=True)
class Span:
    """The time from `starts_at` until just before `ends_at`, UTC."""

    starts_at: datetime
    ends_at: datetime

    def overlap(self, other: "Span") -> timedelta:
        """How long the two overlap; zero if one begins when the other has ended."""
        return max(timedelta(0), min(self.ends_at, other.ends_at) - max(self.starts_at, other.starts_at))


def span_of(shift: Shift, day: date, zone: ZoneInfo) -> Span:
    """The span of a shift that starts on `day`. If its end is not after its start, it ends on the next day.

    Start and end are local times. So in a night when clocks change, the shift is shorter or longer by that change.
    """
    start, end = time.fromisoformat(shift.start), time.fromisoformat(shift.end)
    last = day if end > start else day + timedelta(days=1)
    starts_at, ends_at = _moment(day, start, zone), _moment(last, end, zone)
    # A shift within an hour that the clock skips has no length, never a negative one.
    return Span(starts_at, max(starts_at, ends_at))


def monday_of(day: date) -> date:
    """The first day of the week of `day`."""
    return day - timedelta(days=day.weekday())


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
