"""Deadlines, alarms, and closing by the pack's rule."""

from sigap_common.contracts.incidents import AcknowledgementMissed
from sigap_common.core.clock import is_over
from sigap_dispatch.domain import escalation, sharing, transfers
from sigap_dispatch.domain.alarm_levels import lapse_level
from sigap_dispatch.domain.alarms import clear
from sigap_dispatch.domain.commands import Tick
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.duplicates import end_wait
from sigap_dispatch.domain.ending import end
from sigap_dispatch.domain.escalation import raise_alarm
from sigap_dispatch.domain.needs import unmet
from sigap_dispatch.domain.proposals import lapse_all, lapse_attended
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.forwarding import Forwarding, ForwardingState

_ENDED = {ForwardingState.DONE, ForwardingState.DECLINED, ForwardingState.WITHDRAWN}


def tick(decision: IncidentDecision, _: Tick) -> None:
    """Emits an event for everything that is overdue, once for each. Called too early, it emits nothing."""
    incident, now = decision.incident, decision.moment.now
    if incident.due_at is None:
        return
    escalation.miss_stand_downs(decision)
    sharing.end_over(decision)
    if incident.closed_at:
        return
    end_wait(decision)
    overdue = sorted((f for f in incident.forwardings if f.is_overdue(now)), key=lambda f: f.due_at or now)
    for forwarding in overdue:
        _miss(decision, forwarding)
    _alarm_late(decision, overdue)
    since, no_agency_at = incident.without_agency_since, incident.no_agency_at
    if since and no_agency_at and is_over(no_agency_at, since, now):
        raise_alarm(decision, incident.id, AlarmKind.NO_AGENCY)
    transfers.come_back(decision)


def settle(decision: IncidentDecision) -> None:
    """Runs after every decision: closes the incident by the pack's rule, deals with roles that nobody fills, and clears
    alarms whose cause is over.
    """
    if decision.incident.closed_at is None:
        _close_by_rule(decision)
    if decision.incident.closed_at:
        transfers.end_offer_of_closed(decision)
        lapse_all(decision)
        lapse_level(decision)
    else:
        transfers.raise_returned(decision)
        lapse_attended(decision)
        _raise_again(decision)
        if decision.incident.proposals or unmet(decision.incident):
            escalation.ask_next(decision)
    lacking = unmet(decision.incident)
    escalation.raise_role_alarms(decision, lacking)
    for alarm in decision.incident.alarms:
        if escalation.is_over_now(decision.incident, alarm, lacking):
            clear(decision, alarm)


def _miss(decision: IncidentDecision, forwarding: Forwarding) -> None:
    assert forwarding.acknowledge_by is not None
    decision.emit(
        AcknowledgementMissed(
            **decision.stamp(),
            forwarding_id=forwarding.id,
            agency=forwarding.agency,
            revision=forwarding.revision,
            acknowledge_by=forwarding.acknowledge_by,
            uncertain=forwarding.acknowledge_by > decision.moment.now,
        )
    )


def _alarm_late(decision: IncidentDecision, overdue: list[Forwarding]) -> None:
    """Raises an alarm for each agency that is late, unless nobody fills its role: then the alarm is about the role."""
    named = {need.role for need in unmet(decision.incident)}
    for forwarding in overdue:
        if forwarding.serves not in named:
            raise_alarm(decision, forwarding.id, AlarmKind.ACKNOWLEDGEMENT_MISSED, forwarding.agency)


def _raise_again(decision: IncidentDecision) -> None:
    """Raises the alarm of an agency that comes, but has still not acknowledged the change that it missed: a decline had
    cleared the alarm, or it was about the agency's role, which nobody filled.
    """
    late = [
        forwarding
        for forwarding in decision.incident.open_forwardings()
        if (forwarding.had_declined or forwarding.acknowledged_at)
        and not forwarding.acknowledged
        and forwarding.missed_revision >= forwarding.needed_revision
    ]
    _alarm_late(decision, late)


def _close_by_rule(decision: IncidentDecision) -> None:
    """Closes the incident if every part has ended, at least one agency is done and no role is unmet. Otherwise a
    dispatcher decides. An incident that a person reopened goes on until a further agency is done.
    If the agencies found nothing, or a false alarm, this is its disposition.
    """
    incident, rule = decision.incident, decision.moment.pack.closing
    states = {f.state for f in incident.forwardings}
    done = [f for f in incident.forwardings if f.state is ForwardingState.DONE]
    if rule.when_all_ended != "automatic" or rule.disposition is None or unmet(incident):
        return
    if states <= _ENDED and not {f.id for f in done} <= set(incident.done_before_reopening):
        # A backfilled incident ended when its last agency was done, not when that was recorded.
        last = max((f.done_at for f in done if f.done_at), default=None) if incident.backfilled else None
        disposition = incident.proposed_disposition or rule.disposition
        end(decision, disposition, automatic=True, stamp=decision.stamp(last))
