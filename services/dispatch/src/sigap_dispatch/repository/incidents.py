"""The stored incidents."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import About
from sigap_dispatch.board import BOARD
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.transfers import receivers_alarms
from sigap_dispatch.models import forwardings, incidents, tables
from sigap_dispatch.repository.transfers import keep_offer
from sigap_dispatch.visibility import POLICY


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
    }


INCIDENTS = AggregateTable(incidents, tables.timeline, Incident, _columns, POLICY, BOARD)
_NEW_FORWARDING = CompiledStatement(
    insert(forwardings), ["id", "incident_id", "agency", "delivered_revision", "failures", "transfer_of"]
)


class Incidents(Aggregates[Incident]):
    def record(self, decision: Decision[Incident]) -> Incident:
        """Records an incident like every aggregate, and inserts a row of deliveries for each new forwarding."""
        after = super().record(decision)
        of = {"incident_id": after.id, "transfer_of": after.received_from and after.received_from.incident_id}
        rows = [
            {"id": e.forwarding_id, "agency": e.agency, "delivered_revision": 0, "failures": 0, **of}
            for e in decision.events
            if isinstance(e, IncidentForwarded)
        ]
        self.tx.later(_NEW_FORWARDING, rows)
        if after.offer is not None:
            self._keep_offer(after, decision)
        return after

    def _keep_offer(self, after: Incident, decision: Decision[Incident]) -> None:
        """Keeps the row of the newest offer, and tells the other regency by an alarm of its own."""
        keep_offer(self.tx, after)
        for regency, alarm in receivers_alarms(after.regency, decision.events):
            sequence = 1 if isinstance(alarm, AlarmRaised) else 2
            self.tx.say(About(str(alarm.alarm_id), regency, sequence, after.drill), [alarm])

    async def unlocked(self, incident_ids: Sequence[UUID]) -> dict[UUID, Incident]:
        """The existing incidents by id, not locked: to show, not to change."""
        return await self._documents(incident_ids)
