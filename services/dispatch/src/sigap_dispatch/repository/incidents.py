"""The stored incidents."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from sigap_common.auth import Access
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.core.errors import Forbidden
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.board import BOARD, add_names, hidden_entry
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.attention import attention, unacknowledged
from sigap_dispatch.domain.duplicates import point_of
from sigap_dispatch.domain.load import Acknowledged, acknowledgements
from sigap_dispatch.domain.need import need_of, waits_for_dispatcher
from sigap_dispatch.domain.transfers import receivers_alarms
from sigap_dispatch.incident_terms import keep_terms
from sigap_dispatch.models import forwardings, incidents, tables
from sigap_dispatch.repository.loads import keep_waits
from sigap_dispatch.repository.notes import keep_notes, last_note
from sigap_dispatch.repository.numbers import counter_of
from sigap_dispatch.repository.protection import hidden_among, keep_need
from sigap_dispatch.repository.reports import keep_reports
from sigap_dispatch.repository.shares import keep_shares
from sigap_dispatch.repository.suggestions import keep_suggested
from sigap_dispatch.repository.transfers import keep_offer
from sigap_dispatch.repository.units import keep_units
from sigap_dispatch.visibility import POLICY


def _order(incident: Incident) -> str | None:
    place = attention(incident)
    return place.order if place else None


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "state": incident.state,
        "is_open": incident.needs_somebody,
        "drill": incident.drill,
        "backfilled": incident.backfilled,
        "incident_type": incident.incident_type,
        "created_at": incident.created_at,
        "due_at": incident.due_at,
        "priority": incident.priority,
        "erase_at": incident.started_at + SHORTEST,
        "protected": incident.protected,
        "for_dispatchers": incident.protected and waits_for_dispatcher(incident),
        "attention": _order(incident),
        "counter": counter_of(incident.number),
        "responsible": incident.responsible,
        "unacknowledged": unacknowledged(incident),
        "standing_alarms": len(incident.alarms),
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
    def __init__(self, tx: Transaction[Any], kind: AggregateTable[Incident]) -> None:
        super().__init__(tx, kind)
        self.newly_protected: list[Incident] = []
        """Those that became protected in this transaction, and whose protection is not passed on yet."""
        self.newly_acknowledged: list[Acknowledged] = []
        """What agencies acknowledged in this transaction."""

    async def find(self, aggregate_id: UUID, *, lock: bool = True) -> Incident | None:
        found = await super().find(aggregate_id, lock=lock)
        return await self._counted(found) if found else None

    async def find_all(self, aggregate_ids: Iterable[UUID]) -> dict[UUID, Incident]:
        found = await super().find_all(aggregate_ids)
        return {one.id: await self._counted(one) for one in found.values()}

    async def _counted(self, incident: Incident) -> Incident:
        """The incident with the number of its last note. The rows have it, if a process of an earlier release, which
        does not know it, has written the document since.
        """
        if "note_count" in incident.model_fields_set:
            return incident
        return incident.model_copy(update={"note_count": await last_note(self.tx, incident.id)})

    async def visible(self, aggregate_id: UUID, access: Access, *, lock: bool = True) -> Incident:
        """The incident. Raises NotFound; Forbidden if it is protected and the token's owner has no need of it."""
        incident = await self.covered(aggregate_id, access, lock=lock)
        if POLICY.hides(incident, access, self.tx.now()):
            raise Forbidden("incident-protected")
        return incident

    async def covered(self, aggregate_id: UUID, access: Access, *, lock: bool = True) -> Incident:
        """The incident, also if it must be hidden from the token's owner: then only what `HiddenIncidentOut` shows may
        leave, and only orders that need no sight of it may follow. Raises NotFound.
        """
        return await super().visible(aggregate_id, access, lock=lock)

    async def entries(self, rows: Sequence[Any], access: Access) -> list[dict[str, Any]]:
        """The entries of a list; for a protected incident that does not concern the token's owner, a hidden one."""
        hidden = await hidden_among(self.tx, access, [row.id for row in rows if row.protected])
        entries = await super().entries([row for row in rows if row.id not in hidden], access)
        add_names(entries, self.tx.packs)
        shown = iter(entries)
        return [hidden_entry(row) if row.id in hidden else next(shown) for row in rows]

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
        before, known = decision.before, decision.before if isinstance(decision.before, Incident) else None
        keep_waits(self.tx, known, after)
        self.newly_acknowledged += acknowledgements(known, after)
        keep_need(self.tx, after.id, need_of(known) if known else None, need_of(after))
        if after.protected and not (known and known.protected):
            self.newly_protected.append(after)
        keep_suggested(self.tx, after.id, decision.events)
        if after.offer is not None:
            self._keep_offer(after, decision)
        keep_terms(self.tx, after, decision.events)
        keep_notes(self.tx, before, after, decision.events)
        keep_reports(self.tx, before, after, decision.events)
        keep_units(self.tx, before, after)
        if after.shares and decision.events:
            keep_shares(self.tx, after, decision)
        return after

    def _keep_offer(self, after: Incident, decision: Decision[Incident]) -> None:
        """Keeps the row of the newest offer, and tells the other regency by an alarm of its own."""
        keep_offer(self.tx, after)
        for regency, alarm in receivers_alarms(after, decision.events):
            self.tx.say_alarm(regency, alarm, drill=after.drill)
