"""The watch of the room: a call from a number with an open incident goes before others, a call that waits too long
rings further, and a call whose operator is gone becomes an alarm.

It looks once a second, in the replica that holds the lease, so a call that arrives pays nothing for it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from sigap_common.contracts.calls import RingStep
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.regency import Pack
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain import Command, FindOperator, LoseOperator, MoveUp, Reach, RingFurther, decide
from sigap_intake.domain.presence import STALE_AFTER
from sigap_intake.domain.queue import steps_due
from sigap_intake.repository import IntakeService, IntakeTransaction, room
from sigap_intake.repository.room import Longest, Waiting

LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


async def watch_room(service: IntakeService) -> None:
    """The background worker; it runs until it is cancelled."""
    while True:
        try:
            if await service.lease.held():
                await look(service)
        except AWAY as away:
            await wait_out(log, "the watch of the room waits", away)
        await asyncio.sleep(LOOK_SECONDS)


async def look(service: IntakeService) -> None:
    """One look. Raises Unavailable, LockHeld."""
    async with service.view(by_worker=True) as view:
        wanted: dict[UUID, list[Command]] = {}
        for call_id, command in [*await _moves(view), *await _rings(view), *await _operators(view)]:
            wanted.setdefault(call_id, []).append(command)
    if wanted:
        async with service.transaction(by_worker=True) as tx:
            await _carry_out(tx, wanted)


async def _carry_out(tx: IntakeTransaction, wanted: Mapping[UUID, Sequence[Command]]) -> None:
    """The calls are locked first, and may have changed since the look: the domain decides what still follows."""
    for call_id, call in (await tx.calls.find_all(wanted)).items():
        for command in wanted[call_id]:
            call = tx.calls.record(decide(call, command, tx.now()))


async def _operators(view: IntakeTransaction) -> list[tuple[UUID, Command]]:
    left, found = await room.left_alone(view.connection), await room.found_again(view.connection)
    absent = await room.not_signed_on(view.connection, view.now())
    return [
        *((call_id, LoseOperator(operator)) for call_id, operator in left),
        *((call_id, LoseOperator(operator, grace=STALE_AFTER)) for call_id, operator in absent),
        *((call_id, FindOperator()) for call_id in found),
    ]


async def _moves(view: IntakeTransaction) -> list[tuple[UUID, Command]]:
    found = [(call_id, view.packs.find(regency)) for call_id, regency in await room.of_reporters(view.connection)]
    return [(call_id, MoveUp(pack.queue.raise_open_incident_s)) for call_id, pack in found if pack]


async def _rings(view: IntakeTransaction) -> list[tuple[UUID, Command]]:
    longest = await room.longest_waiting(view.connection)
    packs = {regency: pack for regency in {one.regency for one in longest} if (pack := view.packs.find(regency))}
    signed_on = await view.presences.signed_on(packs) if packs else {}
    reaches = {code: _reach(view.packs, pack, signed_on.get(code, ())) for code, pack in packs.items()}

    def due(call: Longest | Waiting) -> tuple[RingStep, ...]:
        policy, reach = packs[call.regency].queue, reaches[call.regency]
        return steps_due(policy, reach, rung=call.rung, queued_at=call.queued_at, now=view.now())

    ringing = [
        call
        for one in longest
        if one.regency in packs and due(one)
        for call in await room.waiting(view.connection, one.regency, one.rung)
    ]
    ringing.sort(key=lambda call: call.queued_at)
    found: list[tuple[UUID, Command]] = [
        (call.id, RingFurther(steps, reaches[call.regency])) for call in ringing if (steps := due(call))
    ]
    return found[: room.AT_ONCE]


def _reach(packs: PacksInForce, pack: Pack, operators: Sequence[str]) -> Reach:
    return Reach(operators=tuple(operators), telephones=pack.duty_telephones, partner=_partner(packs, pack))


def _partner(packs: PacksInForce, pack: Pack) -> str | None:
    """The first regency that both packs name. It must be in service: nobody answers in one that is retired."""
    others = (packs.find_in_service(code) for code in pack.queue.partners)
    return next((o.code for o in others if o and pack.code in o.queue.partners), None)
