"""Calls from blocked numbers: what the number says when the call arrives, and how the recorded message ends."""

import logging
from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.calls import Channel, Unscreened
from sigap_common.contracts.places import Place
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.regency import BlockingPolicy
from sigap_intake.domain import Call, EndScreening, Receive, Tell, decide
from sigap_intake.domain.block import Block
from sigap_intake.domain.lookup import NOTHING_KNOWN, Lookup
from sigap_intake.domain.pranks import decayed, lowered_by
from sigap_intake.domain.screening import Found, unscreened
from sigap_intake.repository import IntakeService, IntakeTransaction
from sigap_intake.repository.blocks import refresh
from sigap_intake.watched_numbers import pause

log = logging.getLogger(__name__)


async def look_up(tx: IntakeTransaction, regency: str, call: Receive | Tell) -> Lookup:
    """What the number says when a call arrives. A number without block and score costs one statement: whether it is
    protected.
    """
    if call.caller_hash is None or (isinstance(call, Receive) and (call.drill or call.backfilled)):
        return NOTHING_KNOWN
    if await tx.protected_callers.includes(regency, call.caller_hash):
        return Lookup(of_protected=True)
    watched, now = tx.resources.watched, tx.now()
    block_id, known = watched.block_of(regency, call.caller_hash), watched.score_of(regency, call.caller_hash, now)
    policy = tx.packs.get(regency).blocking
    if policy is None or (block_id is None and known is None):
        return NOTHING_KNOWN
    found = await _found(tx, regency, call.caller_hash, call, policy)
    block = await tx.blocks.find(block_id) if block_id else None  # locked: it is not lifted beside this call
    if block and block.blocks(now):
        return _blocked(block, found, policy)
    if known is None or found.has_open_incident:
        return NOTHING_KNOWN
    return Lookup(lowered_by_seconds=lowered_by(decayed(known.value, known.at, policy, now), policy))


def _blocked(block: Block, found: Found, policy: BlockingPolicy) -> Lookup:
    """A caller with an open incident is not lowered: the next call may be about it."""
    lowered = 0 if found.has_open_incident else policy.lowered_by_s
    return Lookup(block.id, block.rule.name, unscreened(found), lowered)


async def _found(
    tx: IntakeTransaction, regency: str, caller_hash: str, call: Receive | Tell, policy: BlockingPolicy
) -> Found:
    """Only an exchange that waits for the answer of its request, `POST /v1/calls`, can be told to play the message."""
    is_asked = isinstance(call, Receive) and call.by_exchange and call.channel is Channel.TELEPHONE
    place = call.caller_place if isinstance(call, Receive) else None
    return Found(
        can_hear=is_asked,
        earlier_tries=await tx.prank_scores.tries(regency, caller_hash, _moment(tx, call)),
        has_open_incident=bool(await tx.open_incidents.of_number(regency, caller_hash)),
        is_near_incident=await _is_near(tx, regency, place, policy),
    )


def _moment(tx: IntakeTransaction, call: Receive | Tell) -> datetime:
    return call.at or tx.now()


async def _is_near(tx: IntakeTransaction, regency: str, place: Place | None, policy: BlockingPolicy) -> bool:
    return place is not None and bool(await tx.open_incidents.near(regency, place, policy.near_m))


async def press_key(tx: IntakeTransaction, access: Access, call_id: UUID) -> Call:
    """The caller pressed a key while the recorded message was played: the call waits from now on."""
    call = await tx.calls.visible(call_id, access)
    pressed = EndScreening(by=access.subject, why=Unscreened.KEY_PRESSED)
    return tx.calls.record(decide(call, pressed, tx.now()))


async def watch_numbers(service: IntakeService) -> None:
    """The background worker, in every process."""
    while True:
        try:
            async with service.view(by_worker=True) as view:
                await refresh(view, service.resources.watched)
        except AWAY as away:
            await wait_out(log, "blocked numbers are as they were", away)
        await pause()
