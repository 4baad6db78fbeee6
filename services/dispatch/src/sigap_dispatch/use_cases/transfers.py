"""Use cases of transfers to another regency."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotFound
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import (
    AcceptTransfer,
    Command,
    CompleteTransfer,
    FollowTransfer,
    OfferTransfer,
    OpenFromTransfer,
    RefuseTransfer,
    ReturnTransfer,
    TakeBackTransfer,
)
from sigap_dispatch.domain.transfers import require_offer, require_offered
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.visibility import POLICY


async def offer(tx: DispatchTransaction, access: Access, incident_id: UUID, command: OfferTransfer) -> Incident:
    """Offers an incident to another regency. Raises Invalid if that regency does not work here, Forbidden if the
    incident is protected and the token is not a supervisor's.
    """
    incident = await tx.incidents.visible(incident_id, access)
    if incident.protected and not access.may(Role.supervisor):
        raise Forbidden("transfer-of-protected")
    if tx.packs.find_in_service(command.to) is None:
        raise Invalid(errors=[Fault(("body", "to"), "transfer_to_nobody", {})])
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def accept(tx: DispatchTransaction, access: Access, offer_id: UUID) -> Incident:
    """Opens the receiver's incident. If the offer was accepted before, returns that incident. Raises NotFound if the
    token does not cover the receiver, NotAllowed if the offer has ended.
    """
    sent = await _offered(tx, access, offer_id, by_receiver=True)
    offered = require_offer(sent, offer_id)
    if offered.incident_id is not None:
        return await tx.incidents.visible(offered.incident_id, access)
    require_offered(sent, offer_id)
    moment = tx.moment(offered.to, access.subject)
    day = moment.pack.local_day(moment.now)
    numbered = await tx.numbers.next(offered.to, moment.pack.prefix, day, drill=sent.drill)
    zone = tx.resources.zoning.zone_of(sent.place, tx.packs, offered.to) if sent.place else None
    begun = Aggregate(id=tx.new_id(), regency=offered.to, drill=sent.drill)
    opened = tx.incidents.record(decide(begun, OpenFromTransfer(numbered, sent, zone), moment))
    accepted = AcceptTransfer(offer_id, opened.id, opened.number)
    tx.incidents.record(decide(sent, accepted, tx.moment(sent.regency, access.subject)))
    return opened


async def refuse(tx: DispatchTransaction, access: Access, command: RefuseTransfer) -> Incident:
    """The receiver refuses. Returns the sender's incident. Raises like `accept`."""
    sent = await _offered(tx, access, command.offer_id, by_receiver=True)
    return tx.incidents.record(decide(sent, command, tx.moment(sent.regency, access.subject)))


async def take_back(tx: DispatchTransaction, access: Access, offer_id: UUID) -> Incident:
    """The sender keeps the incident. Raises NotFound if the token does not cover the sender, NotAllowed if the offer
    was accepted, Forbidden if the incident is hidden from the token.
    """
    sent = await _offered(tx, access, offer_id, by_receiver=False)
    if POLICY.hides(sent, access, tx.now()):
        raise Forbidden("incident-protected")
    return tx.incidents.record(decide(sent, TakeBackTransfer(offer_id), tx.moment(sent.regency, access.subject)))


async def complete(tx: DispatchTransaction, sent: Sequence[UUID]) -> list[Incident]:
    """An agency has the receiver's incident, so those of the senders may close. A sender that had received it itself
    completes that transfer too. A repeat changes nothing.
    """
    done: list[Incident] = []
    for incident in (await tx.incidents.find_all(sent)).values():
        done.append(_record(tx, incident, CompleteTransfer()))
        done += await complete(tx, await tx.transfers.awaiting(incident.id))
    return done


async def give_back(tx: DispatchTransaction, sent: Sequence[UUID]) -> None:
    """The receiver ended its incident before an agency had it: the senders have theirs again, with an alarm."""
    for incident in (await tx.incidents.find_all(sent)).values():
        _record(tx, incident, ReturnTransfer())


async def follow(tx: DispatchTransaction, sent: Sequence[UUID], now: Incident) -> None:
    """The receiver works on the incident `now` from now on. If an agency has that one, the transfer is complete."""
    for incident in (await tx.incidents.find_all(sent)).values():
        _record(tx, incident, FollowTransfer(now.id, now.number))
    if sent and await tx.deliveries.is_had(now.id):
        await complete(tx, sent)


def _record(tx: DispatchTransaction, incident: Incident, command: Command) -> Incident:
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency)))


async def _offered(tx: DispatchTransaction, access: Access, offer_id: UUID, *, by_receiver: bool) -> Incident:
    """The sender's incident, locked. Raises NotFound for an offer that is not the token's to decide."""
    row = await tx.transfers.find(offer_id)
    if row is None or not access.covers(row.to_regency if by_receiver else row.regency):
        raise NotFound
    return await tx.incidents.get(row.incident_id)
