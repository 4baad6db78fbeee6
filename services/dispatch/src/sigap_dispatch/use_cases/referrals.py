"""Referrals follow the class of their call; people pass them on, record answers and close them."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.calls import CallClass, CallClassified, CallReclassified
from sigap_common.core.aggregate import Aggregate
from sigap_common.http.etags import Expected
from sigap_dispatch.domain.referral import (
    Answer,
    Close,
    Open,
    PassOn,
    Protect,
    Referral,
    Reopen,
    Tell,
    decide,
    default_receiver,
)
from sigap_dispatch.repository import DispatchTransaction

SERIES = "R"
"""Referrals have a series of their own: `<prefix>-R-<yyyymmdd>-<nnnn>`."""


async def follow_class(tx: DispatchTransaction, event: CallClassified | CallReclassified, envelope: Envelope) -> None:
    """Opens the referral of a non-emergency report. If the call has another class, its referral is over."""
    call_id = UUID(envelope.subject)
    known = await tx.referrals.of_call(call_id)
    is_report = event.call_class == CallClass.NON_EMERGENCY
    if known is not None:
        command = Reopen() if is_report else Close("reclassified")
        after = tx.referrals.record(decide(known, command, tx.now(), event.by))
        if event.call.protected:
            tx.referrals.record(decide(after, Protect(), tx.now()))
    elif is_report:
        await _open(tx, call_id, event, envelope)


async def tell(tx: DispatchTransaction, call_id: UUID, command: Tell, by: str | None) -> None:
    """What a call says after it was classified."""
    referral = await tx.referrals.of_call(call_id)
    if referral is not None:
        tx.referrals.record(decide(referral, command, tx.now(), by))


async def order(tx: DispatchTransaction, access: Access, referral_id: UUID, command: Answer | Close) -> Referral:
    """Raises NotFound, NotAllowed."""
    referral = await tx.referrals.visible(referral_id, access)
    return tx.referrals.record(decide(referral, command, tx.now(), access.subject))


async def pass_on(
    tx: DispatchTransaction, access: Access, referral_id: UUID, agency: str | None, expected: Expected
) -> Referral:
    """None: to the complaints desk. Raises NotFound, NotAllowed, Invalid, PreconditionFailed."""
    referral = await tx.referrals.visible(referral_id, access)
    expected.check(referral.version, state=referral.state)
    command = PassOn(agency, tx.pack(referral.regency))
    return tx.referrals.record(decide(referral, command, tx.now(), access.subject))


async def _open(
    tx: DispatchTransaction, call_id: UUID, event: CallClassified | CallReclassified, envelope: Envelope
) -> None:
    pack, now = tx.pack(envelope.regency), tx.now()
    day = pack.local_day(event.call.received_at if event.call.backfilled else now)
    numbered = await tx.numbers.next(envelope.regency, pack.prefix, day, drill=envelope.drill, letter=SERIES)
    command = Open(numbered, call_id, event.call, default_receiver(pack), event.at, event.by)
    begun = Aggregate(id=tx.new_id(), regency=envelope.regency, drill=envelope.drill)
    tx.referrals.record(decide(begun, command, now))
