"""Who calls and from where: entered and corrected at any time, of waiting, ended and abandoned calls too."""

from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.core.errors import RoleMissing
from sigap_intake.domain import Call, Describe, Position, decide
from sigap_intake.repository import IntakeTransaction
from sigap_intake.visibility.calls import SPEAKERS


async def describe_caller(tx: IntakeTransaction, access: Access, call_id: UUID, command: Describe) -> Call:
    call = await tx.calls.visible(call_id, access)
    return tx.calls.record(decide(call, command, tx.now()))


async def position_caller(
    tx: IntakeTransaction,
    access: Access,
    call_id: UUID,
    place: Place,
    source: FixSource,
    *,
    chosen: bool,
    found_at: datetime | None,
    at: datetime | None,
) -> Call:
    """Raises RoleMissing for a choice by who speaks with no caller."""
    if chosen and not access.may(*SPEAKERS):
        raise RoleMissing(SPEAKERS)
    call = await tx.calls.visible(call_id, access)
    zone = tx.zone_of(place, call.regency)
    command = Position(
        by=access.subject, at=at, place=place, zone=zone, source=source, found_at=found_at, chosen=chosen
    )
    return tx.calls.record(decide(call, command, tx.now()))
