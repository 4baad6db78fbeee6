"""One delivery for each endpoint and revision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sigap_agency_gateway.domain.delivery import DeliveryState
from sigap_agency_gateway.domain.endpoint import Endpoint
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.domain.parcel import Parcel
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_common.bus.envelope import Envelope


def ship(
    tx: GatewayTransaction,
    forwarding: Forwarding,
    parcel: Parcel,
    endpoints: Sequence[Endpoint],
    cause: Envelope,
) -> None:
    sealed = parcel.model_dump_json(context=tx.seal_context(str(forwarding.id)))
    common = _common(tx, forwarding, parcel, cause) | {"parcel": sealed, "cause": cause.to_json()}
    tx.deliveries.add([common | _to(tx, endpoint) for endpoint in endpoints])


def _common(tx: GatewayTransaction, forwarding: Forwarding, parcel: Parcel, cause: Envelope) -> dict[str, Any]:
    now, by = tx.now(), parcel.acknowledge_by
    return {
        "forwarding_id": forwarding.id,
        "regency": forwarding.regency,
        "agency": forwarding.agency,
        "kind": parcel.kind.value,
        "revision": parcel.revision,
        "state": DeliveryState.PENDING.value,
        "priority": parcel.content.priority,
        "urgent_by": by or now,
        "acknowledge_by": by,
        "share_until": _share_until(by, cause.time, now),
        "failure_said": False,
        "attempts": 0,
        "created_at": now,
        "ended_at": None,
        "error": None,
        "body": None,
    }


def _share_until(by: datetime | None, set_at: datetime, now: datetime) -> datetime | None:
    """When the time to acknowledge is over, by our clock. `set_at`: when dispatch set it, by its clock.

    If dispatch's clock is ahead, the agency has no more time here than dispatch gave it. One that is overdue already
    has no share of the time left: it fails only when it is given up.
    """
    return min(by, now + max(by - set_at, timedelta())) if by is not None and by > now else None


def _to(tx: GatewayTransaction, endpoint: Endpoint) -> dict[str, Any]:
    """Due at once, unless the agency fetches it."""
    return {
        "id": tx.new_id(),
        "endpoint_id": endpoint.id,
        "endpoint": endpoint.name,
        "channel": endpoint.channel,
        "due_at": tx.now() if tx.resources.pushes(endpoint.channel) else None,
    }
