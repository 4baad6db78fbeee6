"""Telephone events of exchanges. The spool keeps each event at once, also while the database is away. A worker reads
the spool and records the events in the calls.
"""

import logging
from dataclasses import replace
from datetime import datetime

from sigap_common.contracts import Contract
from sigap_common.contracts.calls import Channel
from sigap_common.core.aggregate import Aggregate
from sigap_common.database import NotUnique
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.personal_data import SealContext
from sigap_intake.domain import Receive, TelephoneEvent, Tell, decide, hear_first, is_told_of, under_a_used_id
from sigap_intake.domain.lookup import NOTHING_KNOWN
from sigap_intake.exchanges.spool import CONTEXT
from sigap_intake.repository import IntakeService, IntakeTransaction
from sigap_intake.repository.calls import exchange_hash
from sigap_intake.use_cases.calls import identified
from sigap_intake.use_cases.screening import look_up

log = logging.getLogger(__name__)


class Heard(Contract):
    """A telephone event in the form that the spool keeps."""

    regency: str
    by: str
    """The exchange that signed the request, or the subject of its token."""
    heard_at: datetime
    event: TelephoneEvent


async def keep(service: IntakeService, heard: Heard) -> None:
    """Puts the event into the spool. Returns when it is on the disk. Raises Unavailable."""
    context = {"seal": SealContext(service.ring, CONTEXT)}
    await service.resources.spool.put(heard.model_dump_json(context=context))


async def take_in(service: IntakeService) -> None:
    """The background worker that empties the spool. Every process has a spool and a worker of its own."""
    while True:
        await service.resources.spool.filled.wait()
        try:
            await take_in_all(service)
        except AWAY as away:
            await wait_out(log, "telephone events of exchanges wait", away)


async def take_in_all(service: IntakeService) -> None:
    """Records the events of the spool, in order. If it raises Unavailable or LockHeld, the spool keeps the rest."""
    spool = service.resources.spool
    context = {"seal": SealContext(service.ring, CONTEXT)}
    while (line := spool.first()) is not None:
        try:
            heard = Heard.model_validate_json(line, context=context)
            await _recorded(service, heard)
        except AWAY:
            raise
        except Exception:
            # The events behind it must not wait. This one is tried again when the process starts the next time.
            log.exception("a telephone event cannot be recorded and is set aside")
            spool.set_aside_first()
        await spool.took_first()


async def _recorded(service: IntakeService, heard: Heard) -> None:
    """Records one event. If another process creates the same call at the same moment, the insert fails with NotUnique;
    the next try finds that call and adds the event to it.
    """
    while True:
        try:
            async with service.transaction(by_worker=True) as tx:
                await hear(tx, heard)
            return
        except NotUnique:
            continue


async def hear(tx: IntakeTransaction, heard: Heard) -> None:
    """Adds the event to its call, or begins a new call. Raises NotFound if the regency is not configured."""
    tx.packs.get(heard.regency)
    tell = _tell(tx, heard)
    calls = await tx.calls.uses_of_id(heard.regency, tell.exchange_id.clear)
    for known in calls:
        if is_told_of(known, tell):
            call = await tx.calls.get(known.id)  # read again, now locked: it may have changed
            tx.calls.record(decide(call, tell, tx.now()))
            return
    if calls:
        tell = under_a_used_id(tell, calls[0].exchange_use + 1)
    if (found := await look_up(tx, heard.regency, tell)) is not NOTHING_KNOWN:
        tell = replace(tell, lookup=found)
    begun = Aggregate(id=tx.new_id(), regency=heard.regency)
    tx.calls.record(hear_first(begun, tell, tx.now()))


def _tell(tx: IntakeTransaction, heard: Heard) -> Tell:
    event, call_id = heard.event, heard.event.call_id
    caller = identified(tx, Receive(by=heard.by, channel=Channel.TELEPHONE, number=event.number, imei=event.imei))
    return Tell(
        by=heard.by,
        told=event.told,
        at=event.at,
        heard_at=heard.heard_at,
        exchange_id=call_id,
        exchange_hash=exchange_hash(tx.ring, heard.regency, call_id.clear),
        number=caller.number,
        caller_hash=caller.caller_hash,
        imei=caller.imei,
        caller_name=event.caller_name,
        extension=event.extension,
        ended_by=event.ended_by,
        complaints=(*event.complaints, *caller.complaints),
    )
