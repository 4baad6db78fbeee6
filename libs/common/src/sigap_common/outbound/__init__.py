"""Outgoing HTTP: which addresses this installation may connect to, and the client that enforces it.

Others decide where the product connects to: a supervisor registers a webhook's URL, and an agency's DNS gives its
address. Without a check they could make it connect to internal addresses: its own databases, or a cloud's metadata
service.
"""

from sigap_common.core.networks import LOOPBACK, AllowedNetworks, is_refused_literal
from sigap_common.outbound.client import AnswerTooLarge, OutboundAccess, no_cookies, read_limited
from sigap_common.outbound.transport import AddressRefused, was_refused

__all__ = [
    "LOOPBACK",
    "AddressRefused",
    "AllowedNetworks",
    "AnswerTooLarge",
    "OutboundAccess",
    "is_refused_literal",
    "no_cookies",
    "read_limited",
    "was_refused",
]
