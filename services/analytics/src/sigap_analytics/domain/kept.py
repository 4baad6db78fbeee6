"""Which facts are cases of the two promises, and which deliveries keep the second one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sigap_analytics.domain.columns import between
from sigap_analytics.domain.counted_facts import within
from sigap_analytics.domain.facts import Fact
from sigap_analytics.domain.measures import PROMISE_MS

ANSWER_MS = 15_000
"""Milliseconds from our queue to the answer."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact before and after a batch of events."""

    before: Fact
    after: Fact


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery of an incident from an answered call."""

    incident: UUID
    forwarding: UUID
    delivery: UUID
    answered_at: datetime
    delivered_at: datetime

    @property
    def in_time(self) -> bool:
        return within(between(self.answered_at, self.delivered_at), PROMISE_MS)


def is_answer_case(fact: Fact) -> bool:
    """Whether the call was answered, or its caller gave up. Drills and backfilled entries are no cases."""
    ended = fact.value("answered_at") is not None or fact.value("abandoned_at") is not None
    return ended and not fact.drill and not fact.value("backfilled")


def is_answered_in_time(fact: Fact) -> bool:
    return fact.value("answered_at") is not None and within(fact.number("waited_ms"), ANSWER_MS)


def is_told_case(fact: Fact) -> bool:
    """Whether the incident is from an answered call. Drills and backfilled entries are no cases."""
    promised = fact.value("from_call") and fact.value("promised_from") is not None
    return bool(promised) and not fact.drill and not fact.value("backfilled")


def newly_kept(rows: Iterable[Delivered], new: frozenset[UUID]) -> set[UUID]:
    """The incidents for which the promise is kept now and was not before. `new`: the incidents, forwardings and
    deliveries that were not known before; they come in any order.
    """
    in_time = [row for row in rows if row.in_time]
    before = {row.incident for row in in_time if new.isdisjoint((row.incident, row.forwarding, row.delivery))}
    return {row.incident for row in in_time} - before
