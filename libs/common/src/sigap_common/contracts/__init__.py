"""The event contracts: one module per publisher, frozen, changed by addition only.

A service knows the events of other services from here and from nowhere else.
"""

from sigap_common.contracts.base import Contract, Event, type_name
from sigap_common.contracts.registry import event_types

__all__ = ["Contract", "Event", "event_types", "type_name"]
