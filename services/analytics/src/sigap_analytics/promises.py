"""Counts the two promises for those who watch the system: each case once, in the process that handled its events.

The definitions are those of the figures `answered_within_15s` and `promise_30s`. Figures follow corrections and
mergers; a counter never goes back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import or_, select

from sigap_analytics.domain.facts import Fact, Kind
from sigap_analytics.domain.kept import (
    Changed,
    Delivered,
    is_answer_case,
    is_answered_in_time,
    is_told_case,
    newly_kept,
)
from sigap_analytics.models import deliveries, forwardings, incidents
from sigap_analytics.repository import AnalyticsTransaction
from sigap_analytics.resources import ANSWERED, TOLD


async def count_promises(tx: AnalyticsTransaction, changed: Mapping[Kind, Sequence[Changed]]) -> None:
    """Counts what a batch of events brought, after its commit."""
    calls = _newly(changed, Kind.CALL, is_answer_case)
    begun = _newly(changed, Kind.INCIDENT, is_told_case)
    forwarded = _newly(changed, Kind.FORWARDING, lambda fact: fact.text("incident") is not None)
    delivered = _newly(changed, Kind.DELIVERY, lambda fact: fact.text("forwarding") is not None)
    told = len(await _newly_told(tx, begun, forwarded, delivered))

    async def count() -> None:
        tx.resources.count(ANSWERED, cases=len(calls), kept=sum(map(is_answered_in_time, calls)))
        tx.resources.count(TOLD, cases=len(begun), kept=told)

    if calls or begun or told:
        tx.after_commit(count)


def _newly(changed: Mapping[Kind, Sequence[Changed]], kind: Kind, holds: Callable[[Fact], bool]) -> list[Fact]:
    """The facts for which it holds now and did not before."""
    return [one.after for one in changed.get(kind, ()) if holds(one.after) and not holds(one.before)]


async def _newly_told(
    tx: AnalyticsTransaction, begun: Sequence[Fact], forwarded: Sequence[Fact], delivered: Sequence[Fact]
) -> set[UUID]:
    new = frozenset(fact.id for fact in (*begun, *forwarded, *delivered))
    if not new:
        return set()
    concerned = {fact.id for fact in begun} | _named(forwarded, "incident")
    rows = await _deliveries_of(tx, concerned, _named(delivered, "forwarding"))
    return newly_kept(rows, new)


def _named(facts: Iterable[Fact], name: str) -> set[UUID]:
    return {UUID(text) for fact in facts if (text := fact.text(name))}


async def _deliveries_of(
    tx: AnalyticsTransaction, of_incidents: Collection[UUID], of_forwardings: Collection[UUID]
) -> list[Delivered]:
    """All deliveries of these incidents, and of the incidents of these forwardings."""
    i, f, d, part = incidents.c, forwardings.c, deliveries.c, forwardings.alias("part").c
    # OR stands between two lists alone: beside a subquery it would make PostgreSQL read all incidents.
    concerned = select(part.incident_id).where(or_(part.incident_id.in_(of_incidents), part.id.in_(of_forwardings)))
    statement = (
        select(i.id, f.id, d.id, i.answered_at, d.delivered_at)
        .select_from(incidents.join(forwardings, f.incident_id == i.id).join(deliveries, d.forwarding_id == f.id))
        .where(i.id.in_(concerned))
        .where(i.answered_at.is_not(None), d.delivered_at.is_not(None))
        .where(i.backfilled.is_(False), i.drill.is_(False))
    )
    return [Delivered(*tuple(row)) for row in await tx.connection.execute(statement)]
