"""Who is present, and who has which call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.operators import PresenceState
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_intake.domain import Call, CallState, DeclineOffer, LoseOperator, Offer, TakeOver, decide
from sigap_intake.domain import presence as domain
from sigap_intake.domain.presence import Beat, Enter, Leave, MissBeats, Presence
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.unacknowledged import Unacknowledged


async def enter(tx: IntakeTransaction, access: Access, regency: str, state: PresenceState) -> Presence:
    """Signs on, or changes the state. Raises RegencyForbidden, NotFound."""
    tx.require_known(access, regency)
    command = Enter(by=access.subject, name=Sealed(access.name) if access.name else None, state=state)
    known = await tx.presences.of(regency, access.subject)
    return tx.presences.record(domain.decide(known, command, tx.now()), heard_at=tx.now())


async def beat(tx: IntakeTransaction, access: Access, regency: str) -> datetime:
    """Notes that the operator's screen is there, and returns when it counts as fallen silent without another beat.

    Raises RegencyForbidden, NotFound, NotAllowed for an operator who has not signed on.
    """
    tx.require_known(access, regency)
    if not await tx.presences.beat(regency, access.subject):
        known = await tx.presences.of(regency, access.subject)
        tx.presences.record(domain.decide(known, Beat(by=access.subject), tx.now()), heard_at=tx.now())
    return tx.now() + domain.STALE_AFTER


async def leave(tx: IntakeTransaction, access: Access, regency: str, *, leave_calls: bool) -> Presence:
    """Signs off. `leave_calls`: even with calls that nobody else has accepted; each on the line becomes an
    alarm then.

    Raises RegencyForbidden, NotFound, NotAllowed for an operator who has not signed on, or who leaves something behind.
    The refusal names it: calls, claimed callbacks, agencies that have not acknowledged.
    """
    tx.require_known(access, regency)
    known = await tx.presences.of(regency, access.subject)
    decision = domain.decide(known, Leave(by=access.subject), tx.now())
    active = (await tx.presences.active_calls([regency], [access.subject])).get((regency, access.subject), [])
    unclassified = await tx.presences.unclassified_calls(regency, access.subject)
    claimed = [one.id for one in await tx.callbacks.claimed_by(access.subject) if one.regency == regency]
    left = {"calls": active, "not_classified": unclassified, "callbacks": claimed}
    waiting = await tx.unacknowledged.left_by(regency, access.subject)
    if (waiting or any(left.values())) and not leave_calls:
        named: dict[str, Any] = {name: [str(one) for one in ids] for name, ids in left.items()}
        named["unacknowledged"] = [_named(one) for one in waiting]
        raise NotAllowed("calls-on-the-line", state=CallState.ANSWERED, **named)
    for call in (await tx.calls.find_all(active)).values():
        tx.calls.record(decide(call, LoseOperator(access.subject), tx.now()))
    return tx.presences.record(decision, heard_at=tx.now())


def _named(one: Unacknowledged) -> dict[str, str | None]:
    by = one.acknowledge_by.isoformat().replace("+00:00", "Z") if one.acknowledge_by else None
    told = {"incident_id": str(one.incident_id), "number": one.number, "forwarding_id": str(one.forwarding_id)}
    return {**told, "agency": one.agency, "acknowledge_by": by}


async def miss_beats(tx: IntakeTransaction, which: UUID) -> None:
    """The time for the operator's next heartbeat may be over."""
    known = await tx.presences.find(which)
    if known is not None:
        tx.presences.record(domain.decide(known, MissBeats(), tx.now()))


async def carry_out(
    tx: IntakeTransaction, access: Access, call_id: UUID, command: TakeOver | Offer | DeclineOffer
) -> Call:
    """A call passes to another operator, or is offered to one. Raises NotFound, NotAllowed, Invalid."""
    call = await tx.calls.covered(call_id, access)
    return tx.calls.record(decide(call, command, tx.now()))
