"""The gateway's subscriptions: all events of dispatch about forwardings, in batches."""

from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.use_cases.receive import FOLLOWED, follow_incidents
from sigap_common.messaging.subscriptions import Subscribed, on_batch

SUBSCRIPTIONS: tuple[Subscribed[GatewayTransaction], ...] = (on_batch(FOLLOWED, follow_incidents),)
