"""Incidents at rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select

from sigap_common.auth import Access
from sigap_common.contracts.base import Event
from sigap_common.contracts.event_view import read_event
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.http.paging import Keyset
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.personal_data import SealContext
from sigap_dispatch.domain import Incident, evolve
from sigap_dispatch.models import forwardings, incident_calls, incidents, tables
from sigap_dispatch.visibility import within


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "state": incident.state,
        "is_open": incident.closed_at is None,
        "drill": incident.drill,
        "backfilled": incident.backfilled,
        "incident_type": incident.incident_type,
        "created_at": incident.created_at,
        "due_at": incident.due_at,
    }


INCIDENTS = AggregateTable(incidents, tables.timeline, Incident, evolve, _columns)
NEWEST_FIRST = Keyset(incidents.c.created_at, incidents.c.id, newest_first=True)
AS_IT_HAPPENED = Keyset(tables.timeline.c.sequence)
_NEW_FORWARDING = CompiledStatement(
    insert(forwardings), ["id", "incident_id", "agency", "delivered_revision", "failures"]
)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of an incident's timeline."""

    sequence: int
    type: str
    event: Event


class Incidents(Aggregates[Incident]):
    async def visible(self, incident_id: UUID, access: Access, *, lock: bool = True) -> Incident:
        """Raises NotFound for one outside of the token, too."""
        incident = await self.get(incident_id, lock=lock)
        if not access.covers(incident.regency):
            raise NotFound
        return incident

    def record(self, before: Aggregate, events: Sequence[Event]) -> Incident:
        """As every aggregate; a new forwarding gets the row that its deliveries are noted on."""
        after = super().record(before, events)
        rows = [
            {"id": e.forwarding_id, "incident_id": after.id, "agency": e.agency, "delivered_revision": 0, "failures": 0}
            for e in events
            if isinstance(e, IncidentForwarded)
        ]
        self.tx.later(_NEW_FORWARDING, rows)
        return after

    async def page(
        self, access: Access, cursor: str | None, limit: int, *, call_id: UUID | None = None, **wanted: object
    ) -> tuple[list[Incident], str | None]:
        """The incidents that the token covers whose columns have the wanted values (None: any), newest first.
        `call_id`: of those that this call belongs to.
        """
        statement: Select[Any] = select(incidents).where(within(access, incidents.c.regency))
        if call_id is not None:
            of_call = select(incident_calls.c.incident_id).where(incident_calls.c.call_id == call_id)
            statement = statement.where(incidents.c.id.in_(of_call))
        for name, value in wanted.items():
            if value is not None:
                statement = statement.where(incidents.c[name] == value)
        rows = (await self.tx.connection.execute(NEWEST_FIRST.page(statement, cursor, limit))).all()
        kept, following = NEWEST_FIRST.cut(rows, limit)
        return [self.opened(row.id, row.document) for row in kept], following

    async def timeline(
        self, incident: Incident, cursor: str | None, limit: int
    ) -> tuple[Sequence[TimelineEntry], str | None]:
        """What happened to the incident, in order, opened."""
        entries = tables.timeline
        statement: Select[Any] = select(entries).where(entries.c.subject == str(incident.id))
        rows = (await self.tx.connection.execute(AS_IT_HAPPENED.page(statement, cursor, limit))).all()
        kept, following = AS_IT_HAPPENED.cut(rows, limit)
        seal = SealContext(self.tx.ring, str(incident.id))
        return [TimelineEntry(row.sequence, row.type, read_event(row.type, row.data, seal)) for row in kept], following
