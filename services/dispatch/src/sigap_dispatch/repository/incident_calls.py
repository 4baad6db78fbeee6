"""The calls of incidents. A unique index ensures that a call leads to at most one incident."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import incident_calls as t

_ADD = CompiledStatement(insert_if_new(t), [column.name for column in t.columns])
_OF = CompiledStatement(
    select(t.c.incident_id, t.c.report, t.c.leads)
    .where(t.c.call_id == bindparam("this_call"))
    .order_by(t.c.incident_id)
)


@dataclass(frozen=True, slots=True)
class Belonging:
    incident_id: UUID
    report: int
    """The number of the call among the incident's reports."""
    leads: bool
    """Whether the call's classification opened this incident. If not, an operator opened it as a further one, or
    reported the call as the same incident.
    """


class IncidentCalls:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of(self, call_id: UUID) -> list[Belonging]:
        """The call's incidents. Their order is fixed, so that two transactions that lock them do not deadlock."""
        return [Belonging(*row) for row in await _OF.rows(self._tx.connection, {"this_call": call_id})]

    async def add(self, call_id: UUID, incident_id: UUID, report: int, *, leads: bool) -> bool:
        """Adds a call to an incident. False if it is there already, or if the call leads to another incident. Waits for
        a transaction that adds the same call.
        """
        row = {"call_id": call_id, "incident_id": incident_id, "report": report, "leads": leads}
        return await _ADD.run(self._tx.connection, row) == 1

    async def move(self, call_id: UUID, incident_id: UUID, own_incident: UUID) -> None:
        """The call belongs to an incident of its own instead, and leads it if it leads no third one."""
        belongings = await self.of(call_id)
        await self._tx.connection.execute(delete(t).where(t.c.call_id == call_id, t.c.incident_id == incident_id))
        led = any(one.leads for one in belongings if one.incident_id != incident_id)
        await self.add(call_id, own_incident, report=1, leads=not led)

    async def lead_elsewhere(self, call_id: UUID) -> None:
        """Allows the call to lead to another incident. It still belongs to its incidents so far."""
        await self._tx.connection.execute(update(t).where(t.c.call_id == call_id).values(leads=False))
