"""Adds the deliveries of a revision, one for each endpoint."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sigap_agency_gateway.domain.delivery import DeliveryState
from sigap_agency_gateway.domain.endpoint import Endpoint
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.notice import Notice, notice_of
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_common.bus.envelope import Envelope

BEHIND_ALL = 6
"""The urgency of what is only information: it never keeps an agency that helps waiting."""


def ship(tx: GatewayTransaction, forwarding: Forwarding, endpoints: Sequence[Endpoint], cause: Envelope) -> None:
    """Adds a delivery of the forwarding's present state for each of the endpoints."""
    notice = notice_of(forwarding, tx.packs.find(forwarding.regency), tx.resources.public_url)
    common = _common(tx, forwarding, notice, cause)
    pushed = _due_at_once(tx, notice) if any(tx.resources.pushes(e.channel) for e in endpoints) else {}
    tx.deliveries.add([common | _to(tx, endpoint, pushed) for endpoint in endpoints])


def sealed(tx: GatewayTransaction, notice: Notice) -> str:
    return tx.ring.seal(notice.model_dump_json(), _context(notice.forwarding_id))


def opened(tx: GatewayTransaction, forwarding_id: UUID, token: str) -> Notice:
    """The stored notice of a delivery. Raises CannotOpen."""
    return Notice.model_validate_json(tx.ring.open(token, _context(forwarding_id)))


def _context(forwarding_id: UUID) -> str:
    return f"notice/{forwarding_id}"


def _common(tx: GatewayTransaction, forwarding: Forwarding, notice: Notice, cause: Envelope) -> dict[str, Any]:
    now, by = tx.now(), notice.acknowledge_by
    return {
        "forwarding_id": forwarding.id,
        "regency": forwarding.regency,
        "agency": forwarding.agency,
        "kind": notice.kind.value,
        "revision": notice.revision,
        "state": DeliveryState.PENDING.value,
        "priority": BEHIND_ALL if forwarding.information else notice.incident.priority,
        "urgent_by": by or now,
        "acknowledge_by": by,
        "share_until": _share_until(by, cause.time, now),
        "failure_said": False,
        "attempts": 0,
        "created_at": now,
        "ended_at": None,
        "error": None,
        "body": None,
        "cause": cause.to_json(),
    }


def _share_until(by: datetime | None, set_at: datetime, now: datetime) -> datetime | None:
    """When the time to acknowledge is over, by the gateway's clock. `set_at`: when dispatch set the deadline, by its
    clock.

    If dispatch's clock is ahead, the agency has no more time here than dispatch gave it. None if the deadline is over
    already: such a delivery is reported as failed only when the courier ends it.
    """
    return min(by, now + max(by - set_at, timedelta())) if by is not None and by > now else None


def _due_at_once(tx: GatewayTransaction, notice: Notice) -> dict[str, Any]:
    return {"due_at": tx.now(), "notice": sealed(tx, notice)}


def _to(tx: GatewayTransaction, endpoint: Endpoint, pushed: dict[str, Any]) -> dict[str, Any]:
    """The values of a delivery to one endpoint. If the agency fetches, the delivery is never due and
    needs no notice.
    """
    when = pushed if tx.resources.pushes(endpoint.channel) else {"due_at": None, "notice": None}
    return {
        "id": tx.new_id(),
        "endpoint_id": endpoint.id,
        "endpoint": endpoint.name,
        "channel": endpoint.channel,
        **when,
    }
