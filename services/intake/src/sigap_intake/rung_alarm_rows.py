"""All SQL about alarms for which the duty telephones rang: once for each alarm that leads a standing group."""

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

    async def ring(self, group: UUID, since: datetime, about: str) -> UUID | None:
        """Keeps that it rang for the group that stands since then, led by the alarm about this. Returns the id of this
        ringing; None: it rang before.
        """
        which = uuid5(group, f"{since.isoformat()} {about}")
        if await _RUNG.first(self._tx.connection, {"this_id": which}):
            return None
        self._tx.later(_ADD, [{"id": which, "rung_at": self._tx.now()}])
        return which


def forget_rung(_: PacksInForce) -> DeletionSweep:
    """If a group stands for longer and changes then, it rings once more."""
    return DeletionSweep("rung_alarms", rung_alarms, lambda now: rung_alarms.c.rung_at <= now - FORGOTTEN_AFTER)
