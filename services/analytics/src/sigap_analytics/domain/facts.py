"""A fact: the values that events gave for one call, incident, forwarding, delivery or duty.

Events come late, twice and in any order. Each value is stored with the number of its event, and the value of the newest
event counts (for the fields in FIRST that of the oldest, for those in EARLIEST the earliest moment). This merge is
commutative, associative and idempotent, so the same events give the same fact in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

Value = str | int | bool | None
Told = tuple[int, Value]
"""The event's number within its aggregate, and the value that it gave."""


class Kind(StrEnum):
    """The kinds of facts. A fact changes only by events of one aggregate, so two aggregates never write
    the same fact.
    """

    CALL = "calls"
    INCIDENT = "incidents"
    FORWARDING = "forwardings"
    DELIVERY = "deliveries"
    DUTY = "duties"
    ATTENDANCE = "attendances"
    ROSTER = "rosters"
    CALLBACK = "callbacks"
    REFERRAL = "referrals"
    TRANSFERRED_CALL = "transferred_calls"
    UNIT_SENT = "units_sent"


FIRST = frozenset(
    {
        "received_at",
        "answered_at",
        "waited_ms",
        "forwarded_at",
        "acknowledged_at",
        "acknowledged_by",
        "declined_at",
        "declined_by",
        "missed_at",
        "started_at",
        "ended_at",
    }
)
"""The fields whose first value counts."""

EARLIEST = frozenset({"en_route_at", "on_scene_at", "under_control_at", "done_at", "released_at"})
"""The fields whose earliest moment counts, whenever it was said. Of all others the last value counts."""


@dataclass(frozen=True, slots=True)
class FactUpdate:
    """The values that one event gives for one fact. Moments are texts of ISO 8601 in UTC."""

    kind: Kind
    id: UUID
    regency: str
    drill: bool
    sequence: int
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact. `zone` is the regency's time zone when the fact was made. It stays the same if the regency's zone
    changes.
    """

    id: UUID
    regency: str
    drill: bool
    zone: str
    told: Mapping[str, Told]

    def value(self, name: str) -> Value:
        return self.told[name][1] if name in self.told else None

    def text(self, name: str) -> str | None:
        value = self.value(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        value = self.value(name)
        return value if isinstance(value, int) else None

    def moment(self, name: str) -> datetime | None:
        text = self.text(name)
        return datetime.fromisoformat(text) if text else None


def begin(saying: FactUpdate, zone: str) -> Fact:
    """An empty fact in this time zone."""
    return Fact(saying.id, saying.regency, saying.drill, zone, {})


def merge(fact: Fact, saying: FactUpdate) -> Fact:
    """The fact after one more update."""
    news = {name: (saying.sequence, value) for name, value in saying.fields.items()}
    stands = {name: _standing(name, fact.told.get(name), told) for name, told in news.items()}
    return replace(fact, told={**fact.told, **stands})


def _standing(name: str, known: Told | None, told: Told) -> Told:
    if known is None or known == told:
        return told
    if name in EARLIEST:
        return min(known, told, key=_moment)
    choose = min if name in FIRST else max
    return choose(known, told, key=_order)


def _moment(told: Told) -> tuple[str, int]:
    return str(told[1]), told[0]


def _order(told: Told) -> tuple[int, str]:
    """The order of two values: by the event's number, and for equal numbers by the values, so that the order of arrival
    does not matter.
    """
    return told[0], repr(told[1])
