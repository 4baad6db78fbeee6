"""Handles dispatch's events about forwardings: updates the gateway's copies and adds deliveries. The courier delivers
them later.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sigap_agency_gateway.domain.delivery import Overtaken
from sigap_agency_gateway.domain.endpoint import Endpoint, the_desk
from sigap_agency_gateway.domain.forwarding import (
    Concern,
    Forwarding,
    apply_information,
    apply_revision,
    end_information,
    hear,
)
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.use_cases.ship import ship
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.agencies import AnsweredElsewhere, ForwardingReceived
from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentMerged
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    IncidentUpdated,
)
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.observability import tracing

PROTECTED = "protected"
"""The `field` of a Change by which an incident becomes protected."""


async def follow_incidents(tx: GatewayTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Handles each event in its own trace, and as the cause of the events that follow from it."""
    for one in heard:
        with tracing.continue_from(one.envelope.traceparent):
            tx.cause = one.envelope
            await _FOLLOWED[type(one.event)](tx, one.event, one.envelope)
    tx.after_commit(tx.resources.wake)


async def _receive(tx: GatewayTransaction, event: IncidentForwarded | ForwardingRevised, envelope: Envelope) -> None:
    before = await tx.forwardings.find(event.forwarding_id)
    after = apply_revision(before, event, UUID(envelope.subject), envelope.regency, envelope.drill)
    if after is None:
        return
    if not after.stands or not after.notify:
        tx.forwardings.keep(after)
        return
    await _send(tx, after, event.revision, envelope)
    if before is not None:
        await _take_units_again(tx, before, after)


async def _inform(tx: GatewayTransaction, event: IncidentInformed, envelope: Envelope) -> None:
    before = await tx.forwardings.find(event.information_id)
    after = apply_information(before, event, UUID(envelope.subject), envelope.regency, envelope.drill)
    if after is not None:
        await _send(tx, after, event.revision, envelope)


async def _send(tx: GatewayTransaction, after: Forwarding, revision: int, envelope: Envelope) -> None:
    endpoints = await _endpoints_for(tx, after)
    at_desk = any(not tx.resources.pushes(endpoint.channel) for endpoint in endpoints)
    said = [_received(tx, after, revision, endpoints)]
    after = tx.forwardings.keep(after.but(at_desk=after.at_desk or at_desk), said)
    ship(tx, after, endpoints, envelope)


async def _endpoints_for(tx: GatewayTransaction, forwarding: Forwarding) -> list[Endpoint]:
    """The agency's own endpoints, otherwise the desk. Raises NotYet while its regency is unknown here."""
    regency = forwarding.agency.partition("/")[0]
    if tx.packs.find(regency) is None:
        raise NotYet(f"the regency {regency}")
    found = await tx.endpoints.in_force(forwarding.agency)
    return found or [the_desk(regency, forwarding.agency, tx.now())]


def _received(
    tx: GatewayTransaction, forwarding: Forwarding, revision: int, endpoints: Sequence[Endpoint]
) -> ForwardingReceived:
    return ForwardingReceived(
        at=tx.now(),
        recorded_at=tx.now(),
        incident_id=forwarding.incident_id,
        agency=forwarding.agency,
        revision=revision,
        endpoints=tuple(endpoint.channel for endpoint in endpoints),
    )


async def _end(tx: GatewayTransaction, event: ForwardingWithdrawn, envelope: Envelope) -> None:
    """Cancels deliveries that have not arrived, and tells each endpoint that was tried that the forwarding is
    withdrawn.

    A stand-down goes to all endpoints: the agency has answered, and nobody knows which endpoint it had read.

    The desk needs no notice: its list shows the withdrawal, and its stream shows ForwardingReceived.
    """
    before = await _known(tx, event.forwarding_id)
    after = hear(event, before)
    if after is before:
        return
    if not after.notify:
        tx.forwardings.keep(after)
        return
    await _tell_end(tx, after, event.revision, envelope)
    await _take_units_again(tx, before, after)


async def _take_units_again(tx: GatewayTransaction, before: Forwarding, after: Forwarding) -> None:
    """Keeps the units of a forwarding busy that had ended here, and goes on, or waits for its agency to turn back."""
    if before.concern is Concern.OVER and after.concern is Concern.OPEN:
        await tx.units.take_again(after)


async def _end_information(tx: GatewayTransaction, event: InformationEnded, envelope: Envelope) -> None:
    """Tells a recipient that it is informed no further. If the incident was forwarded to it, it knows by that."""
    before = await _known(tx, event.information_id)
    after = end_information(event, before)
    if after is before:
        return
    if event.reason != "forwarded":
        await _tell_end(tx, after, event.revision, envelope)
        return
    tx.deliveries.cancel(after.id, tx.now(), Overtaken.WITHDRAWN)
    tx.forwardings.keep(after.but(at_desk=False))


async def _tell_end(tx: GatewayTransaction, after: Forwarding, revision: int, envelope: Envelope) -> None:
    tried = await tx.deliveries.tried(after.id)
    endpoints = [e for e in await tx.endpoints.in_force(after.agency) if after.stand_down or e.id in tried]
    said = [_received(tx, after, revision, endpoints)]
    after = tx.forwardings.keep(after.but(at_desk=False), said)
    tx.deliveries.cancel(after.id, tx.now(), Overtaken.WITHDRAWN)
    ship(tx, after, endpoints, envelope)


async def _close(tx: GatewayTransaction, event: IncidentClosed | IncidentMerged, envelope: Envelope) -> None:
    """Ends the incident's forwardings. If it was merged, its agencies have a forwarding of the other incident, so they
    are not told to turn back. Those who are only informed have an end of their own (`InformationEnded`).
    """
    for before in await tx.forwardings.of_incident(UUID(envelope.subject)):
        after = before if before.information else hear(event, before)
        if after is not before:
            tx.forwardings.keep(after.but(at_desk=False))
            tx.deliveries.cancel(after.id, tx.now(), Overtaken.CLOSED)


async def _update(tx: GatewayTransaction, event: IncidentUpdated, envelope: Envelope) -> None:
    """An incident becomes protected: its forwardings that have ended get no revision that would say so."""
    if any(change.field == PROTECTED for change in event.changes):
        await _protect(tx, envelope, protected=True)


async def _lift(tx: GatewayTransaction, _: ProtectionLifted, envelope: Envelope) -> None:
    await _protect(tx, envelope, protected=False)


async def _protect(tx: GatewayTransaction, envelope: Envelope, *, protected: bool) -> None:
    for before in await tx.forwardings.of_incident(UUID(envelope.subject)):
        if before.content.protected is not protected:
            content = before.content.model_copy(update={"protected": protected})
            tx.forwardings.keep(before.but(content=content))


async def _reopen(tx: GatewayTransaction, event: IncidentReopened, envelope: Envelope) -> None:
    for before in await tx.forwardings.of_incident(UUID(envelope.subject)):
        after = hear(event, before)
        if after is not before:
            tx.forwardings.keep(after)
            await _take_units_again(tx, before, after)


async def _take_unit_over(tx: GatewayTransaction, event: UnitTakenOver, _: Envelope) -> None:
    """A unit goes on for this forwarding, so its agency may not send it elsewhere unawares."""
    known = await _known(tx, event.forwarding_id)
    await tx.units.take_over(known, event)
    if not known.units_came:
        tx.forwardings.keep(known.but(units_came=True))


async def _release_unit(tx: GatewayTransaction, event: UnitReleased, _: Envelope) -> None:
    await tx.units.release(event)


async def _answered(tx: GatewayTransaction, event: IncidentAcknowledged | IncidentDeclined, _: Envelope) -> None:
    """Handles an answer from dispatch. The gateway's own answers come back and change nothing; only answers recorded on
    the agency's behalf do.
    """
    if event.on_behalf:
        await _hear(tx, event, event.forwarding_id)


async def _progressed(tx: GatewayTransaction, event: IncidentStatusChanged, _: Envelope) -> None:
    if event.on_behalf and event.forwarding_id is not None:
        await _hear(tx, event, event.forwarding_id)


async def _hear(tx: GatewayTransaction, event: Event, forwarding_id: UUID) -> None:
    """Applies an answer that was recorded on the agency's behalf."""
    before = await _known(tx, forwarding_id)
    after = hear(event, before)
    if len(after.answers) > len(before.answers):
        said = after.answers[-1]
        await tx.units.take(after, said.units, said.at, release=True, afterwards=True)
        after = tx.forwardings.keep(after, [_told_elsewhere(tx, after)])
    tx.deliveries.answered(after.id, after.answered, tx.now())


def _told_elsewhere(tx: GatewayTransaction, forwarding: Forwarding) -> AnsweredElsewhere:
    answer = forwarding.answers[-1]
    return AnsweredElsewhere(
        at=answer.at,
        recorded_at=tx.now(),
        incident_id=forwarding.incident_id,
        agency=forwarding.agency,
        revision=answer.revision,
        response=answer.response,
        channel=answer.channel,
    )


async def _known(tx: GatewayTransaction, forwarding_id: UUID) -> Forwarding:
    found = await tx.forwardings.find(forwarding_id)
    if found is None:
        raise NotYet(f"the forwarding {forwarding_id}")
    return found


_Follow = Callable[[GatewayTransaction, Any, Envelope], Awaitable[None]]
_FOLLOWED: dict[type[Event], _Follow] = {
    IncidentForwarded: _receive,
    ForwardingRevised: _receive,
    ForwardingWithdrawn: _end,
    IncidentAcknowledged: _answered,
    IncidentDeclined: _answered,
    IncidentStatusChanged: _progressed,
    IncidentClosed: _close,
    IncidentUpdated: _update,
    ProtectionLifted: _lift,
    IncidentMerged: _close,
    IncidentReopened: _reopen,
    IncidentInformed: _inform,
    InformationEnded: _end_information,
    UnitTakenOver: _take_unit_over,
    UnitReleased: _release_unit,
}
FOLLOWED = tuple(_FOLLOWED)
