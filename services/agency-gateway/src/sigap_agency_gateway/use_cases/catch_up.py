"""Catching up: an endpoint that is new or enabled again gets the forwardings that its agency has not answered yet."""

from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.use_cases.ship import ship
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.agencies import ForwardingReceived

MOST = 500
"""The most open forwardings of one agency that are delivered, the newest first."""


async def catch_up(tx: GatewayTransaction, endpoint: Endpoint) -> None:
    """Delivers the newest revision of each open forwarding that waits for the agency's answer.

    A revision that arrived at this endpoint is not sent again. A delivery that waits for its next attempt is due now,
    since the address may have changed. A delivery that was given up is tried again, with the same id and bytes; if the
    channel changed, the new channel renders it.
    """
    if endpoint.state is not EndpointState.ENABLED:
        return
    pushes = tx.resources.pushes(endpoint.channel)
    due_at = tx.now() if pushes else None
    await tx.deliveries.hurry(endpoint.id, tx.now())
    await tx.deliveries.leave_other_channels(endpoint.id, endpoint.channel, tx.now())
    for forwarding in await tx.forwardings.open_of_agency(endpoint.agency, MOST):
        cause = await tx.deliveries.cause_of(forwarding.id)
        if not forwarding.waits_for_agency or cause is None:
            continue
        await tx.deliveries.revive(forwarding.id, endpoint.id, forwarding.revision, endpoint.channel, due_at, tx.now())
        ship(tx, forwarding, [endpoint], Envelope.from_json(cause))
        if not pushes and not forwarding.at_desk:
            waits = ForwardingReceived(
                at=tx.now(),
                recorded_at=tx.now(),
                incident_id=forwarding.incident_id,
                agency=forwarding.agency,
                revision=forwarding.revision,
                endpoints=(endpoint.channel,),
            )
            tx.forwardings.keep(forwarding.but(at_desk=True), [waits])
    tx.after_commit(tx.resources.wake)
