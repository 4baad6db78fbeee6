"""Orders of dispatchers. A refusal names the state that forbids the order."""

from datetime import datetime, timedelta

from sigap_common.contracts.agency_answers import last_at
from sigap_common.contracts.incidents import BY_DISPATCHER, RevisionReason
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import dispositions, require_code, require_incident_type
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Withdraw
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.ending import end, withdraw_all
from sigap_dispatch.domain.forwarding import CLOSED, forward, withdraw
from sigap_dispatch.domain.late import require_backfilled, stamp_of
from sigap_dispatch.domain.plans import Wanted, kind_of, within
from sigap_dispatch.domain.refusals import require_agency, require_forwarding, require_open
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.updates import amend, decide_doubt

_HOUR = timedelta(hours=1)
_LONGEST = 24 * _HOUR
"""The longest deadline that a dispatcher may name."""


def add_agency(decision: IncidentDecision, command: AddAgency) -> None:
    incident, pack = decision.incident, decision.moment.pack
    require_open(incident)
    require_agency(incident, command.agency, pack, command.lender)
    there = next((f for f in incident.open_forwardings() if f.agency == command.agency), None)
    if there:
        raise NotAllowed("agency-is-on-it", state=there.state)
    require_backfilled(incident, command.notify)
    proposal = incident.proposal(command.agency)
    role = proposal.role if proposal else kind_of(command.lender or pack, command.agency.partition("/")[2])
    level = proposal.alarm_level if proposal else 1
    to = Wanted(command.agency, level, _until(decision, command), command.role or role)
    stamp = stamp_of(decision, command.at, incident.created_at)
    notify = not incident.backfilled if command.notify is None else command.notify
    forward(decision, to, automatic=False, stamp=stamp, notify=notify)


def _until(decision: IncidentDecision, command: AddAgency) -> timedelta:
    """The time within which the added agency must acknowledge. Raises Invalid if the named deadline has passed."""
    if command.acknowledge_by is None:
        return within(decision.incident, command.agency, decision.moment.pack)
    left = command.acknowledge_by - decision.moment.now
    if not timedelta() < left <= _LONGEST:
        raise Invalid(errors=[Fault(("body", "acknowledge_by"), "deadline_outside", {"hours": _LONGEST // _HOUR})])
    return left


def withdraw_forwarding(decision: IncidentDecision, command: Withdraw) -> None:
    forwarding = require_forwarding(decision.incident, command.forwarding_id)
    if forwarding.withdrawn_at:
        return
    require_open(decision.incident)
    if not forwarding.is_open:
        raise NotAllowed("forwarding-ended", state=forwarding.state)
    withdraw(decision, forwarding, BY_DISPATCHER, Sealed(command.reason))


def amend_incident(decision: IncidentDecision, command: Amend) -> None:
    """Corrects an incident. Raises NotAllowed if it is closed, Invalid if the regency does not have the
    incident type.
    """
    require_open(decision.incident)
    require_incident_type(command.incident_type, [decision.moment.pack])
    if command.doubted is not None:
        decide_doubt(decision, command.doubted)
    amend(decision, _reason(decision.incident, command), command, decision.moment.now)


def close(decision: IncidentDecision, command: Close) -> None:
    """Closes the incident and withdraws all open forwardings. Agencies that had acknowledged must stand down."""
    require_open(decision.incident)
    require_code(command.disposition, dispositions(decision.moment.pack), "disposition")
    stamp = stamp_of(decision, command.at, _latest(decision.incident))
    withdraw_all(decision, CLOSED, stamp)
    end(decision, command.disposition, command.note, stamp=stamp)


def _latest(incident: Incident) -> datetime:
    """The latest of what an end comes after: the opening, the forwardings, the agencies' answers."""
    parts = [moment for f in incident.forwardings for moment in (f.forwarded_at, last_at(f.words)) if moment]
    return max([incident.created_at, *parts])


def _reason(incident: Incident, command: Amend) -> RevisionReason:
    """The reason that agencies are told: the most important of the changes."""
    if command.incident_type not in (None, incident.incident_type):
        return "retyped"
    return "located" if command.place else "reprioritised"
