"""A call, step by step; who may take which step at all is the edge's to say."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import RoleMissing
from sigap_common.personal_data import Sealed
from sigap_common.regency import require_incident_type
from sigap_intake import phone
from sigap_intake.domain import (
    Answer,
    Call,
    Classify,
    End,
    Locate,
    MissClass,
    Receive,
    WriteNote,
    decide,
    place_meant,
    receive,
)
from sigap_intake.repository import IntakeTransaction

LEADERS = (Role.supervisor, Role.admin)


async def receive_call(tx: IntakeTransaction, access: Access, regency: str, command: Receive) -> tuple[Call, bool]:
    """The call, and whether it is new: an exchange's id that was seen before names the call that exists.

    Raises RegencyForbidden, RoleMissing, NotFound for a regency that is not configured, Invalid.
    """
    _check_rights(access, regency, command)
    tx.packs.get(regency)
    if known := await tx.calls.of_exchange(regency, command.exchange_id):
        return known, False
    events = receive(_identified(tx, command), tx.now())
    begun = Aggregate(id=tx.new_id(), regency=regency, drill=command.drill)
    return tx.calls.record(begun, events), True


async def answer(tx: IntakeTransaction, access: Access, call_id: UUID, command: Answer) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(call, decide(call, command, tx.now()))


async def locate(tx: IntakeTransaction, access: Access, call_id: UUID, told: Place | None, at: datetime | None) -> Call:
    """`told`: the emergency's place; none: the caller's is meant."""
    call = await tx.calls.visible(call_id, access)
    place = place_meant(call, told)
    command = Locate(by=access.subject, at=at, place=place, zone=tx.zoning.zone_of(place))
    return tx.calls.record(call, decide(call, command, tx.now()))


async def note(tx: IntakeTransaction, access: Access, call_id: UUID, command: WriteNote) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(call, decide(call, command, tx.now()))


async def classify(tx: IntakeTransaction, access: Access, call_id: UUID, command: Classify) -> Call:
    call = await tx.calls.visible(call_id, access)
    require_incident_type(command.classification.incident_type, [tx.packs.get(call.regency)])
    return tx.calls.record(call, decide(call, command, tx.now()))


async def end(tx: IntakeTransaction, access: Access, call_id: UUID, command: End) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(call, decide(call, command, tx.now()))


async def miss_class(tx: IntakeTransaction, call_id: UUID) -> None:
    """The time to classify the call may be over."""
    call = await tx.calls.get(call_id)
    tx.calls.record(call, decide(call, MissClass(), tx.now()))


def _check_rights(access: Access, regency: str, command: Receive) -> None:
    access.require(regency)
    if (command.backfilled or command.with_agencies) and not access.may(*LEADERS):
        raise RoleMissing(LEADERS)


def _identified(tx: IntakeTransaction, command: Receive) -> Receive:
    """With the number in E.164 and its hash; one that cannot be read is kept as it was told, and finds nobody."""
    if command.number is None or (e164 := phone.normalise(command.number.clear)) is None:
        return command
    return replace(command, number=Sealed(e164), caller_hash=tx.ring.lookup(e164))
