"""Who needs to know of a protected incident. This rule alone says it, for lists, single incidents and streams.

Its people are those who took the call or worked on the incident. A supervisor of the regency sees it. A dispatcher sees
it as long as it waits for one: a person has to send help. Anybody else who may see incidents can break the glass.
"""

from sigap_common.contracts.need import Need, OpenGlass
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.incident import Incident

REGARDS_THE_ROOM = frozenset({AlarmKind.GLASS_BROKEN})
"""The alarms that need no dispatcher."""


def need_of(incident: Incident) -> Need | None:
    """Who may see the incident; None: it is not protected."""
    if not incident.protected:
        return None
    glasses = tuple(OpenGlass(by=glass.by, until=glass.until) for glass in incident.glasses)
    return Need(people=incident.people, glasses=glasses, dispatchers=waits_for_dispatcher(incident))


def waits_for_dispatcher(incident: Incident) -> bool:
    """Whether a person has to send help: no agency has the incident, or an alarm about an agency stands."""
    if incident.closed_at:
        return False
    alarms = any(alarm.kind not in REGARDS_THE_ROOM for alarm in incident.alarms)
    return alarms or incident.without_agency_since is not None
