"""Outgoing HTTP: which addresses this installation may connect to, and the client that keeps to them.

Others decide where we connect to: a supervisor registers a webhook's URL, an agency's DNS says which address that is.
Without a check they could have us reach what only we can reach: our own databases, a cloud's metadata service.
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
