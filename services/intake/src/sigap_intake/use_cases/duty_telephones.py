"""If nobody is signed on when an alarm comes, the duty telephones of the regency's pack ring."""

from uuid import UUID

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmGroupChanged, AlarmRangFurther
from sigap_common.messaging.transaction import About
from sigap_intake.domain.call import WAITING_LONG
from sigap_intake.repository import IntakeTransaction


async def ring_for(tx: IntakeTransaction, event: AlarmGroupChanged, envelope: Envelope) -> None:
    """They ring once for each alarm that becomes the most severe of its group while the group stands, so a second time
    if an alarm of another incident becomes that. They never ring for a drill. For a call that waits too long they ring
    by its own steps.

    Only the moment at which the group changes counts: if the last person signs off later, they do not ring.
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
