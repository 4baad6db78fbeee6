"""The rows of offers to other regencies."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, literal_column, select

from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain import Incident
from sigap_dispatch.models import transfers as t

_COLUMNS = ["id", "regency", "to_regency", "incident_id", "state", "offered_at", "received_by"]
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in ("state", "received_by")}
    ),
    _COLUMNS,
)
_ACCEPTED = t.c.state == literal_column("'accepted'")  # as a literal: only so does the database use the partial index
_AWAITING = CompiledStatement(select(t.c.incident_id).where(_ACCEPTED, t.c.received_by == bindparam("this_incident")))


def keep_offer(tx: Transaction[Any], incident: Incident) -> None:
    """Keeps the row of the incident's newest offer."""
    offer = incident.offer
    assert offer is not None
    row = {"id": offer.id, "regency": incident.regency, "to_regency": offer.to, "incident_id": incident.id}
    row |= {"state": offer.state, "offered_at": offer.offered_at, "received_by": offer.incident_id}
    tx.later(_KEEP, [row])


class TransferRows:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def awaiting(self, incident_id: UUID) -> list[UUID]:
        """The incidents of other regencies that were transferred, and close only when an agency has this one."""
        rows = await _AWAITING.rows(self._tx.connection, {"this_incident": incident_id})
        return [row.incident_id for row in rows]

    async def find(self, offer_id: UUID) -> Row[Any] | None:
        return (await self._tx.connection.execute(select(t).where(t.c.id == offer_id))).first()
