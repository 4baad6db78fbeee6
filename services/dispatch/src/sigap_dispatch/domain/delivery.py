"""The state of a forwarding's delivery. Dispatch learns it from events of the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.agencies import (
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import DeliveryFailed, DeliveryRecovered
from sigap_dispatch.domain.state.incident import Incident


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered_at: datetime | None = None
    """When the agency first had the forwarding, in any revision. The promise is measured to this moment.

    It is the earliest of the deliveries and of the agency's answers, because an answer proves that the agency has it.
    """
    delivered_by: str | None = None
    delivered_revision: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    failure: str | None = None


def delivery_news(
    incident: Incident,
    forwarding_id: UUID,
    event: NotificationDelayed | NotificationFailed | NotificationRerouted | NotificationDelivered,
    now: datetime,
) -> Sequence[Event]:
    """The incident's events that follow from an event of the gateway: the delivery failed, or the agency has the
    forwarding after all.
    """
    forwarding = incident.forwarding(forwarding_id)
    if forwarding is None:
        return ()
    about: dict[str, Any] = {
        "forwarding_id": forwarding_id,
        "agency": event.agency,
        "revision": event.revision,
        "endpoint": event.endpoint,
        "channel": event.channel,
        "at": event.at,
        "recorded_at": now,
    }
    trouble = forwarding.trouble
    if isinstance(event, NotificationDelivered):
        is_news = trouble is not None and trouble.recovered_at is None and trouble.revision <= event.revision
        return (DeliveryRecovered(**about),) if is_news else ()
    told: dict[str, Any] = (
        {"status": event.status, "final": False}
        if isinstance(event, NotificationDelayed)
        else {
            "final": isinstance(event, NotificationRerouted) or event.final,
            "goes_on_by": event.goes_on_by,
        }
    )
    return (DeliveryFailed(**about, reason=event.reason, **told),)
