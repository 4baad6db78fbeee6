"""The rows of offers to other regencies."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain import Incident
from sigap_dispatch.models import transfers as t

_COLUMNS = ["id", "regency", "to_regency", "incident_id", "state", "offered_at"]
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(index_elements=["id"], set_={"state": _insert.excluded["state"]}), _COLUMNS
)


def keep_offer(tx: Transaction[Any], incident: Incident) -> None:
    """Keeps the row of the incident's newest offer."""
    offer = incident.offer
    assert offer is not None
    row = {"id": offer.id, "regency": incident.regency, "to_regency": offer.to, "incident_id": incident.id}
    tx.later(_KEEP, [row | {"state": offer.state, "offered_at": offer.offered_at}])


class TransferRows:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, offer_id: UUID) -> Row[Any] | None:
        return (await self._tx.connection.execute(select(t).where(t.c.id == offer_id))).first()
