"""What the gateway said of the delivery of each forwarding."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, or_, select, update

from sigap_common.database import SIZES, CompiledStatement, Utc, among, named, padded
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import forwardings as t

_MOMENT = bindparam("this_moment", type_=Utc)
_REVISION = bindparam("revision", type_=t.c.delivered_revision.type)
_CHANNEL = bindparam("channel", type_=t.c.delivered_by.type)


def _had(goes_before: ColumnElement[bool]) -> CompiledStatement:
    """The agency had it at this moment, which stands if nothing is known or it `goes_before` what is."""
    first = or_(t.c.delivered_at.is_(None), goes_before)
    return CompiledStatement(
        update(t)
        .where(t.c.id == bindparam("this_id"))
        .values(
            delivered_at=case((first, _MOMENT), else_=t.c.delivered_at),
            delivered_by=case((first, _CHANNEL), else_=t.c.delivered_by),
            delivered_revision=case((t.c.delivered_revision < _REVISION, _REVISION), else_=t.c.delivered_revision),
        ),
        by="this_id",
    )


# Of a delivery and an answer of the same moment, such as at the desk, the delivery brought it.
_DELIVERED = _had(t.c.delivered_at >= _MOMENT)
_ANSWERED = _had(t.c.delivered_at > _MOMENT)
_FAILED = CompiledStatement(
    update(t)
    .where(t.c.id == bindparam("this_id"))
    .values(failures=t.c.failures + 1, failed_at=_MOMENT, failure=bindparam("reason")),
    by="this_id",
)
_KNOWN = {size: CompiledStatement(select(t.c.id).where(among(t.c.id, size))) for size in SIZES}
_OF = CompiledStatement(select(t).where(t.c.incident_id == bindparam("this_incident")))


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered_at: datetime | None = None
    """When the agency first had it, in any revision: the promise counts to here.

    The earliest of the deliveries and of the agency's answers, which prove that it has it.
    """
    delivered_by: str | None = None
    delivered_revision: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    failure: str | None = None


class Deliveries:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def known_among(self, forwarding_ids: Collection[UUID]) -> set[UUID]:
        """Those of at most LARGEST that there are."""
        if not forwarding_ids:
            return set()
        given = padded(sorted(forwarding_ids))
        return {row.id for row in await _KNOWN[len(given)].rows(self._tx.connection, named(given))}

    def delivered(self, forwarding_id: UUID, at: datetime, channel: str, revision: int) -> None:
        """Keeps the first moment and the newest revision."""
        self._tx.later(_DELIVERED, [_having(forwarding_id, at, channel, revision)])

    def answered(self, forwarding_id: UUID, at: datetime, channel: str, revision: int) -> None:
        """As `delivered`: whoever answers has it."""
        self._tx.later(_ANSWERED, [_having(forwarding_id, at, channel, revision)])

    def failed(self, forwarding_id: UUID, at: datetime, reason: str) -> None:
        self._tx.later(_FAILED, [{"this_id": forwarding_id, "this_moment": at, "reason": reason}])

    async def of(self, incident_ids: Sequence[UUID]) -> dict[UUID, Delivery]:
        """By forwarding, for all these incidents at once."""
        await self._tx.flush(_DELIVERED, _ANSWERED, _FAILED)
        if len(incident_ids) == 1:
            rows: Iterable[Any] = await _OF.rows(self._tx.connection, {"this_incident": incident_ids[0]})
        else:
            rows = await self._tx.connection.execute(select(t).where(t.c.incident_id.in_(incident_ids)))
        names = Delivery.__dataclass_fields__
        return {row.id: Delivery(**{name: getattr(row, name) for name in names}) for row in rows}


def _having(forwarding_id: UUID, at: datetime, channel: str, revision: int) -> dict[str, Any]:
    return {"this_id": forwarding_id, "this_moment": at, "channel": channel, "revision": revision}
