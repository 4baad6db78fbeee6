"""`evolve`: applies an event to an incident."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import counting
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    Answer,
    DeliveryFailed,
    DeliveryRecovered,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentCreated,
    IncidentDeclined,
    IncidentForwarded,
    IncidentReportAdded,
    IncidentStatusChanged,
    IncidentUpdated,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import of_owner
from sigap_common.core.aggregate import Aggregate
from sigap_dispatch.domain.evolve import (
    alarm_levels,
    duplicates,
    informing,
    lifecycle,
    needs,
    notes,
    proposals,
    protection,
    questions,
    reports,
    responsibility,
    sharing,
    transfers,
    units,
)
from sigap_dispatch.domain.evolve.decided import decided_after
from sigap_dispatch.domain.evolve.units import after_decline, with_units
from sigap_dispatch.domain.state.alarms import Alarm, AlarmKind
from sigap_dispatch.domain.state.forwarding import MERGED, AgencyAnswer, DeliveryTrouble, Forwarding, derived_from
from sigap_dispatch.domain.state.incident import Decided, Incident

DOUBTED_CALL = "doubted_call"
"""The `field` of a Change that names a call: `after` is a call that is doubted from now on, `before` a call that is no
longer doubted.
"""
PROTECTED = "protected"
WEIGHT = ("retyped", "located", "reprioritised")


def evolve(before: Aggregate, event: Event) -> Incident:
    """The incident after the event. `before` is an Incident; for IncidentCreated it is a bare Aggregate."""
    return protection.with_people(_evolved(before, event), event)


def _evolved(before: Aggregate, event: Event) -> Incident:
    if isinstance(event, IncidentCreated):
        return _created(before, event)
    assert isinstance(before, Incident)
    follows = _FOLLOWS.get(type(event))
    if follows is None:
        raise NoBranch(event)
    return follows(before, event)


_GIVEN = IncidentCreated.model_fields.keys() & Incident.model_fields.keys()
"""The fields that an incident takes from IncidentCreated unchanged."""


def _created(before: Aggregate, event: IncidentCreated) -> Incident:
    given = {name: getattr(event, name) for name in _GIVEN}
    given["zone"] = event.zone or of_owner(event.zone_owner)
    return Incident(
        **given | notes.added((), 0, notes.first_notes(event), source=notes.source_of(event)),
        id=before.id,
        regency=before.regency,
        drill=before.drill,
        created_at=event.at,
        without_agency_since=event.recorded_at,
        decided=decided_after(Decided(), event),
    )


def _updated(incident: Incident, event: IncidentUpdated) -> Incident:
    named = ("incident_type", "priority", "place", "doubted")
    new: dict[str, Any] = {name: value for name in named if (value := getattr(event, name)) is not None}
    if event.place is not None:
        new["zone"] = event.zone or of_owner(event.zone_owner)
    if event.caller:
        said = event.caller
        new |= {"caller_name": said.caller_name, "callback_number": said.callback_number}
        new["caller_language"] = said.language
    moved_from = incident.place if event.place not in (None, incident.place) else None
    if weightiest := _weightiest(incident, event):
        new["forwardings"] = tuple(_left_behind(f, weightiest, moved_from) for f in incident.forwardings)
    if event.incident_type or event.priority or event.place:
        new["proposed_withdrawals"] = event.proposed_withdrawals
    if event.incident_type or event.priority or "priority" in event.by_hand:
        new["proposed_priority"] = event.proposed_priority
    if event.by_hand:
        new["decided"] = decided_after(incident.decided, event)
    for change in event.changes:
        if change.field == PROTECTED:
            new["protected"] = True
        if change.field == DOUBTED_CALL:
            new["doubted_calls"] = _doubted(incident.doubted_calls, change.before, change.after)
    return incident.model_copy(update=new)


def _weightiest(incident: Incident, event: IncidentUpdated) -> str | None:
    """The most important change that agencies must acknowledge again, as a reason of ForwardingRevised; None if the
    event has no such change.
    """
    if event.incident_type:
        return "retyped"
    if event.place not in (None, incident.place):
        return "located"
    return "reprioritised" if event.priority else None


def _left_behind(forwarding: Forwarding, change: str, moved_from: Place | None) -> Forwarding:
    """Keeps a change for an agency that declined. The agency is not told of it now, but if it comes after all."""
    if not forwarding.declined or forwarding.withdrawn_at:
        return forwarding
    missed_change = min(change, forwarding.missed_change or change, key=WEIGHT.index)
    previous = forwarding.previous_place or moved_from
    return forwarding.model_copy(update={"missed_change": missed_change, "previous_place": previous})


def _doubted(calls: tuple[UUID, ...], no_longer: str | None, newly: str | None) -> tuple[UUID, ...]:
    kept = tuple(call for call in calls if str(call) != no_longer)
    return (*kept, UUID(newly)) if newly else kept


def _report_added(incident: Incident, event: IncidentReportAdded) -> Incident:
    noted = notes.added(incident.notes, incident.note_count, event.notes, report=event.report)
    new: dict[str, Any] = {
        "reports": incident.reports + 1,
        "last_report": event.report,
        "unread_reports": incident.unread_reports + 1,
        "reported_at": event.received_at,
    }
    return incident.model_copy(update=new | noted)


def _forwarded(incident: Incident, event: IncidentForwarded) -> Incident:
    forwarding = Forwarding(
        id=event.forwarding_id,
        agency=event.agency,
        revision=event.revision,
        needed_revision=event.revision,
        acknowledge_by=event.acknowledge_by,
        alarm_level=event.alarm_level,
        automatic=event.automatic,
        forwarded_at=event.at,
        deadline_set_at=event.recorded_at,
        role=event.role,
        instead_of=event.instead_of,
        on_its_way=event.on_its_way,
    )
    forwardings = (*incident.forwardings, forwarding)
    told = needs.wanted_again(proposals.without(incident, event.agency), forwarding.serves)
    return told.model_copy(update={"forwardings": forwardings, "without_agency_since": None})


def _revised(incident: Incident, event: ForwardingRevised) -> Incident:
    before = incident.forwarding(event.forwarding_id)
    new: dict[str, Any] = {"revision": event.revision, "acknowledge_by": event.acknowledge_by, "missed_change": None}
    if before is None or before.acknowledge_by != event.acknowledge_by:
        new["deadline_set_at"] = event.recorded_at
    if event.needs_acknowledgement:
        new |= {"needed_revision": event.revision, "previous_place": event.content.previous_place}
    if event.reason == "reopened":
        new |= lifecycle.GIVEN_BACK
    return _attended(_with(incident, event.forwarding_id, new))


def _withdrawn(incident: Incident, event: ForwardingWithdrawn) -> Incident:
    new = {
        "revision": event.revision,
        "withdrawn_at": event.at,
        "withdrawal_reason": event.reason,
        "withdrawal_text": event.text,
        "stand_down": event.stand_down,
        "stand_down_since": event.recorded_at,
        "confirm_within_s": event.confirm_within_s,
    }
    return _perhaps_alone(_with(incident, event.forwarding_id, new), event)


def _acknowledged(incident: Incident, event: IncidentAcknowledged) -> Incident:
    forwarding = _of(incident, event.forwarding_id)
    new = _with_word(forwarding, Response.ACKNOWLEDGED, event, text=event.text, units=event.units)
    if forwarding.acknowledged_at is None:
        new |= _taken_down(forwarding, Response.ACKNOWLEDGED, event)
    new["units"] = with_units(forwarding, event.units, Response.ACKNOWLEDGED, event.at)
    new["acknowledged_revision"] = max(forwarding.acknowledged_revision, event.revision)
    if forwarding.withdrawn_at:
        return _with(incident, forwarding.id, new | _standing_down(forwarding, event))
    new["acknowledged_at"] = forwarding.acknowledged_at or event.at
    if event.revision >= forwarding.needed_revision:
        new["previous_place"] = None
    return _attended(_with(incident, forwarding.id, new))


def _standing_down(forwarding: Forwarding, event: IncidentAcknowledged) -> dict[str, Any]:
    """Applies an acknowledgement of a withdrawn forwarding. If the agency gave it before it could know of the
    withdrawal, a unit may be out, whatever a person noted before; otherwise it confirms the withdrawal. If a merger
    ended the forwarding, there is nothing to confirm.
    """
    if forwarding.withdrawal_reason == MERGED:
        return {"acknowledged_at": forwarding.acknowledged_at or event.at}
    if forwarding.is_crossed_by(event.revision):
        since = {"stand_down_since": event.recorded_at, "stand_down_noted_at": None, "unconfirmed_at": None}
        return {"stand_down": True, "acknowledged_at": forwarding.acknowledged_at or event.at} | since
    confirms = forwarding.stand_down and event.revision >= forwarding.revision
    return {"stood_down_at": event.at} if confirms else {}


def _declined(incident: Incident, event: IncidentDeclined) -> Incident:
    forwarding = _of(incident, event.forwarding_id)
    new = _with_word(forwarding, Response.DECLINED, event, reason=event.reason, text=event.text) | {
        "failed_at": event.recorded_at
    }
    if new["declined_at"] == event.at:
        new |= _taken_down(forwarding, Response.DECLINED, event)
    # Also if the agency has come after all since, and its decline is heard late.
    new["units"] = after_decline(forwarding, event.at)
    return _perhaps_alone(_with(incident, forwarding.id, new), event)


def _status_changed(incident: Incident, event: IncidentStatusChanged) -> Incident:
    if event.forwarding_id is None or event.progress is None:
        return incident
    forwarding = _of(incident, event.forwarding_id)
    response, field = Response(event.progress.value), f"{event.progress.value}_at"
    known = getattr(forwarding, field) if response in counting(forwarding.words) else None
    new = _with_word(forwarding, response, event, **event.beside)
    if known is None or event.at < known:
        new |= {field: event.at} | _taken_down(forwarding, response, event)
    new["units"] = with_units(forwarding, event.units, response, event.at)
    if forwarding.withdrawn_at and forwarding.stand_down and response is Response.DONE:
        new["stood_down_at"] = forwarding.stood_down_at or max(event.at, forwarding.withdrawn_at)
    return _attended(_with(incident, forwarding.id, new))


def _missed(incident: Incident, event: AcknowledgementMissed) -> Incident:
    failure = {"failed_at": event.recorded_at, "failure_uncertain": event.uncertain}
    return _with(incident, event.forwarding_id, {"missed_revision": event.revision} | failure)


def _delivery_failed(incident: Incident, event: DeliveryFailed) -> Incident:
    told = {name: getattr(event, name) for name in DeliveryTrouble.model_fields if hasattr(event, name)}
    return _with(incident, event.forwarding_id, {"trouble": DeliveryTrouble(**told)})


def _delivery_recovered(incident: Incident, event: DeliveryRecovered) -> Incident:
    trouble = _of(incident, event.forwarding_id).trouble
    assert trouble is not None
    recovered = {"recovered_at": event.at, "recovered_by": event.channel}
    return _with(incident, event.forwarding_id, {"trouble": trouble.model_copy(update=recovered)})


def _closed(incident: Incident, event: IncidentClosed) -> Incident:
    return incident.model_copy(
        update={"closed_at": event.at, "disposition": event.disposition, "reopen_until": event.reopen_until}
    )


def _alarm_raised(incident: Incident, event: AlarmRaised) -> Incident:
    alarm = Alarm(id=event.alarm_id, kind=AlarmKind(event.kind), agency=event.agency)
    return incident.model_copy(update={"alarms": (*incident.alarms, alarm)})


def _alarm_cleared(incident: Incident, event: AlarmCleared) -> Incident:
    return incident.model_copy(update={"alarms": tuple(a for a in incident.alarms if a.id != event.alarm_id)})


def _of(incident: Incident, forwarding_id: UUID) -> Forwarding:
    forwarding = incident.forwarding(forwarding_id)
    assert forwarding is not None
    return forwarding


def _with(incident: Incident, forwarding_id: UUID, new: dict[str, Any]) -> Incident:
    forwardings = tuple(f.model_copy(update=new) if f.id == forwarding_id else f for f in incident.forwardings)
    return incident.model_copy(update={"forwardings": forwardings})


def _with_word(
    forwarding: Forwarding, response: Response, event: Answer | IncidentStatusChanged, **beside: Any
) -> dict[str, Any]:
    """The fields of a forwarding with a further answer. `beside`: what the agency said beside its response."""
    words = (*forwarding.words, AgencyAnswer(response=response, at=event.at, **beside))
    return {"words": words, **derived_from(words)}


def _taken_down(
    forwarding: Forwarding, response: Response, event: Answer | IncidentStatusChanged
) -> dict[str, tuple[Response, ...]]:
    """The new `on_behalf`: the responses whose times come from answers that an operator or dispatcher recorded."""
    others = tuple(one for one in forwarding.on_behalf if one is not response)
    return {"on_behalf": (*others, response) if event.on_behalf else others}


def _attended(incident: Incident) -> Incident:
    """Clears `without_agency_since` if a forwarding is neither withdrawn nor declined."""
    if incident.without_agency_since is None or not any(f.stands for f in incident.forwardings):
        return incident
    return incident.model_copy(update={"without_agency_since": None})


def _perhaps_alone(incident: Incident, event: Event) -> Incident:
    """Sets `without_agency_since` if all forwardings are withdrawn or declined."""
    if incident.without_agency_since or any(f.stands for f in incident.forwardings):
        return incident
    return incident.model_copy(update={"without_agency_since": event.recorded_at})


_FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    IncidentUpdated: _updated,
    IncidentReportAdded: _report_added,
    IncidentForwarded: _forwarded,
    ForwardingRevised: _revised,
    ForwardingWithdrawn: _withdrawn,
    IncidentAcknowledged: _acknowledged,
    IncidentDeclined: _declined,
    IncidentStatusChanged: _status_changed,
    AcknowledgementMissed: _missed,
    DeliveryFailed: _delivery_failed,
    DeliveryRecovered: _delivery_recovered,
    IncidentClosed: _closed,
    AlarmRaised: _alarm_raised,
    AlarmCleared: _alarm_cleared,
    **proposals.FOLLOWS,
    **protection.FOLLOWS,
    **needs.FOLLOWS,
    **transfers.FOLLOWS,
    **responsibility.FOLLOWS,
    **duplicates.FOLLOWS,
    **lifecycle.FOLLOWS,
    **alarm_levels.FOLLOWS,
    **notes.FOLLOWS,
    **reports.FOLLOWS,
    **sharing.FOLLOWS,
    **informing.FOLLOWS,
    **questions.FOLLOWS,
    **units.FOLLOWS,
}
