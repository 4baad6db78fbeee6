"""All SQL about alarms for which the duty telephones rang.

They ring once for each alarm that becomes the most severe of its group, as long as that group stands.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.models import rung_alarms

FORGOTTEN_AFTER = timedelta(days=30)
_RUNG = CompiledStatement(select(rung_alarms.c.id).where(rung_alarms.c.id == bindparam("this_id")))
_ADD = CompiledStatement(insert_if_new(rung_alarms), ["id", "rung_at"])


class RungAlarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def ring(self, group: UUID, since: datetime, alarm: str) -> UUID | None:
        """Notes that the telephones ring for this alarm, which is the most severe of its group. `since`: from when the
        group stands. Returns the id of this ringing; None: they rang for this alarm before.
        """
        which = uuid5(group, f"{since.isoformat()} {alarm}")
        if await _RUNG.first(self._tx.connection, {"this_id": which}):
            return None
        self._tx.later(_ADD, [{"id": which, "rung_at": self._tx.now()}])
        return which


def forget_rung(_: PacksInForce) -> DeletionSweep:
    """If a group still stands when its row is gone, and changes, the telephones ring once more."""
    return DeletionSweep("rung_alarms", rung_alarms, lambda now: rung_alarms.c.rung_at <= now - FORGOTTEN_AFTER)
