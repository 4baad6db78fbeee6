"""If an alarm stands and nobody is signed on in its regency, the duty telephones of the regency's pack ring.

What is the case now decides, not what was the case when the alarm came: the last person may sign off while an alarm
stands, or a screen fall silent. So a watch looks once a second, in the replica that holds the lease.
"""

import asyncio
import logging
from uuid import UUID

from sigap_common.bus import BusUnavailable
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmGroupChanged, AlarmRangFurther
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import About
from sigap_intake.domain.call import WAITING_LONG
from sigap_intake.domain.standing_alarm import Lookout, StandingAlarm, changed
from sigap_intake.repository import IntakeService, IntakeTransaction

LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


async def follow_alarm(tx: IntakeTransaction, event: AlarmGroupChanged, envelope: Envelope) -> None:
    """Keeps the copy of standing alarms. No telephone rings for a drill; for a call that waits too long they ring by
    its own steps.
    """
    if envelope.drill or event.kind == WAITING_LONG:
        return
    group_id = UUID(envelope.subject)
    known = await tx.standing_alarms.find(group_id)
    after = changed(known, event, group_id=group_id, regency=envelope.regency, sequence=envelope.sequence, now=tx.now())
    if after is not None:
        tx.standing_alarms.keep(after)


async def watch_alarms(service: IntakeService) -> None:
    """The background worker; it runs until it is cancelled."""
    lookout = Lookout()
    while True:
        try:
            await look(service, lookout)
        except AWAY as away:
            await wait_out(log, "the watch of alarms waits", away)
        await asyncio.sleep(LOOK_SECONDS)


async def look(service: IntakeService, lookout: Lookout) -> None:
    """One look of this process, which rings if it holds the lease. Raises Unavailable, LockHeld, BusUnavailable."""
    holds_lease = await service.lease.held()
    if lookout.is_settled(service.elapsed()) and holds_lease:
        try:
            await ring_unheard(service)
        except BusUnavailable:
            lookout.start_again()
            raise


async def ring_unheard(service: IntakeService) -> None:
    """Rings for the alarms that nobody can hear: once for each alarm that becomes the most severe of its group while
    the group stands, so a second time if an alarm of another incident becomes that. Raises Unavailable, LockHeld;
    BusUnavailable, since an alarm may be over and nobody could say so.
    """
    async with service.view(by_worker=True) as view:
        if not await _unheard(view):
            return
    await service.bus.ready()
    async with service.transaction(by_worker=True) as tx:
        # Somebody may have come on since then.
        for alarm in await _unheard(tx):
            await _ring(tx, alarm)


async def _unheard(tx: IntakeTransaction) -> list[StandingAlarm]:
    with_telephones = [pack.code for pack in tx.packs.all() if pack.duty_telephones]
    return await tx.standing_alarms.unheard(with_telephones) if with_telephones else []


async def _ring(tx: IntakeTransaction, alarm: StandingAlarm) -> None:
    if not await tx.standing_alarms.ring(alarm):
        return
    told = {name: getattr(alarm, name) for name in ("kind", "severity", "about", "label", "since")}
    telephones = tx.packs.get(alarm.regency).duty_telephones
    rung = AlarmRangFurther(at=tx.now(), recorded_at=tx.now(), telephones=telephones, **told)
    tx.say(About(str(alarm.ringing), alarm.regency, 1), [rung])
