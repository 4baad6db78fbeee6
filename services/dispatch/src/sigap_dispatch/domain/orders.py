"""What dispatchers order. Orders may be refused, naming the state that forbids them."""

from sigap_common.contracts.incidents import IncidentClosed
from sigap_common.pack import dispositions, require_code, require_incident_type
from sigap_common.problems import NotAllowed
from sigap_common.sealed import Sealed
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Withdraw
from sigap_dispatch.domain.forwarding import CLOSED, Reason, forward, withdraw
from sigap_dispatch.domain.knowledge import amend
from sigap_dispatch.domain.plans import Wanted, within
from sigap_dispatch.domain.refusals import require_agency, require_forwarding, require_open
from sigap_dispatch.domain.state import Incident
from sigap_dispatch.domain.story import Story


def add_agency(story: Story, command: AddAgency) -> None:
    incident, pack = story.incident, story.moment.pack
    require_open(incident)
    require_agency(incident, command.agency, pack)
    there = next((f for f in incident.open_forwardings() if f.agency == command.agency), None)
    if there:
        raise NotAllowed("agency-is-on-it", state=there.state)
    to = Wanted(command.agency, alarm_level=1, within=within(incident, command.agency, pack))
    forward(story, to, automatic=False)


def withdraw_forwarding(story: Story, command: Withdraw) -> None:
    forwarding = require_forwarding(story.incident, command.forwarding_id)
    if forwarding.withdrawn_at:
        return
    require_open(story.incident)
    if not forwarding.is_open:
        raise NotAllowed("forwarding-ended", state=forwarding.state)
    withdraw(story, forwarding, command.reason)


def amend_incident(story: Story, command: Amend) -> None:
    """Raises NotAllowed for a closed incident, Invalid for a type that the regency does not know."""
    require_open(story.incident)
    require_incident_type(command.incident_type, [story.moment.pack])
    reason = _reason(story.incident, command)
    amend(story, reason, command.incident_type, command.priority, command.place, command.zone_owner)


def close(story: Story, command: Close) -> None:
    """Ends what is left of every part: who had acknowledged stands down, the others need not come."""
    require_open(story.incident)
    require_code(command.disposition, dispositions(story.moment.pack), "disposition")
    for forwarding in list(story.incident.open_forwardings()):
        withdraw(story, forwarding, CLOSED)
    note = Sealed(command.note) if command.note else None
    story.tell(IncidentClosed(**story.stamp(), disposition=command.disposition, note=note))


def _reason(incident: Incident, command: Amend) -> Reason:
    """What agencies hear first: the weightiest of what changed."""
    if command.incident_type not in (None, incident.incident_type):
        return "retyped"
    return "located" if command.place else "reprioritised"
