"""All SQL about standing alarms, intake's own copy of dispatch's groups of alarms, and for which of them the duty
telephones rang.

A group that is over keeps its row for a while: an earlier change that is heard late must not bring it back. One that
stands keeps it as long: its end may have been heard by a process of a version that does not know this table.
"""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, literal_column, or_, select, true, update

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.database import CompiledStatement, insert, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.standing_alarm import RELIEVED_WITHIN, SETTLES_IN, SEVERITIES, StandingAlarm
from sigap_intake.models.alarms import rung_alarms
from sigap_intake.models.alarms import standing_alarms as t
from sigap_intake.models.presences import presences

AT_ONCE = 10
"""Alarms that one look rings for. The others come with the next looks."""
FORGOTTEN_AFTER = timedelta(days=30)

_NAMES = [column.name for column in t.columns]
_FIND = CompiledStatement(select(t).where(t.c.group_id == bindparam("this_id")).with_for_update())
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["group_id"],
        set_={name: _insert.excluded[name] for name in _NAMES if name not in ("group_id", "rung")}
        | {"rung": and_(t.c.rung, t.c.ringing == _insert.excluded.ringing)},
        where=_insert.excluded.sequence > t.c.sequence,
    ),
    _NAMES,
)
# A bound value would keep both databases from using the partial index.
_IS_UNRUNG: ColumnElement[bool] = literal_column("standing_alarms.stands AND NOT standing_alarms.rung")
_RING = CompiledStatement(insert_if_new(rung_alarms), ["id", "rung_at"])
_IS_RUNG = CompiledStatement(
    update(t).where(t.c.group_id == bindparam("this_id"), t.c.ringing == bindparam("rung_id")).values(rung=true()),
    by="this_id",
)
_FROM_THE_MOST_SEVERE = case({name: rank for rank, name in enumerate(SEVERITIES)}, value=t.c.severity, else_=0)


class StandingAlarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, group_id: UUID) -> StandingAlarm | None:
        """The group as it is known, locked."""
        row = await _FIND.first(self._tx.connection, {"this_id": group_id})
        return _opened(row) if row else None

    def keep(self, alarm: StandingAlarm) -> None:
        self._tx.later(_KEEP, [asdict(alarm) | {"rung": False, "heard_at": self._tx.now()}])

    async def unheard(self, regencies: Collection[str]) -> list[StandingAlarm]:
        """The alarms of these regencies that stand, that nobody who is signed on can hear or could until a moment ago,
        and for which no telephone rang, as far as their rows know; the most severe first, then the oldest, at most
        AT_ONCE. If the screen of somebody who is signed on is stale, nothing is heard there.
        """
        now = self._tx.now()
        wanted = (
            select(t)
            .where(_IS_UNRUNG, t.c.regency.in_(sorted(regencies)))
            # One that was stored by a clock ahead is as good as over.
            .where(or_(t.c.rings_from <= now, t.c.rings_from > now + SETTLES_IN + CLOCKS_AGREE_WITHIN))
            .where(~_somebody_there(now))
            .order_by(_FROM_THE_MOST_SEVERE, t.c.since, t.c.group_id)
            .limit(AT_ONCE)
        )
        return [_opened(row) for row in await self._tx.connection.execute(wanted)]

    async def ring(self, alarm: StandingAlarm) -> bool:
        """Notes that the telephones ring for it. False: they rang before, or ring by another replica at this moment."""
        ringing = {"id": alarm.ringing, "rung_at": self._tx.now()}
        is_new = await _RING.run(self._tx.connection, ringing) == 1
        await _IS_RUNG.run(self._tx.connection, {"this_id": alarm.group_id, "rung_id": alarm.ringing})
        return is_new


def _somebody_there(now: datetime) -> ColumnElement[bool]:
    """Whether somebody is signed on in the alarm's regency, or was within RELIEVED_WITHIN."""
    p = presences.c
    # A moment that was stored by a clock ahead says nothing.
    was_lately = and_(p.heard_at > now - RELIEVED_WITHIN, p.heard_at <= now + CLOCKS_AGREE_WITHIN)
    return select(p.id).where(p.regency == t.c.regency, or_(p.due_at.is_not(None), was_lately)).exists()


def _opened(row: Any) -> StandingAlarm:
    return StandingAlarm(**{field.name: getattr(row, field.name) for field in fields(StandingAlarm)})


def forget_unheard(_: PacksInForce) -> DeletionSweep:
    """An event that is older than this is not heard any more: the bus does not have it."""
    return DeletionSweep("standing_alarms", t, lambda now: t.c.heard_at <= now - FORGOTTEN_AFTER)


def forget_rung(_: PacksInForce) -> DeletionSweep:
    """As long as an alarm is known to stand, it is known that the telephones rang for it."""
    of_none = rung_alarms.c.id.not_in(select(t.c.ringing).where(t.c.stands))
    return DeletionSweep(
        "rung_alarms", rung_alarms, lambda now: (rung_alarms.c.rung_at <= now - FORGOTTEN_AFTER) & of_none
    )
