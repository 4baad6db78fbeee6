"""Deadlines, alarms, and closing by the pack's rule."""

from uuid import UUID

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.incidents import AcknowledgementMissed
from sigap_common.core.clock import is_over
from sigap_dispatch.domain.commands import Tick
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.ending import end
from sigap_dispatch.domain.proposals import lapse_all, lapse_attended
from sigap_dispatch.domain.state import (
    NO_AGENCY_AFTER,
    Alarm,
    AlarmKind,
    Forwarding,
    ForwardingState,
    Incident,
    alarm_id,
)

_ENDED = {ForwardingState.DONE, ForwardingState.DECLINED, ForwardingState.WITHDRAWN}


def tick(decision: IncidentDecision, _: Tick) -> None:
    """Emits an event for everything that is overdue, once for each. Called too early, it emits nothing."""
    incident, now = decision.incident, decision.moment.now
    if incident.due_at is None:
        return
    overdue = [f for f in incident.forwardings if f.is_overdue(now)]
    for forwarding in sorted(overdue, key=lambda f: f.due_at or now):
        _miss(decision, forwarding)
    since = incident.without_agency_since
    if since and is_over(since + NO_AGENCY_AFTER, since, now):
        _raise(decision, alarm_id(incident.id, AlarmKind.NO_AGENCY), AlarmKind.NO_AGENCY)


def settle(decision: IncidentDecision) -> None:
    """Runs after every decision: clears alarms whose cause is over, and closes the incident by the pack's rule."""
    if decision.incident.closed_at is None:
        _close_by_rule(decision)
    if decision.incident.closed_at:
        lapse_all(decision)
    else:
        lapse_attended(decision)
        _raise_again(decision)
    for alarm in decision.incident.alarms:
        if _is_over(decision.incident, alarm):
            about = _about(decision.incident)
            decision.emit(AlarmCleared(**decision.stamp(), alarm_id=alarm.id, kind=alarm.kind, about=about))


def _miss(decision: IncidentDecision, forwarding: Forwarding) -> None:
    assert forwarding.acknowledge_by is not None
    decision.emit(
        AcknowledgementMissed(
            **decision.stamp(),
            forwarding_id=forwarding.id,
            agency=forwarding.agency,
            revision=forwarding.revision,
            acknowledge_by=forwarding.acknowledge_by,
        )
    )
    kind = AlarmKind.ACKNOWLEDGEMENT_MISSED
    _raise(decision, alarm_id(forwarding.id, kind), kind, forwarding.agency)


def _raise_again(decision: IncidentDecision) -> None:
    """Raises the alarm again if an agency comes after all, but has still not acknowledged the change that it missed
    before it declined: the decline had cleared the alarm.
    """
    for forwarding in decision.incident.open_forwardings():
        if not forwarding.acknowledged and forwarding.missed_revision >= forwarding.needed_revision:
            kind = AlarmKind.ACKNOWLEDGEMENT_MISSED
            _raise(decision, alarm_id(forwarding.id, kind), kind, forwarding.agency)


def _raise(decision: IncidentDecision, which: UUID, kind: AlarmKind, agency: str | None = None) -> None:
    """Raises an alarm. If it is about an agency, the label names the agency, so that several alarms of one incident
    differ.
    """
    if not decision.incident.has_alarm(which):
        label = " ".join(filter(None, (decision.incident.number, agency)))
        what = {"alarm_id": which, "kind": kind, "about": _about(decision.incident), "label": label, "agency": agency}
        decision.emit(AlarmRaised(**decision.stamp(), **what))


def _is_over(incident: Incident, alarm: Alarm) -> bool:
    if incident.closed_at:
        return True
    if alarm.kind == AlarmKind.NO_AGENCY:
        return incident.without_agency_since is None
    waited_for = (f for f in incident.forwardings if alarm_id(f.id, alarm.kind) == alarm.id)
    return all(f.acknowledged or not f.is_open for f in waited_for)


def _close_by_rule(decision: IncidentDecision) -> None:
    """Closes the incident if every part has ended and at least one agency is done. Otherwise a dispatcher decides. An
    incident that a person reopened goes on until a further agency is done.
    """
    incident, rule = decision.incident, decision.moment.pack.closing
    states = {f.state for f in incident.forwardings}
    done = [f.id for f in incident.forwardings if f.state is ForwardingState.DONE]
    if rule.when_all_ended != "automatic" or rule.disposition is None:
        return
    if states <= _ENDED and not set(done) <= set(incident.done_before_reopening):
        end(decision, rule.disposition, automatic=True)


def _about(incident: Incident) -> str:
    return f"incidents/{incident.id}"
