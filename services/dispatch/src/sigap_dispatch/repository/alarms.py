"""The alarms of all services, until they are cleared."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.database import insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import RaisedAlarm


class Alarms:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def raised(self, event: AlarmRaised, envelope: Envelope) -> None:
        """Stores a raised alarm. If the alarm is raised already, it keeps its first time. If it was cleared, it is
        raised again.
        """
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
        )
        statement = insert(RaisedAlarm.table()).values(alarm.values())
        again = {name: statement.excluded[name] for name in ("raised_at", "cleared_at", "about", "label", "agency")}
        anew = col(RaisedAlarm.cleared_at) <= statement.excluded.raised_at
        await self._tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=again, where=anew)
        )

    async def cleared(self, event: AlarmCleared) -> None:
        stands = (col(RaisedAlarm.id) == event.alarm_id, col(RaisedAlarm.cleared_at).is_(None))
        statement = update(RaisedAlarm).where(*stands)
        await self._tx.connection.execute(statement.values(cleared_at=event.at))
