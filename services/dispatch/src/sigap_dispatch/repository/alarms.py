"""The alarms of all services, until they are cleared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.database import insert
from sigap_common.http.paging import Keyset
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import alarms as t
from sigap_dispatch.visibility import within

OLDEST_FIRST = Keyset(t.c.raised_at, t.c.id)


@dataclass(frozen=True, slots=True)
class StandingAlarm:
    id: UUID
    service: str
    regency: str
    kind: str
    about: str
    label: str | None
    agency: str | None
    drill: bool
    raised_at: datetime


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

    async def page(
        self, access: Access, regency: str | None, cursor: str | None, limit: int
    ) -> tuple[list[StandingAlarm], str | None]:
        """Those that stand, the oldest first."""
        statement: Select[Any] = select(t).where(t.c.cleared_at.is_(None), within(access, t.c.regency))
        if regency is not None:
            statement = statement.where(t.c.regency == regency)
        rows = (await self._tx.connection.execute(OLDEST_FIRST.page(statement, cursor, limit))).all()
        kept, following = OLDEST_FIRST.cut(rows, limit)
        names = StandingAlarm.__dataclass_fields__
        return [StandingAlarm(**{name: getattr(row, name) for name in names}) for row in kept], following
