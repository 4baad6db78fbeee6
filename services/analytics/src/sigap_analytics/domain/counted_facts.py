"""The form of facts that figures count. It has only the values that figures use. Times are whole milliseconds.

Backfilled entries (`backfilled`) count in numbers of calls and incidents and have no times.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from sigap_analytics.domain.columns import UNANSWERED, Outcome, between

DAY_MS = 86_400_000

S = TypeVar("S")


class Phase(StrEnum):
    """The phases of the help, in the words of NFPA 1225 and 1710."""

    PROCESSING = "processing"
    TURNOUT = "turnout"
    TRAVEL = "travel"
    ON_SCENE = "on_scene"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class CountedFact(Generic[S]):
    """`weight` equal facts of one part of the period (an hour, day or month as text; None: the whole period) and one
    group.
    """

    fact: S
    weight: int = 1
    part: str | None = None
    groups: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    outcome: str
    waited_ms: int | None = None
    backfilled: bool = False
    block_rule: str | None = None
    """The rule by which its number was blocked when it arrived; None: it was not."""

    @property
    def answered(self) -> bool:
        return self.outcome not in UNANSWERED

    @property
    def abandoned(self) -> bool:
        return self.outcome == Outcome.ABANDONED


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident, for figures that only count incidents. `by_transfer`: it was taken over from another regency, which
    counts it already.
    """

    by_transfer: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One forwarding of an incident, and when the agency first had it, if ever."""

    forwarded_at: datetime | None
    delivered_at: datetime | None = None
    alarm_level: int | None = 1
    withdrawn_at: datetime | None = None

    @property
    def awaited(self) -> bool:
        """Whether the agency counts for the last delivery: it is of alarm level 1, and its forwarding was not withdrawn
        before delivery.
        """
        return self.alarm_level == 1 and (self.delivered_at is not None or self.withdrawn_at is None)


@dataclass(frozen=True, slots=True)
class Promise:
    """An incident from an answered call: how long after the answer its agencies were told, if ever.

    `delivered_ms`: until the first agency had it. `last_ms`: until the last agency of alarm level 1 had it; None while
    one has not. `corrected_ms`: for a call corrected to an emergency, from the correction until the first agency had
    it.
    """

    forwarded_ms: int | None = None
    delivered_ms: int | None = None
    last_ms: int | None = None
    corrected_ms: int | None = None
    forwarded: bool = False
    corrected: bool = False

    @classmethod
    def of(cls, answered_at: datetime, corrected_at: datetime | None, told: Sequence[Told]) -> "Promise":
        delivered_at = _first(one.delivered_at for one in told)
        return cls(
            forwarded_ms=between(answered_at, _first(one.forwarded_at for one in told)),
            delivered_ms=between(answered_at, delivered_at),
            last_ms=between(answered_at, _last([one.delivered_at for one in told if one.awaited])),
            corrected_ms=between(corrected_at, delivered_at),
            forwarded=bool(told),
            corrected=corrected_at is not None,
        )


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A forwarding. `outcome`: acknowledged, declined, withdrawn, or open.

    `on_behalf`: an operator or dispatcher recorded the answer, by telephone or radio.
    """

    outcome: str
    missed: bool = False
    acknowledged_ms: int | None = None
    backfilled: bool = False
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Intervals:
    """How long the phases of an agency's part took, or of one unit's. `ended`: each phase whose end was reported, in
    milliseconds; None: its beginning was not.
    """

    ended: Mapping[Phase, int | None]

    @classmethod
    def of(
        cls,
        began: datetime | None,
        forwarded: datetime | None,
        en_route: datetime | None = None,
        on_scene: datetime | None = None,
        done: datetime | None = None,
    ) -> "Intervals":
        """`began`: the first answer to the call; without a call the opening of the incident."""
        phases = {
            Phase.PROCESSING: (began, forwarded),
            Phase.TURNOUT: (forwarded, en_route),
            Phase.TRAVEL: (en_route, on_scene),
            Phase.ON_SCENE: (on_scene, done),
            Phase.TOTAL: (began, done),
        }
        return cls({phase: between(start, end) for phase, (start, end) in phases.items() if end is not None})


@dataclass(frozen=True, slots=True)
class Callback:
    """`outcome`: of calling back (recovered, no_answer, real, not_needed), else resolved, expired or open; joined if
    its calls are another callback's.
    """

    outcome: str
    cut_off: bool = False
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """`outcome`: open, answered or done; reclassified if its call got another class."""

    outcome: str


@dataclass(frozen=True, slots=True)
class TransferredCall:
    """A call that another regency handed over. `outcome`: its class, or not_classified."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A planned duty whose beginning is past. `late_ms` is negative if the person came early."""

    started: bool
    late_ms: int | None = None

    @classmethod
    def of(cls, starts_at: datetime, started_at: datetime | None) -> "Duty":
        return cls(started_at is not None, between(starts_at, started_at))


def measured(ms: int | None) -> bool:
    """Whether the time counts as a measurement: it is neither negative nor over 24 h."""
    return ms is not None and 0 <= ms <= DAY_MS


def within(ms: int | None, limit_ms: int) -> bool:
    """Whether the time was measured and is not over the limit."""
    return measured(ms) and (ms or 0) <= limit_ms


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last(moments: Sequence[datetime | None]) -> datetime | None:
    """The last of the moments; None if one of them is missing."""
    known = [moment for moment in moments if moment is not None]
    return max(known, default=None) if len(known) == len(moments) else None
