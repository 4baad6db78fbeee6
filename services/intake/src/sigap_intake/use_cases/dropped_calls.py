"""Follows intake's own events about calls: which were dropped, which numbers were reached since, and which need care.

This happens after the call's own transaction, so that receiving, answering and ending a call cost nothing more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sigap_common.contracts import Event
from sigap_common.contracts.call_transfers import CallTransferAccepted
from sigap_common.contracts.callbacks import Drop, DroppedCall, RankReason
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallCorrected,
    CallEnded,
    CallReclassified,
    CallScreened,
    CallSilentStepTaken,
    Heard,
)
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.regency import Pack
from sigap_intake.domain import Call, CallState
from sigap_intake.domain.callback import Callback
from sigap_intake.domain.callback_decisions import DropCall, RankAgain, Resolve, decide, open_callback
from sigap_intake.domain.callback_rank import MOST_SHARED, Signs
from sigap_intake.domain.caller_contact import SayContact
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.callbacks import LARGEST_BATCH
from sigap_intake.use_cases.callbacks import contact_of, know_contact

FOLLOWED = (
    CallAbandoned,
    CallEnded,
    CallCorrected,
    CallAnswered,
    CallClassified,
    CallReclassified,
    CallSilentStepTaken,
    CallScreened,
    CallTransferAccepted,
)


async def follow_calls(tx: IntakeTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """In the order in which they came, as far as one event is about what another one began."""
    for one in heard:
        call_id = UUID(one.envelope.subject)
        if _may_drop(one.event):
            await _drop(tx, call_id)
        elif isinstance(one.event, CallTransferAccepted):
            await _hand_on(tx, call_id)
        elif _needs_care(tx, one):
            await _guard(tx, one)
    reached = [UUID(one.envelope.subject) for one in heard if _may_reach(one.event)]
    for first in range(0, len(reached), LARGEST_BATCH):
        await _reach(tx, reached[first : first + LARGEST_BATCH])


def _may_drop(event: Event) -> bool:
    match event:
        case CallAbandoned() | CallScreened():
            return True
        case CallEnded():
            return event.cut_off
        case CallCorrected():
            return event.ended_at is not None
    return False


def _may_reach(event: Event) -> bool:
    return isinstance(event, CallAnswered | CallClassified)


async def _drop(tx: IntakeTransaction, call_id: UUID) -> None:
    call = await tx.calls.get(call_id, lock=False)
    dropped = _dropped(call)
    if dropped is None:
        return
    known = await _known(tx, call)
    if known is None or not known.has_call(call_id):
        had = await tx.callbacks.that_had(call)
        if had is not None and not _passes_on(had, call, known):
            return
        if had is not None and had.call_count == 1:
            tx.callbacks.record(decide(had, Resolve(how="joined", call_id=call_id), tx.now()))
    callback = await _join(tx, call, dropped, known)
    if (reached_by := await _reached_since(tx, call)) is not None:
        tx.callbacks.record(decide(callback, Resolve(how="contact", call_id=reached_by), tx.now()))


async def _hand_on(tx: IntakeTransaction, call_id: UUID) -> None:
    """The caller hung up while the call was offered to another regency, which has accepted it since: that one calls
    back. What the number dropped after this call stays work.
    """
    call = await tx.calls.get(call_id, lock=False)
    found = await tx.callbacks.work_of_call(call)
    if found is not None and found.calls[-1].call_id == call_id:
        tx.callbacks.record(decide(found, Resolve(how="handed_on", call_id=call_id), tx.now()))


def _dropped(call: Call) -> DroppedCall | None:
    """None: the call was not dropped, or is no work: a late entry, one whose class says what it was, or one that
    another regency goes on with.
    """
    if call.backfilled or call.callback_id or call.ended_at is None or call.handed_on or _says_what_it_was(call):
        return None
    if call.state is CallState.ABANDONED:
        drop = Drop.ABANDONED
    elif call.state is CallState.SCREENED:
        drop = Drop.SCREENED
    elif call.cut_off:
        drop = Drop.CUT_OFF
    else:
        return None
    told = {"channel": call.channel, "received_at": call.received_at, "ended_at": call.ended_at}
    return DroppedCall(call_id=call.id, drop=drop, **told)


def _says_what_it_was(call: Call) -> bool:
    """Whether it has a class, and not one that says that nobody was heard."""
    return call.classification is not None and call.classification.call_class is not CallClass.SILENT


async def _reached_since(tx: IntakeTransaction, call: Call) -> UUID | None:
    """The call by which the number was reached before this was heard of."""
    if call.caller_hash is None or call.ended_at is None:
        return None
    return await tx.callbacks.answered_since(call.regency, call.caller_hash, call.ended_at, drill=call.drill)


async def _known(tx: IntakeTransaction, call: Call) -> Callback | None:
    """The open callback that the call belongs to."""
    if call.caller_hash is not None:
        return await tx.callbacks.of_number(call.regency, call.caller_hash, drill=call.drill)
    cell = call.caller_place.cell if call.caller_place else None
    if cell is not None:
        return await tx.callbacks.of_place(call.regency, cell, drill=call.drill)
    return None


def _passes_on(had: Callback, call: Call, known: Callback | None) -> bool:
    """Whether the call, which this callback has, now belongs to another one; not if it was worked on before.

    The exchange may have told late who called, or from where. Other calls that were joined to this one stay work.
    """
    if not had.is_work:
        return False
    has_its_number_now = call.caller_hash not in (None, had.caller_hash)
    has_its_place_now = known is not None and had.caller_hash is None and had.call_count == 1
    return has_its_number_now or has_its_place_now


async def _join(tx: IntakeTransaction, call: Call, dropped: DroppedCall, known: Callback | None) -> Callback:
    pack, callback_id = tx.packs.get(call.regency), known.id if known else tx.new_id()
    place = call.caller_place or (known.place if known else None)
    neighbours = await _neighbours(tx, call, place.cell if place else None, pack, callback_id)
    number = call.number if call.caller_hash else None
    command = DropCall(
        call=dropped,
        policy=pack.callbacks,
        signs=await _signs(
            tx, call, pack, others=len(neighbours), screened=dropped.drop is Drop.SCREENED and _unheard(known)
        ),
        number=number,
        caller_hash=call.caller_hash,
        place=call.caller_place,
        operator=call.answered_by,
        contact=await contact_of(tx, call.regency, call.caller_hash, call.id, drill=call.drill),
    )
    if known is None:
        begun = Aggregate(id=callback_id, regency=call.regency, drill=call.drill)
        callback = tx.callbacks.record(open_callback(begun, command, tx.now()))
    else:
        callback = tx.callbacks.record(decide(known, command, tx.now()))
    await _rank_neighbours(tx, call, neighbours, pack)
    return callback


def _unheard(known: Callback | None) -> bool:
    """Whether all earlier calls of the callback ended with the recorded message."""
    return known is None or any(part.reason is RankReason.SCREENED for part in known.ranked.parts)


async def _neighbours(
    tx: IntakeTransaction, call: Call, cell: str | None, pack: Pack, callback_id: UUID
) -> list[Callback]:
    if cell is None:
        return []
    since = tx.now() - timedelta(minutes=pack.callbacks.expire_minutes)
    return await tx.callbacks.others_in_place(call.regency, cell, since, drill=call.drill, but=callback_id)


async def _rank_neighbours(tx: IntakeTransaction, call: Call, neighbours: Sequence[Callback], pack: Pack) -> None:
    """Each of them has one neighbour more, as long as that counts. A call without number and IMEI is no neighbour."""
    if call.caller_hash is None or len(neighbours) > MOST_SHARED:
        return
    for neighbour in neighbours:
        command = RankAgain(others=len(neighbours), policy=pack.callbacks)
        tx.callbacks.record(decide(neighbour, command, tx.now()))


async def raise_near(
    tx: IntakeTransaction, regency: str, place: Place | None, caller_hash: str | None, *, drill: bool
) -> None:
    """An incident opened at the place, or for the number: dropped calls from there are more likely real."""
    pack = tx.packs.find(regency)
    if pack is None:
        return
    metres = pack.callbacks.near_m
    near = await tx.callbacks.around(regency, place, metres, drill=drill) if place else []
    own = await tx.callbacks.of_number(regency, caller_hash, drill=drill) if caller_hash else None
    for callback in {one.id: one for one in (*near, *([own] if own else []))}.values():
        tx.callbacks.record(decide(callback, RankAgain(policy=pack.callbacks, incident_near=True), tx.now()))


async def _signs(tx: IntakeTransaction, call: Call, pack: Pack, *, others: int, screened: bool) -> Signs:
    night = pack.callbacks.is_night(pack.local(call.received_at).time())
    near = bool(await tx.open_incidents.of_number(call.regency, call.caller_hash, call.drill))
    if not near and call.caller_place is not None:
        metres = pack.callbacks.near_m
        near = bool(await tx.open_incidents.near(call.regency, call.caller_place, metres, call.drill))
    return Signs(others=others, night=night, incident_near=near, screened=screened)


def _needs_care(tx: IntakeTransaction, heard: ReceivedEvent) -> bool:
    """Whether the event says that the call is silent or protected. A key press in a silent call is a cry for help,
    whatever class the call had.
    """
    event = heard.event
    match event:
        case CallClassified() | CallReclassified():
            if event.call_class is CallClass.SILENT or event.call.protected:
                return True
            return tx.packs.get(heard.envelope.regency).is_protected(event.incident_type)
        case CallSilentStepTaken():
            return event.heard is Heard.KEY_PRESS
    return False


async def _guard(tx: IntakeTransaction, heard: ReceivedEvent) -> None:
    """From now on the number of the call is called back only with care. A late entry guards nothing. What a supervisor
    has lifted stays lifted, until a later call, or what is said later of this one, guards the number anew.
    """
    call = await tx.calls.get(UUID(heard.envelope.subject), lock=False)
    if call.caller_hash is None or call.backfilled:
        return
    known = await tx.caller_contacts.of_number(call.regency, call.caller_hash, drill=call.drill)
    lifted_at = known.lifted_at if known else None
    if lifted_at is None or call.received_at > lifted_at or _says_anew(tx, heard, lifted_at):
        await know_contact(tx, call, SayContact(call_id=call.id, guarded=True))


def _says_anew(tx: IntakeTransaction, heard: ReceivedEvent, lifted_at: datetime) -> bool:
    """Whether the event was said after that, and says more of the call than was known: a correction repeats that the
    call is protected. If nobody said the type before, as in events of older versions, it was not protected.
    """
    event = heard.event
    if event.recorded_at <= lifted_at:
        return False
    if not isinstance(event, CallReclassified):
        return True
    becomes = event.call_class if event.call_class is not event.before else None
    pack = tx.packs.get(heard.envelope.regency)
    if pack.is_protected(event.incident_type):
        return becomes in (CallClass.SILENT, CallClass.EMERGENCY) or not pack.is_protected(event.type_before)
    return becomes is CallClass.SILENT


async def _reach(tx: IntakeTransaction, call_ids: Sequence[UUID]) -> None:
    """The callbacks of numbers that were answered since, or whose cut-off call has got its class, need no call back."""
    for call_id, callback_id in await tx.callbacks.touched_by(call_ids):
        call = await tx.calls.get(call_id, lock=False)
        callback = await tx.callbacks.get(callback_id)
        how = _how_reached(call, callback)
        if how is not None:
            tx.callbacks.record(decide(callback, Resolve(how=how, call_id=call_id), tx.now()))


def _how_reached(call: Call, callback: Callback) -> Literal["contact", "classified"] | None:
    if callback.has_call(call.id):
        return "classified" if _says_what_it_was(call) else None
    if call.backfilled or not call.in_hand or call.id == callback.opened_call:
        return None
    reached_at = call.answered_at or call.received_at
    return "contact" if reached_at >= callback.last_dropped_at else None
