"""All SQL about standing alarms, intake's own copy of dispatch's groups of alarms, and for which of them the duty
telephones rang.

A group that is over keeps its row for a while: an earlier change that is heard late must not bring it back.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, false, literal_column, or_, select

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.database import CompiledStatement, insert, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.standing_alarm import SETTLES_IN, StandingAlarm
from sigap_intake.models import presences, rung_alarms
from sigap_intake.models import standing_alarms as t

AT_ONCE = 10
"""Alarms that one look rings for. The others come with the next looks."""
FORGOTTEN_AFTER = timedelta(days=30)

_NAMES = [column.name for column in t.columns]
_FIND = CompiledStatement(select(t).where(t.c.group_id == bindparam("this_id")).with_for_update())
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["group_id"],
        set_={name: _insert.excluded[name] for name in _NAMES if name != "group_id"},
        where=_insert.excluded.sequence > t.c.sequence,
    ),
    _NAMES,
)
# A bound value would keep both databases from using the partial index.
_STANDS: ColumnElement[bool] = literal_column("standing_alarms.stands")
_RING = CompiledStatement(insert_if_new(rung_alarms), ["id", "rung_at"])
_SOMEBODY_IS_THERE = (
    select(presences.c.id).where(presences.c.regency == t.c.regency, presences.c.due_at.is_not(None)).exists()
)
_HAS_RUNG = select(rung_alarms.c.id).where(rung_alarms.c.id == t.c.ringing).exists()


class StandingAlarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, group_id: UUID) -> StandingAlarm | None:
        """The group as it is known, locked."""
        row = await _FIND.first(self._tx.connection, {"this_id": group_id})
        return _opened(row) if row else None

    def keep(self, alarm: StandingAlarm) -> None:
        self._tx.later(_KEEP, [asdict(alarm) | {"ringing": alarm.ringing}])

    async def unheard(self, regencies: Collection[str]) -> list[StandingAlarm]:
        """The alarms of these regencies that stand, that nobody who is signed on can hear, and for which no telephone
        rang yet; the oldest first, at most AT_ONCE. Who is signed on and whose screen is stale hears nothing.
        """
        now = self._tx.now()
        wanted = (
            select(t)
            .where(_STANDS, t.c.regency.in_(sorted(regencies)))
            # One that was stored by a clock ahead is as good as over.
            .where(or_(t.c.rings_from <= now, t.c.rings_from > now + SETTLES_IN + CLOCKS_AGREE_WITHIN))
            .where(~_SOMEBODY_IS_THERE, ~_HAS_RUNG)
            .order_by(t.c.since, t.c.group_id)
            .limit(AT_ONCE)
        )
        return [_opened(row) for row in await self._tx.connection.execute(wanted)]

    async def ring(self, alarm: StandingAlarm) -> bool:
        """Notes that the telephones ring for it. False: they rang before, or ring by another replica at this moment."""
        ringing = {"id": alarm.ringing, "rung_at": self._tx.now()}
        return await _RING.run(self._tx.connection, ringing) == 1


def _opened(row: Any) -> StandingAlarm:
    return StandingAlarm(**{name: getattr(row, name) for name in _NAMES if name != "ringing"})


def forget_ended(_: PacksInForce) -> DeletionSweep:
    """An event that is older than this is not heard any more: the bus does not have it."""
    return DeletionSweep(
        "standing_alarms", t, lambda now: (t.c.stands == false()) & (t.c.rings_from <= now - FORGOTTEN_AFTER)
    )


def forget_rung(_: PacksInForce) -> DeletionSweep:
    """As long as an alarm stands, it is known that the telephones rang for it."""
    of_none = rung_alarms.c.id.not_in(select(t.c.ringing).where(_STANDS))
    return DeletionSweep(
        "rung_alarms", rung_alarms, lambda now: (rung_alarms.c.rung_at <= now - FORGOTTEN_AFTER) & of_none
    )
