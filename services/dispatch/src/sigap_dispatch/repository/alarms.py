"""The alarms of all services, until they are cleared."""

from typing import Any

from sqlalchemy import update

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.database import insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import alarms as t


class Alarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def raised(self, event: AlarmRaised, envelope: Envelope) -> None:
        """Raised twice it stands once, since the first time; raised again after it was cleared, it stands anew."""
        row = {
            "id": event.alarm_id,
            "service": envelope.source,
            "regency": envelope.regency,
            "kind": event.kind,
            "about": event.about,
            "label": event.label,
            "agency": event.agency,
            "drill": envelope.drill,
            "raised_at": event.at,
            "cleared_at": None,
        }
        statement = insert(t).values(row)
        again = {name: statement.excluded[name] for name in ("raised_at", "cleared_at", "about", "label", "agency")}
        anew = t.c.cleared_at <= statement.excluded.raised_at
        await self._tx.connection.execute(
            statement.on_conflict_do_update(index_elements=[t.c.id], set_=again, where=anew)
        )

    async def cleared(self, event: AlarmCleared) -> None:
        statement = update(t).where(t.c.id == event.alarm_id, t.c.cleared_at.is_(None))
        await self._tx.connection.execute(statement.values(cleared_at=event.at))
