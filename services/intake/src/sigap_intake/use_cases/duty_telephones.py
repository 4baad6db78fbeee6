"""An alarm that finds nobody signed on goes to the duty telephones of the regency's pack."""

from uuid import UUID

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmGroupChanged, AlarmRangFurther
from sigap_common.messaging.transaction import About
from sigap_intake.domain.call import WAITING_LONG
from sigap_intake.repository import IntakeTransaction


async def ring_for(tx: IntakeTransaction, event: AlarmGroupChanged, envelope: Envelope) -> None:
    """It rings once for each alarm that becomes the most severe of a standing group, so also if another incident needs
    an agency that is an alarm already. It never rings for a drill. A call that waits too long rings by its own steps.

    Only the moment counts at which the group changes: it does not ring if the last person signs off later.
    """
    pack = tx.packs.find(envelope.regency)
    if not event.count or envelope.drill or event.kind == WAITING_LONG or pack is None or not pack.duty_telephones:
        return
    if await tx.presences.signed_on([pack.code]):
        return
    ringing = await tx.rung_alarms.ring(UUID(envelope.subject), event.since, f"{event.kind} {event.about}")
    if ringing is None:
        return
    told = {name: getattr(event, name) for name in ("kind", "severity", "about", "label", "since")}
    rung = AlarmRangFurther(at=tx.now(), recorded_at=tx.now(), telephones=pack.duty_telephones, **told)
    tx.say(About(str(ringing), pack.code, 1), [rung])
