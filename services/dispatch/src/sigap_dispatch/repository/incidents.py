"""The stored incidents."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_dispatch.board import BOARD
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.attention import attention, unacknowledged
from sigap_dispatch.domain.duplicates import point_of
from sigap_dispatch.incident_terms import keep_terms
from sigap_dispatch.models import forwardings, incidents, tables
from sigap_dispatch.repository.numbers import counter_of
from sigap_dispatch.visibility import POLICY


def _order(incident: Incident) -> str | None:
    place = attention(incident)
    return place.order if place else None


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
        "erase_at": incident.started_at + SHORTEST,
        "attention": _order(incident),
        "priority": incident.priority,
        "counter": counter_of(incident.number),
        "responsible": incident.responsible,
        "unacknowledged": unacknowledged(incident),
        "standing_alarms": len(incident.alarms),
        "protected": incident.protected,
        "merged_into": incident.merger.into if incident.merger else None,
        **_found_by(incident),
    }


def _found_by(incident: Incident) -> dict[str, Any]:
    """The columns by which likely duplicates are found. A closed incident has none: it is compared with nothing, and
    retention need not erase its position and caller here.
    """
    if incident.closed_at:
        return dict.fromkeys(("lat", "lon", "uncertainty_m", "reported_at", "caller_hash"))
    point = point_of(incident.place)
    return {
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "uncertainty_m": point.uncertainty_m if point else None,
        "reported_at": incident.reported_at or incident.started_at,
        "caller_hash": incident.caller_hash,
    }


INCIDENTS = AggregateTable(incidents, tables.timeline, Incident, _columns, POLICY, BOARD, _order)
_NEW_FORWARDING = CompiledStatement(
    insert(forwardings), ["id", "incident_id", "agency", "delivered_revision", "failures"]
)


_MERGED_INTO = CompiledStatement(
    select(incidents.c.id, incidents.c.document).where(incidents.c.merged_into == bindparam("into"))
)


class Incidents(Aggregates[Incident]):
    async def merged_into(self, incident_id: UUID) -> list[Incident]:
        """The incidents that were merged into this one, without a lock."""
        await self.tx.flush()
        return [self.of_row(row) for row in await _MERGED_INTO.rows(self.tx.connection, {"into": incident_id})]

    def record(self, decision: Decision[Incident]) -> Incident:
        """Records an incident like every aggregate, and inserts a row of deliveries for each new forwarding."""
        after = super().record(decision)
        rows = [
            {"id": e.forwarding_id, "incident_id": after.id, "agency": e.agency, "delivered_revision": 0, "failures": 0}
            for e in decision.events
            if isinstance(e, IncidentForwarded)
        ]
        self.tx.later(_NEW_FORWARDING, rows)
        keep_terms(self.tx, after, decision.events)
        return after
