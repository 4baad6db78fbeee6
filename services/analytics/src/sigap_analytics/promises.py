"""Counts the two promises for those who watch the system: each case once, in the process that handled its events.

The definitions are those of the figures `answered_within_15s` and `promise_30s`. Figures follow corrections and
mergers; a counter never goes back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    calls = [
        one.after for one in changed.get(Kind.CALL, ()) if is_answer_case(one.after) and not is_answer_case(one.before)
    ]
    begun = [
        one.after for one in changed.get(Kind.INCIDENT, ()) if is_told_case(one.after) and not is_told_case(one.before)
    ]
    told = len(
        await _newly_told(
            tx, begun, _new(changed, Kind.FORWARDING, "incident"), _new(changed, Kind.DELIVERY, "forwarding")
        )
    )

    async def count() -> None:
        tx.resources.count(ANSWERED, cases=len(calls), kept=sum(map(is_answered_in_time, calls)))
        tx.resources.count(TOLD, cases=len(begun), kept=told)

    if calls or begun or told:
        tx.after_commit(count)


def _new(changed: Mapping[Kind, Sequence[Changed]], kind: Kind, name: str) -> list[Fact]:
    """The facts that had no value of this name before."""
    return [one.after for one in changed.get(kind, ()) if one.after.text(name) and not one.before.text(name)]


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
    i, f, d = incidents.c, forwardings.c, deliveries.c
    theirs = select(f.incident_id).where(f.id.in_(of_forwardings))
    statement = (
        select(i.id, f.id, d.id, i.answered_at, d.delivered_at)
        .select_from(incidents.join(forwardings, f.incident_id == i.id).join(deliveries, d.forwarding_id == f.id))
        .where(or_(i.id.in_(of_incidents), i.id.in_(theirs)))
        .where(i.answered_at.is_not(None), d.delivered_at.is_not(None))
        .where(i.backfilled.is_(False), i.drill.is_(False))
    )
    return [Delivered(*tuple(row)) for row in await tx.connection.execute(statement)]
