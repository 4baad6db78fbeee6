"""What the gateway says of agencies: answers and deliveries."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, NotificationFailed
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.observability import tracing
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Respond
from sigap_dispatch.repository import DispatchTransaction

FOLLOWED = (AgencyResponded, NotificationDelivered, NotificationFailed)


async def follow_agencies(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Each in the trace that it came in. Raises NotYet for a forwarding that is unknown."""
    answers = [one for one in heard if isinstance(one.event, AgencyResponded)]
    incidents = await tx.incidents.find_all(one.event.incident_id for one in answers)
    await _require_known(tx, [one for one in heard if not isinstance(one.event, AgencyResponded)])
    for one in heard:
        with tracing.continue_from(one.envelope.traceparent):
            tx.cause = one.envelope
            if isinstance(one.event, AgencyResponded):
                _answered(tx, one, incidents)
            else:
                _noted(tx, one)


def _answered(tx: DispatchTransaction, one: ReceivedEvent, incidents: dict[UUID, Incident]) -> None:
    """An answer is a delivery's proof, too."""
    event, forwarding_id = one.event, UUID(one.envelope.subject)
    incident = incidents.get(event.incident_id)
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
    incidents[incident.id] = tx.incidents.record(decide(incident, command, tx.moment(incident.regency)))
    tx.deliveries.answered(forwarding_id, event.at, event.channel, event.revision)


async def _require_known(tx: DispatchTransaction, deliveries: Sequence[ReceivedEvent]) -> None:
    ids = {UUID(one.envelope.subject) for one in deliveries}
    if missing := ids - await tx.deliveries.known_among(ids):
        raise NotYet(f"no forwarding {', '.join(map(str, sorted(missing)))}")


def _noted(tx: DispatchTransaction, one: ReceivedEvent) -> None:
    """Kept beside the forwarding."""
    event, forwarding_id = one.event, UUID(one.envelope.subject)
    if isinstance(event, NotificationDelivered):
        tx.deliveries.delivered(forwarding_id, event.at, event.channel, event.revision)
    else:
        tx.deliveries.failed(forwarding_id, event.at, event.reason)
