"""Handlers of the gateway's events: agencies' answers and deliveries."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.contracts.agencies import (
    AgencyResponded,
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.decision import Decision
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.observability import tracing
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Respond
from sigap_dispatch.domain.delivery import delivery_news
from sigap_dispatch.domain.evolve import evolve
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.deliveries import Known
from sigap_dispatch.repository.units import UnitNamed
from sigap_dispatch.use_cases.carrying import carry_over, goes_on
from sigap_dispatch.use_cases.transfers import complete
from sigap_dispatch.use_cases.units import busy_elsewhere, follow_named, keep_where_they_went, leave_if_named_since

FOLLOWED = (
    AgencyResponded,
    NotificationDelivered,
    NotificationDelayed,
    NotificationFailed,
    NotificationRerouted,
)


async def follow_agencies(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Handles each event in its own trace. Raises NotYet for an unknown forwarding."""
    deliveries = [one for one in heard if not isinstance(one.event, AgencyResponded)]
    known = await _known(tx, heard)
    newest = {forwarding_id: stored.newest_revision for forwarding_id, stored in known.items()}
    failed = {UUID(one.envelope.subject) for one in deliveries if not isinstance(one.event, NotificationDelivered)}
    failed |= {forwarding_id for forwarding_id, stored in known.items() if stored.has_failed}
    # A successful delivery changes nothing in its incident, so the incident is neither read nor locked.
    concerned = [one for one in heard if one not in deliveries or UUID(one.envelope.subject) in failed]
    received = {one.event.incident_id for one in heard if _completes(one, known)}
    sent = {incident_id: await tx.transfers.awaiting(incident_id) for incident_id in received}
    senders = [sender for of in sent.values() for sender in of]
    moving = await busy_elsewhere(tx, (one.event for one in heard))
    answers = [one for one in heard if isinstance(one.event, AgencyResponded)]
    merged = {one.event.incident_id for one in answers if known[UUID(one.envelope.subject)].is_merged}
    moving += [into for incident_id in merged for into in await goes_on(tx, incident_id)]
    incidents = await tx.incidents.find_all([*(one.event.incident_id for one in concerned), *senders, *moving])
    for one in heard:
        with tracing.continue_from(one.envelope.traceparent):
            tx.cause = one.envelope
            if isinstance(one.event, AgencyResponded):
                await _answered(tx, one, incidents)
            else:
                _noted(tx, one, incidents, newest)
            if of := sent.pop(one.event.incident_id, []):
                incidents |= {sender.id: sender for sender in await complete(tx, of)}


def _completes(one: ReceivedEvent, known: dict[UUID, Known]) -> bool:
    """Whether the event shows that an agency has an incident for which another regency waits."""
    has_it = isinstance(one.event, AgencyResponded | NotificationDelivered)
    return has_it and known[UUID(one.envelope.subject)].is_awaited


async def _answered(tx: DispatchTransaction, one: ReceivedEvent, incidents: dict[UUID, Incident]) -> None:
    """Records an agency's answer in the incident. It also counts as a delivery."""
    event, forwarding_id = one.event, UUID(one.envelope.subject)
    incident = incidents.get(event.incident_id)
    before = incident.forwarding(forwarding_id) if incident else None
    if incident is None or before is None:
        raise NotYet(f"no forwarding {forwarding_id}")
    command = Respond(
        forwarding_id,
        event.revision,
        event.response,
        event.channel,
        event.at,
        event.clock,
        event.reason,
        event.by,
        SaidBeside(**event.beside),
    )
    later = await follow_named(tx, incidents, before, event)
    after = decide(incidents[incident.id], command, tx.moment(incident.regency))
    incidents[incident.id] = tx.incidents.record(after)
    carry_over(tx, incidents, before, event, later.without(incidents, event.agency, event.units))
    named = {UnitNamed(event.agency, callsign) for callsign in event.units}
    keep_where_they_went(tx, incidents, incident.id, named, later, event.by)
    await leave_if_named_since(tx, incidents, before, event)
    tx.deliveries.answered(forwarding_id, event.proves_at, event.channel, event.revision)


async def _known(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> dict[UUID, Known]:
    """What is stored of the forwardings of these events, by id. Raises NotYet if one is not stored yet."""
    ids = {UUID(one.envelope.subject) for one in heard}
    known = await tx.deliveries.known_among(ids)
    if missing := ids - known.keys():
        raise NotYet(f"no forwarding {', '.join(map(str, sorted(missing)))}")
    return known


def _noted(
    tx: DispatchTransaction, one: ReceivedEvent, incidents: dict[UUID, Incident], newest: dict[UUID, int]
) -> None:
    """Stores the state of a forwarding's delivery. A failure, and the end of a failure, becomes an event of the
    incident. `newest`: the newest revisions that agencies have. If the agency already has the revision, the failure of
    another delivery is not recorded.
    """
    event, forwarding_id = one.event, UUID(one.envelope.subject)
    if isinstance(event, NotificationDelivered):
        newest[forwarding_id] = max(newest[forwarding_id], event.revision)
        tx.deliveries.delivered(forwarding_id, event.at, event.channel, event.revision)
    elif not isinstance(event, NotificationFailed):
        tx.deliveries.delayed(forwarding_id, event.at, event.reason)
    else:
        tx.deliveries.failed(forwarding_id, event.at, event.reason)
    has_it = not isinstance(event, NotificationDelivered) and newest[forwarding_id] >= event.revision
    incident = incidents.get(event.incident_id)
    if incident is not None and not has_it and (news := delivery_news(incident, forwarding_id, event, tx.now())):
        incidents[incident.id] = tx.incidents.record(Decision(incident, evolve, news))
