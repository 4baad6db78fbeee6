"""The steps of a call, from its arrival to its end. The API checks the roles before it calls a step."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.contracts.calls import Complaint
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import RoleMissing
from sigap_common.personal_data import Sealed
from sigap_common.regency import require_incident_type
from sigap_intake.domain import (
    Answer,
    Call,
    Classify,
    End,
    Locate,
    MissClass,
    Receive,
    WriteNote,
    caller_numbers,
    decide,
    devices,
    is_told_again,
    place_meant,
    receive,
    source_meant,
)
from sigap_intake.domain.lookup import NOTHING_KNOWN
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.calls import exchange_hash
from sigap_intake.use_cases.pranks import weigh
from sigap_intake.use_cases.screening import look_up
from sigap_intake.use_cases.sop import require_silent_procedure

LEADERS = (Role.supervisor, Role.admin)


async def receive_call(tx: IntakeTransaction, access: Access, regency: str, command: Receive) -> tuple[Call, bool]:
    """Records a call that arrives. Returns the call, and whether it is new: if an exchange reports a call again, it
    gets the call that exists.

    Raises RegencyForbidden, RoleMissing, Invalid, and NotFound if the regency is not configured or is retired. A
    retired regency still accepts backfilled entries.
    """
    _check_rights(access, regency, command)
    configured = tx.packs.get if command.backfilled else tx.packs.in_service
    configured(regency)
    command = _zoned(tx, regency, identified(tx, command))
    if known := await tx.calls.of_exchange(regency, command.exchange_id):
        if is_told_again(known, command, drill=command.drill, now=tx.now()):
            return known, False
        command = _under_a_used_id(command, known)
    if (found := await look_up(tx, regency, command)) is not NOTHING_KNOWN:
        command = replace(command, lookup=found)
    begun = Aggregate(id=tx.new_id(), regency=regency, drill=command.drill)
    return tx.calls.record(receive(begun, _of_exchange(tx, regency, command), tx.now())), True


async def answer(tx: IntakeTransaction, access: Access, call_id: UUID, command: Answer) -> Call:
    call = await tx.calls.covered(call_id, access)
    return tx.calls.record(decide(call, command, tx.now()))


async def locate(
    tx: IntakeTransaction,
    access: Access,
    call_id: UUID,
    told: Place | None,
    at: datetime | None,
    source: FixSource | None = None,
) -> Call:
    """`told`: the emergency's place; none: the caller's is meant."""
    call = await tx.calls.visible(call_id, access)
    place = place_meant(call, told)
    found_by = source or source_meant(call, told)
    command = Locate(by=access.subject, at=at, place=place, zone=tx.zone_of(place, call.regency), source=found_by)
    return tx.calls.record(decide(call, command, tx.now()))


async def note(tx: IntakeTransaction, access: Access, call_id: UUID, command: WriteNote) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(decide(call, command, tx.now()))


async def classify(tx: IntakeTransaction, access: Access, call_id: UUID, command: Classify) -> Call:
    call = await tx.calls.visible(call_id, access)
    require_incident_type(command.classification.incident_type, [tx.packs.get(call.regency)])
    require_silent_procedure(tx, call, command)
    after = tx.calls.record(decide(call, command, tx.now()))
    await weigh(tx, call.classification, after)
    return after


async def end(tx: IntakeTransaction, access: Access, call_id: UUID, command: End) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(decide(call, command, tx.now()))


async def miss_class(tx: IntakeTransaction, call_id: UUID) -> None:
    """Raises the alarm of a call without a class, if its time to be classified is over."""
    call = await tx.calls.get(call_id)
    tx.calls.record(decide(call, MissClass(), tx.now()))


def _check_rights(access: Access, regency: str, command: Receive) -> None:
    access.require(regency)
    rings_agencies = command.with_agencies and command.drill
    if (command.backfilled or rings_agencies) and not access.may(*LEADERS):
        raise RoleMissing(LEADERS)


def _of_exchange(tx: IntakeTransaction, regency: str, command: Receive) -> Receive:
    if command.exchange_id is None:
        return command
    return replace(command, exchange_hash=exchange_hash(tx.ring, regency, command.exchange_id))


def _zoned(tx: IntakeTransaction, regency: str, command: Receive) -> Receive:
    """The command with the zone of the caller's place. The number's area code is no sign of the place: people keep
    their number when they move.
    """
    if command.caller_place is None:
        return command
    return replace(command, caller_zone=tx.zone_of(command.caller_place, regency))


def identified(tx: IntakeTransaction, command: Receive) -> Receive:
    """The command with the keyed hash by which calls are one caller's: of the number, or without one of the IMEI."""
    command = _with_number(tx, command)
    return command if command.imei is None else _with_device(tx, command)


def _with_device(tx: IntakeTransaction, command: Receive) -> Receive:
    """The command with the IMEI's 15 digits. One that cannot be read, or may be anybody's, is removed."""
    assert command.imei is not None
    found = devices.read(command.imei.clear)
    if found.imei is None:
        complaint = Complaint(pointer="#/imei", code=found.complaint, value=command.imei)
        return replace(command, imei=None, complaints=(*command.complaints, complaint))
    caller = tx.ring.lookup(f"imei/{found.imei}") if command.number is None else command.caller_hash
    return replace(command, imei=Sealed(found.imei), caller_hash=caller)


def _with_number(tx: IntakeTransaction, command: Receive) -> Receive:
    """The command with the number in E.164 and its hash. A number that cannot be read is kept as it was sent, without a
    hash, so that no history is found by it. A placeholder is removed.
    """
    if command.number is None:
        return command
    found = caller_numbers.read(command.number.clear)
    complaints = command.complaints
    if found.complaint:
        complaints = (*complaints, Complaint(pointer="#/number", code=found.complaint, value=command.number))
    if found.e164:
        number, caller = Sealed(found.e164), tx.ring.lookup(found.e164)
        return replace(command, number=number, caller_hash=caller, complaints=complaints)
    number_told = None if found.complaint == caller_numbers.PLACEHOLDER else command.number
    return replace(command, number=number_told, complaints=complaints)


def _under_a_used_id(command: Receive, earlier: Call) -> Receive:
    """The command of another call whose exchange_id an earlier call had. The new call keeps the id: from now on the id
    finds the new call.
    """
    told = Sealed(command.exchange_id) if command.exchange_id else None
    complaint = Complaint(pointer="#/exchange_id", code="exchange_id_reused", value=told)
    return replace(command, exchange_use=earlier.exchange_use + 1, complaints=(*command.complaints, complaint))
