"""The alarms of all services, until they are cleared, and the groups in which people see them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel import select as select_models

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmCleared, AlarmGroupChanged, AlarmRaised
from sigap_common.database import insert, insert_if_new
from sigap_common.database.table_models import read_all
from sigap_common.messaging.transaction import About, Transaction
from sigap_dispatch.domain.alarm_groups import group_of, incident_of, kind_of_alarm, since_after
from sigap_dispatch.models import AlarmGroup, RaisedAlarm, alarms
from sigap_dispatch.repository.protection import is_protected_incident

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = 20
"""The most alarms of a group that are shown one by one."""


class Alarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def raised(self, event: AlarmRaised, envelope: Envelope) -> UUID:
        """Stores a raised alarm, and returns its group. If the alarm is raised already, it keeps its first time. If it
        was cleared, it is raised again.
        """
        group = group_of(event.alarm_id, envelope.regency, event.agency, drill=envelope.drill)
        alarm = RaisedAlarm(
            id=event.alarm_id,
            service=envelope.source,
            regency=envelope.regency,
            kind=event.kind,
            about=event.about,
            label=event.label,
            agency=event.agency,
            drill=envelope.drill,
            raised_at=event.at,
            group_id=group,
            rank=kind_of_alarm(event.kind).severity.rank,
            role=event.role,
        )
        statement = insert(RaisedAlarm.table()).values(alarm.values())
        changing = ("raised_at", "cleared_at", "about", "label", "agency", "group_id", "role")
        again = {name: statement.excluded[name] for name in changing}
        anew = col(RaisedAlarm.cleared_at) <= statement.excluded.raised_at
        await self._tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=again, where=anew)
        )
        return group

    async def cleared(self, event: AlarmCleared) -> UUID | None:
        """Clears an alarm, and returns its group; None: it does not stand."""
        stands = (col(RaisedAlarm.id) == event.alarm_id, col(RaisedAlarm.cleared_at).is_(None))
        statement = update(RaisedAlarm).where(*stands).values(cleared_at=event.at).returning(col(RaisedAlarm.group_id))
        group: UUID | None = (await self._tx.connection.execute(statement)).scalar_one_or_none()
        return group

    async def regroup(self, regencies: Mapping[UUID, Envelope]) -> None:
        """Brings these groups to what their alarms are now, and says which have changed. `regencies`: for each group
        the envelope of one of its events.
        """
        wanted = sorted(regencies)
        if not wanted:
            return
        known = await self._locked(regencies)
        leaders = {one.group_id: one for one in await self.standing(wanted, shown=1)}
        counts = await self._counts(wanted)
        for group_id in wanted:
            before, leader = known[group_id], leaders.get(group_id)
            if leader is None and before.cleared_at is not None:
                continue
            after = _after(before, leader, counts.get(group_id, 0), self._tx.now())
            if after.values() != before.values() | {"version": after.version}:
                await self._keep(after)
                await self._say(after, leader or await self._last(before))

    async def standing(self, group_ids: Collection[UUID], shown: int = SHOWN) -> Sequence[RaisedAlarm]:
        """The alarms of these groups that stand, at most so many of each, the most severe and then the oldest first."""
        place = func.row_number().over(
            partition_by=alarms.c.group_id, order_by=(alarms.c.rank, alarms.c.raised_at, alarms.c.id)
        )
        of_groups = alarms.c.group_id.in_(list(group_ids)) & alarms.c.cleared_at.is_(None)
        placed = select(alarms, place.label("place")).where(of_groups).subquery()
        columns = [placed.c[name] for name in RaisedAlarm.model_fields]
        found = select(*columns).where(placed.c.place <= shown).order_by(placed.c.group_id, placed.c.place)
        return [RaisedAlarm.of_row(row) for row in await self._tx.connection.execute(found)]

    async def _locked(self, regencies: Mapping[UUID, Envelope]) -> dict[UUID, AlarmGroup]:
        """These groups, locked; a new one is stored first. Otherwise two transactions that each raise the first alarm
        of a group would count one.
        """
        new = [_not_yet(group_id, envelope).values() for group_id, envelope in sorted(regencies.items())]
        await self._tx.connection.execute(insert_if_new(AlarmGroup.table()).values(new))
        statement = select_models(AlarmGroup).where(col(AlarmGroup.id).in_(regencies)).order_by(col(AlarmGroup.id))
        return {one.id: one for one in await read_all(self._tx.connection, statement.with_for_update())}

    async def _counts(self, group_ids: Sequence[UUID]) -> dict[UUID, int]:
        of_groups = alarms.c.group_id.in_(group_ids) & alarms.c.cleared_at.is_(None)
        statement = select(alarms.c.group_id, func.count().label("number")).where(of_groups).group_by(alarms.c.group_id)
        return {row.group_id: row.number for row in await self._tx.connection.execute(statement)}

    async def _last(self, before: AlarmGroup) -> RaisedAlarm:
        """The alarm that led the group until it was cleared."""
        row = (await self._tx.connection.execute(alarms.select().where(alarms.c.id == before.leader))).one()
        return RaisedAlarm.of_row(row)

    async def _keep(self, after: AlarmGroup) -> None:
        await self._tx.connection.execute(
            update(AlarmGroup).where(col(AlarmGroup.id) == after.id).values(after.values())
        )

    async def _say(self, after: AlarmGroup, leader: RaisedAlarm) -> None:
        """The whole room hears it, so it does not name a protected incident. `GET /v1/alarms` does."""
        now, incident_id = self._tx.now(), incident_of(leader.about)
        is_protected = incident_id is not None and await is_protected_incident(self._tx, incident_id)
        changed = AlarmGroupChanged(
            at=now,
            recorded_at=now,
            count=after.count,
            since=after.since,
            severity=kind_of_alarm(leader.kind).severity,
            kind=leader.kind,
            about=leader.about,
            label=None if is_protected else leader.label,
            agency=None if is_protected else after.agency,
        )
        self._tx.say(About(str(after.id), after.regency, after.version, after.drill), [changed])


def _not_yet(group_id: UUID, envelope: Envelope) -> AlarmGroup:
    """A group that has never stood."""
    return AlarmGroup(
        id=group_id,
        regency=envelope.regency,
        drill=envelope.drill,
        agency=None,
        rank=0,
        since=_NEVER,
        count=0,
        leader=None,
        cleared_at=_NEVER,
        version=0,
    )


def _after(before: AlarmGroup, leader: RaisedAlarm | None, count: int, now: datetime) -> AlarmGroup:
    """The group with this leader; without one it is over."""
    new: dict[str, Any] = {"version": before.version + 1, "count": count}
    if leader is None:
        new |= {"cleared_at": now}
    else:
        since = since_after(before.since, before.cleared_at, leader.raised_at)
        new |= {"agency": leader.agency, "rank": leader.rank, "since": since, "leader": leader.id, "cleared_at": None}
    return AlarmGroup(**before.values() | new)
