"""A callback, step by step; who may take which step at all is the edge's to say."""

from base64 import urlsafe_b64decode
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.contracts.callbacks import CallbackOutcome
from sigap_common.contracts.calls import CallClass
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed, RoleMissing
from sigap_common.personal_data import Sealed
from sigap_common.regency import CallbackPolicy, require_incident_type
from sigap_intake.domain import Call, Classification, DeclineOffer, Offer
from sigap_intake.domain.callback import Callback
from sigap_intake.domain.callback_call import as_call
from sigap_intake.domain.callback_claims import GiveBack, TakeOn
from sigap_intake.domain.callback_decisions import (
    MeetDue,
    RecordAttempt,
    TellContact,
    WriteCallbackNote,
    decide,
)
from sigap_intake.domain.caller_contact import CallerContact, SayContact, say, say_first
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases.pranks import weigh

_OF_REAL_ALONE = ("incident_type", "priority", "same_incident")


async def claim(tx: IntakeTransaction, access: Access, callback_id: UUID) -> Callback:
    callback = await tx.callbacks.visible(callback_id, access)
    # What protects the number may be newer than what the callback was told of.
    contact = await contact_of(tx, callback.regency, callback.caller_hash, callback.first_call, drill=callback.drill)
    if contact is not None:
        callback = tx.callbacks.record(decide(callback, TellContact(contact=contact), tx.now()))
    operator = Sealed(access.name) if access.name else None
    command = TakeOn(by=access.subject, policy=_policy(tx, callback), operator=operator, leads=_leads(access))
    return tx.callbacks.record(decide(callback, command, tx.now()))


async def release(tx: IntakeTransaction, access: Access, callback_id: UUID) -> Callback:
    return await carry_out(tx, access, callback_id, GiveBack(by=access.subject, leads=_leads(access)))


async def carry_out(
    tx: IntakeTransaction,
    access: Access,
    callback_id: UUID,
    command: GiveBack | Offer | DeclineOffer | WriteCallbackNote,
) -> Callback:
    """One step that changes nothing else. Raises NotFound, NotAllowed, Invalid."""
    callback = await tx.callbacks.visible(callback_id, access)
    return tx.callbacks.record(decide(callback, command, tx.now()))


async def record_attempt(
    tx: IntakeTransaction,
    access: Access,
    callback_id: UUID,
    outcome: CallbackOutcome,
    text: Sealed | None,
    emergency: Classification,
) -> Callback:
    """A real emergency becomes a call with its class in the same transaction. Raises NotFound, NotAllowed, Invalid."""
    callback = await tx.callbacks.visible(callback_id, access)
    opened = None
    if outcome is CallbackOutcome.REAL:
        require_incident_type(emergency.incident_type, [tx.packs.get(callback.regency)])
        if callback.outcome is not CallbackOutcome.REAL:
            opened = (await _become_call(tx, access, callback, emergency, text)).id
    else:
        _refuse_details(emergency)
    command = RecordAttempt(
        by=access.subject,
        outcome=outcome,
        policy=_policy(tx, callback),
        text=text,
        opened_call=opened,
        leads=_leads(access),
    )
    return tx.callbacks.record(decide(callback, command, tx.now()))


async def say_contact(tx: IntakeTransaction, access: Access, call_id: UUID, command: SayContact) -> CallerContact:
    """What the caller of a call says of being called back. Raises NotFound, NotAllowed for a call without a number,
    RoleMissing if somebody else than a supervisor ends that the number is guarded.
    """
    call = await tx.calls.visible(call_id, access, lock=False)
    if command.guarded is False and not _leads(access):
        raise RoleMissing((Role.supervisor,))
    if call.caller_hash is None:
        raise NotAllowed("no-number", state=call.state)
    return await know_contact(tx, call, command)


async def read_contact(tx: IntakeTransaction, access: Access, call_id: UUID) -> tuple[CallerContact | None, bool]:
    """The contact of a call's number, None if nothing is known of it; and whether the number is protected."""
    call = await tx.calls.visible(call_id, access, lock=False)
    known = await tx.caller_contacts.of_number(call.regency, call.caller_hash, drill=call.drill, lock=False)
    return known, not call.drill and await tx.protected_callers.includes(call.regency, call.caller_hash)


async def know_contact(tx: IntakeTransaction, call: Call, command: SayContact) -> CallerContact:
    """Keeps what is known of a call's number, and tells the callbacks of it."""
    assert call.caller_hash is not None
    known = await contact_of(tx, call.regency, call.caller_hash, call.id, drill=call.drill)
    contact = _said(tx, known, call.regency, call.caller_hash, command, drill=call.drill)
    for callback in await tx.callbacks.work_of_number(call.regency, call.caller_hash, drill=call.drill):
        tx.callbacks.record(decide(callback, TellContact(contact=contact), tx.now()))
    return contact


async def contact_of(
    tx: IntakeTransaction, regency: str, caller_hash: str | None, call_id: UUID, *, drill: bool
) -> CallerContact | None:
    """The contact of a number, also from dispatch's protected incidents. `call_id`: a call of it."""
    if caller_hash is None:
        return None
    known = await tx.caller_contacts.of_number(regency, caller_hash, drill=drill)
    if drill or (known and (known.guarded or known.lifted)):
        return known
    if not await tx.protected_callers.includes(regency, caller_hash):
        return known
    return _said(tx, known, regency, caller_hash, SayContact(call_id=call_id, guarded=True), drill=drill)


async def hand_on_contact(tx: IntakeTransaction, sent: Call, call: Call) -> None:
    """Tells the regency that goes on with a caller what the sender knows of calling the number back. What was said
    later there stands, and so does what a supervisor there decided.
    """
    known = await contact_of(tx, sent.regency, sent.caller_hash, sent.id, drill=sent.drill)
    if known is None or not (known.guarded or known.declined or known.contact_note):
        return
    here = await tx.caller_contacts.of_number(call.regency, call.caller_hash, drill=call.drill)
    said_later = here is not None and here.changed_at > known.changed_at
    command = SayContact(
        call_id=call.id,
        guarded=True if known.guarded and not (here and here.lifted) else None,
        declined=True if known.declined and not said_later else None,
        contact_note=None if here and here.contact_note and said_later else known.contact_note,
    )
    await know_contact(tx, call, command)


def _said(
    tx: IntakeTransaction,
    known: CallerContact | None,
    regency: str,
    caller_hash: str,
    command: SayContact,
    *,
    drill: bool,
) -> CallerContact:
    """Keeps what was said of a number; `known`: what was known of it before."""
    if known is not None:
        return tx.caller_contacts.record(say(known, command, tx.now()))
    begun = Aggregate(id=tx.new_id(), regency=regency, drill=drill)
    return tx.caller_contacts.record(say_first(begun, caller_hash, command, tx.now()))


async def meet_due(tx: IntakeTransaction, callback_id: UUID) -> None:
    """A claim may have lapsed, or the time to call be over."""
    callback = await tx.callbacks.get(callback_id)
    policy = _policy(tx, callback)
    drawn = _chance(tx, callback_id) < policy.sample_share
    tx.callbacks.record(decide(callback, MeetDue(policy=policy, drawn=drawn), tx.now()))


def _chance(tx: IntakeTransaction, callback_id: UUID) -> float:
    """At least 0 and below 1, the same for the same callback, and foreseen by nobody: from a keyed hash of its id."""
    digest = urlsafe_b64decode(tx.ring.lookup(f"callback-sample/{callback_id}") + "=")
    return int.from_bytes(digest[:6], "big") / 2**48


async def _become_call(
    tx: IntakeTransaction, access: Access, callback: Callback, emergency: Classification, text: Sealed | None
) -> Call:
    begun = Aggregate(id=tx.new_id(), regency=callback.regency, drill=callback.drill)
    zone = tx.zone_of(callback.place, callback.regency) if callback.place else None
    call = tx.calls.record(as_call(begun, callback, access.subject, emergency, text, zone, tx.now()))
    await weigh(tx, None, call)
    return call


def _refuse_details(emergency: Classification) -> None:
    told = [name for name in _OF_REAL_ALONE if getattr(emergency, name) is not None]
    if told:
        raise Invalid(errors=[Fault(("body", name), "only_real", {}) for name in told])


def emergency_of(incident_type: str | None, priority: int | None, same_incident: UUID | None) -> Classification:
    """The class of a callback that proved real."""
    return Classification(
        call_class=CallClass.EMERGENCY, incident_type=incident_type, priority=priority, same_incident=same_incident
    )


def _leads(access: Access) -> bool:
    return access.may(Role.supervisor)


def _policy(tx: IntakeTransaction, callback: Callback) -> CallbackPolicy:
    return tx.packs.get(callback.regency).callbacks
