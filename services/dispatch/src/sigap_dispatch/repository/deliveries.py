"""The rows of deliveries that dispatch keeps, from events of the gateway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    case,
    exists,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)

from sigap_common.database import SIZES, CompiledStatement, Utc, among, named, padded
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain.delivery import Delivery
from sigap_dispatch.models import forwardings as t
from sigap_dispatch.models import incidents, transfers

_MOMENT = bindparam("this_moment", type_=Utc)
_REVISION = bindparam("revision", type_=t.c.delivered_revision.type)
_CHANNEL = bindparam("channel", type_=t.c.delivered_by.type)


def _had(goes_before: ColumnElement[bool]) -> CompiledStatement:
    """The statement that notes when the agency first had a forwarding. It sets the moment if none is known, or if the
    condition `goes_before` holds.
    """
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


# If a delivery and an answer have the same moment, such as at the desk, the delivery counts.
_DELIVERED = _had(t.c.delivered_at >= _MOMENT)
_ANSWERED = _had(t.c.delivered_at > _MOMENT)
_FAILED = CompiledStatement(
    update(t)
    .where(t.c.id == bindparam("this_id"))
    .values(failures=t.c.failures + 1, failed_at=_MOMENT, failure=bindparam("reason")),
    by="this_id",
)
_DELAYED = CompiledStatement(
    update(t).where(t.c.id == bindparam("this_id")).values(failed_at=_MOMENT, failure=bindparam("reason")), by="this_id"
)
_is_awaited = exists().where(
    transfers.c.state == literal_column("'accepted'"), transfers.c.received_by == t.c.incident_id
)
_is_merged = exists().where(incidents.c.id == t.c.incident_id, incidents.c.merged_into.is_not(None))
_KNOWN = {
    size: CompiledStatement(
        select(
            t.c.id,
            t.c.failed_at,
            t.c.delivered_revision,
            _is_awaited.label("is_awaited"),
            _is_merged.label("is_merged"),
        ).where(among(t.c.id, size))
    )
    for size in SIZES
}
_NAMES = tuple(Delivery.__dataclass_fields__)
_PAGES = (8, 50, 100, 200)
"""Sizes of a page of incidents. Fewer parameters are cheaper, so each size has a statement."""
# The ids stay in the driver's form: to convert each to a UUID would take a fifth of the time of a page.
_OF_PAGE = {
    size: CompiledStatement(
        select(type_coerce(t.c.id, String).label("id"), *(t.c[name] for name in _NAMES)).where(
            among(t.c.incident_id, size)
        )
    )
    for size in _PAGES
}
_OF = CompiledStatement(select(t).where(t.c.incident_id == bindparam("this_incident")))


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a forwarding's deliveries."""

    has_failed: bool
    newest_revision: int
    """The newest revision that the agency has."""
    is_awaited: bool
    """Whether another regency waits until an agency has this forwarding's incident, which was transferred from it."""
    is_merged: bool
    """Whether its incident is merged into another."""


class Deliveries:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def known_among(self, forwarding_ids: Collection[UUID]) -> dict[UUID, Known]:
        """The given forwardings that exist, by id. At most LARGEST ids may be given."""
        if not forwarding_ids:
            return {}
        given = padded(sorted(forwarding_ids))
        rows = await _KNOWN[len(given)].rows(self._tx.connection, named(given))
        return {
            row.id: Known(row.failed_at is not None, row.delivered_revision, bool(row.is_awaited), bool(row.is_merged))
            for row in rows
        }

    def delivered(self, forwarding_id: UUID, at: datetime, channel: str, revision: int) -> None:
        """Records a delivery. The row keeps the time of the first one and the newest revision."""
        self._tx.later(_DELIVERED, [_having(forwarding_id, at, channel, revision)])

    def answered(self, forwarding_id: UUID, at: datetime, channel: str, revision: int) -> None:
        """Like `delivered`: an agency that answers has the forwarding."""
        self._tx.later(_ANSWERED, [_having(forwarding_id, at, channel, revision)])

    def failed(self, forwarding_id: UUID, at: datetime, reason: str) -> None:
        self._tx.later(_FAILED, [{"this_id": forwarding_id, "this_moment": at, "reason": reason}])

    def delayed(self, forwarding_id: UUID, at: datetime, reason: str) -> None:
        """Like `failed`, but counts no failure: for a first failed attempt, or for the consequence of a failure."""
        self._tx.later(_DELAYED, [{"this_id": forwarding_id, "this_moment": at, "reason": reason}])

    async def of(self, incident_id: UUID) -> dict[UUID, Delivery]:
        """The deliveries of one incident, by forwarding."""
        await self._tx.flush(_DELIVERED, _ANSWERED, _FAILED, _DELAYED)
        rows = await _OF.rows(self._tx.connection, {"this_incident": incident_id})
        return {row.id: Delivery(**{name: getattr(row, name) for name in _NAMES}) for row in rows}

    async def is_had(self, incident_id: UUID) -> bool:
        """Whether an agency has the incident."""
        return any(one.delivered_at for one in (await self.of(incident_id)).values())

    async def of_page(self, incident_ids: Sequence[UUID]) -> dict[str, dict[str, Any]]:
        """The deliveries of the incidents on a page, at most 200, by the forwarding's id in hexadecimal."""
        if not incident_ids:
            return {}
        given = padded(incident_ids, _PAGES)
        rows = await _OF_PAGE[len(given)].rows(self._tx.connection, named(given))
        return {_hex(row[0]): dict(zip(_NAMES, row[1:], strict=True)) for row in rows}


def _hex(forwarding_id: str | UUID) -> str:
    """The id in hexadecimal. SQLite stores ids as such texts; PostgreSQL's driver gives a UUID."""
    return forwarding_id if isinstance(forwarding_id, str) else forwarding_id.hex


def _having(forwarding_id: UUID, at: datetime, channel: str, revision: int) -> dict[str, Any]:
    return {"this_id": forwarding_id, "this_moment": at, "channel": channel, "revision": revision}
