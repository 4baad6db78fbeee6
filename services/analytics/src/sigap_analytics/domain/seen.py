"""Facts as figures see them: what is left of a row when it is asked for figures. Times in whole milliseconds.

Late entries (`backfilled`) count in numbers of calls and incidents and have no times.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sigap_analytics.domain.columns import UNANSWERED, Outcome

DAY_MS = 86_400_000

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Seen(Generic[S]):
    """So many equal facts, in a period's part (`hour`, `day` or `month` as text; none: the whole) and its groups."""

    fact: S
    weight: int = 1
    part: str | None = None
    groups: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    outcome: str
    waited_ms: int | None = None
    backfilled: bool = False

    @property
    def answered(self) -> bool:
        return self.outcome not in UNANSWERED

    @property
    def abandoned(self) -> bool:
        return self.outcome == Outcome.ABANDONED


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident where only its being there counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """One forwarding of an incident, and when the agency first had it, if ever."""

    forwarded_at: datetime | None
    delivered_at: datetime | None = None
    alarm_level: int | None = 1
    withdrawn_at: datetime | None = None

    @property
    def awaited(self) -> bool:
        """Not if it was withdrawn before anybody had it."""
        return self.delivered_at is not None or self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Promise:
    """An incident from an answered call, with all its forwardings."""

    answered_at: datetime
    corrected_at: datetime | None = None
    forwardings: tuple[Told, ...] = ()

    @property
    def forwarded_ms(self) -> int | None:
        """From the answer until the first agency was forwarded to."""
        return _between(self.answered_at, _first(f.forwarded_at for f in self.forwardings))

    @property
    def delivered_ms(self) -> int | None:
        """From the answer until the first agency had it."""
        return _between(self.answered_at, self.delivered_at)

    @property
    def corrected_ms(self) -> int | None:
        """From the correction to an emergency until the first agency had it."""
        return _between(self.corrected_at, self.delivered_at)

    @property
    def last_ms(self) -> int | None:
        """From the answer until the last agency of alarm level 1 had it; none as long as one has not."""
        awaited = [f.delivered_at for f in self.forwardings if f.alarm_level == 1 and f.awaited]
        known = [moment for moment in awaited if moment is not None]
        return _between(self.answered_at, max(known)) if known and len(known) == len(awaited) else None

    @property
    def delivered_at(self) -> datetime | None:
        return _first(f.delivered_at for f in self.forwardings)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """`outcome` is what it came to first: acknowledged, declined, withdrawn, or open."""

    outcome: str
    missed: bool = False
    acknowledged_ms: int | None = None
    backfilled: bool = False

    @classmethod
    def of(
        cls,
        forwarded_at: datetime | None,
        acknowledged_at: datetime | None = None,
        declined_at: datetime | None = None,
        withdrawn_at: datetime | None = None,
        missed_at: datetime | None = None,
        *,
        backfilled: bool = False,
    ) -> "Forwarding":
        answers = (("acknowledged", acknowledged_at), ("declined", declined_at), ("withdrawn", withdrawn_at))
        outcome = next((name for name, moment in answers if moment), "open")
        return cls(outcome, missed_at is not None, _between(forwarded_at, acknowledged_at), backfilled)


@dataclass(frozen=True, slots=True)
class Duty:
    """A planned duty whose beginning is past. `late_ms` is negative for who came early."""

    started: bool
    late_ms: int | None = None

    @classmethod
    def of(cls, starts_at: datetime, started_at: datetime | None) -> "Duty":
        return cls(started_at is not None, _between(starts_at, started_at))


def measured(ms: int | None) -> bool:
    """Negative or over 24 h is no measurement."""
    return ms is not None and 0 <= ms <= DAY_MS


def _between(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return (end - start) // timedelta(milliseconds=1)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
