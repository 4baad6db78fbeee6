"""The stored forwardings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import select

from sigap_agency_gateway import models
from sigap_agency_gateway.domain.forwarding import ENDED, Forwarding, State, evolve
from sigap_agency_gateway.domain.information import as_information
from sigap_agency_gateway.list_entries import ENTRIES
from sigap_agency_gateway.repository.units import free_if_over
from sigap_agency_gateway.visibility import POLICY
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import Decision
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST


def _columns(forwarding: Forwarding) -> dict[str, Any]:
    return {
        "agency": forwarding.agency,
        "incident_id": forwarding.incident_id,
        "state": forwarding.state.value,
        "concern": forwarding.concern.value,
        "erase_at": forwarding.content.started_at + SHORTEST,
        "protected": forwarding.content.protected,
        "information": forwarding.information,
    }


OVER = (*sorted(ENDED), State.DECLINED, State.DONE)
"""States in which nothing is delivered to the agency any more."""
_OF_INCIDENT = CompiledStatement(
    select(models.forwardings.c.id, models.forwardings.c.document)
    .where(models.forwardings.c.incident_id == bindparam("this_incident"))
    .order_by(models.forwardings.c.id)
    .with_for_update()
)
FORWARDINGS = AggregateTable(models.forwardings, models.mechanisms.timeline, Forwarding, _columns, POLICY, ENTRIES)


class Forwardings(Aggregates[Forwarding]):
    def absent(self, aggregate_id: UUID) -> NotFound:
        return NotFound(kind="forwardings", id=str(aggregate_id))

    def keep(self, heard: Forwarding, events: Sequence[Event] = ()) -> Forwarding:
        """Saves a copy of a forwarding after an event of dispatch, together with the gateway's own events."""
        if events:
            return self.say(heard, events)
        self.save(heard, heard)
        free_if_over(self.tx, heard)
        return heard

    def say(self, forwarding: Forwarding, events: Sequence[Event]) -> Forwarding:
        """Records events of the gateway about a forwarding, if there are any. What is only information has events of
        its own, so that nobody takes it for an agency that was told.
        """
        said = [as_information(event) for event in events] if forwarding.information else events
        return self.record(Decision(forwarding, evolve, said))

    def record(self, decision: Decision[Forwarding]) -> Forwarding:
        """Records a forwarding like every aggregate. If it is over, its units are free."""
        after = super().record(decision)
        free_if_over(self.tx, after)
        return after

    async def of_incident(self, incident_id: UUID) -> list[Forwarding]:
        """The forwardings of an incident, locked in the order of their ids, so that transactions do not deadlock."""
        await self.tx.flush()
        rows = await _OF_INCIDENT.rows(self.tx.connection, {"this_incident": incident_id})
        return [self.opened(row.id, row.document) for row in rows]

    async def open_of_agency(self, agency: str, most: int) -> list[Forwarding]:
        """The newest `most` forwardings of an agency that are not over, locked in the order of their ids."""
        await self.tx.flush()
        t = models.forwardings
        over = [state.value for state in OVER]
        newest = select(t.c.id).where(t.c.agency == agency, t.c.state.not_in(over)).order_by(t.c.id.desc()).limit(most)
        rows = await self.tx.connection.execute(
            select(t.c.id, t.c.document).where(t.c.id.in_(newest)).order_by(t.c.id).with_for_update()
        )
        return [self.opened(row.id, row.document) for row in rows]
