"""Events about those who are only informed, in the place of those about agencies that were told."""

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
    """The event of an information in the place of this one."""
    return _INSTEAD[type(event)](**dict(event))
