"""The glass through which a person sees a protected incident, and the further incidents that it shows.

What a person opens or merges through a broken glass is seen through the same glass, as long as that is open. It gives
no need that would outlast it.
"""

from sigap_common.contracts.protection import GlassBroken
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarms import raise_once
from sigap_dispatch.domain.decision import IncidentDecision, Moment
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.glass import Glass
from sigap_dispatch.domain.state.incident import Incident


def glass_of(incident: Incident, moment: Moment) -> Glass | None:
    """The glass without which the person of this moment would not see the incident; None: there is no such glass."""
    if not incident.protected or moment.by in incident.people:
        return None
    return next((glass for glass in incident.glasses if glass.is_open(moment.by, moment.now)), None)


def see_through(decision: IncidentDecision, glass: Glass | None) -> None:
    """Shows this incident, too, through the glass of another one. The alarm tells the supervisor."""
    if glass is None or glass_of(decision.incident, decision.moment) or decision.moment.by in decision.incident.people:
        return
    told = {"glass_id": decision.moment.new_id(), "until": glass.until, "reason": glass.reason or Sealed("")}
    decision.emit(GlassBroken(**decision.stamp(), **told))
    raise_once(decision, decision.incident.id, AlarmKind.GLASS_BROKEN)
