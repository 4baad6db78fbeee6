"""The gateway's events about agencies that are only informed. They replace those about agencies that were told."""

from sigap_common.contracts.agencies import (
    ForwardingReceived,
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.base import Event
from sigap_common.contracts.informing import (
    InformationDelayed,
    InformationDelivered,
    InformationFailed,
    InformationReceived,
    InformationRerouted,
)

_INSTEAD: dict[type[Event], type[Event]] = {
    ForwardingReceived: InformationReceived,
    NotificationDelayed: InformationDelayed,
    NotificationDelivered: InformationDelivered,
    NotificationFailed: InformationFailed,
    NotificationRerouted: InformationRerouted,
}


def as_information(event: Event) -> Event:
    """The same event, of the type for agencies that are only informed."""
    return _INSTEAD[type(event)](**dict(event))
