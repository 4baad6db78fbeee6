"""A fact: what events have said of one call, incident, forwarding, delivery or duty.

Events come late, twice and in any order. Each thing said is kept with the number of the event that said it;
the newest stands (or the oldest, where the first counts). That choice is commutative, associative and
idempotent, so the same events give the same fact whatever way they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

Value = str | int | bool | None
Told = tuple[int, Value]
"""The number of the event in its aggregate's order, and what it said."""


class Kind(StrEnum):
    """What facts there are; each is fed by one aggregate's events, so it is never written from two sides."""

    CALL = "calls"
    INCIDENT = "incidents"
    FORWARDING = "forwardings"
    DELIVERY = "deliveries"
    DUTY = "duties"
    ATTENDANCE = "attendances"
    ROSTER = "rosters"


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
        "en_route_at",
        "on_scene_at",
        "done_at",
        "started_at",
        "ended_at",
    }
)
"""Of these the first that was said stands; of all else the last."""


@dataclass(frozen=True, slots=True)
class FactUpdate:
    """What one event says of one fact. Moments are texts of ISO 8601 in UTC."""

    kind: Kind
    id: UUID
    regency: str
    drill: bool
    sequence: int
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """`zone` is the regency's time zone when the fact was made; it stays when the regency's changes."""

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
    """A fact of which nothing has been said yet, made in this zone."""
    return Fact(saying.id, saying.regency, saying.drill, zone, {})


def merge(fact: Fact, saying: FactUpdate) -> Fact:
    """The fact after one more event has spoken of it."""
    news = {name: (saying.sequence, value) for name, value in saying.fields.items()}
    stands = {name: _standing(name, fact.told.get(name), told) for name, told in news.items()}
    return replace(fact, told={**fact.told, **stands})


def _standing(name: str, known: Told | None, told: Told) -> Told:
    if known is None or known == told:
        return told
    choose = min if name in FIRST else max
    return choose(known, told, key=_order)


def _order(told: Told) -> tuple[int, str]:
    """By the event's number; two that claim one number are settled by what they say, not by who came first."""
    return told[0], repr(told[1])
