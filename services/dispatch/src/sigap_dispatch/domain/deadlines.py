"""Deadlines, alarms, and the end that comes by itself."""

from uuid import UUID

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.incidents import AcknowledgementMissed, IncidentClosed
from sigap_dispatch.domain.commands import Tick
from sigap_dispatch.domain.state import (
    NO_AGENCY_AFTER,
    Alarm,
    AlarmKind,
    Forwarding,
    ForwardingState,
    Incident,
    alarm_id,
)
from sigap_dispatch.domain.story import Story

_ENDED = {ForwardingState.DONE, ForwardingState.DECLINED, ForwardingState.WITHDRAWN}


def tick(story: Story, _: Tick) -> None:
    """Says what is overdue, each once; called early it says nothing."""
    incident, now = story.incident, story.moment.now
    if incident.due_at is None or incident.due_at > now:
        return
    overdue = [f for f in incident.forwardings if f.due_at and f.due_at <= now]
    for forwarding in sorted(overdue, key=lambda f: f.due_at or now):
        _miss(story, forwarding)
    since = incident.without_agency_since
    if since and since + NO_AGENCY_AFTER <= now:
        _raise(story, alarm_id(incident.id, AlarmKind.NO_AGENCY), AlarmKind.NO_AGENCY)


def settle(story: Story) -> None:
    """After every decision: alarms whose trouble is over are cleared, and what the pack closes by itself is closed."""
    if story.incident.closed_at is None:
        _close_by_rule(story)
    for alarm in story.incident.alarms:
        if _is_over(story.incident, alarm):
            about = _about(story.incident)
            story.tell(AlarmCleared(**story.stamp(), alarm_id=alarm.id, kind=alarm.kind, about=about))


def _miss(story: Story, forwarding: Forwarding) -> None:
    assert forwarding.acknowledge_by is not None
    story.tell(
        AcknowledgementMissed(
            **story.stamp(),
            forwarding_id=forwarding.id,
            agency=forwarding.agency,
            revision=forwarding.revision,
            acknowledge_by=forwarding.acknowledge_by,
        )
    )
    kind = AlarmKind.ACKNOWLEDGEMENT_MISSED
    _raise(story, alarm_id(forwarding.id, kind), kind, forwarding.agency)


def _raise(story: Story, which: UUID, kind: AlarmKind, agency: str | None = None) -> None:
    """One that is an agency's names it in its label too, so that several of one incident are told apart."""
    if not story.incident.has_alarm(which):
        label = " ".join(filter(None, (story.incident.number, agency)))
        what = {"alarm_id": which, "kind": kind, "about": _about(story.incident), "label": label, "agency": agency}
        story.tell(AlarmRaised(**story.stamp(), **what))


def _is_over(incident: Incident, alarm: Alarm) -> bool:
    if incident.closed_at:
        return True
    if alarm.kind == AlarmKind.NO_AGENCY:
        return incident.without_agency_since is None
    waited_for = (f for f in incident.forwardings if alarm_id(f.id, alarm.kind) == alarm.id)
    return all(f.acknowledged or not f.is_open for f in waited_for)


def _close_by_rule(story: Story) -> None:
    """When every part has ended and at least one agency did its part; else a dispatcher has to look."""
    rule, states = story.moment.pack.closing, {f.state for f in story.incident.forwardings}
    if rule.when_all_ended != "automatic" or rule.disposition is None:
        return
    if ForwardingState.DONE in states and states <= _ENDED:
        story.tell(IncidentClosed(**story.stamp(), disposition=rule.disposition, automatic=True))


def _about(incident: Incident) -> str:
    return f"incidents/{incident.id}"
