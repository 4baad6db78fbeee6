"""A dispatcher hands incidents over to a named person."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Forbidden, Invalid
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain import decide as decide_incident
from sigap_dispatch.domain.handover import Accept, Decline, Handover, Lapse, Offer, Withdraw, decide
from sigap_dispatch.domain.responsibility import AcceptHandedOver
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.repository import DispatchTransaction


async def offer(
    tx: DispatchTransaction, access: Access, regency: str, to: str, wanted: Sequence[UUID] | None, note: str | None
) -> Handover:
    """Offers incidents of the token's owner to a person; None: all of them. An earlier offer that nobody has accepted
    is replaced. Raises Invalid for oneself, an incident that is not one's own or not open, or none at all.
    """
    tx.require_known(access, regency)
    if to == access.subject:
        raise Invalid(errors=[Fault(("body", "to"), "handover_to_oneself", {})])
    mine = await tx.handovers.responsible_for(regency, access.subject)
    _require_mine(wanted, mine)
    chosen = tuple(dict.fromkeys(wanted)) if wanted else tuple(mine)
    before = await tx.handovers.open_of(regency, access.subject)
    if before is not None:
        tx.handovers.record(decide(before, Withdraw(access.subject, "offered_anew"), tx.now()))
        await tx.flush()  # one open handover for each giver: the old one must be over before the new one is inserted
    begun = Aggregate(id=tx.new_id(), regency=regency)
    within = timedelta(seconds=tx.packs.get(regency).service_levels.handover_within_s)
    command = Offer(Taker(access.subject, access.name), to, chosen, within, note)
    return tx.handovers.record(decide(begun, command, tx.now()))


async def accept(tx: DispatchTransaction, access: Access, handover_id: UUID) -> Handover:
    """The named person, or a supervisor, becomes responsible. Incidents that were closed or taken meanwhile are left
    as they are. Raises NotFound, NotAllowed, Forbidden.
    """
    handover = await tx.handovers.visible(handover_id, access)
    if access.subject == handover.giver or not (access.subject == handover.to or access.may(Role.supervisor)):
        raise Forbidden("handover-for-another", person=handover.to)
    taker = Taker(access.subject, access.name)
    decision = decide(handover, Accept(taker), tx.now())
    if decision.events:
        command = AcceptHandedOver(taker, handover.giver)
        for incident in (await tx.incidents.find_all(handover.incidents)).values():
            moment = tx.moment(incident.regency, access.subject)
            tx.incidents.record(decide_incident(incident, command, moment))
    return tx.handovers.record(decision)


async def decline(tx: DispatchTransaction, access: Access, handover_id: UUID, reason: str | None) -> Handover:
    """Raises NotFound, NotAllowed, and Forbidden for anybody but the named person."""
    handover = await tx.handovers.visible(handover_id, access)
    decision = decide(handover, Decline(access.subject, reason), tx.now())
    if access.subject != handover.to:
        raise Forbidden("handover-for-another", person=handover.to)
    return tx.handovers.record(decision)


async def take_back(tx: DispatchTransaction, access: Access, handover_id: UUID) -> Handover:
    """Raises NotFound, NotAllowed, and Forbidden for anybody but the giver and supervisors."""
    handover = await tx.handovers.visible(handover_id, access)
    if access.subject != handover.giver and not access.may(Role.supervisor):
        raise Forbidden("handover-of-another", giver=handover.giver)
    return tx.handovers.record(decide(handover, Withdraw(access.subject, "taken_back"), tx.now()))


async def lapse(tx: DispatchTransaction, handover_id: UUID) -> None:
    """The time to accept may be over. If nothing is left to hand over, nobody needs an alarm."""
    handover = await tx.handovers.find(handover_id)
    if handover is None or handover.due_at is None:
        return
    decision = decide(handover, Lapse(), tx.now())
    if decision.events and not await _is_anything_left(tx, handover):
        decision = decide(handover, Withdraw(None, "nothing_left"), tx.now())
    tx.handovers.record(decision)


async def _is_anything_left(tx: DispatchTransaction, handover: Handover) -> bool:
    found: dict[UUID, Incident] = await tx.incidents.find_all(handover.incidents)
    return any(one.responsible == handover.giver and not one.closed_at for one in found.values())


def _require_mine(wanted: Sequence[UUID] | None, mine: Sequence[UUID]) -> None:
    if not mine:
        raise Invalid(errors=[Fault(("body", "incidents"), "nothing_to_hand_over", {})])
    known = set(mine)
    faults = [
        Fault(("body", "incidents", n), "incident_not_yours", {})
        for n, one in enumerate(wanted or ())
        if one not in known
    ]
    if faults:
        raise Invalid(errors=faults)
