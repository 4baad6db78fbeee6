"""What the gateway said of the delivery of each forwarding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, select, update

from sigap_common.transaction import Transaction
from sigap_dispatch.models import forwardings as t


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered_at: datetime | None = None
    """When the agency first had it, in any revision: the promise counts to here."""
    delivered_by: str | None = None
    delivered_revision: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    failure: str | None = None


class Deliveries:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def delivered(self, forwarding_id: UUID, at: datetime, channel: str, revision: int) -> bool:
        """Keeps the first moment and the newest revision; False for an unknown forwarding."""
        newest = case((t.c.delivered_revision < revision, revision), else_=t.c.delivered_revision)
        first: dict[str, Any] = {
            "delivered_at": func.coalesce(t.c.delivered_at, literal(at, t.c.delivered_at.type)),
            "delivered_by": func.coalesce(t.c.delivered_by, channel),
        }
        return await self._note(forwarding_id, first | {"delivered_revision": newest})

    async def failed(self, forwarding_id: UUID, at: datetime, reason: str) -> bool:
        return await self._note(forwarding_id, {"failures": t.c.failures + 1, "failed_at": at, "failure": reason})

    async def of(self, incident_ids: Sequence[UUID]) -> dict[UUID, Delivery]:
        """By forwarding, for all these incidents at once."""
        rows = await self._tx.connection.execute(select(t).where(t.c.incident_id.in_(incident_ids)))
        names = Delivery.__dataclass_fields__
        return {row.id: Delivery(**{name: getattr(row, name) for name in names}) for row in rows}

    async def _note(self, forwarding_id: UUID, values: dict[str, Any]) -> bool:
        statement = update(t).where(t.c.id == forwarding_id).values(values)
        return bool((await self._tx.connection.execute(statement)).rowcount)
