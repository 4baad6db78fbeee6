"""Use cases of offers of a call to another regency."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_common.auth import Access, Role
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotFound
from sigap_common.personal_data import Sealed
from sigap_intake.domain import AcceptCall, Call, KeepCall, OfferToRegency, RefuseCall, decide
from sigap_intake.domain.call_transfer import CallTransferState
from sigap_intake.domain.transfer_decisions import require_open, require_transfer
from sigap_intake.domain.transferred_call import go_on
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases.callbacks import hand_on_contact


async def offer(tx: IntakeTransaction, access: Access, call_id: UUID, to: str, message: Sealed | None) -> Call:
    """Offers a call to another regency. Raises Invalid if that regency does not work in this system: its telephones
    must be dialled.
    """
    call = await tx.calls.visible(call_id, access)
    there = tx.packs.find_in_service(to)
    if there is None or there.transfer_by != "queue":
        raise Invalid(errors=[Fault(("body", "to"), "transfer_to_nobody", {})])
    limit = timedelta(seconds=tx.packs.get(call.regency).transfer_limit_s)
    command = OfferToRegency(by=access.subject, transfer_id=tx.new_id(), to=to, limit=limit, message=message)
    return tx.calls.record(decide(call, command, tx.now()))


async def accept(tx: IntakeTransaction, access: Access, transfer_id: UUID) -> Call:
    """Opens the receiver's call, which the token's owner has from now on. If the offer was accepted before, returns
    that call. Raises NotFound if the token does not cover the receiver, NotAllowed if the offer has ended.
    """
    sent = await _offered(tx, access, transfer_id, by_receiver=True)
    transfer = require_transfer(sent, transfer_id)
    if transfer.call_id is not None:
        return await tx.calls.visible(transfer.call_id, access)
    require_open(sent, transfer_id)
    here = transfer.to
    reasons = await tx.protected_calls.reasons(sent)
    is_protected = bool(reasons) or await tx.protected_callers.includes(here, sent.caller_hash)
    opened = go_on(
        Aggregate(id=tx.new_id(), regency=here, drill=sent.drill),
        sent,
        access.subject,
        tx.zone_of(sent.caller_place, here) if sent.caller_place else None,
        tx.zone_of(sent.place, here) if sent.place else None,
        tx.now(),
        of_protected=is_protected,
        procedure=tx.guidance(sent.regency).version,
    )
    call = tx.calls.record(opened)
    for reason in sorted(reasons):
        tx.protected_calls.add(call.id, reason)
    await hand_on_contact(tx, sent, call)
    accepted = AcceptCall(by=access.subject, transfer_id=transfer_id, call_id=call.id)
    tx.calls.record(decide(sent, accepted, tx.now()))
    return call


async def refuse(tx: IntakeTransaction, access: Access, transfer_id: UUID, reason: Sealed) -> None:
    """The receiver refuses. Raises like `accept`."""
    sent = await _offered(tx, access, transfer_id, by_receiver=True)
    tx.calls.record(decide(sent, RefuseCall(by=access.subject, transfer_id=transfer_id, reason=reason), tx.now()))


async def keep(tx: IntakeTransaction, access: Access, transfer_id: UUID) -> Call:
    """The sender keeps the call. Raises NotFound if the token does not cover the sender, NotAllowed if the offer was
    accepted, Forbidden if the call is hidden from the token.
    """
    sent = await _offered(tx, access, transfer_id, by_receiver=False)
    call = await tx.calls.visible(sent.id, access)
    return tx.calls.record(decide(call, KeepCall(by=access.subject, transfer_id=transfer_id), tx.now()))


async def concerned(view: IntakeTransaction, access: Access, rows: Sequence[Row[Any]]) -> frozenset[UUID]:
    """The ids of the offers whose words the token's owner may read. `rows`: offers of protected calls.

    A supervisor reads all of them. Others read an offer if the call in their regency is not hidden from them, or if
    their regency still has to decide whether to accept.
    """
    own = {row.id: row.call_id if access.covers(row.regency) else row.received_call for row in rows}
    hidden = await view.protected_calls.hidden_among([one for one in own.values() if one is not None], access)
    return frozenset(
        row.id
        for row in rows
        if (own[row.id] is not None and own[row.id] not in hidden)
        or (row.state == CallTransferState.OFFERED and access.covers(row.to_regency))
        or access.may(Role.supervisor)
    )


async def _offered(tx: IntakeTransaction, access: Access, transfer_id: UUID, *, by_receiver: bool) -> Call:
    """The sender's call, locked. Raises NotFound for an offer that is not the token's to decide."""
    row = await tx.call_transfers.find(transfer_id)
    if row is None or not access.covers(row.to_regency if by_receiver else row.regency):
        raise NotFound
    return await tx.calls.get(row.call_id)
