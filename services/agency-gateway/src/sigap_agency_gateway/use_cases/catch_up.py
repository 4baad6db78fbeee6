"""An endpoint that can be delivered to, new or again, gets what its agency has not answered yet."""

from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.use_cases.ship import ship
from sigap_common.bus.envelope import Envelope

MOST = 500
"""Open forwardings of one agency that are taken up, the newest of them."""


async def catch_up(tx: GatewayTransaction, endpoint: Endpoint) -> None:
    """Delivers the newest revision of each forwarding that stands and waits for the agency's answer.

    What arrived at this endpoint is not sent again, and what is still being tried goes on. What was given up is tried
    anew, with the same id and bytes.
    """
    if endpoint.state is not EndpointState.ENABLED or not tx.resources.pushes(endpoint.channel):
        return
    for forwarding in await tx.forwardings.open_of_agency(endpoint.agency, MOST):
        cause = await tx.deliveries.cause_of(forwarding.id)
        if forwarding.needs_acknowledgement and cause is not None:
            await tx.deliveries.revive(forwarding.id, endpoint.id, forwarding.revision, tx.now())
            ship(tx, forwarding, [endpoint], Envelope.from_json(cause))
    tx.after_commit(tx.resources.wake)
