"""When a shift is: by the local clock of its regency, as moments."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sigap_common.regency import Shift


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment until before another, UTC."""

    starts_at: datetime
    ends_at: datetime

    def overlap(self, other: "Span") -> timedelta:
        """How long both last at the same time; none if one begins when the other has ended."""
        return max(timedelta(0), min(self.ends_at, other.ends_at) - max(self.starts_at, other.starts_at))


def span_of(shift: Shift, day: date, zone: ZoneInfo) -> Span:
    """A shift belongs to the day it starts; one whose end is not after its start ends on the next.

    Start and end stand still on the local clock: a night on which clocks are moved is as much shorter or longer.
    """
    start, end = time.fromisoformat(shift.start), time.fromisoformat(shift.end)
    last = day if end > start else day + timedelta(days=1)
    starts_at, ends_at = _moment(day, start, zone), _moment(last, end, zone)
    # A shift that lies in an hour which the clock leaves out has no length, never a negative one.
    return Span(starts_at, max(starts_at, ends_at))


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
