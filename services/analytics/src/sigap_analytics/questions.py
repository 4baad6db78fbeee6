"""Queries for figures: SQL counts equal facts, and the domain computes figures from them."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, Subquery, Table, case, extract, func, select

from sigap_analytics.domain.catalogue import Facts, Group
from sigap_analytics.domain.counted_facts import (
    Call,
    Callback,
    CountedFact,
    Duty,
    Forwarding,
    Incident,
    Intervals,
    Promise,
    Referral,
    Told,
    TransferredCall,
)
from sigap_analytics.domain.periods import Grain, Period
from sigap_analytics.models import (
    attendances,
    callbacks,
    calls,
    deliveries,
    duties,
    forwardings,
    incidents,
    referrals,
    rosters,
    transferred_calls,
    units_sent,
)
from sigap_common.database import Connection

PROTECTED = "protected"
"""The group of all protected incidents and of their forwardings."""
UNKNOWN = "unknown"
PORTION = 1000
A_DAY = timedelta(days=1)
"""So far from an incident's day may be that of one that was merged into it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: the facts to count, and the groups. `regencies`: None means all. `now`: duties that start later do not
    count yet.
    """

    regencies: Collection[str] | None
    period: Period
    now: datetime
    grain: Grain = Grain.TOTAL
    groups: Sequence[Group] = ()
    drill: bool = False


class Questions:
    """All queries for figures, in the transaction of one request."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def seen(self, facts: Facts, asked: Asked) -> list[CountedFact[Any]]:
        ask: Mapping[Facts, Callable[[Asked], Awaitable[list[CountedFact[Any]]]]] = {
            Facts.CALLS: self._calls,
            Facts.INCIDENTS: self._incidents,
            Facts.PROMISES: self._promises,
            Facts.FORWARDINGS: self._forwardings,
            Facts.DUTIES: self._duties,
            Facts.CALLBACKS: self._callbacks,
            Facts.REFERRALS: self._referrals,
            Facts.TRANSFERRED_CALLS: self._transferred_calls,
            Facts.INTERVALS: self._intervals,
            Facts.UNIT_INTERVALS: self._unit_intervals,
        }
        return await ask[facts](asked)

    async def _calls(self, asked: Asked) -> list[CountedFact[Any]]:
        c = calls.c
        by = [c.channel] if Group.CHANNEL in asked.groups else []
        rows = await self._equal(calls, asked, c.outcome, c.waited_ms, c.backfilled, c.block_rule, *by)
        groups = {Group.CLASS: "outcome", Group.CHANNEL: "channel", Group.RULE: "block_rule"}
        return [_seen(Call(r.outcome, r.waited_ms, r.backfilled, r.block_rule), r, asked, groups) for r in rows]

    async def _incidents(self, asked: Asked) -> list[CountedFact[Any]]:
        """Incidents, without those that were merged into another: together they are one."""
        known = (incidents.c.kind, incidents.c.protected, incidents.c.by_transfer)
        rows = await self._equal(incidents, asked, *known, incidents.c.merged_into.is_not(None).label("merged"))
        return [_seen(Incident(r.by_transfer), r, asked, {Group.KIND: "kind"}) for r in rows if not r.merged]

    async def _promises(self, asked: Asked) -> list[CountedFact[Any]]:
        """Every incident from an answered call, with forwardings and first deliveries; no backfilled entries. An
        incident has the forwardings of those that were merged into it, too, also by way of others.
        """
        i, f, d = incidents.c, forwardings.c, deliveries.c
        near = incidents.c.day.between(asked.period.first - A_DAY, asked.period.last + A_DAY)
        merged = _merged(near)
        parts = (
            select(i.id, func.coalesce(merged.c.whole, i.id).label("whole"))
            .select_from(incidents.outerjoin(merged, merged.c.id == i.id))
            .where(near)
            .subquery()
        )
        first = select(func.min(d.delivered_at)).where(d.forwarding_id == f.id).scalar_subquery()
        told = [f.id.label("told"), f.forwarded_at, f.alarm_level, f.withdrawn_at, first.label("delivered_at")]
        statement = (
            select(*_parts(incidents, asked), i.id, i.kind, i.protected, i.answered_at, i.corrected_at, *told)
            .select_from(incidents.join(parts, parts.c.whole == i.id))
            .outerjoin(forwardings, f.incident_id == parts.c.id)
            .where(
                *_within(incidents, asked),
                i.answered_at.is_not(None),
                i.backfilled.is_(False),
                i.merged_into.is_(None),
            )
            .order_by(i.id)
        )
        return list(_promises(await self._all(statement), asked))

    async def _forwardings(self, asked: Asked) -> list[CountedFact[Any]]:
        f = forwardings.c
        protected = func.coalesce(incidents.c.protected, f.protected).label("protected")
        known = (f.outcome, f.missed, f.acknowledged_ms, f.backfilled, f.on_behalf, f.agency, protected)
        joined = forwardings.outerjoin(incidents, incidents.c.id == f.incident_id)
        rows = await self._equal(forwardings, asked, *known, source=joined)
        groups = {Group.AGENCY: "agency"}
        return [_seen(_forwarding(r), r, asked, groups) for r in rows]

    async def _intervals(self, asked: Asked) -> list[CountedFact[Any]]:
        """Every forwarding with the times of its steps; no backfilled entries."""
        f = forwardings.c
        steps = (f.en_route_at, f.on_scene_at, f.done_at.label("ended_at"))
        rows = await self._all(_of_parts(forwardings, asked, *steps))
        return [_seen(_times(r), r, asked, {Group.AGENCY: "agency", Group.KIND: "kind"}) for r in rows]

    async def _unit_intervals(self, asked: Asked) -> list[CountedFact[Any]]:
        """Every unit that was named for a forwarding. It is done with the forwarding, or when it leaves. One that goes
        on for another incident, because of a merger, counts there.
        """
        u, done_at = units_sent.c, forwardings.c.done_at
        ended_at = case((u.released_at < done_at, u.released_at), else_=func.coalesce(done_at, u.released_at))
        steps = (u.en_route_at, u.on_scene_at, ended_at.label("ended_at"))
        unit = (forwardings.c.agency + "/" + u.callsign).label("unit")
        joined = forwardings.join(units_sent, (u.forwarding_id == forwardings.c.id) & u.went_on.is_(False))
        rows = await self._all(_of_parts(joined, asked, unit, *steps))
        return [_seen(_times(r), r, asked, {Group.AGENCY: "agency", Group.UNIT: "unit"}) for r in rows]

    async def _duties(self, asked: Asked) -> list[CountedFact[Any]]:
        """The duties of each roster's last publication, without those that have not begun yet."""
        standing = (duties.c.roster_id == rosters.c.id) & (duties.c.published == rosters.c.published)
        joined = duties.join(rosters, standing).outerjoin(attendances, attendances.c.id == duties.c.id)
        statement = (
            select(*_parts(duties, asked), duties.c.starts_at, attendances.c.started_at)
            .select_from(joined)
            .where(*_within(duties, asked), duties.c.starts_at <= asked.now)
        )
        return [_seen(Duty.of(r.starts_at, r.started_at), r, asked, {}) for r in await self._all(statement)]

    async def _callbacks(self, asked: Asked) -> list[CountedFact[Any]]:
        c = callbacks.c
        rows = await self._equal(callbacks, asked, c.outcome, c.cut_off, c.sampled)
        return [_seen(Callback(r.outcome, r.cut_off, r.sampled), r, asked, {}) for r in rows]

    async def _referrals(self, asked: Asked) -> list[CountedFact[Any]]:
        rows = await self._equal(referrals, asked, referrals.c.outcome)
        return [_seen(Referral(r.outcome), r, asked, {}) for r in rows]

    async def _transferred_calls(self, asked: Asked) -> list[CountedFact[Any]]:
        rows = await self._equal(transferred_calls, asked, transferred_calls.c.outcome)
        return [_seen(TransferredCall(r.outcome), r, asked, {}) for r in rows]

    async def _equal(
        self, table: Table, asked: Asked, *known: ColumnElement[Any], source: FromClause | None = None
    ) -> Sequence[Row[Any]]:
        """Equal facts as one row, with their number."""
        apart = (*_parts(table, asked), *known)
        statement = select(*apart, func.count().label("weight")).select_from(table if source is None else source)
        return await self._all(statement.where(*_within(table, asked)).group_by(*apart))

    async def _all(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """All rows of a statement. They are read in portions, so that a long answer does not hold up other requests."""
        rows: list[Row[Any]] = []
        async with self._connection.stream(statement) as found:
            async for portion in found.partitions(PORTION):
                rows.extend(portion)
        return rows


def _merged(of: ColumnElement[bool]) -> Subquery:
    """The merged incidents for which `of` holds: `id`, and `whole`, the one that goes on. Between the two may be others
    that were merged, too.
    """
    i, last = incidents.c, incidents.alias("last")
    first = select(i.id, i.merged_into.label("whole")).where(of, i.merged_into.is_not(None))
    steps = first.cte("merged", recursive=True)
    further = select(steps.c.id, i.merged_into).join(incidents, i.id == steps.c.whole).where(i.merged_into.is_not(None))
    steps = steps.union(further)
    ends = steps.join(last, (last.c.id == steps.c.whole) & last.c.merged_into.is_(None))
    return select(steps.c.id, steps.c.whole).select_from(ends).subquery()


def _of_parts(source: FromClause, asked: Asked, *known: ColumnElement[Any]) -> Select[Any]:
    """Forwardings, each with its incident. The times of a merged incident begin with the earliest call of the whole."""
    f, own, whole = forwardings.c, incidents.alias("own"), incidents.alias("whole")
    merged = _merged(incidents.c.id.in_(select(f.incident_id).where(*_within(forwardings, asked))))
    began_at = func.coalesce(whole.c.answered_at, whole.c.opened_at).label("began_at")
    protected = func.coalesce(own.c.protected, f.protected).label("protected")
    return (
        select(*_parts(forwardings, asked), f.agency, own.c.kind, protected, began_at, f.forwarded_at, *known)
        .select_from(
            source.outerjoin(own, own.c.id == f.incident_id)
            .outerjoin(merged, merged.c.id == own.c.id)
            .outerjoin(whole, whole.c.id == func.coalesce(merged.c.whole, own.c.id))
        )
        .where(*_within(forwardings, asked), f.backfilled.is_(False))
    )


def _times(row: Row[Any]) -> Intervals:
    return Intervals.of(row.began_at, row.forwarded_at, row.en_route_at, row.on_scene_at, row.ended_at)


def _within(table: Table, asked: Asked) -> Iterator[ColumnElement[bool]]:
    yield table.c.day.between(asked.period.first, asked.period.last)
    yield table.c.drill.is_(asked.drill)
    if asked.regencies is not None:
        yield table.c.regency.in_(sorted(asked.regencies))


def _parts(table: Table, asked: Asked) -> list[ColumnElement[Any]]:
    day = table.c.day
    match asked.grain:
        case Grain.TOTAL:
            return []
        case Grain.MONTH:
            return [extract("year", day).label("in_year"), extract("month", day).label("in_month")]
        case Grain.DAY:
            return [day.label("on_day")]
        case Grain.HOUR:
            return [day.label("on_day"), table.c.hour.label("in_hour")]


def _part(row: Row[Any], grain: Grain) -> str | None:
    match grain:
        case Grain.TOTAL:
            return None
        case Grain.MONTH:
            return f"{int(row.in_year):04}-{int(row.in_month):02}"
        case Grain.DAY:
            return str(row.on_day.isoformat())
        case Grain.HOUR:
            return f"{row.on_day.isoformat()}T{row.in_hour:02}"


def _seen(fact: Any, row: Row[Any], asked: Asked, groups: Mapping[Group, str]) -> CountedFact[Any]:
    labels = {group.value: _label(row, column) for group, column in groups.items() if group in asked.groups}
    return CountedFact(fact, getattr(row, "weight", 1), _part(row, asked.grain), labels)


def _forwarding(row: Row[Any]) -> Forwarding:
    return Forwarding(row.outcome, row.missed, row.acknowledged_ms, row.backfilled, row.on_behalf)


def _label(row: Row[Any], column: str) -> str:
    """The group of a row. All protected incidents are one group, so that details do not identify them."""
    if getattr(row, "protected", False):
        return PROTECTED
    return getattr(row, column) or UNKNOWN


def _promises(rows: Sequence[Row[Any]], asked: Asked) -> Iterator[CountedFact[Any]]:
    for _, of_incident in groupby(rows, key=lambda row: row.id):
        together = list(of_incident)
        told = tuple(Told(r.forwarded_at, r.delivered_at, r.alarm_level, r.withdrawn_at) for r in together if r.told)
        incident = Promise.of(together[0].answered_at, together[0].corrected_at, told)
        yield _seen(incident, together[0], asked, {Group.KIND: "kind"})
