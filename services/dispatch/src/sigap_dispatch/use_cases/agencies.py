"""What the gateway says of agencies: answers and deliveries."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered
from sigap_common.envelope import Envelope
from sigap_common.subscriptions import Heard, NotYet
from sigap_dispatch.domain import decide
from sigap_dispatch.domain.commands import Respond
from sigap_dispatch.repository import DispatchTransaction


async def record_response(tx: DispatchTransaction, event: AgencyResponded, envelope: Envelope) -> None:
    """An answer is a delivery's proof, too. Raises NotYet for a forwarding that is unknown."""
    forwarding_id = UUID(envelope.subject)
    incident = await tx.incidents.find(event.incident_id)
    if incident is None or incident.forwarding(forwarding_id) is None:
        raise NotYet(f"no forwarding {forwarding_id}")
    command = Respond(
        forwarding_id,
        event.revision,
        event.response,
        event.channel,
        event.at,
        event.clock,
        event.reason,
        event.text,
        event.by,
    )
    tx.incidents.record(incident, decide(incident, command, tx.moment(incident.regency)))
    tx.deliveries.answered(forwarding_id, event.at, event.channel, event.revision)


async def note_deliveries(tx: DispatchTransaction, heard: Sequence[Heard]) -> None:
    """Keeps them beside the forwardings. Raises NotYet for one that is unknown."""
    for one in heard:
        event, forwarding_id = one.event, UUID(one.envelope.subject)
        if isinstance(event, NotificationDelivered):
            known = await tx.deliveries.delivered(forwarding_id, event.at, event.channel, event.revision)
        else:
            known = await tx.deliveries.failed(forwarding_id, event.at, event.reason)
        if not known:
            raise NotYet(f"no forwarding {forwarding_id}")
